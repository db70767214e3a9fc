//! The job: file after file, dataset after dataset.

use std::ops::Range;

use tdata_core::plan::{DatasetPlan, Plan};

use super::asked::{Asked, Generate};
use super::chunk::{Pieces, Worker};
use super::in_order::in_order;
use super::part::{Part, parts};
use crate::checksum::Checksum;
use crate::error::JobError;
use crate::file::{Finished, Out, Unfinished};
use crate::format::encoder;
use crate::watch::Watch;

/// What came of a job.
#[derive(Clone, Debug, Default)]
pub struct Generated {
    /// How many rows were made.
    pub rows: u64,
    /// How many bytes were written.
    pub bytes: u64,
    /// How many files they are in.
    pub files: u64,
}

/// Generates rows of a plan into files.
///
/// The bytes of a row are the same however rows are cut into files and pieces, and however many threads make them. Memory
/// does not grow with the rows. A file gets its name when it is whole.
///
/// # Errors
///
/// When something is asked for that cannot be, a file cannot be written, or the job is stopped. Files that are whole by then
/// stay.
pub fn generate(
    generate: &Generate,
    plan: &Plan,
    watch: &dyn Watch,
) -> Result<Generated, JobError> {
    let datasets = datasets(generate, plan)?;
    let mut generated = Generated::default();
    for (dataset, asked, parts) in datasets {
        watch.begins(&dataset.name, asked.rows.end - asked.rows.start);
        for part in parts {
            let (finished, _) = make(generate, dataset, &part, watch)?;
            generated.files += 1;
            generated.rows += part.rows.end - part.rows.start;
            generated.bytes += finished.bytes;
        }
        watch.ends();
    }
    Ok(generated)
}

/// Finds what is asked for in the plan, and proves that it is there.
fn datasets<'a>(
    generate: &'a Generate,
    plan: &'a Plan,
) -> Result<Vec<(&'a DatasetPlan, &'a Asked, Vec<Part>)>, JobError> {
    if generate.datasets.len() > 1 && !matches!(generate.out, Out::Folder(_)) {
        let message = format!("{} datasets do not go into one file", generate.datasets.len());
        let help = "name a folder: --out data/";
        return Err(JobError::asked(message, help));
    }
    let find = |asked: &'a Asked| {
        let dataset = plan.dataset(&asked.dataset).ok_or_else(|| {
            JobError::asked(
                format!("there is no dataset `{}`", asked.dataset),
                "name one of the plan",
            )
        })?;
        let Range { start, end } = asked.rows;
        if start > end || end > dataset.rows {
            let message =
                format!("`{}` has {} rows, and not {start}..{end}", asked.dataset, dataset.rows);
            let help = format!(
                "ask for others, or for a larger volume: --volumes '{{\"{}\":{end}}}'",
                asked.dataset
            );
            return Err(JobError::asked(message, help));
        }
        let parts = parts(generate, asked, dataset.rows)?;
        Ok((dataset, asked, parts))
    };
    generate.datasets.iter().map(find).collect()
}

/// Makes one file.
fn make(
    generate: &Generate,
    dataset: &DatasetPlan,
    part: &Part,
    watch: &dyn Watch,
) -> Result<(Finished, Checksum), JobError> {
    let encoder = encoder(dataset, generate.layout)?;
    let with_checksum = false;
    let pieces = Pieces {
        dataset,
        encoder: &*encoder,
        compression: generate.compression,
        with_checksum,
        rows: part.rows.clone(),
    };
    let mut file = match &part.path {
        Some(path) => Unfinished::file(path, with_checksum)?,
        None => Unfinished::stdout(with_checksum),
    };
    let mut checksum = Checksum::default();
    in_order(
        pieces.count(),
        generate.threads.get(),
        || Worker::new(generate.compression),
        |number, worker, chunk| pieces.make(number, worker, chunk),
        |_, chunk| {
            if watch.is_stopped() {
                return Err(JobError::Stopped);
            }
            file.append(&chunk.bytes)?;
            checksum += chunk.checksum;
            watch.did(chunk.rows);
            Ok(())
        },
    )?;
    Ok((file.finish()?, checksum))
}
