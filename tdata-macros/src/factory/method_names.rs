//! The names of a factory's and a builder's methods.

use proc_macro2::Ident;

use super::tokens::text;
use crate::record_item::RecordItem;

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

/// Returns the name of the method that sets a field.
pub(super) fn setter(field: &Ident) -> Ident {
    let name = text(field);
    if BUILDER.contains(&name.as_str()) {
        Ident::new(&format!("set_{name}"), field.span())
    } else {
        field.clone()
    }
}

/// Tells whether every factory or every builder has a method of that name.
pub(super) fn is_everywhere(name: &str) -> bool {
    BUILDER.contains(&name) || ENTRY.contains(&name)
}

/// The names of methods that the builder has for sure: what every builder has, and what sets a field.
pub(super) struct Methods(Vec<String>);

impl Methods {
    /// Starts with those of a record's fields.
    pub(super) fn of(record: &RecordItem) -> Self {
        let fields = record.fields.iter().map(|field| text(&setter(&field.ident)));
        Self(BUILDER.iter().map(|&name| name.to_owned()).chain(fields).collect())
    }

    /// Names a further method: by the first of the names `wanted` that no other has, else by the last resort.
    pub(super) fn add<const N: usize>(&mut self, wanted: [Ident; N], last_resort: Ident) -> Ident {
        let free = wanted.into_iter().find(|name| !self.0.contains(&text(name)));
        let name = free.unwrap_or(last_resort);
        self.0.push(text(&name));
        name
    }
}
