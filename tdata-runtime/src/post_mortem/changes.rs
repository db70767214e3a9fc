//! What is known of what a test changed.

use super::compare::Comparison;
use super::trouble::Trouble;
use crate::isolate::TableChanges;

/// What is known of what a test changed.
#[derive(Clone, Debug)]
pub(crate) enum Changes {
    /// The data were compared with what was loaded.
    Compared {
        /// What is other.
        comparison: Comparison,
        /// Whether other tests write to the same data.
        with_others: bool,
    },
    /// The data are shared and read-only.
    ReadOnly,
    /// The data could not be compared.
    Unknown {
        /// Why not.
        why: Trouble,
        /// What the database counted, where it did.
        counted: Option<Vec<TableChanges>>,
    },
}
