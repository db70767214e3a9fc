//! What stands in the way of loading.

use tdata_factory::store::Refusal;

/// What stands in the way of loading.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub(crate) enum LoadError {
    /// A table or constraint cannot be made.
    #[error("the table of the dataset `{dataset}` cannot be made: {refusal}")]
    Table {
        /// The dataset.
        dataset: String,
        /// What was refused.
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
        refusal: Refusal,
    },
    /// The transaction around it all failed.
    #[error("the loaded rows cannot be kept: {0}")]
    Transaction(Refusal),
}

impl LoadError {
    pub(crate) fn refusal(&self) -> Option<&Refusal> {
        match self {
            Self::Table { refusal, .. }
            | Self::Rows { refusal, .. }
            | Self::Transaction(refusal) => Some(refusal),
        }
    }
}
