//! A table's rows on their way through `COPY`, in the format that fits them.

use tdata_core::value::{
    BINARY_HEADER, BINARY_TRAILER, Block, CopyBinary, Value, append_row, append_rows,
};

use super::insert;
use crate::record::Descriptor;
use crate::store::StoreError;

/// Rows of one table that are copied: first those that there are, then others, if they are yet to be made.
///
/// They are copied in binary where the types of the columns are known and every value has a form there. A row that has
/// none may come when others are gone already: then all are copied again, as text.
#[derive(Debug)]
pub(super) struct Copy {
    /// The statement that copies text.
    statement: String,
    binary: Option<CopyBinary>,
    first: Option<Vec<u8>>,
    /// How many bytes the last rows took.
    length: usize,
    progress: Progress,
}

/// What follows the first rows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Progress {
    /// Nothing.
    Whole,
    /// Rows that are yet to be made.
    Growing,
    /// A row has no binary form: the copy is to be given up.
    Failed,
    /// Text is copied in its place, of all records. So many are gone.
    Again(usize),
}

impl Copy {
    /// Begins a copy with rows, given by column; more of them follow if it is `growing`.
    pub(super) fn new(
        descriptor: &Descriptor,
        columns: &[Block],
        binary: Option<&CopyBinary>,
        growing: bool,
    ) -> Result<Self, StoreError> {
        let progress = if growing { Progress::Growing } else { Progress::Whole };
        let statement = insert::copy(descriptor)?;
        let mut copy =
            Self { statement, binary: binary.cloned(), first: None, length: 0, progress };
        copy.first = copy.write(columns, BINARY_HEADER, !growing);
        if copy.first.is_none() {
            copy.binary = None;
            copy.first = copy.write(columns, &[], !growing);
        }
        Ok(copy)
    }

    /// Returns the statement.
    pub(super) fn statement(&self) -> String {
        match self.binary {
            Some(_) => format!("{} (FORMAT binary)", self.statement),
            None => self.statement.clone(),
        }
    }

    /// Tells whether rows may have to be copied again.
    pub(super) fn may_fail(&self) -> bool {
        self.binary.is_some() && self.progress == Progress::Growing
    }

    /// Takes the first rows, if they are not gone.
    pub(super) fn take_first(&mut self) -> Option<Vec<u8>> {
        self.first.take()
    }

    pub(super) fn progress(&self) -> Progress {
        self.progress
    }

    /// Writes further rows, the last of all if they are `last`; `None` where one has no form.
    pub(super) fn more(&mut self, columns: &[Block], last: bool) -> Option<Vec<u8>> {
        let rows = self.write(columns, &[], last);
        if rows.is_none() {
            self.progress = Progress::Failed;
        }
        rows
    }

    /// Begins again, as text.
    pub(super) fn again(&mut self) {
        self.binary = None;
        self.progress = Progress::Again(0);
    }

    /// Writes the next records, whose rows are these, as text.
    pub(super) fn more_again(
        &mut self,
        rows: impl ExactSizeIterator<Item = Vec<Value>>,
    ) -> Vec<u8> {
        if let Progress::Again(gone) = &mut self.progress {
            *gone += rows.len();
        }
        let mut text = Vec::new();
        rows.for_each(|row| append_row(&row, &mut text));
        text
    }

    /// Writes rows; `start` stands before those in binary, and what ends them behind the last.
    fn write(&mut self, columns: &[Block], start: &[u8], last: bool) -> Option<Vec<u8>> {
        // The next rows are about as long as the last ones.
        let mut bytes = Vec::with_capacity(self.length + self.length / 8);
        match &self.binary {
            None => append_rows(columns, &mut bytes),
            Some(binary) => {
                bytes.extend_from_slice(start);
                binary.append(columns, &mut bytes).ok()?;
                bytes.extend_from_slice(if last { BINARY_TRAILER } else { &[] });
            }
        }
        self.length = bytes.len();
        Some(bytes)
    }
}
