//! What an async test can take as a parameter.

use std::future::Future;

use super::data::TestData;
use super::from_test_data::{FromTestData, Parameter};
use crate::error::Error;

/// A type that an async test with `#[requires_test_data]` can take as a parameter.
///
/// All that implements [`FromTestData`] does. Implement this one for what your tests start from if it
/// connects, or waits for anything else, while it is made:
///
/// ```no_run
/// # use tdata_runtime as tdata;
/// use tdata::{Error, FromTestDataAsync, Parameter, TestData};
///
/// # use std::io;
/// struct App {
///     // ..
/// }
///
/// impl App {
///     /// Connects to the database.
///     async fn start(database_url: &str) -> io::Result<Self> {
///         // ..
/// #       let _ = database_url;
///         Ok(Self {})
///     }
/// }
///
/// impl FromTestDataAsync for App {
///     async fn from_test_data_async(data: &TestData, _: &Parameter) -> Result<Self, Error> {
///         Self::start(data.url()).await.map_err(Error::other)
///     }
/// }
/// ```
#[diagnostic::on_unimplemented(
    message = "a test cannot take `{Self}` from its test data",
    label = "not a type that test data can be injected as",
    note = "take `TestData`, `Dataset` or `DatabaseUrl`, or implement `FromTestData` or `FromTestDataAsync` for \
            `{Self}`",
    note = "with tdata's feature of the crate's name, take `tokio_postgres::Client` (of tokio-postgres 0.7), \
            `sqlx::PgPool` (of sqlx 0.9; of 0.8 with `sqlx-0_8`), `deadpool_postgres::Pool` (of deadpool-postgres \
            0.14, with `deadpool`), `sea_orm::DatabaseConnection` (of sea-orm 2; of 1.1 with `sea-orm-1`) or \
            `diesel::PgConnection` (of diesel 2)",
    note = "a type of another version of its crate is another type: `cargo tree -i` of the crate shows the versions"
)]
pub trait FromTestDataAsync: Sized {
    /// Makes the parameter from the test's data.
    ///
    /// It is polled on the test's own runtime, so what it spawns there lives as long as the test.
    ///
    /// # Errors
    ///
    /// Whatever stands in the way; the test fails with it.
    fn from_test_data_async(
        data: &TestData,
        parameter: &Parameter,
    ) -> impl Future<Output = Result<Self, Error>>;
}

// Of a type that has neither, the compiler is to tell that it lacks the wider one.
#[diagnostic::do_not_recommend]
impl<T: FromTestData> FromTestDataAsync for T {
    async fn from_test_data_async(data: &TestData, parameter: &Parameter) -> Result<Self, Error> {
        T::from_test_data(data, parameter)
    }
}
