//! Foreign keys between datasets.

use std::fmt;

use crate::diagnostic::Located;

/// A foreign key: a field of this dataset that holds the value of another dataset's field.
#[derive(Clone, Debug, PartialEq)]
pub struct Relationship {
    /// The field of this dataset.
    pub foreign_key: Located<String>,
    /// The dataset it references.
    pub dataset: Located<String>,
    /// The field it references.
    pub field: Located<String>,
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
