//! The builder's methods.

use proc_macro2::{Ident, Span, TokenStream};
use quote::quote_spanned;
use syn::Type;

use super::item::{FactoryField, FactoryItem};
use super::source::{Association, FieldSource, HasMany};

/// Returns the builder's methods: setters, traits, and those that make records.
pub(super) fn methods(item: &FactoryItem) -> TokenStream {
    let FactoryItem { builder, record, .. } = item;
    let tdata = &record.tdata;
    let fields = item.fields.iter().map(|field| match &field.source {
        FieldSource::Association(one) => association(field, one, tdata),
        FieldSource::HasMany(many) => has_many(field, many, tdata),
        source => {
            let default = source.described();
            setter(&field.ident, &field.local, &field.setter, &field.ty, &default, tdata)
        }
    });
    let transients = item.transients.iter().map(|transient| {
        let default = "as the factory says".to_owned();
        let (ident, local, name) = (&transient.ident, &transient.local, &transient.setter);
        setter(ident, local, name, &transient.ty, &default, tdata)
    });
    let traits = item.traits.iter().map(|one| {
        let (name, calls) = (&one.name, &one.calls);
        let documentation = format!("Sets {}.", one.described);
        quote_spanned! {Span::mixed_site()=>
            #[doc = #documentation]
            pub fn #name(self) -> Self {
                self #calls
            }
        }
    });
    let (build, json) = (build(item), json(tdata));
    let create = if item.is_stored() { create(item) } else { TokenStream::new() };
    quote_spanned! {Span::mixed_site()=>
        #[allow(
            dead_code,
            clippy::should_implement_trait,
            clippy::wrong_self_convention,
            reason = "tests use what they need; fields are called what they are"
        )]
        impl #builder {
            #(#fields)*
            #(#transients)*
            #(#traits)*
            #build
            #json
            #create
        }
    }
}

fn setter(
    field: &Ident,
    local: &Ident,
    name: &Ident,
    ty: &Type,
    default: &str,
    tdata: &syn::Path,
) -> TokenStream {
    let documentation = format!("Sets `{field}`, by default {default}.");
    quote_spanned! {Span::mixed_site()=>
        #[doc = #documentation]
        pub fn #name(mut self, #local: impl #tdata::IntoField<#ty>) -> Self {
            self.#field = ::core::option::Option::Some(#local.into_field());
            self
        }
    }
}

fn association(field: &FactoryField, one: &Association, tdata: &syn::Path) -> TokenStream {
    let FactoryField { ident, local, ty, setter, .. } = field;
    let Association { factory, record, with, each } = one;
    let documentation = [
        format!("Sets `{ident}`, by default {}.", field.source.described()),
        "Sets the record that this one belongs to.".to_owned(),
        "Says more about the record that this one belongs to and that is made for it.".to_owned(),
        "Gives each record of a batch one of its own to belong to.".to_owned(),
    ];
    let [key_said, record_said, with_said, each_said] = &documentation;
    quote_spanned! {Span::mixed_site()=>
        #[doc = #key_said]
        pub fn #setter(mut self, #local: impl #tdata::IntoField<#ty>) -> Self {
            self.#ident.set_key(#local);
            self
        }
        #[doc = #record_said]
        pub fn #record(self, record: &<#factory as #tdata::Factory>::Record) -> Self {
            self.#setter(::core::clone::Clone::clone(#tdata::Keyed::key(record)))
        }
        #[doc = #with_said]
        pub fn #with(
            mut self,
            with: impl ::core::ops::FnOnce(
                <#factory as #tdata::Factory>::Builder,
            ) -> <#factory as #tdata::Factory>::Builder,
        ) -> Self {
            self.#ident.set_with(with);
            self
        }
        #[doc = #each_said]
        pub fn #each(mut self) -> Self {
            self.#ident.set_each();
            self
        }
    }
}

fn has_many(field: &FactoryField, many: &HasMany, tdata: &syn::Path) -> TokenStream {
    let ident = &field.ident;
    let HasMany { factory, add, add_with, .. } = many;
    let add_said = format!("Adds `count` records to `{ident}`.");
    let with_said = format!("Adds `count` records to `{ident}`, and says more about them.");
    quote_spanned! {Span::mixed_site()=>
        #[doc = #add_said]
        pub fn #add(mut self, count: usize) -> Self {
            self.#ident.add(count);
            self
        }
        #[doc = #with_said]
        pub fn #add_with(
            mut self,
            count: usize,
            with: impl ::core::ops::FnOnce(
                <#factory as #tdata::Factory>::Builder,
            ) -> <#factory as #tdata::Factory>::Builder,
        ) -> Self {
            self.#ident.add_with(count, with);
            self
        }
    }
}

fn build(item: &FactoryItem) -> TokenStream {
    let (tdata, made) = (&item.record.tdata, &item.record.ident);
    quote_spanned! {Span::mixed_site()=>
        /// Makes the record in memory.
        pub fn build(self) -> #made {
            #tdata::__private::factory::build(&self)
        }
        /// Makes `count` records in memory.
        pub fn build_batch(self, count: usize) -> ::std::vec::Vec<#made> {
            #tdata::__private::factory::build_batch(&self, count)
        }
    }
}

/// Returns the methods that make JSON, where the feature is on.
fn json(tdata: &syn::Path) -> TokenStream {
    if !cfg!(feature = "serde_json") {
        return TokenStream::new();
    }
    quote_spanned! {Span::mixed_site()=>
        /// Makes the record in memory, and returns its fields without the keys that others give.
        pub fn attributes(
            self,
        ) -> #tdata::__private::types::serde_json::Map<
            ::std::string::String,
            #tdata::__private::types::serde_json::Value,
        > {
            #tdata::__private::factory::attributes(&self)
        }
        /// Makes the record in memory, and returns all its fields.
        pub fn to_json(self) -> #tdata::__private::types::serde_json::Value {
            #tdata::__private::factory::to_json(&self.build())
        }
    }
}

fn create(item: &FactoryItem) -> TokenStream {
    let (tdata, made) = (&item.record.tdata, &item.record.ident);
    let one = quote_spanned!(Span::mixed_site()=>
        ::core::result::Result<#made, #tdata::StoreError>);
    let some = quote_spanned!(Span::mixed_site()=>
        ::core::result::Result<::std::vec::Vec<#made>, #tdata::StoreError>);
    const ONE: &str = "Makes the record and stores it, what it belongs to first.\n\n# Errors\n\n\
                       When the database refuses; nothing is stored then.";
    const SOME: &str = "Makes `count` records and stores them, what they belong to first.\n\n\
                        # Errors\n\nWhen the database refuses; nothing is stored then.";
    quote_spanned! {Span::mixed_site()=>
        #[doc = #ONE]
        pub fn create(self, store: &mut (impl #tdata::Store + ?Sized)) -> #one {
            #tdata::__private::create::create(&self, store)
        }
        #[doc = #SOME]
        pub fn create_batch(
            self,
            count: usize,
            store: &mut (impl #tdata::Store + ?Sized),
        ) -> #some {
            #tdata::__private::create::create_batch(&self, count, store)
        }
        #[doc = #ONE]
        pub async fn create_async(self, store: impl #tdata::AsyncStore) -> #one {
            #tdata::__private::create::create_async(&self, store).await
        }
        #[doc = #SOME]
        pub async fn create_batch_async(
            self,
            count: usize,
            store: impl #tdata::AsyncStore,
        ) -> #some {
            #tdata::__private::create::create_batch_async(&self, count, store).await
        }
    }
}
