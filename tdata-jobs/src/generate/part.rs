//! Which files there are, and which rows are in each.

use std::ops::Range;
use std::path::{Path, PathBuf};

use super::asked::{Asked, Generate};
use crate::error::JobError;
use crate::file::{Compression, Out};
use crate::format::Format;

/// A file to be made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Part {
    /// Where it is; standard output has no path.
    pub(super) path: Option<PathBuf>,
    /// Which rows it has.
    pub(super) rows: Range<u64>,
}

/// Returns the files of a dataset.
pub(super) fn parts(
    generate: &Generate,
    asked: &Asked,
    volume: u64,
) -> Result<Vec<Part>, JobError> {
    let rows = asked.rows.clone();
    match &generate.out {
        Out::Stdout => Ok(vec![Part { path: None, rows }]),
        Out::File(path) => Ok(vec![Part { path: Some(path.clone()), rows }]),
        Out::Folder(folder) => in_folder(generate, asked, volume, folder),
    }
}

/// Cuts rows at multiples of the rows of a part. So whoever makes a part makes the same one.
fn in_folder(
    generate: &Generate,
    asked: &Asked,
    volume: u64,
    folder: &Path,
) -> Result<Vec<Part>, JobError> {
    let (size, Range { start, end }) = (generate.part_rows.get(), asked.rows.clone());
    let is_whole = start.is_multiple_of(size) && (end.is_multiple_of(size) || end == volume);
    if !is_whole {
        let message = format!(
            "rows {start}..{end} of `{}` begin or end within a part: a part has {size} rows",
            asked.dataset
        );
        let help = "ask for rows from one multiple of the rows of a part to another, or choose these: --part-rows";
        return Err(JobError::asked(message, help));
    }
    let ending = generate.layout.format.ending();
    // Parquet has its compression within.
    let outside = generate.compression.filter(|_| generate.layout.format != Format::Parquet);
    let smaller = outside.map_or("", Compression::ending);
    let part = |number: u64| Part {
        path: Some(folder.join(&asked.dataset).join(format!("{number:05}.{ending}{smaller}"))),
        rows: number * size..(number + 1).saturating_mul(size).min(end),
    };
    // A dataset without rows has one file all the same, with what begins and ends it.
    let last = end.div_ceil(size).max(start / size + 1);
    Ok((start / size..last).map(part).collect())
}
