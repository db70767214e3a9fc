//! Foreign keys between datasets.

use std::fmt;

use super::keys::Keys;
use super::node::Node;
use crate::diagnostic::Spanned;

/// A foreign key: a field of this dataset that holds the value of another dataset's field.
#[derive(Clone, Debug, PartialEq)]
pub struct Relationship {
    /// The field of this dataset.
    pub foreign_key: Spanned<String>,
    /// The dataset it references.
    pub dataset: Spanned<String>,
    /// The field it references.
    pub field: Spanned<String>,
    /// What happens to a row when the row it references goes.
    pub on_delete: OnDelete,
}

/// What happens to a row when the row it references goes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum OnDelete {
    /// Deleting the referenced row fails, once the transaction's constraints are checked.
    #[default]
    NoAction,
    /// Deleting the referenced row fails at once.
    Restrict,
    /// The row goes as well.
    Cascade,
    /// The key becomes null.
    SetNull,
    /// The key becomes the column's default.
    SetDefault,
}

impl fmt::Display for OnDelete {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::NoAction => "NO ACTION",
            Self::Restrict => "RESTRICT",
            Self::Cascade => "CASCADE",
            Self::SetNull => "SET NULL",
            Self::SetDefault => "SET DEFAULT",
        })
    }
}

const ON_DELETE: &[(&str, OnDelete)] = &[
    ("cascade", OnDelete::Cascade),
    ("restrict", OnDelete::Restrict),
    ("no_action", OnDelete::NoAction),
    ("set_null", OnDelete::SetNull),
    ("set_default", OnDelete::SetDefault),
];

impl Relationship {
    pub(crate) fn read(node: &Node, keys: &mut Keys<'_>) -> Option<Self> {
        let source = keys.source();
        let mut keys = Keys::open(node, "a relationship", source, keys.diagnostics())?;
        let foreign_key = keys.required_text("foreignKey");
        let references = keys.required_text("references");
        let on_delete = keys.optional_word("onDelete", ON_DELETE);
        let target = references.and_then(|references| {
            let (dataset, field) = references.value.rsplit_once('.').unwrap_or(("", ""));
            if dataset.is_empty() || field.is_empty() {
                let message = format!("`{}` names no field of a dataset", references.value);
                keys.invalid(references.span, message, "write `dataset.field`, as `customers.id`");
                return None;
            }
            let span = references.span;
            Some((Spanned::new(dataset.to_owned(), span), Spanned::new(field.to_owned(), span)))
        });
        keys.finish();
        let (dataset, field) = target?;
        let on_delete = on_delete.map_or_else(OnDelete::default, |word| word.value);
        Some(Self { foreign_key: foreign_key?, dataset, field, on_delete })
    }
}
