//! What stands in the way of reading data.

use tdata_factory::RecordError;
use tdata_postgres::Refusal;

/// What stands in the way of reading data.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub(crate) enum ReadError {
    /// A dataset that the contract does not provision.
    #[error("the test has no dataset `{dataset}`: it declares {declared}{help}")]
    UnknownDataset {
        /// The dataset asked for.
        dataset: String,
        /// Those there are.
        declared: String,
        /// The one that may be meant.
        help: String,
    },
    /// A field that the table does not have.
    #[error("the dataset `{dataset}` has no field `{field}`; it has {fields}{help}")]
    UnknownField {
        /// The dataset.
        dataset: String,
        /// The field asked for.
        field: String,
        /// Those there are.
        fields: String,
        /// The one that may be meant.
        help: String,
    },
    /// A field asked for as a type that cannot hold it.
    #[error(
        "the field `{field}` of the dataset `{dataset}` is {sql_type}, which `{rust_type}` cannot \
         hold{help}"
    )]
    WrongType {
        /// The dataset.
        dataset: String,
        /// The field.
        field: String,
        /// Its SQL type.
        sql_type: String,
        /// The Rust type asked for.
        rust_type: &'static str,
        /// Types that fit.
        help: String,
    },
    /// A null asked for as a type that has none.
    #[error(
        "the field `{field}` of the dataset `{dataset}` is null in row {row}: ask for \
         `Option<{rust_type}>`"
    )]
    Null {
        /// The dataset.
        dataset: String,
        /// The field.
        field: String,
        /// The row's index, from 0.
        row: usize,
        /// The Rust type asked for.
        rust_type: &'static str,
    },
    /// The database refused.
    #[error("the test's data cannot be read: {0}")]
    Refused(#[source] Refusal),
    /// The test's data have gone.
    #[error("the test's data were released: they go when the test ends")]
    Released,
    /// Data that others use as well cannot be given a time.
    #[error(
        "only data of one test, in a database of its own, can be kept for a time\n\
         Use isolation = \"full\" and scope = \"test_case\""
    )]
    NotAlone,
    /// Data that were given a time before.
    #[error("the data are kept for a time already: `keep_for` gives it once")]
    HasTime,
    /// The one connection of a transaction is taken.
    #[error(
        "under transaction isolation there is one connection, and this thread has it in use\n\
         Drop the `DataClient`, or read the datasets before taking it"
    )]
    ClientInUse,
    /// A synchronous client in async code.
    #[error(
        "`postgres::Client` is synchronous and cannot be used in async code\n\
         Take `tokio_postgres::Client`, or connect another async client to `DatabaseUrl`"
    )]
    AsyncClient,
    /// The connection of `data.client()` in async code.
    #[error(
        "`data.client()` is synchronous and cannot be used in async code\n\
         Take an async client or a pool as a parameter, such as `tokio_postgres::Client` (tdata's feature \
         `tokio-postgres`) or `sqlx::PgPool` (`sqlx`), connect one to `data.url()`, or call `data.client()` within \
         `tokio::task::spawn_blocking`"
    )]
    DataClientInAsync,
    /// A value that does not convert.
    #[error(
        "the field `{field}` of the dataset `{dataset}` has a value in row {row} that does not fit \
         `{rust_type}`"
    )]
    WrongValue {
        /// The dataset.
        dataset: String,
        /// The field.
        field: String,
        /// The row's index, from 0.
        row: usize,
        /// The Rust type asked for.
        rust_type: &'static str,
    },
    /// A record whose fields do not fit its table.
    #[error("the record `{record}` does not fit the table {table}:\n{}", mistakes.join("\n"))]
    WrongRecord {
        /// The record.
        record: &'static str,
        /// The table.
        table: String,
        /// What does not fit.
        mistakes: Vec<String>,
    },
    /// A row that is no record.
    #[error("row {row} of the dataset `{dataset}` is no record: {error}")]
    NoRecord {
        /// The dataset.
        dataset: String,
        /// The row's index, from 0.
        row: usize,
        /// What does not fit.
        #[source]
        error: RecordError,
    },
    /// A record that is nowhere in a database.
    #[error("`{record}` has no dataset: give it `#[record(dataset = \"..\")]`")]
    NoDataset {
        /// The record.
        record: &'static str,
    },
    /// A parameter that is named after another dataset than its record's.
    #[error(
        "the parameter `{parameter}` asks for records of the dataset `{parameter}`, and `{record}` \
         is one of `{dataset}`\nName the parameter `{dataset}`"
    )]
    OtherDataset {
        /// The parameter.
        parameter: &'static str,
        /// The record.
        record: &'static str,
        /// The record's dataset.
        dataset: &'static str,
    },
    /// A plain connection under transaction isolation.
    #[error(
        "under transaction isolation the test's data are in one open transaction, which cannot be \
         given away as `{given}`\n\
         Use `data.client()`, or isolation = \"full\""
    )]
    InTransaction {
        /// What was to be given.
        given: &'static str,
    },
    /// What works on tokio, in a test that does not run there.
    #[cfg(any(
        feature = "deadpool",
        feature = "sea-orm",
        feature = "sea-orm-1",
        feature = "sqlx",
        feature = "sqlx-0_8",
        feature = "tokio-postgres"
    ))]
    #[error("`{given}` needs an async test on tokio\nWrite `#[tokio::test] async fn`")]
    NoRuntime {
        /// What was to be given.
        given: &'static str,
    },
    /// Another crate's client or pool that cannot be made.
    #[cfg(any(
        feature = "deadpool",
        feature = "diesel",
        feature = "sea-orm",
        feature = "sea-orm-1",
        feature = "sqlx",
        feature = "sqlx-0_8"
    ))]
    #[error("`{given}` cannot connect to the test's data: {reason}")]
    NotMade {
        /// What was to be given.
        given: &'static str,
        /// What stands in the way.
        #[source]
        reason: Refusal,
    },
    /// What stands in the way of a type of the user's own.
    #[error("{0}")]
    Other(#[source] Refusal),
}

impl ReadError {
    /// Tells that another crate's client cannot be made.
    #[cfg(any(
        feature = "deadpool",
        feature = "diesel",
        feature = "sea-orm",
        feature = "sea-orm-1",
        feature = "sqlx",
        feature = "sqlx-0_8"
    ))]
    pub(super) fn not_made(given: &'static str, error: &dyn std::error::Error) -> Self {
        Self::NotMade { given, reason: Refusal::on_the_way(error) }
    }
}
