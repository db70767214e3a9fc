//! What stands in the way of loading.

use crate::refusal::Refusal;

/// What stands in the way of loading.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum LoadError {
    /// A table or constraint cannot be made.
    #[error("the table of the dataset `{dataset}` cannot be made: {refusal}")]
    Table {
        /// The dataset.
        dataset: String,
        /// What was refused.
        #[source]
        refusal: Refusal,
    },
    /// The check of a foreign key that is part of a cycle cannot wait until all rows are there.
    #[error(
        "the foreign key `{constraint}` of the dataset `{dataset}` is part of a cycle, and its check cannot wait for \
         the other rows: {refusal}\nLet the role own the table, or let a migration declare the key DEFERRABLE"
    )]
    Cycle {
        /// The dataset.
        dataset: String,
        /// The constraint's name.
        constraint: String,
        /// What was refused.
        #[source]
        refusal: Refusal,
    },
    /// Rows cannot be copied.
    #[error(
        "the rows of the dataset `{dataset}` cannot be loaded: {refusal}{}",
        if refusal.is_connection() { "\nThe server went away, or was stopped, while it loaded" } else { "" }
    )]
    Rows {
        /// The dataset.
        dataset: String,
        /// What was refused.
        #[source]
        refusal: Refusal,
    },
    /// The transaction around it all failed.
    #[error("the loaded rows cannot be kept: {0}")]
    Transaction(#[source] Refusal),
}
