//! Rows on their way into a table.

use tdata_core::value::{Block, Value};

use crate::field::Cells;
use crate::record::Record;

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
    /// Adds the row of a record.
    pub(super) fn add(&mut self, record: &impl Record) {
        match self {
            Self::Few(rows) if rows.len() < MOST_VALUES => rows.push(record.to_values()),
            Self::Few(rows) => {
                let mut columns = columns(rows);
                record.fill_cells(&mut Cells::of_columns(&mut columns));
                *self = Self::Many(columns);
            }
            Self::Many(columns) => record.fill_cells(&mut Cells::of_columns(columns)),
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

/// Returns the values of rows by column.
fn columns(rows: &[Vec<Value>]) -> Vec<Block> {
    let mut columns = vec![Block::new(); rows.first().map_or(0, Vec::len)];
    for row in rows {
        columns.iter_mut().zip(row).for_each(|(column, value)| column.push(value));
    }
    columns
}
