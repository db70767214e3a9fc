//! COPY's text format, without anything before or behind the rows: files of it can be joined.

use tdata_core::value::append_rows;

use super::column::Scratch;
use super::encoder::{Encoder, OtherKind, Rows};

/// Writes COPY's text format.
#[derive(Debug)]
pub(super) struct CopyText;

impl Encoder for CopyText {
    fn head(&self, _: &mut Vec<u8>) {}

    fn append(&self, rows: &Rows<'_>, _: &mut Scratch, out: &mut Vec<u8>) -> Result<(), OtherKind> {
        append_rows(rows.blocks, out);
        Ok(())
    }

    fn tail(&self, _: &mut Vec<u8>) {}
}
