//! Rows on their way into a table.

use tdata_core::value::{Value, append_row};

/// Rows on their way into a table.
#[derive(Debug)]
pub(crate) enum Rows {
    /// So few that they are inserted as values.
    Few(Vec<Vec<Value>>),
    /// Rows in the text format of `COPY`.
    Many(Vec<u8>),
}

/// So many rows are inserted as values; more are copied.
const MOST_VALUES: usize = 50;

impl Rows {
    /// Takes the rows that there are; more may follow.
    pub(super) fn take(&mut self) -> Self {
        match self {
            Self::Few(rows) => Self::Few(std::mem::take(rows)),
            Self::Many(text) => {
                let next = Vec::with_capacity(text.len());
                Self::Many(std::mem::replace(text, next))
            }
        }
    }

    /// Adds a row.
    pub(super) fn add(&mut self, row: Vec<Value>) {
        match self {
            Self::Few(rows) if rows.len() < MOST_VALUES => rows.push(row),
            Self::Few(rows) => {
                let mut text = Vec::new();
                for row in rows.iter().chain([&row]) {
                    append_row(row, &mut text);
                }
                *self = Self::Many(text);
            }
            Self::Many(text) => append_row(&row, text),
        }
    }
}
