//! COPY's binary format, with what begins and ends it.

use tdata_core::plan::DatasetPlan;
use tdata_core::value::{BINARY_HEADER, BINARY_TRAILER, CopyBinary as Columns};

use super::column::Scratch;
use super::encoder::{Encoder, OtherKind, Rows};
use crate::error::JobError;

/// Writes COPY's binary format.
#[derive(Debug)]
pub(super) struct CopyBinary(Columns);

impl CopyBinary {
    pub(super) fn new(dataset: &DatasetPlan) -> Result<Self, JobError> {
        dataset.copy_binary().map(Self).ok_or_else(|| without_binary(dataset))
    }
}

/// Names the columns that have no binary form.
fn without_binary(dataset: &DatasetPlan) -> JobError {
    let has_none = dataset.fields.iter().filter(|field| {
        let column = [(field.cells.kind(), &field.sql_type)];
        !field.cells.is_of_its_kind() || Columns::new(column).is_none()
    });
    let columns: Vec<String> = has_none.map(|field| format!("`{}`", field.name)).collect();
    let message =
        format!("`{}` has columns without a binary form: {}", dataset.name, columns.join(", "));
    JobError::asked(message, "use the format pgcopy, which every type has")
}

impl Encoder for CopyBinary {
    fn head(&self, out: &mut Vec<u8>) {
        out.extend_from_slice(BINARY_HEADER);
    }

    fn append(&self, rows: &Rows<'_>, _: &mut Scratch, out: &mut Vec<u8>) -> Result<(), OtherKind> {
        self.0.append(rows.blocks, out).map_err(|other| OtherKind(other.0))
    }

    fn tail(&self, out: &mut Vec<u8>) {
        out.extend_from_slice(BINARY_TRAILER);
    }
}
