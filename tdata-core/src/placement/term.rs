//! What the shard of a row depends on, written down so that it can be compared: what is written the same is the same for each row.

use super::form::HashForm;
use crate::plan::ForeignKey;

/// A value that the shard of a row depends on: of a column of the row, or of a row that it leads to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Term {
    /// The way to the row, key by key.
    way: Vec<Step>,
    /// The column.
    column: String,
    form: HashForm,
}

/// A step from a row to the one that some of its columns reference.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Step {
    fields: Vec<String>,
    dataset: String,
    referenced: Vec<String>,
}

impl Term {
    pub(super) fn of_own(column: &str, form: HashForm) -> Self {
        Self { way: Vec::new(), column: column.to_owned(), form }
    }

    /// Returns the column, if it is the row's own.
    pub(super) fn own(&self) -> Option<(&str, HashForm)> {
        self.way.is_empty().then_some((self.column.as_str(), self.form))
    }

    /// Returns what a value of a parent's row is, seen from a row whose key references that one. Columns that the key references are
    /// the key's own.
    fn through(&self, key: &ForeignKey) -> Self {
        let own = |referenced: &String| {
            let place = key.referenced_fields.iter().position(|field| field == referenced)?;
            key.fields.get(place).cloned()
        };
        let step = Step {
            fields: key.fields.clone(),
            dataset: key.dataset.clone(),
            referenced: key.referenced_fields.clone(),
        };
        match self.way.split_first() {
            None => match own(&self.column) {
                Some(column) => Self { column, ..self.clone() },
                None => Self { way: vec![step], ..self.clone() },
            },
            // A row leads where its parent does if it has that one's key, too.
            Some((first, rest)) => {
                let fields: Option<Vec<String>> = first.fields.iter().map(own).collect();
                let mut way = match fields {
                    Some(fields) => vec![Step { fields, ..first.clone() }],
                    None => vec![step, first.clone()],
                };
                way.extend_from_slice(rest);
                Self { way, ..self.clone() }
            }
        }
    }
}

/// Returns what the shard of the row depends on that a key references.
pub(super) fn through(terms: &[Term], key: &ForeignKey) -> Vec<Term> {
    terms.iter().map(|term| term.through(key)).collect()
}

/// Returns the columns of some terms, if all of these are a row's own.
pub(super) fn own_columns(terms: &[Term]) -> Option<Vec<(&str, HashForm)>> {
    terms.iter().map(Term::own).collect()
}

/// Writes a key as definitions do: one field by itself, several as a list.
pub(super) fn written<'a>(fields: impl IntoIterator<Item = &'a str>) -> String {
    let fields: Vec<&str> = fields.into_iter().collect();
    match fields[..] {
        [field] => field.to_owned(),
        _ => format!("[{}]", fields.join(", ")),
    }
}
