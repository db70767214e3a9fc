//! What every format does: it writes rows, and what is around them.

use std::fmt;
use std::ops::Range;

use tdata_core::value::Block;

use super::column::Scratch;

/// Writes the rows of a dataset in a format.
pub(crate) trait Encoder: fmt::Debug + Send + Sync {
    /// Appends what begins a file.
    fn head(&self, out: &mut Vec<u8>);

    /// Appends rows.
    fn append(
        &self,
        rows: &Rows<'_>,
        scratch: &mut Scratch,
        out: &mut Vec<u8>,
    ) -> Result<(), OtherKind>;

    /// Appends what ends a file.
    fn tail(&self, out: &mut Vec<u8>);
}

/// The place of a column that has a value of another kind than planned.
#[derive(Clone, Copy, Debug)]
pub(crate) struct OtherKind(pub(crate) usize);

/// Some rows of a dataset.
#[derive(Clone, Debug)]
pub(crate) struct Rows<'a> {
    /// Their values, a block for each column.
    pub(crate) blocks: &'a [Block],
    /// The index of the first of them.
    pub(crate) first: u64,
    /// All rows of the file that they are in.
    pub(crate) file: Range<u64>,
}

impl Rows<'_> {
    /// Returns how many they are.
    pub(crate) fn len(&self) -> usize {
        self.blocks.first().map_or(0, Block::len)
    }
}
