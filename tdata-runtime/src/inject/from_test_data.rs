//! What a test can take as a parameter.

use std::fmt;
use std::ops::Deref;

use tdata_factory::Record;

use super::data::TestData;
use super::dataset::Dataset;
use super::error::ReadError;
use crate::error::Error;

/// A type that a test with `#[requires_test_data]` can take as a parameter.
///
/// Implement it for what your tests start from: a pool, a service, a page object. What has to wait for
/// something implements [`FromTestDataAsync`](crate::FromTestDataAsync) instead.
///
/// ```no_run
/// # use tdata_runtime as tdata;
/// use tdata::{Error, FromTestData, Parameter, TestData};
///
/// struct App {
///     database_url: String,
/// }
///
/// impl FromTestData for App {
///     fn from_test_data(data: &TestData, _: &Parameter) -> Result<Self, Error> {
///         Ok(Self { database_url: data.url().to_owned() })
///     }
/// }
/// ```
#[diagnostic::on_unimplemented(
    message = "a test cannot take `{Self}` from its test data",
    label = "cannot be injected into a test that is not async",
    note = "take `TestData`, `Dataset`, `DatabaseUrl`, `postgres::Client` (of postgres 0.19) or, with tdata's \
            feature `diesel`, `diesel::PgConnection` (of diesel 2), or implement `FromTestData` for `{Self}`",
    note = "what connects asynchronously, such as `tokio_postgres::Client`, can be taken by async tests \
            only: write `#[tokio::test] async fn`"
)]
pub trait FromTestData: Sized {
    /// Makes the parameter from the test's data.
    ///
    /// # Errors
    ///
    /// Whatever stands in the way; the test fails with it.
    fn from_test_data(data: &TestData, parameter: &Parameter) -> Result<Self, Error>;
}

/// The parameter that is asked for.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct Parameter {
    /// Its name in the test's signature.
    pub name: &'static str,
}

impl Parameter {
    pub(crate) fn named(name: &'static str) -> Self {
        Self { name }
    }

    /// Returns the dataset that it is named after: that of its very name, else that of its name without the
    /// underscores that say that it is not used.
    fn dataset(&self, data: &TestData) -> &'static str {
        match self.name.trim_start_matches('_') {
            "" => self.name,
            _ if data.has_dataset(self.name) => self.name,
            bare => bare,
        }
    }
}

impl FromTestData for TestData {
    fn from_test_data(data: &TestData, _: &Parameter) -> Result<Self, Error> {
        Ok(data.clone())
    }
}

/// The rows of the dataset that the parameter is named after: `users`, or `_users` where they are not used.
impl FromTestData for Dataset {
    fn from_test_data(data: &TestData, parameter: &Parameter) -> Result<Self, Error> {
        data.try_dataset(parameter.dataset(data)).cloned()
    }
}

/// The rows of the dataset that the parameter is named after, which is the record's; those of the
/// record's table where it has no dataset.
impl<T: Record> FromTestData for Dataset<T> {
    fn from_test_data(data: &TestData, parameter: &Parameter) -> Result<Self, Error> {
        let (record, parameter) = (T::DESCRIPTOR.record, parameter.dataset(data));
        match T::DESCRIPTOR.dataset() {
            Some(dataset) if dataset != parameter => {
                Err(ReadError::OtherDataset { parameter, record, dataset }.into())
            }
            _ => data.try_records(),
        }
    }
}

/// A connection of the test's own to its data.
impl FromTestData for postgres::Client {
    fn from_test_data(data: &TestData, _: &Parameter) -> Result<Self, Error> {
        if data.in_transaction() {
            return Err(ReadError::InTransaction { given: "postgres::Client" }.into());
        }
        if tokio::runtime::Handle::try_current().is_ok() {
            return Err(ReadError::AsyncClient.into());
        }
        data.connect()
    }
}

/// The URL whose connections see a test's data.
///
/// It derefs to `str`. `Debug` leaves it out: it holds a password.
#[derive(Clone, PartialEq, Eq)]
pub struct DatabaseUrl(String);

impl Deref for DatabaseUrl {
    type Target = str;

    fn deref(&self) -> &str {
        &self.0
    }
}

impl AsRef<str> for DatabaseUrl {
    fn as_ref(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for DatabaseUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Debug for DatabaseUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("DatabaseUrl(..)")
    }
}

impl FromTestData for DatabaseUrl {
    fn from_test_data(data: &TestData, _: &Parameter) -> Result<Self, Error> {
        Ok(Self(data.url().to_owned()))
    }
}
