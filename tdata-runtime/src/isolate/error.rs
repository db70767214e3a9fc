//! What stands in the way of instances.

use tdata_factory::store::Refusal;

/// What stands in the way of instances.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub(crate) enum IsolateError {
    /// A database or schema cannot be made.
    #[error("no {what} can be made for the test: {refusal}")]
    NotMade {
        /// What was to be made.
        what: &'static str,
        /// What was refused.
        refusal: Refusal,
    },
    /// Tables of several schemas would share a name in one schema.
    #[error(
        "under `schema` isolation all tables share one schema, and two are named `{table}`\n\
         Use isolation = \"full\""
    )]
    SameTable {
        /// The name.
        table: String,
    },
    /// Migrations put tables elsewhere.
    #[error(
        "under `schema` isolation migrations must not name a schema, and the table `{table}` of the \
         dataset `{dataset}` is not in the one they were run in\n\
         Leave schema names out of them, or use isolation = \"full\""
    )]
    Elsewhere {
        /// The dataset.
        dataset: String,
        /// Its table.
        table: String,
    },
}

impl IsolateError {
    /// Explains why a database or schema was not made.
    pub(crate) fn not_made(what: &'static str, refusal: Refusal) -> Self {
        Self::NotMade { what, refusal }
    }

    pub(crate) fn refusal(&self) -> Option<&Refusal> {
        match self {
            Self::NotMade { refusal, .. } => Some(refusal),
            _ => None,
        }
    }
}
