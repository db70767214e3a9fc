//! All formats, by their words.

use tdata_core::plan::DatasetPlan;

use super::copy_binary::CopyBinary;
use super::copy_text::CopyText;
use super::csv::Csv;
use super::encoder::Encoder;
use super::json_lines::JsonLines;
use super::layout::Layout;
use super::sql::Sql;
use super::word::Format;
use crate::error::JobError;

/// Returns what writes a dataset.
pub(crate) fn encoder(dataset: &DatasetPlan, layout: Layout) -> Result<Box<dyn Encoder>, JobError> {
    Ok(match layout.format {
        Format::Csv => Box::new(Csv::new(dataset, layout.header)),
        Format::JsonLines => Box::new(JsonLines::new(dataset)),
        Format::Sql => Box::new(Sql::new(dataset, layout.rows_per_insert)),
        Format::PgCopy => Box::new(CopyText),
        // Where the feature is on, its rows are no stream of bytes.
        Format::Parquet => {
            let help = "build it with that: cargo install tdata-cli --features parquet";
            return Err(JobError::asked("this tdata was built without Parquet", help));
        }
        Format::PgCopyBinary => Box::new(CopyBinary::new(dataset)?),
    })
}
