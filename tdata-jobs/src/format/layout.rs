//! How files are written.

use std::num::NonZeroU64;

use super::word::Format;

/// How files are written: a format, and what can be chosen of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Layout {
    /// The format.
    pub format: Format,
    /// Whether CSV begins with the names of the columns.
    pub header: bool,
    /// How many rows an `INSERT` of SQL has at the most.
    pub rows_per_insert: NonZeroU64,
}

impl Layout {
    /// A format as it is where nothing else is said: CSV with its header, SQL with an `INSERT` for each row.
    pub fn of(format: Format) -> Self {
        Self { format, header: true, rows_per_insert: NonZeroU64::MIN }
    }
}
