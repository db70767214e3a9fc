//! The rows of a dataset, wherever they come from.

use std::ops::Range;
use std::sync::Arc;

use crate::generate::Cells;
use crate::value::{Block, Value};

/// The rows of a dataset, wherever they come from.
///
/// Whoever loads, resets or compares rows asks their source. It can write any row by itself, in any order, as often
/// as wanted.
#[derive(Clone, Debug)]
pub struct RowSource {
    columns: Vec<Arc<dyn Cells>>,
    rows: u64,
}

impl RowSource {
    /// Joins columns that each have at least that many rows.
    pub(crate) fn new(columns: Vec<Arc<dyn Cells>>, rows: u64) -> Self {
        Self { columns, rows }
    }

    /// Returns how many rows there are.
    pub fn rows(&self) -> u64 {
        self.rows
    }

    /// Writes the values of a row, in the order of the columns; `row` counts from 0.
    ///
    /// `values` is filled up to the number of columns; what it held is overwritten.
    pub fn write_row(&self, row: u64, values: &mut Vec<Value>) {
        values.resize(self.columns.len(), Value::Null);
        for (column, value) in self.columns.iter().zip(values) {
            column.write(row, value);
        }
    }

    /// Fills a block for each column, in their order, with the values of some rows.
    ///
    /// `blocks` becomes as many as the columns; what they held is overwritten.
    pub fn fill(&self, rows: Range<u64>, blocks: &mut Vec<Block>) {
        let rows: Vec<u64> = rows.collect();
        blocks.resize_with(self.columns.len(), Block::new);
        for (column, block) in self.columns.iter().zip(blocks) {
            block.clear();
            column.fill(&rows, block);
        }
    }
}
