//! Reads foreign keys between datasets.

use super::keys::Keys;
use crate::diagnostic::Located;
use crate::spec::{Node, OnDelete, Relationship};

const ON_DELETE: &[(&str, OnDelete)] = &[
    ("cascade", OnDelete::Cascade),
    ("restrict", OnDelete::Restrict),
    ("no_action", OnDelete::NoAction),
    ("set_null", OnDelete::SetNull),
    ("set_default", OnDelete::SetDefault),
];

impl Relationship {
    pub(super) fn read(node: &Node, keys: &mut Keys<'_>) -> Option<Self> {
        let mut keys = Keys::open(node, "a relationship", keys.diagnostics())?;
        let foreign_key = keys.required_text("foreignKey");
        let references = keys.required_text("references");
        let on_delete = keys.optional_word("onDelete", ON_DELETE);
        let target = references.and_then(|references| {
            let (dataset, field) = references.value.rsplit_once('.').unwrap_or(("", ""));
            if dataset.is_empty() || field.is_empty() {
                let message = format!("`{}` names no field of a dataset", references.value);
                keys.invalid(
                    &references.origin,
                    message,
                    "write `dataset.field`, as `customers.id`",
                );
                return None;
            }
            let origin = references.origin.clone();
            let dataset = Located::new(dataset.to_owned(), origin.clone());
            Some((dataset, Located::new(field.to_owned(), origin)))
        });
        keys.finish();
        let (dataset, field) = target?;
        let on_delete = on_delete.map_or_else(OnDelete::default, |word| word.value);
        Some(Self { foreign_key: foreign_key?, dataset, field, on_delete })
    }
}
