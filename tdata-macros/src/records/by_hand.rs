//! Factories that are written by hand, to which those that `records!` makes may lead.
//!
//! A macro sees its own tokens only. So the source file is read, as far as there is one: which structs stand beside
//! this use of `records!`, derive `Factory`, and are records of datasets.

use std::sync::Arc;

use proc_macro2::{Span, TokenStream};
use syn::punctuated::Punctuated;
use syn::{DeriveInput, Item, Path, Token, Type};
use tdata_core::diagnostic::Diagnostics;

use super::options::{Associated, Options};
use crate::definitions::Definitions;
use crate::factory::{associations, factory_name};
use crate::mistakes::{Mistakes, unknown, with_help};
use crate::record_item::RecordItem;

/// A factory that is written by hand.
pub(super) struct ByHand {
    /// The dataset of its record.
    pub(super) dataset: String,
    /// The factory.
    pub(super) factory: Path,
    /// The type of the record's key, where the record was seen.
    key: Option<Type>,
    /// The names of the factories that its own keys lead to.
    leads_to: Vec<String>,
}

impl ByHand {
    /// Tells whether the options name it, other than one that only stands beside the use of the macro.
    pub(super) fn is_named(&self) -> bool {
        self.key.is_none()
    }

    /// Tells whether a foreign key whose type is `ty` may lead to it, of a record whose factory has this name.
    pub(super) fn takes(&self, ty: &Type, factory: &str) -> bool {
        let is_same = self.key.as_ref().is_none_or(|key| last(key) == last(ty));
        // Two factories that lead to each other would need records without end.
        is_same && !self.leads_to.iter().any(|known| known == factory)
    }
}

/// Returns the factories that the options name, and those that stand beside the use of the macro; those named come
/// first. What is wrong with the former goes to `mistakes`.
pub(super) fn by_hand(
    options: &Options,
    input: &TokenStream,
    definitions: &Arc<Definitions>,
    mistakes: &mut Mistakes,
) -> Vec<ByHand> {
    if let Some(first) = options.associations.first().filter(|_| !options.factories) {
        let help = "add `factories = true`";
        let message = "`associations` is for factories that are made here, and there are none";
        mistakes.at(&first.dataset, with_help(message, help));
        return Vec::new();
    }
    if !options.factories {
        return Vec::new();
    }
    let mut all: Vec<ByHand> = Vec::new();
    for Associated { dataset, factory } in &options.associations {
        let name = dataset.value();
        if definitions.library.get(&name).is_none() {
            let message = format!("there is no dataset `{name}`");
            mistakes.at(dataset, unknown(message, &name, definitions.library.names()));
        } else if options.datasets.iter().any(|named| named.dataset.value() == name) {
            let message = format!("the factory of `{name}` is made here");
            mistakes.at(dataset, with_help(&message, "name its record by hand in one place only"));
        } else {
            let (factory, leads_to) = (factory.clone(), Vec::new());
            all.push(ByHand { dataset: name, factory, key: None, leads_to });
        }
    }
    all.extend(seen(input, definitions));
    all
}

/// Returns what stands beside this use of the macro.
fn seen(input: &TokenStream, definitions: &Arc<Definitions>) -> Vec<ByHand> {
    // Unit tests have no compiler to ask.
    if !proc_macro::is_available() {
        return Vec::new();
    }
    let file = Span::call_site().unwrap().local_file();
    let text = file.and_then(|file| std::fs::read_to_string(file).ok());
    text.map_or_else(Vec::new, |text| seen_in(&text, input, definitions))
}

fn seen_in(text: &str, input: &TokenStream, definitions: &Arc<Definitions>) -> Vec<ByHand> {
    let Ok(file) = syn::parse_file(text) else { return Vec::new() };
    // The same use in two modules could be either: then it is not known what stands beside it.
    let mut places = Vec::new();
    find(&file.items, &input.to_string(), &mut places);
    let [items] = places.as_slice() else { return Vec::new() };
    items.iter().filter_map(|item| read(item, definitions)).collect()
}

