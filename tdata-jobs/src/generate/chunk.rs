//! Some rows of a file, as bytes.

use std::ops::Range;

use tdata_core::plan::DatasetPlan;
use tdata_core::value::{Block, append_rows};

use crate::checksum::Checksum;
use crate::error::JobError;
use crate::file::{Compression, Compressor};
use crate::format::{Encoder, Rows, Scratch};

/// The rows that are made in one piece; compressed, they are one frame. Pieces begin at multiples of it, so that they are
/// the same however files are cut.
pub(super) const CHUNK: u64 = 16_384;

/// The rows of a block: so few that its columns stay in the processor's cache.
const BLOCK: u64 = 1024;

/// A piece of a file.
#[derive(Debug, Default)]
pub(super) struct Chunk {
    /// The bytes that go into the file.
    pub(super) bytes: Vec<u8>,
    /// How many rows they are.
    pub(super) rows: u64,
    /// What these add up to, where somebody wants to know.
    pub(super) checksum: Checksum,
}

/// Makes the pieces of one file.
#[derive(Debug)]
pub(super) struct Pieces<'a> {
    pub(super) dataset: &'a DatasetPlan,
    pub(super) encoder: &'a dyn Encoder,
    pub(super) compression: Option<Compression>,
    pub(super) with_checksum: bool,
    /// The rows of the file.
    pub(super) rows: Range<u64>,
}

/// The memory of a thread that makes pieces.
pub(super) struct Worker {
    blocks: Vec<Block>,
    scratch: Scratch,
    /// Rows as COPY's text, for checksums.
    text: Vec<u8>,
    /// Bytes before they are made smaller.
    plain: Vec<u8>,
    compressor: Option<Compressor>,
}

impl Worker {
    pub(super) fn new(compression: Option<Compression>) -> Result<Self, JobError> {
        let compressor = compression.map(|_| Compressor::new()).transpose();
        Ok(Self {
            blocks: Vec::new(),
            scratch: Scratch::default(),
            text: Vec::new(),
            plain: Vec::new(),
            compressor: compressor.map_err(JobError::compression)?,
        })
    }
}

impl Pieces<'_> {
    /// Returns how many there are: one at the least, which begins and ends the file.
    pub(super) fn count(&self) -> u64 {
        (self.rows.end.div_ceil(CHUNK)).saturating_sub(self.rows.start / CHUNK).max(1)
    }

    /// Makes a piece.
    pub(super) fn make(
        &self,
        number: u64,
        worker: &mut Worker,
        chunk: &mut Chunk,
    ) -> Result<(), JobError> {
        let first = (self.rows.start / CHUNK + number) * CHUNK;
        let rows = first.max(self.rows.start)..(first + CHUNK).min(self.rows.end);
        chunk.rows = rows.end.saturating_sub(rows.start);
        chunk.checksum = Checksum::default();
        let is_compressed = self.compression.is_some();
        let out = if is_compressed { &mut worker.plain } else { &mut chunk.bytes };
        out.clear();
        if number == 0 {
            self.encoder.head(out);
        }
        let mut at = rows.start;
        while at < rows.end {
            let end = (at + BLOCK).min(rows.end);
            self.dataset.fill(at..end, &mut worker.blocks);
            let rows = Rows { blocks: &worker.blocks, first: at, file: self.rows.clone() };
            self.encoder
                .append(&rows, &mut worker.scratch, out)
                .map_err(|other| JobError::other_kind(self.dataset, other.0))?;
            if self.with_checksum {
                worker.text.clear();
                append_rows(&worker.blocks, &mut worker.text);
                chunk.checksum.add_copy_text(&worker.text);
            }
            at = end;
        }
        if number + 1 == self.count() {
            self.encoder.tail(out);
        }
        if let Some(compressor) = &mut worker.compressor {
            let made = compressor.frame(&worker.plain, &mut chunk.bytes);
            made.map_err(JobError::compression)?;
        }
        Ok(())
    }
}
