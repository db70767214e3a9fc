//! The job: dataset after dataset, file after file, and the manifest last.

use std::ops::Range;

use tdata_core::plan::{DatasetPlan, Plan};

use super::asked::{Asked, Generate, Record};
use super::bytes;
use super::part::{Part, parts};
use crate::checksum::Checksum;
use crate::error::JobError;
use crate::file::{Finished, Out, Unfinished, remove_file, remove_unfinished};
use crate::format::Format;
use crate::manifest::{MadeDataset, MadePart, Manifest, name_of};
use crate::watch::Watch;

/// What came of a job.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Generated {
    /// How many rows were made.
    pub rows: u64,
    /// How many bytes were written.
    pub bytes: u64,
    /// How many files they are in.
    pub files: u64,
    /// How many rows of each dataset.
    pub datasets: Vec<(String, u64)>,
}

/// Generates rows of a plan into files.
///
/// The bytes of a row are the same however rows are cut into files and pieces, and however many threads make them. Memory
/// does not grow with the rows. A file gets its name when it is whole, and the manifest is written last.
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
    let works = works(generate, plan)?;
    let manifest = generate.record.as_ref().map(|record| record.path.as_path());
    if let Some(path) = manifest {
        remove_file(path)?;
    }
    let files = works.iter().flat_map(|work| &work.parts).filter_map(|part| part.path.as_deref());
    remove_unfinished(files.chain(manifest));
    let mut generated = Generated::default();
    let mut made = Vec::new();
    // Statements of several datasets go into one file.
    let mut shared = match (&generate.out, &works[..]) {
        (Out::Folder(_), _) | (_, [] | [_]) => None,
        (_, [first, ..]) => first.parts.first().map(|part| begin(generate, part)).transpose()?,
    };
    for Work { dataset, rows, parts } in &works {
        watch.begins(&dataset.name, rows.end - rows.start);
        let mut parts_made = Vec::new();
        for part in parts {
            if let Some(file) = &mut shared {
                bytes::append(generate, dataset, part, file, watch)?;
                continue;
            }
            let (finished, checksum) = make(generate, dataset, part, watch)?;
            generated.files += 1;
            generated.bytes += finished.bytes;
            parts_made.push(made_part(generate, part, finished, checksum));
        }
        watch.ends();
        generated.rows += rows.end - rows.start;
        generated.datasets.push((dataset.name.clone(), rows.end - rows.start));
        made.push(made_dataset(dataset, parts_made));
    }
    if let Some(file) = shared {
        generated.files += 1;
        generated.bytes += file.finish()?.bytes;
    }
    if let Some(Record { path, fingerprint }) = &generate.record {
        let mut manifest = Manifest::begin(plan, fingerprint);
        manifest.format = generate.layout.format.word().to_owned();
        manifest.compression = generate.compression.map(|one| one.word().to_owned());
        manifest.datasets = made;
        manifest.write(path)?;
    }
    Ok(generated)
}

/// A dataset to be made.
struct Work<'a> {
    dataset: &'a DatasetPlan,
    rows: Range<u64>,
    parts: Vec<Part>,
}

/// Finds what is asked for in the plan, and proves that it can be made.
fn works<'a>(generate: &Generate, plan: &'a Plan) -> Result<Vec<Work<'a>>, JobError> {
    let format = generate.layout.format;
    let is_one_file = !matches!(generate.out, Out::Folder(_));
    if is_one_file && generate.datasets.len() > 1 {
        let count = generate.datasets.len();
        if format != Format::Sql {
            let message =
                format!("{count} datasets in the format {format} do not go into one file");
            return Err(JobError::asked(message, "name a folder: --out data/"));
        }
        if generate.record.is_some() {
            let message = format!("a manifest tells of no file that has {count} datasets");
            return Err(JobError::asked(message, "name a folder: --out data/"));
        }
    }
    generate.datasets.iter().map(|asked| work(generate, asked, plan)).collect()
}

fn work<'a>(generate: &Generate, asked: &Asked, plan: &'a Plan) -> Result<Work<'a>, JobError> {
    let Asked { dataset: name, rows } = asked;
    let dataset = plan.dataset(name).ok_or_else(|| {
        let datasets: Vec<&str> = plan.datasets.iter().map(|one| one.name.as_str()).collect();
        let message = format!("the contract has no dataset `{name}`");
        JobError::asked(message, format!("it has {}", datasets.join(", ")))
    })?;
    if rows.start > rows.end || rows.end > dataset.rows {
        let Range { start, end } = rows;
        let message = format!("`{name}` has {} rows, and not {start}..{end}", dataset.rows);
        let help = format!("ask for other rows, or for more: --volumes '{{\"{name}\":{end}}}'");
        return Err(JobError::asked(message, help));
    }
    let parts = parts(generate, asked, dataset.rows)?;
    Ok(Work { dataset, rows: rows.clone(), parts })
}

fn begin(generate: &Generate, part: &Part) -> Result<Unfinished, JobError> {
    let with_digest = generate.record.is_some();
    match &part.path {
        Some(path) => Unfinished::file(path, with_digest),
        None => Ok(Unfinished::stdout(with_digest)),
    }
}

/// Makes one file.
fn make(
    generate: &Generate,
    dataset: &DatasetPlan,
    part: &Part,
    watch: &dyn Watch,
) -> Result<(Finished, Checksum), JobError> {
    #[cfg(feature = "parquet")]
    if generate.layout.format == Format::Parquet {
        return super::batches::make(generate, dataset, part, begin(generate, part)?, watch);
    }
    let mut file = begin(generate, part)?;
    let checksum = bytes::append(generate, dataset, part, &mut file, watch)?;
    Ok((file.finish()?, checksum))
}

fn made_part(generate: &Generate, part: &Part, finished: Finished, checksum: Checksum) -> MadePart {
    let record = generate.record.as_ref();
    let file = part.path.as_deref().zip(record).map(|(file, record)| name_of(file, &record.path));
    MadePart {
        file,
        first_row: part.rows.start,
        rows: part.rows.end - part.rows.start,
        bytes: finished.bytes,
        sha256: finished.digest.unwrap_or_default(),
        checksum,
    }
}

fn made_dataset(dataset: &DatasetPlan, parts: Vec<MadePart>) -> MadeDataset {
    let mut checksum = Checksum::default();
    parts.iter().for_each(|part| checksum += part.checksum);
    MadeDataset {
        dataset: dataset.name.clone(),
        columns: dataset.fields.iter().map(|field| field.name.clone()).collect(),
        rows: parts.iter().map(|part| part.rows).sum(),
        checksum,
        parts,
    }
}
