//! What is said about a record before it is made: `UserFactoryBuilder`.

use proc_macro2::{Span, TokenStream};
use quote::quote_spanned;

use super::fields::FactoryField;
use super::item::FactoryItem;
use super::source::FieldSource;

/// Returns the builder, without its methods, and what hooks see of transients.
pub(super) fn builder(item: &FactoryItem) -> TokenStream {
    let FactoryItem { builder, record, .. } = item;
    let (tdata, visibility) = (&record.tdata, &record.visibility);
    let fields = item.fields.iter().map(|field| declared(field, tdata));
    let transients = item.transients.iter().map(|transient| &transient.ident);
    let types = item.transients.iter().map(|transient| &transient.ty);
    let documentation = format!("What is said about a `{}` before it is made.", record.ident);
    let (called, seen) = (builder.to_string(), seen_by_hooks(item));
    quote_spanned! {Span::mixed_site()=>
        #[doc = #documentation]
        #[::core::prelude::v1::derive(::core::clone::Clone, ::core::default::Default)]
        #[must_use = "a record is made by `build` or `create`"]
        #visibility struct #builder {
            #(#fields,)*
            #(#transients: ::core::option::Option<#types>,)*
        }

        impl ::core::fmt::Debug for #builder {
            fn fmt(&self, f: &mut ::core::fmt::Formatter<'_>) -> ::core::fmt::Result {
                f.write_str(#called)
            }
        }
        #seen
    }
}

fn declared(field: &FactoryField, tdata: &syn::Path) -> TokenStream {
    let FactoryField { ident, ty, .. } = field;
    let span = Span::mixed_site();
    match &field.source {
        FieldSource::Association(one) => {
            let factory = &one.factory;
            quote_spanned!(span=> #ident: #tdata::__private::factory::Parent<#ty, #factory>)
        }
        FieldSource::HasMany(many) => {
            let factory = &many.factory;
            quote_spanned!(span=> #ident: #tdata::__private::factory::Children<#factory>)
        }
        _ => quote_spanned!(span=> #ident: ::core::option::Option<#ty>),
    }
}

/// Returns the transients as hooks see them; nothing where there are none.
fn seen_by_hooks(item: &FactoryItem) -> TokenStream {
    let (name, visibility) = (&item.transients_type, &item.record.visibility);
    if item.transients.is_empty() {
        return TokenStream::new();
    }
    let fields = item.transients.iter().map(|transient| &transient.ident);
    let types = item.transients.iter().map(|transient| &transient.ty);
    let described =
        fields.clone().map(|field| format!("`{field}`, as the test or the factory says."));
    let documentation = format!("The parameters of `{}` that are no columns.", item.name);
    quote_spanned! {Span::mixed_site()=>
        #[doc = #documentation]
        #[allow(dead_code, reason = "hooks use what they need")]
        #visibility struct #name {
            #(#[doc = #described] pub #fields: #types,)*
        }
    }
}
