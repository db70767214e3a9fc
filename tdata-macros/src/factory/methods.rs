//! The builder's methods.

use proc_macro2::{Ident, Span, TokenStream};
use quote::quote_spanned;
use syn::Type;
use syn::spanned::Spanned as _;

use super::fields::FactoryField;
use super::item::FactoryItem;
use super::source::{Association, FieldSource, HasMany};

/// Returns the builder's methods: setters, traits, and those that make records.
pub(super) fn methods(item: &FactoryItem) -> TokenStream {
    let FactoryItem { builder, record, .. } = item;
    let tdata = &record.tdata;
    let fields = item.fields.iter().flat_map(|field| match &field.source {
        FieldSource::Association(one) => association(field, one, tdata),
        FieldSource::HasMany(many) => has_many(field, many, tdata),
        source => {
            let default = source.described();
            vec![setter(&field.ident, &field.local, &field.setter, &field.ty, &default, tdata)]
        }
    });
    let transients = item.transients.iter().map(|transient| {
        let default = "as the factory says".to_owned();
        let (ident, local, name) = (&transient.ident, &transient.local, &transient.setter);
        setter(ident, local, name, &transient.ty, &default, tdata)
    });
    // Two of a name are told already: the compiler need not say so again.
    let mut names = Vec::new();
    let setters = fields.chain(transients).filter(|setter| {
        let known = names.contains(&setter.name);
        names.push(setter.name.clone());
        !known
    });
    let setters = setters.map(|setter| setter.code);
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
            #(#setters)*
            #(#traits)*
            #build
            #json
            #create
        }
    }
}

/// A method that sets something.
struct Method {
    name: Ident,
    code: TokenStream,
}

fn setter(
    field: &Ident,
    local: &Ident,
    name: &Ident,
    ty: &Type,
    default: &str,
    tdata: &syn::Path,
) -> Method {
    let documentation = format!("Sets `{field}`, by default {default}.");
    let code = quote_spanned! {Span::mixed_site()=>
        #[doc = #documentation]
        pub fn #name(mut self, #local: impl #tdata::IntoField<#ty>) -> Self {
            self.#field = ::core::option::Option::Some(#local.into_field());
            self
        }
    };
    Method { name: name.clone(), code }
}

fn association(field: &FactoryField, one: &Association, tdata: &syn::Path) -> Vec<Method> {
    let FactoryField { ident, local, ty, setter, .. } = field;
    let Association { factory, record, with, each } = one;
    let span = Span::mixed_site();
    let said = format!("Sets `{ident}`, by default {}.", field.source.described());
    let by_key = quote_spanned! {span=>
        #[doc = #said]
        pub fn #setter(mut self, #local: impl #tdata::IntoField<#ty>) -> Self {
            self.#ident.set_key(#local);
            self
        }
    };
    // Told at the factory: that its record has no key, or one of another type.
    let set = quote_spanned!(span.located_at(factory.span())=> self.#ident.set_record(record));
    let by_record = quote_spanned! {span=>
        /// Sets the record that this one belongs to.
        pub fn #record(mut self, record: &<#factory as #tdata::Factory>::Record) -> Self {
            #set;
            self
        }
    };
    let said_with = quote_spanned! {span=>
        /// Says more about the record that this one belongs to and that is made for it.
        pub fn #with(
            mut self,
            with: impl ::core::ops::FnOnce(
                <#factory as #tdata::Factory>::Builder,
            ) -> <#factory as #tdata::Factory>::Builder,
        ) -> Self {
            self.#ident.set_with(with);
            self
        }
    };
    let each_its_own = quote_spanned! {span=>
        /// Gives each record of a batch one of its own to belong to.
        pub fn #each(mut self) -> Self {
            self.#ident.set_each();
            self
        }
    };
    let names = [setter, record, with, each].into_iter().cloned();
    let codes = [by_key, by_record, said_with, each_its_own];
    names.zip(codes).map(|(name, code)| Method { name, code }).collect()
}

fn has_many(field: &FactoryField, many: &HasMany, tdata: &syn::Path) -> Vec<Method> {
    let ident = &field.ident;
    let HasMany { factory, add, add_with, .. } = many;
    let span = Span::mixed_site();
    let add_said = format!("Adds `count` records to `{ident}`.");
    let adds = quote_spanned! {span=>
        #[doc = #add_said]
        pub fn #add(mut self, count: ::core::primitive::usize) -> Self {
            self.#ident.add(count);
            self
        }
    };
    let with_said = format!("Adds `count` records to `{ident}`, and says more about them.");
    let adds_with = quote_spanned! {span=>
        #[doc = #with_said]
        pub fn #add_with(
            mut self,
            count: ::core::primitive::usize,
            with: impl ::core::ops::FnOnce(
                <#factory as #tdata::Factory>::Builder,
            ) -> <#factory as #tdata::Factory>::Builder,
        ) -> Self {
            self.#ident.add_with(count, with);
            self
        }
    };
    vec![
        Method { name: add.clone(), code: adds },
        Method { name: add_with.clone(), code: adds_with },
    ]
}

fn build(item: &FactoryItem) -> TokenStream {
    let (tdata, made) = (&item.record.tdata, &item.record.ident);
    quote_spanned! {Span::mixed_site()=>
        /// Makes the record in memory.
        #[track_caller]
        pub fn build(self) -> #made {
            #tdata::__private::factory::build(&self)
        }
        /// Makes `count` records in memory.
        #[track_caller]
        pub fn build_batch(self, count: ::core::primitive::usize) -> ::std::vec::Vec<#made> {
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
        #[track_caller]
        pub fn attributes(
            self,
        ) -> #tdata::__private::types::serde_json::Map<
            ::std::string::String,
            #tdata::__private::types::serde_json::Value,
        > {
            #tdata::__private::factory::attributes(&self)
        }
        /// Makes the record in memory, and returns all its fields.
        #[track_caller]
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
                       When the database refuses; nothing of the call is stored then, unless it was what a hook wanted that is refused.";
    const SOME: &str = "Makes `count` records and stores them, what they belong to first.\n\n\
                        # Errors\n\nWhen the database refuses; nothing of the call is stored then, unless it was what a hook wanted that is refused.";
    quote_spanned! {Span::mixed_site()=>
        #[doc = #ONE]
        pub fn create(self, store: &mut (impl #tdata::Store + ?::core::marker::Sized)) -> #one {
            #tdata::__private::create::create(&self, store)
        }
        #[doc = #SOME]
        pub fn create_batch(
            self,
            count: ::core::primitive::usize,
            store: &mut (impl #tdata::Store + ?::core::marker::Sized),
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
            count: ::core::primitive::usize,
            store: impl #tdata::AsyncStore,
        ) -> #some {
            #tdata::__private::create::create_batch_async(&self, count, store).await
        }
    }
}
