//! Rows of a file as bytes, made in pieces by several threads.

use std::ops::Range;

use tdata_core::plan::DatasetPlan;
use tdata_core::value::{Block, append_rows};

use super::asked::Generate;
use super::in_order::in_order;
use super::part::Part;
use super::pieces::{count, piece};
use crate::checksum::Checksum;
use crate::error::JobError;
use crate::file::{Compression, Compressor, Unfinished};
use crate::format::{Encoder, Rows, Scratch, encoder};
use crate::watch::Watch;

/// The rows of a block: so few that its columns stay in the processor's cache.
const BLOCK: u64 = 1024;

/// Makes the rows of a part, and appends them to a file.
pub(super) fn append(
    generate: &Generate,
    dataset: &DatasetPlan,
    part: &Part,
    file: &mut Unfinished,
    watch: &dyn Watch,
) -> Result<Checksum, JobError> {
    let encoder = encoder(dataset, generate.layout)?;
    let with_checksum = generate.record.is_some();
    let rows = part.rows.clone();
    let pieces = Pieces { dataset, encoder: &*encoder, with_checksum, rows: rows.clone() };
    let mut checksum = Checksum::default();
    in_order(
        count(&rows),
        generate.threads.get(),
        || Worker::new(generate.compression),
        |number, worker, chunk| pieces.make(number, worker, chunk),
        |_, chunk: &Chunk| {
            if watch.is_stopped() {
                return Err(JobError::Stopped);
            }
            file.append(&chunk.bytes)?;
            checksum += chunk.checksum;
            watch.did(chunk.rows);
            Ok(())
        },
    )?;
    Ok(checksum)
}

/// A piece of a file.
#[derive(Debug, Default)]
struct Chunk {
    /// The bytes that go into the file.
    bytes: Vec<u8>,
    /// How many rows they are.
    rows: u64,
    /// What these add up to, where somebody wants to know.
    checksum: Checksum,
}

/// Makes the pieces of one file.
struct Pieces<'a> {
    dataset: &'a DatasetPlan,
    encoder: &'a dyn Encoder,
    with_checksum: bool,
    /// The rows of the file.
    rows: Range<u64>,
}

/// The memory of a thread that makes pieces.
struct Worker {
    blocks: Vec<Block>,
    scratch: Scratch,
    /// Rows as COPY's text, for checksums.
    text: Vec<u8>,
    /// Bytes before they are made smaller.
    plain: Vec<u8>,
    compressor: Option<Compressor>,
}

impl Worker {
    fn new(compression: Option<Compression>) -> Result<Self, JobError> {
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
    /// Makes a piece.
    fn make(&self, number: u64, worker: &mut Worker, chunk: &mut Chunk) -> Result<(), JobError> {
        let rows = piece(&self.rows, number);
        chunk.rows = rows.end - rows.start;
        chunk.checksum = Checksum::default();
        let out = match worker.compressor {
            Some(_) => &mut worker.plain,
            None => &mut chunk.bytes,
        };
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
        if number + 1 == count(&self.rows) {
            self.encoder.tail(out);
        }
        if let Some(compressor) = &mut worker.compressor {
            let made = compressor.frame(&worker.plain, &mut chunk.bytes);
            made.map_err(JobError::compression)?;
        }
        Ok(())
    }
}
