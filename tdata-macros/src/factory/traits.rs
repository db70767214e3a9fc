//! Traits: what several setters say, under one name.

use proc_macro2::{Ident, TokenStream};
use quote::{quote, quote_spanned};
use syn::spanned::Spanned as _;

use super::method_names::is_everywhere;
use super::options::{Call, Given, WrittenTrait};
use super::setters::{Setter, Takes};
use super::tokens::{shown, text};
use crate::mistakes::{Mistakes, unknown, with_help};

/// A trait.
pub(super) struct Trait {
    /// Its name.
    pub(super) name: Ident,
    /// What it says, for the documentation.
    pub(super) described: String,
    /// The calls it makes of the builder's methods: `.is_verified(true)`.
    pub(super) calls: TokenStream,
}

/// Checks traits against the setters there are; all that is wrong goes to `mistakes`.
pub(super) fn traits(
    written: Vec<WrittenTrait>,
    setters: &[Setter],
    mistakes: &mut Mistakes,
) -> Vec<Trait> {
    let mut traits: Vec<Trait> = Vec::new();
    for written in written {
        let (mut described, mut calls) = (Vec::new(), TokenStream::new());
        for call in &written.calls {
            match checked(call, setters, &traits) {
                Ok(()) => {
                    described.push(format!("`{}`", call.described()));
                    calls.extend(call.expanded());
                }
                Err(mistake) => mistakes.push(mistake),
            }
        }
        traits.push(Trait { name: written.name, described: described.join(", "), calls });
    }
    traits
}

/// Drops the traits whose names are those of other methods, after telling so.
pub(super) fn drop_taken(traits: &mut Vec<Trait>, setters: &[Setter], mistakes: &mut Mistakes) {
    let mut names: Vec<String> = setters.iter().map(|setter| text(&setter.name)).collect();
    traits.retain(|one| {
        let (name, called) = (&one.name, text(&one.name));
        let message = if names.contains(&called) {
            format!("`{name}` is the name of another method of the builder")
        } else if is_everywhere(&called) {
            format!("every factory has a `{name}` of its own")
        } else {
            names.push(called);
            return true;
        };
        mistakes.at(name, with_help(&message, "call the trait something else"));
        false
    });
}

fn checked(call: &Call, setters: &[Setter], above: &[Trait]) -> syn::Result<()> {
    let (method, name) = (&call.method, text(&call.method));
    let error =
        |message: &str, help: &str| Err(syn::Error::new_spanned(method, with_help(message, help)));
    let Some(setter) = setters.iter().find(|setter| text(&setter.name) == name) else {
        if above.iter().any(|known| text(&known.name) == name) {
            return match call.given {
                Given::Nothing => Ok(()),
                _ => {
                    error(&format!("the trait `{name}` takes no value"), &format!("write `{name}`"))
                }
            };
        }
        let known = setters.iter().map(|setter| text(&setter.name));
        let known: Vec<String> = known.chain(above.iter().map(|one| text(&one.name))).collect();
        let message = format!("the factory has no `{name}` that a trait could set");
        let message = unknown(message, &name, known.iter().map(String::as_str));
        return Err(syn::Error::new_spanned(method, message));
    };
    match (setter.takes, &call.given) {
        (_, Given::Arguments(_)) | (Takes::Nothing, Given::Nothing) => Ok(()),
        (Takes::Value, Given::Value(_)) => Ok(()),
        (Takes::Nothing, _) => {
            error(&format!("`{name}` takes no value"), &format!("write `{name}`"))
        }
        (Takes::Value, _) => {
            error(&format!("`{name}` takes a value"), &format!("write `{name} = ..`"))
        }
        (Takes::NumberAndClosure, _) => error(
            &format!("`{name}` takes a number and a closure"),
            &format!("write `{name}(2, |one| one)`"),
        ),
    }
}

impl Call {
    fn described(&self) -> String {
        match &self.given {
            Given::Nothing => self.method.to_string(),
            Given::Value(value) => format!("{} = {}", self.method, shown(value)),
            Given::Arguments(arguments) => format!("{}({})", self.method, shown(arguments)),
        }
    }

    fn expanded(&self) -> TokenStream {
        let method = &self.method;
        match &self.given {
            Given::Nothing => quote!(.#method()),
            Given::Value(value) => quote_spanned!(value.span()=> .#method(#value)),
            Given::Arguments(arguments) => quote!(.#method(#arguments)),
        }
    }
}
