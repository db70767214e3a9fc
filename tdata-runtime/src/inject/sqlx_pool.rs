//! `sqlx::PgPool` as a parameter.

use sqlx::PgPool;
use sqlx::postgres::PgPoolOptions;

use super::data::TestData;
use super::error::ReadError;
use super::from_test_data::{FromTestData, Parameter};
use crate::error::Error;

/// How many connections a pool may have: enough for a test, few enough for many tests at once.
const MOST_CONNECTIONS: u32 = 5;

/// A pool of the test's own, of five connections at most, which are made when they are first needed.
///
/// For another pool take [`DatabaseUrl`](super::DatabaseUrl).
impl FromTestData for PgPool {
    fn from_test_data(data: &TestData, _: &Parameter) -> Result<Self, Error> {
        if data.in_transaction() {
            return Err(ReadError::InTransaction { given: "sqlx::PgPool" }.into());
        }
        if tokio::runtime::Handle::try_current().is_err() {
            return Err(ReadError::NoRuntime.into());
        }
        let pool = PgPoolOptions::new().max_connections(MOST_CONNECTIONS).connect_lazy(data.url());
        Ok(pool.map_err(|error| ReadError::Pool { reason: error.to_string() })?)
    }
}
