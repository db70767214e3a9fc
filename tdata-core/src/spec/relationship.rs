//! Foreign keys between datasets.

use std::fmt;

use crate::diagnostic::Located;

/// A foreign key: fields of this dataset that together hold the values of one row of another dataset.
#[derive(Clone, Debug, PartialEq)]
pub struct Relationship {
    /// The fields of this dataset: one, or several.
    pub foreign_key: Vec<Located<String>>,
    /// The dataset it references.
    pub dataset: Located<String>,
    /// The fields it references: as many, in the same order.
    pub fields: Vec<Located<String>>,
    /// What happens to a row when the row it references goes.
    pub on_delete: OnDelete,
}

impl Relationship {
    /// Returns the fields, each with the field that it references.
    pub(crate) fn pairs(&self) -> impl Iterator<Item = (&Located<String>, &Located<String>)> {
        self.foreign_key.iter().zip(&self.fields)
    }

    /// Returns the field and what it references, where the key is one field.
    pub fn single(&self) -> Option<(&Located<String>, &Located<String>)> {
        match (&self.foreign_key[..], &self.fields[..]) {
            ([field], [referenced]) => Some((field, referenced)),
            _ => None,
        }
    }

    /// Returns what a field of the key references; `None` for a field that is not part of it.
    pub fn referenced(&self, field: &str) -> Option<&Located<String>> {
        self.pairs().find(|(own, _)| own.value == field).map(|(_, referenced)| referenced)
    }

    /// Returns the key as definitions write it: `user_id`, or `[tenant_id, user_id]`.
    pub fn key_text(&self) -> String {
        written(&self.foreign_key)
    }

    /// Returns what it references as messages say it: `users.id`, or `users (tenant_id, id)`.
    pub(crate) fn target_text(&self) -> String {
        match self.single() {
            Some((_, field)) => format!("{}.{}", self.dataset.value, field.value),
            None => {
                let names: Vec<&str> =
                    self.fields.iter().map(|field| field.value.as_str()).collect();
                format!("{} ({})", self.dataset.value, names.join(", "))
            }
        }
    }
}

/// Writes names as definitions do: one by itself, several as a list.
fn written(names: &[Located<String>]) -> String {
    let names: Vec<&str> = names.iter().map(|name| name.value.as_str()).collect();
    match names[..] {
        [name] => name.to_owned(),
        _ => format!("[{}]", names.join(", ")),
    }
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
