//! Rows of a file as Parquet: batches made by several threads, written in order.

use arrow_array::RecordBatch;
use parquet::arrow::ArrowWriter;
use parquet::basic::{Compression as Codec, ZstdLevel};
use parquet::file::properties::WriterProperties;
use tdata_core::plan::DatasetPlan;
use tdata_core::value::{Block, append_rows};

use super::asked::Generate;
use super::in_order::in_order;
use super::part::Part;
use super::pieces::{count, piece};
use crate::checksum::Checksum;
use crate::error::JobError;
use crate::file::{Finished, Unfinished};
use crate::format::Columns;
use crate::watch::Watch;

/// The rows of a row group: so few that what is kept of one is small.
const GROUP: usize = 131_072;

/// Some rows of a file.
#[derive(Default)]
struct Batch {
    rows: Option<RecordBatch>,
    checksum: Checksum,
}

/// The memory of a thread that makes batches.
#[derive(Default)]
struct Worker {
    blocks: Vec<Block>,
    text: Vec<u8>,
}

/// Makes the rows of a part, and writes them to a file.
pub(super) fn make(
    generate: &Generate,
    dataset: &DatasetPlan,
    part: &Part,
    file: Unfinished,
    watch: &dyn Watch,
) -> Result<(Finished, Checksum), JobError> {
    let columns = Columns::new(dataset);
    let codec = match generate.compression {
        Some(_) => Codec::ZSTD(ZstdLevel::default()),
        None => Codec::UNCOMPRESSED,
    };
    let properties = WriterProperties::builder()
        .set_max_row_group_row_count(Some(GROUP))
        .set_compression(codec)
        .build();
    let mut writer = ArrowWriter::try_new(file, columns.schema(), Some(properties))
        .map_err(JobError::parquet)?;
    let make = |number: u64, worker: &mut Worker, batch: &mut Batch| {
        dataset.fill(piece(&part.rows, number), &mut worker.blocks);
        batch.rows = Some(columns.batch(dataset, &worker.blocks)?);
        batch.checksum = Checksum::default();
        if generate.record.is_some() {
            worker.text.clear();
            append_rows(&worker.blocks, &mut worker.text);
            batch.checksum.add_copy_text(&worker.text);
        }
        Ok(())
    };
    let mut checksum = Checksum::default();
    let write = |_, batch: &Batch| {
        if watch.is_stopped() {
            return Err(JobError::Stopped);
        }
        if let Some(rows) = &batch.rows {
            writer.write(rows).map_err(JobError::parquet)?;
            watch.did(rows.num_rows() as u64);
        }
        checksum += batch.checksum;
        Ok(())
    };
    let threads = generate.threads.get();
    in_order(count(&part.rows), threads, || Ok(Worker::default()), make, write)?;
    let file = writer.into_inner().map_err(JobError::parquet)?;
    Ok((file.finish()?, checksum))
}