/// Finds the modules that use `records!` with this input.
fn find<'a>(items: &'a [Item], input: &str, places: &mut Vec<&'a [Item]>) {
    for item in items {
        match item {
            Item::Macro(used) => {
                let name = used.mac.path.segments.last();
                let is_ours = name.is_some_and(|name| name.ident == "records");
                if is_ours && used.mac.tokens.to_string() == input {
                    places.push(items);
                }
            }
            Item::Mod(module) => {
                let inner = module.content.as_ref().map_or(&[][..], |(_, items)| items);
                find(inner, input, places);
            }
            _ => {}
        }
    }
}

/// Reads a struct that derives `Factory` and is a record of a dataset.
fn read(item: &Item, definitions: &Arc<Definitions>) -> Option<ByHand> {
    let Item::Struct(item) = item else { return None };
    let derived = item.attrs.iter().filter(|attribute| attribute.path().is_ident("derive"));
    let paths = derived.filter_map(|attribute| {
        attribute.parse_args_with(Punctuated::<Path, Token![,]>::parse_terminated).ok()
    });
    let mut paths = paths.flatten();
    if !paths.any(|path| path.segments.last().is_some_and(|last| last.ident == "Factory")) {
        return None;
    }
    let input = DeriveInput::from(item.clone());
    // What is wrong is told where it stands.
    let mut ignored = Mistakes::default();
    let known: Result<_, Diagnostics> = Ok(Arc::clone(definitions));
    let record = RecordItem::read(&input, known, &mut ignored)?;
    let dataset = record.source.dataset()?.spec().name.value.clone();
    let key = record.key().filter(|key| key.within_option().is_none())?.ty.clone();
    let factory = Path::from(factory_name(&record));
    Some(ByHand { dataset, factory, key: Some(key), leads_to: associations(&record) })
}

/// Returns the last part of a type's path: types are written with and without the rest of it.
fn last(ty: &Type) -> Option<&syn::Ident> {
    match ty {
        Type::Path(path) => path.path.segments.last().map(|segment| &segment.ident),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use quote::{ToTokens as _, quote};
    use syn::parse_quote;

    use super::*;

    const TEXT: &str = "
        mod other { tdata::records!(orders, factories = true); struct Beside; }
        mod shop {
            tdata::records!(users, factories = true);

            #[derive(Clone, tdata::Record, tdata::Factory)]
            #[record(dataset = \"accounts\", partial)]
            #[factory(name = Accounts)]
            struct Account { id: i32, #[factory(association = UserFactory)] plan: String }

            #[derive(Clone, Record)]
            #[record(dataset = \"organizations\", partial)]
            struct Organization { id: i32 }

            #[derive(Factory, Record)]
            struct Line { id: i32 }
        }";

    #[test]
    fn what_stands_beside_is_seen() {
        let definitions = Definitions::of_this_package().unwrap();
        let seen = seen_in(TEXT, &quote!(users, factories = true), &definitions);
        let [account] = seen.as_slice() else { panic!("{}", seen.len()) };
        assert_eq!(account.dataset, "accounts");
        assert_eq!(account.factory.to_token_stream().to_string(), "Accounts");
        assert!(account.takes(&parse_quote!(i32), "OrderFactory"));
        assert!(!account.takes(&parse_quote!(i64), "OrderFactory"));
        assert!(!account.takes(&parse_quote!(i32), "UserFactory"));
    }

    #[test]
    fn nothing_is_taken_from_elsewhere() {
        let definitions = Definitions::of_this_package().unwrap();
        let twice = format!("{TEXT} mod again {{ tdata::records!(users, factories = true); }}");
        for (text, input) in [
            (TEXT, quote!(orders, factories = true)),
            (TEXT, quote!(payments, factories = true)),
            (&*twice, quote!(users, factories = true)),
            ("struct {", quote!(users, factories = true)),
        ] {
            assert!(seen_in(text, &input, &definitions).is_empty(), "{input}");
        }
    }
}
