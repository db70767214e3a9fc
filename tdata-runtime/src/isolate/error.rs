//! What stands in the way of instances.

use tdata_postgres::Refusal;

/// What stands in the way of instances: one variant for each thing that may be refused.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub(crate) enum IsolateError {
    /// A database cannot be made.
    #[error("no database can be made for the test: {0}")]
    MakeDatabase(#[source] Refusal),
    /// A schema cannot be made.
    #[error("no schema can be made for the test: {0}")]
    MakeSchema(#[source] Refusal),
    /// A database cannot be connected to.
    #[error("the test's database cannot be connected to: {0}")]
    Connect(#[source] Refusal),
    /// A database cannot be closed to connections, so that it cannot be cloned.
    #[error(
        "the database that tests' databases are cloned from cannot be closed to connections: {0}"
    )]
    Close(#[source] Refusal),
    /// A database that is not needed cannot be dropped.
    #[error("a database that is not needed any more cannot be dropped: {0}")]
    Drop(#[source] Refusal),
    /// The registry cannot be asked, or told, who holds what.
    #[error("the server cannot say, or be told, which databases are in use: {0}")]
    Registry(#[source] Refusal),
    /// A database cannot be looked into, to see whether it is unchanged.
    #[error("the test's database cannot be looked into: {0}")]
    Inspect(#[source] Refusal),
    /// Rows that a test added cannot be deleted again.
    #[error("the rows that a test added cannot be deleted again: {0}")]
    Undo(#[source] Refusal),
    /// Rows cannot be put back as they were.
    #[error("the rows that a test changed cannot be put back: {0}")]
    Reload(#[source] Refusal),
    /// Data that tests share cannot be made read-only.
    #[error("the data that tests share cannot be made read-only: {0}")]
    Protect(#[source] Refusal),
    /// Commits cannot be refused.
    #[error("the test's database cannot be made to refuse commits: {0}")]
    Guard(#[source] Refusal),
    /// A transaction cannot be begun.
    #[error("the transaction around the test cannot be begun: {0}")]
    Begin(#[source] Refusal),
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
