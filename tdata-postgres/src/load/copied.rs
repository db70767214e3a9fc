//! The rows of a dataset as `COPY` takes them.

use std::ops::Range;

use tdata_core::plan::DatasetPlan;
use tdata_core::sql::quote_identifier;
use tdata_core::value::{BINARY_HEADER, BINARY_TRAILER, Block, CopyBinary, OtherKind, append_rows};

use super::error::LoadError;

/// How many rows are made together. Their values stay in the processor's cache.
const BLOCK: u64 = 1024;

/// How many rows tell how long the others are.
const SAMPLE: u64 = 16;

/// Some rows of a dataset as `COPY` takes them, in chunks: in the binary format, if every column has a value's form there.
pub(super) struct CopiedRows<'a> {
    dataset: &'a DatasetPlan,
    binary: Option<CopyBinary>,
    rows: Range<u64>,
    /// How many rows a chunk has.
    per_chunk: u64,
}

impl<'a> CopiedRows<'a> {
    /// Cuts rows into chunks of about so many bytes.
    ///
    /// # Errors
    ///
    /// If a column has a value of another kind than its type.
    pub(super) fn new(
        dataset: &'a DatasetPlan,
        rows: Range<u64>,
        chunk: usize,
    ) -> Result<Self, LoadError> {
        let binary = dataset.copy_binary();
        let mut copied = Self { dataset, binary, rows, per_chunk: BLOCK };
        if copied.rows.end.saturating_sub(copied.rows.start) > SAMPLE {
            let (first, mut bytes) = (copied.rows.start, Vec::new());
            copied.append(first..first + SAMPLE, &mut Vec::new(), &mut bytes)?;
            let fit = chunk as u64 * SAMPLE / (bytes.len() as u64).max(1);
            // Whole blocks, or less than one where rows are long.
            copied.per_chunk = if fit < BLOCK { fit.max(1) } else { fit / BLOCK * BLOCK };
        }
        Ok(copied)
    }

    /// Returns the statement that takes them.
    pub(super) fn statement(&self, is_frozen: bool) -> String {
        let columns: Vec<String> =
            self.dataset.fields.iter().map(|field| quote_identifier(&field.name)).collect();
        let options = match (self.binary.is_some(), is_frozen) {
            (true, true) => " (FORMAT binary, FREEZE)",
            (true, false) => " (FORMAT binary)",
            (false, true) => " (FREEZE)",
            (false, false) => "",
        };
        format!("COPY {} ({}) FROM STDIN{options}", self.dataset.table, columns.join(", "))
    }

    fn count(&self) -> u64 {
        self.rows.end.saturating_sub(self.rows.start)
    }

    /// Returns how many chunks there are: one at the least, since a stream begins and ends also without rows.
    pub(super) fn chunks(&self) -> u64 {
        self.count().div_ceil(self.per_chunk).max(1)
    }

    /// Returns how many rows the chunks up to this one have.
    pub(super) fn rows_up_to(&self, chunk: u64) -> u64 {
        chunk.saturating_add(1).saturating_mul(self.per_chunk).min(self.count())
    }

    /// Appends a chunk to a buffer; `blocks` is memory for its values.
    ///
    /// # Errors
    ///
    /// If a column has a value of another kind than its type.
    pub(super) fn write(
        &self,
        chunk: u64,
        blocks: &mut Vec<Block>,
        buffer: &mut Vec<u8>,
    ) -> Result<(), LoadError> {
        if chunk == 0 && self.binary.is_some() {
            buffer.extend_from_slice(BINARY_HEADER);
        }
        for block in self.blocks_of(chunk) {
            self.append(block, blocks, buffer)?;
        }
        if chunk + 1 == self.chunks() && self.binary.is_some() {
            buffer.extend_from_slice(BINARY_TRAILER);
        }
        Ok(())
    }

    /// Tells whether the rows are in the binary format.
    pub(super) fn is_binary(&self) -> bool {
        self.binary.is_some()
    }

    /// Returns the rows of a chunk, in blocks that are made together.
    pub(super) fn blocks_of(&self, chunk: u64) -> impl Iterator<Item = Range<u64>> + use<> {
        let end = self.rows.start + self.rows_up_to(chunk);
        let first = self.rows.start + (chunk * self.per_chunk).min(self.count());
        let blocks = std::iter::successors(Some(first), |next| Some(next + BLOCK));
        blocks.take_while(move |next| *next < end).map(move |next| next..end.min(next + BLOCK))
    }

    /// Appends some rows to a buffer; `blocks` is memory for their values, which stay there.
    ///
    /// # Errors
    ///
    /// If a column has a value of another kind than its type.
    pub(super) fn append(
        &self,
        rows: Range<u64>,
        blocks: &mut Vec<Block>,
        buffer: &mut Vec<u8>,
    ) -> Result<(), LoadError> {
        self.dataset.fill(rows, blocks);
        match &self.binary {
            None => append_rows(blocks, buffer),
            Some(binary) => binary
                .append(blocks, buffer)
                .map_err(|OtherKind(place)| self.of_other_kind(place))?,
        }
        Ok(())
    }

    fn of_other_kind(&self, place: usize) -> LoadError {
        let field = self.dataset.fields[place].name.clone();
        LoadError::Kind { dataset: self.dataset.name.clone(), field }
    }
}
