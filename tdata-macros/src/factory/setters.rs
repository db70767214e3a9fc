//! The methods through which tests say what they need: their names, and what they take.

use proc_macro2::Ident;

use super::item::FactoryItem;
use super::source::{FieldSource, text};
use crate::mistakes::{Mistakes, with_help};

/// What every builder has. A field of such a name is set by `set_` and its name.
const BUILDER: &[&str] = &[
    "build",
    "build_batch",
    "create",
    "create_batch",
    "create_async",
    "create_batch_async",
    "attributes",
    "to_json",
];

/// What every factory has.
const ENTRY: &[&str] = &["new", "builder", "reset_sequences"];

/// A method through which tests say what they need.
pub(super) struct Setter {
    /// Its name.
    pub(super) name: Ident,
    /// What it takes.
    pub(super) takes: Takes,
}

/// What a setter takes.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Takes {
    /// Nothing.
    Nothing,
    /// A value.
    Value,
    /// A number and a closure.
    NumberAndClosure,
}

/// Returns the name of the method that sets a field.
pub(super) fn setter(field: &Ident) -> Ident {
    let name = text(field);
    if BUILDER.contains(&name.as_str()) {
        Ident::new(&format!("set_{name}"), field.span())
    } else {
        field.clone()
    }
}

/// Returns all setters.
pub(super) fn setters(item: &FactoryItem) -> Vec<Setter> {
    let mut all = Vec::new();
    let mut add = |name: &Ident, takes| all.push(Setter { name: name.clone(), takes });
    for field in &item.fields {
        match &field.source {
            FieldSource::HasMany(many) => {
                add(&many.add, Takes::Value);
                add(&many.add_with, Takes::NumberAndClosure);
            }
            FieldSource::Association(association) => {
                add(&field.setter, Takes::Value);
                add(&association.record, Takes::Value);
                add(&association.with, Takes::Value);
                add(&association.each, Takes::Nothing);
            }
            _ => add(&field.setter, Takes::Value),
        }
    }
    for transient in &item.transients {
        add(&transient.setter, Takes::Value);
    }
    all
}

/// Checks that no two methods have the same name, those that every factory has among them; drops
/// the traits of such names.
pub(super) fn check_names(item: &mut FactoryItem, mistakes: &mut Mistakes) {
    let setters = setters(item);
    let mut names: Vec<String> = Vec::new();
    for name in setters.iter().map(|setter| &setter.name) {
        if names.contains(&text(name)) {
            let message = format!("two methods of the builder would be called `{name}`");
            mistakes.at(name, with_help(&message, "call one of what they set something else"));
        }
        names.push(text(name));
    }
    item.traits.retain(|one| {
        let (name, called) = (&one.name, text(&one.name));
        let message = if names.contains(&called) {
            format!("`{name}` is the name of another method of the builder")
        } else if BUILDER.contains(&called.as_str()) || ENTRY.contains(&called.as_str()) {
            format!("every factory has a `{name}` of its own")
        } else {
            names.push(called);
            return true;
        };
        mistakes.at(name, with_help(&message, "call the trait something else"));
        false
    });
}
