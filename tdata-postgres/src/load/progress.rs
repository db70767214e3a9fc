//! How far a load has come, and whether it is to go on.

use std::ops::ControlFlow;

/// How far a load has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Progress<'a> {
    /// So many rows of a dataset have been sent, of those that one call copies.
    Rows {
        /// The dataset.
        dataset: &'a str,
        /// How many rows.
        sent: u64,
    },
    /// The rows of a dataset are there, and its keys and indexes are made now.
    Keys {
        /// The dataset.
        dataset: &'a str,
    },
    /// All rows and keys are there, and the foreign keys of a dataset are proved now.
    ForeignKeys {
        /// The dataset.
        dataset: &'a str,
    },
}

/// Who watches a load: called a few times for each megabyte, on the thread that loads. Where it breaks, the load stops, and
/// leaves nothing.
pub type Observer<'a> = dyn FnMut(Progress<'_>) -> ControlFlow<()> + 'a;

/// Watches nothing.
pub(super) fn unobserved(_: Progress<'_>) -> ControlFlow<()> {
    ControlFlow::Continue(())
}
