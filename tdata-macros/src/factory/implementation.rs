//! How the builder makes a record: its `FactoryBuilder`.

use proc_macro2::{Ident, Span, TokenStream};
use quote::{ToTokens as _, quote_spanned};
use syn::spanned::Spanned as _;

use super::fields::{FactoryField, FactoryTransient};
use super::item::FactoryItem;
use super::source::FieldSource;
use super::tokens::{text, told_at};

/// Returns the implementation of `FactoryBuilder`.
pub(super) fn implementation(item: &FactoryItem) -> TokenStream {
    let FactoryItem { name, builder, record, generators, .. } = item;
    let (tdata, made) = (&record.tdata, &record.ident);
    let called = text(name);
    let parents: Vec<&FactoryField> = associations(item).collect();
    let associations = parents.iter().filter_map(|field| {
        let FieldSource::Association(one) = &field.source else { return None };
        let (field, column, with) = (text(&field.ident), number(field), text(&one.with));
        Some(quote_spanned! {Span::mixed_site()=>
            #tdata::__private::factory::association(#field, #column, #with)
        })
    });
    let children = item.fields.iter().filter_map(|field| {
        let FieldSource::HasMany(many) = &field.source else { return None };
        let factory = super::tokens::shown(&many.factory).replace(' ', "");
        let factory = factory.rsplit("::").next().unwrap_or_default().to_owned();
        let (by, with) = (text(&many.by), text(&many.add_with));
        Some(quote_spanned! {Span::mixed_site()=>
            #tdata::__private::factory::children_of(#factory, #by, #with)
        })
    });
    let setters = item.fields.iter().filter_map(|field| {
        let (column, setter) = (number(field), text(&field.setter));
        let name = record.columns().find(|one| one.ident == field.ident)?.column_name()?;
        (name != setter).then(|| quote_spanned!(Span::mixed_site()=> (#column, #setter)))
    });
    let (demand, draft, link) = (demand(item), draft(item), link(item, &parents));
    let checks = if item.order.is_some() { has_many_checks(item) } else { TokenStream::new() };
    quote_spanned! {Span::mixed_site()=>
        impl #tdata::FactoryBuilder for #builder {
            type Record = #made;

            const BLUEPRINT: &'static #tdata::__private::factory::Blueprint =
                &#tdata::__private::factory::Blueprint {
                    factory: #called,
                    generators: #generators,
                    associations: &[#(#associations),*],
                    children: &[#(#children),*],
                    setters: &[#(#setters),*],
                };
            #demand
            #draft
            #link
        }
        #checks
    }
}

fn associations(item: &FactoryItem) -> impl Iterator<Item = &FactoryField> {
    item.fields.iter().filter(|field| matches!(field.source, FieldSource::Association(_)))
}

fn demand(item: &FactoryItem) -> TokenStream {
    let (tdata, made) = (&item.record.tdata, &item.record.ident);
    let span = Span::mixed_site();
    let demands = item.fields.iter().filter_map(|field| {
        let (ident, column) = (&field.ident, number(field));
        Some(match &field.source {
            FieldSource::Key => {
                quote_spanned!(span=> demand.key::<#made, _>(#column, &self.#ident);)
            }
            FieldSource::Association(_) => {
                quote_spanned!(span=> demand.parent(#column, &self.#ident);)
            }
            FieldSource::HasMany(many) => {
                let by = text(&many.by);
                quote_spanned!(span=> demand.children(#by, &self.#ident);)
            }
            _ => return None,
        })
    });
    let demands: Vec<TokenStream> = match item.order {
        Some(_) => demands.collect(),
        None => Vec::new(),
    };
    let argument = Ident::new(if demands.is_empty() { "_demand" } else { "demand" }, span);
    quote_spanned! {span=>
        fn demand(&self, #argument: &mut #tdata::__private::factory::Demand) {
            #(#demands)*
        }
    }
}

fn draft(item: &FactoryItem) -> TokenStream {
    let (tdata, made) = (&item.record.tdata, &item.record.ident);
    let span = Span::mixed_site();
    let Some(order) = &item.order else {
        return quote_spanned! {span=>
            fn draft(&self, _draft: &mut #tdata::__private::factory::Draft<'_>) -> #made {
                ::core::unreachable!("the factory does not compile")
            }
        };
    };
    let draft = item.variable("draft");
    let parents = associations(item).map(|field| {
        let (ident, local, column) = (&field.ident, &field.local, number(field));
        // Told at the factory: that its record has no key, or one of another type.
        let place = match &field.source {
            FieldSource::Association(one) => span.located_at(one.factory.span()),
            _ => span,
        };
        let parent = quote_spanned!(place=> #draft.parent(#column, &self.#ident));
        quote_spanned!(span=> let #local = #parent;)
    });
    let transients = item.transients.iter().filter(|one| is_used(item, one)).map(|one| {
        let (ident, local) = (&one.ident, &one.local);
        let value = given_or(ident, one.default.as_ref(), tdata);
        quote_spanned!(span=> let #local = #value;)
    });
    let fields = order.iter().map(|at| made_field(&item.fields[*at], &draft, tdata));
    let children = children(item);
    let names = item.fields.iter().map(|field| &field.ident);
    let locals = item.fields.iter().map(|field| &field.local);
    let (declare, after_build, after_create) = hooks(item);
    quote_spanned! {span=>
        fn draft(&self, #draft: &mut #tdata::__private::factory::Draft<'_>) -> #made {
            #(#parents)*
            #draft.place();
            #(#transients)*
            #(#fields)*
            #children
            #declare = #made { #(#names: #locals),* };
            #after_build
            #after_create
            #draft.finish(record)
        }
    }
}

fn made_field(field: &FactoryField, draft: &Ident, tdata: &syn::Path) -> TokenStream {
    let FactoryField { ident, local, .. } = field;
    let (span, column) = (Span::mixed_site(), number(field));
    let value = match &field.source {
        FieldSource::Key => quote_spanned!(span=> #draft.key(#column, &self.#ident)),
        FieldSource::Generator => quote_spanned!(span=> #draft.field(#column, &self.#ident)),
        FieldSource::Sequence(closure) => {
            let place = span.located_at(closure.span());
            quote_spanned!(place=> #draft.sequence(&self.#ident, #closure))
        }
        FieldSource::Lazy(lazy) => {
            let closure = lazy.closure();
            let place = span.located_at(lazy.span());
            let tdata = told_at(place, tdata);
            quote_spanned!(place=> #tdata::__private::factory::given_or(&self.#ident, #closure))
        }
        FieldSource::Default(value) => given_or(ident, Some(value), tdata),
        FieldSource::Nothing => {
            let given = quote_spanned!(span=> ::core::clone::Clone::clone(&self.#ident));
            quote_spanned!(span=> ::core::option::Option::flatten(#given))
        }
        _ => given_or(ident, None, tdata),
    };
    quote_spanned!(span=> let #local = #value;)
}

fn given_or(ident: &Ident, default: Option<&syn::Expr>, tdata: &syn::Path) -> TokenStream {
    let span = Span::mixed_site();
    match default {
        Some(default) => {
            let place = span.located_at(default.span());
            let tdata = told_at(place, tdata);
            quote_spanned!(place=> #tdata::__private::factory::given_or(&self.#ident, || #default))
        }
        None => {
            let given = quote_spanned!(span=> ::core::clone::Clone::clone(&self.#ident));
            quote_spanned!(span=> ::core::option::Option::unwrap_or_default(#given))
        }
    }
}

fn children(item: &FactoryItem) -> TokenStream {
    let span = Span::mixed_site();
    let Some(key) = item.key().map(|key| &key.local) else { return TokenStream::new() };
    let draft = item.variable("draft");
    let children = item.fields.iter().filter_map(|field| {
        let FieldSource::HasMany(many) = &field.source else { return None };
        let (ident, local, by) = (&field.ident, &field.local, text(&many.by));
        Some(quote_spanned!(span=> let #local = #draft.children(#by, &self.#ident, &#key);))
    });
    children.collect()
}

/// Returns how the record is declared, and what calls its hooks.
fn hooks(item: &FactoryItem) -> (TokenStream, TokenStream, TokenStream) {
    let (tdata, made, seen) = (&item.record.tdata, &item.record.ident, &item.transients_type);
    let span = Span::mixed_site();
    let (draft, shared) = (item.variable("draft"), item.variable("transients"));
    let has_transients = !item.transients.is_empty();
    let mut transients = TokenStream::new();
    if has_transients && (item.after_build.is_some() || item.after_create.is_some()) {
        let names = item.transients.iter().map(|one| &one.ident);
        let locals = item.transients.iter().map(|one| &one.local);
        transients = quote_spanned!(span=> let #shared = #seen { #(#names: #locals),* };);
    }
    // The type of the hook tells closures those of their parameters.
    let after_build = item.after_build.as_ref().map(|hook| {
        if has_transients {
            quote_spanned! {span=>
                let after_build: fn(&mut #made, &#seen) = #hook;
                after_build(&mut record, &#shared);
            }
        } else {
            quote_spanned! {span=>
                let after_build: fn(&mut #made) = #hook;
                after_build(&mut record);
            }
        }
    });
    let after_create = item.after_create.as_ref().map(|hook| {
        if has_transients {
            quote_spanned! {span=>
                #draft.after_create(&record, move |record, after| {
                    let after_create: fn(
                        &#made,
                        &mut #tdata::__private::factory::AfterCreate,
                        &#seen,
                    ) = #hook;
                    after_create(record, after, &#shared)
                });
            }
        } else {
            quote_spanned!(span=> #draft.after_create(&record, #hook);)
        }
    });
    let declare = if after_build.is_some() {
        quote_spanned!(span=> #transients let mut record)
    } else {
        quote_spanned!(span=> #transients let record)
    };
    (declare, after_build.into_token_stream(), after_create.into_token_stream())
}

/// Tells whether something is made of a transient.
fn is_used(item: &FactoryItem, transient: &FactoryTransient) -> bool {
    let has_hook = item.after_build.is_some() || item.after_create.is_some();
    has_hook
        || item.fields.iter().any(|field| match &field.source {
            FieldSource::Lazy(lazy) => lazy.uses.contains(&transient.ident),
            _ => false,
        })
}

fn link(item: &FactoryItem, associations: &[&FactoryField]) -> TokenStream {
    let tdata = &item.record.tdata;
    let span = Span::mixed_site();
    if associations.is_empty() {
        return quote_spanned! {span=>
            fn link(&mut self, _: &::core::primitive::str, _: #tdata::__private::factory::Link) {}
        };
    }
    let names = associations.iter().map(|field| text(&field.ident));
    let fields = associations.iter().map(|field| &field.ident);
    quote_spanned! {span=>
        fn link(&mut self, field: &::core::primitive::str, link: #tdata::__private::factory::Link) {
            match field {
                #(#names => self.#fields.link(link),)*
                _ => {}
            }
        }
    }
}

/// Returns checks that the foreign keys of all children are associations.
fn has_many_checks(item: &FactoryItem) -> TokenStream {
    let tdata = &item.record.tdata;
    let checks = item.fields.iter().filter_map(|field| {
        let FieldSource::HasMany(many) = &field.source else { return None };
        let (factory, by) = (&many.factory, text(&many.by));
        let message = format!(
            "`{by}` is no association of `{}`\nhelp: add `#[factory(association = {})]` to it",
            super::tokens::shown(factory),
            item.name,
        );
        Some(quote_spanned! {Span::mixed_site().located_at(many.by.span())=>
            const _: () = ::core::assert!(
                <<#factory as #tdata::Factory>::Builder as #tdata::FactoryBuilder>::BLUEPRINT
                    .has_association(#by),
                #message
            );
        })
    });
    checks.collect()
}

fn number(field: &FactoryField) -> proc_macro2::Literal {
    proc_macro2::Literal::usize_unsuffixed(field.column.unwrap_or_default())
}
