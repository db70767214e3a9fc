//! Fields on their way into a row.

use tdata_core::value::{Block, Value};

/// The cells of a row, which are filled one by one in the order of a record's columns.
#[derive(Debug)]
pub struct Cells<'a>(Place<'a>);

/// Where the cells are.
#[derive(Debug)]
enum Place<'a> {
    /// In a row of its own.
    Row(&'a mut Vec<Value>),
    /// At the ends of columns.
    Columns(std::slice::IterMut<'a, Block>),
}

impl<'a> Cells<'a> {
    /// Adds cells to a row.
    pub fn of_row(row: &'a mut Vec<Value>) -> Self {
        Self(Place::Row(row))
    }

    /// Adds a cell to each of some columns.
    pub fn of_columns(columns: &'a mut [Block]) -> Self {
        Self(Place::Columns(columns.iter_mut()))
    }

    /// Fills the next cell with a value.
    #[inline]
    pub fn push(&mut self, value: Value) {
        match &mut self.0 {
            Place::Row(row) => row.push(value),
            Place::Columns(columns) => {
                if let Some(column) = columns.next() {
                    column.push(&value);
                }
            }
        }
    }

    /// Fills the next cell with a text.
    #[inline]
    pub fn push_text(&mut self, text: &str) {
        match &mut self.0 {
            Place::Row(row) => row.push(Value::Text(text.to_owned())),
            Place::Columns(columns) => {
                if let Some(column) = columns.next() {
                    column.push_text(text);
                }
            }
        }
    }
}
