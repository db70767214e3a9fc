//! The methods through which tests say what they need: their names, and what they take.

use proc_macro2::Ident;

use super::fields::{FactoryField, FactoryTransient};
use super::source::FieldSource;
use super::tokens::text;
use crate::mistakes::{Mistakes, with_help};

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

/// Returns all setters; two of one name are a mistake.
pub(super) fn setters(
    fields: &[FactoryField],
    transients: &[FactoryTransient],
    mistakes: &mut Mistakes,
) -> Vec<Setter> {
    let mut all: Vec<Setter> = Vec::new();
    let mut add = |name: &Ident, takes| {
        if all.iter().any(|known| text(&known.name) == text(name)) {
            let message = format!("two methods of the builder would be called `{name}`");
            mistakes.at(name, with_help(&message, "call one of what they set something else"));
        }
        all.push(Setter { name: name.clone(), takes });
    };
    for field in fields {
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
    for transient in transients {
        add(&transient.setter, Takes::Value);
    }
    all
}
