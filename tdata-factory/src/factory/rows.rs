//! Rows on their way into a table.

use tdata_core::value::{Block, Value};

/// Rows on their way into a table.
#[derive(Debug)]
pub(crate) enum Rows {
    /// So few that they are inserted as values.
    Few(Vec<Vec<Value>>),
    /// More, which are copied: the values of each column.
    Many(Vec<Block>),
}

/// So many rows are inserted as values; more are copied.
const MOST_VALUES: usize = 50;

impl Rows {
    /// Adds a row.
    pub(super) fn add(&mut self, row: Vec<Value>) {
        match self {
            Self::Few(rows) if rows.len() < MOST_VALUES => rows.push(row),
            Self::Few(rows) => {
                let mut columns = vec![Block::new(); row.len()];
                rows.iter().chain([&row]).for_each(|row| push(row, &mut columns));
                *self = Self::Many(columns);
            }
            Self::Many(columns) => push(&row, columns),
        }
    }

    /// Takes all rows away, and keeps their memory.
    pub(crate) fn clear(&mut self) {
        match self {
            Self::Few(rows) => rows.clear(),
            Self::Many(columns) => columns.iter_mut().for_each(Block::clear),
        }
    }
}

/// Adds a row's values to those of their columns.
fn push(row: &[Value], columns: &mut [Block]) {
    columns.iter_mut().zip(row).for_each(|(column, value)| column.push(value));
}
