//! The rows of a dataset as `COPY` takes them.

use std::ops::Range;

use tdata_core::plan::DatasetPlan;
use tdata_core::sql::quote_identifier;
use tdata_core::value::{BINARY_HEADER, BINARY_TRAILER, Block, CopyBinary, OtherKind, append_rows};

use super::error::LoadError;

/// How many bytes are gathered before they are sent.
const CHUNK: usize = 256 << 10;

/// How many rows are made together. Their values stay in the processor's cache.
const BLOCK: u64 = 1024;

/// The rows of a dataset as `COPY` takes them: in the binary format, if every column has a value's form there.
pub(super) struct CopiedRows<'a> {
    dataset: &'a DatasetPlan,
    binary: Option<CopyBinary>,
    rows: Range<u64>,
    blocks: Vec<Block>,
    is_begun: bool,
}

impl<'a> CopiedRows<'a> {
    /// Begins with the first of some rows.
    pub(super) fn new(dataset: &'a DatasetPlan, rows: Range<u64>) -> Self {
        Self { dataset, binary: dataset.copy_binary(), rows, blocks: Vec::new(), is_begun: false }
    }

    /// Returns the statement that takes them.
    pub(super) fn statement(&self) -> String {
        let columns: Vec<String> =
            self.dataset.fields.iter().map(|field| quote_identifier(&field.name)).collect();
        let format = if self.binary.is_some() { " (FORMAT binary)" } else { "" };
        format!("COPY {} ({}) FROM STDIN{format}", self.dataset.table, columns.join(", "))
    }

    /// Writes the next rows over what was in a buffer; false if there are none any more.
    ///
    /// # Errors
    ///
    /// If a column has a value of another kind than its type.
    pub(super) fn next(&mut self, buffer: &mut Vec<u8>) -> Result<bool, LoadError> {
        buffer.clear();
        if self.is_begun && self.rows.is_empty() {
            return Ok(false);
        }
        if !self.is_begun && self.binary.is_some() {
            buffer.extend_from_slice(BINARY_HEADER);
        }
        self.is_begun = true;
        while !self.rows.is_empty() && buffer.len() < CHUNK {
            let next = self.rows.end.min(self.rows.start + BLOCK);
            self.dataset.fill(self.rows.start..next, &mut self.blocks);
            self.rows.start = next;
            match &self.binary {
                None => append_rows(&self.blocks, buffer),
                Some(binary) => binary
                    .append(&self.blocks, buffer)
                    .map_err(|OtherKind(place)| self.of_other_kind(place))?,
            }
        }
        if self.rows.is_empty() && self.binary.is_some() {
            buffer.extend_from_slice(BINARY_TRAILER);
        }
        Ok(true)
    }

    fn of_other_kind(&self, place: usize) -> LoadError {
        let field = self.dataset.fields[place].name.clone();
        LoadError::Kind { dataset: self.dataset.name.clone(), field }
    }
}
