//! What tests start from: `UserFactory`.

use std::fmt::Write as _;

use proc_macro2::{Span, TokenStream};
use quote::quote_spanned;

use super::item::FactoryItem;
use super::tokens::text;

/// Returns the entry, with its functions.
pub(super) fn entry(item: &FactoryItem) -> TokenStream {
    let FactoryItem { name, builder, record, .. } = item;
    let (tdata, visibility, made) = (&record.tdata, &record.visibility, &record.ident);
    let documentation = documentation(item);
    let traits: Vec<_> = item.traits.iter().map(|one| &one.name).collect();
    let described = item.traits.iter().map(|one| format!("Starts with {}.", one.described));
    let (called, names) = (text(name), traits.iter().map(|one| text(one)));
    let start = format!("Starts a `{made}` of which nothing is said yet.");
    quote_spanned! {Span::mixed_site()=>
        #[doc = #documentation]
        #[::core::prelude::v1::derive(
            ::core::clone::Clone,
            ::core::marker::Copy,
            ::core::fmt::Debug,
        )]
        #visibility struct #name;

        #[allow(dead_code, clippy::new_ret_no_self, reason = "tests use what they need")]
        impl #name {
            #[doc = #start]
            pub fn new() -> #builder {
                <#builder as ::core::default::Default>::default()
            }
            #(
                #[doc = #described]
                pub fn #traits() -> #builder {
                    Self::new().#traits()
                }
            )*
            /// Lets the factory count from its first record again, for the current test.
            pub fn reset_sequences() {
                #tdata::__private::factory::reset_sequences::<Self>()
            }
        }

        impl #tdata::Factory for #name {
            type Record = #made;
            type Builder = #builder;

            const NAME: &'static ::core::primitive::str = #called;
            const TRAITS: &'static [(&'static ::core::primitive::str, fn() -> #builder)] =
                &[#((#names, Self::#traits)),*];

            fn builder() -> #builder {
                Self::new()
            }
        }
    }
}

fn documentation(item: &FactoryItem) -> String {
    let (made, name) = (&item.record.ident, &item.name);
    let mut text =
        format!("Makes records of the type `{made}`. What a test says nothing about is:\n\n");
    for field in &item.fields {
        let _infallible = writeln!(text, "- `{}`: {}", field.ident, field.source.described());
    }
    for transient in &item.transients {
        let _infallible = writeln!(text, "- `{}`, which is no field", transient.ident);
    }
    let start = item.traits.first().map_or_else(|| "new".to_owned(), |one| one.name.to_string());
    let _infallible = write!(
        text,
        "\n```ignore\nlet one = {name}::{start}().build();\n\
         let some = {name}::new().build_batch(5);\n```"
    );
    text
}
