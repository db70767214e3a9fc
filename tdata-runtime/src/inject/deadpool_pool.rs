//! `deadpool_postgres::Pool` as a parameter.

use std::time::Duration;

use deadpool_postgres::tokio_postgres::{Config, NoTls};
use deadpool_postgres::{Manager, Pool, Runtime};

use super::data::TestData;
use super::error::ReadError;
use super::from_test_data::{FromTestData, Parameter};
use super::on_tokio::{self, MOST_CONNECTIONS};
use crate::error::Error;

const GIVEN: &str = "deadpool_postgres::Pool";

/// How long a connection is waited for while all are in use: a test that holds them itself is to fail,
/// not to wait without end.
const PATIENCE: Duration = Duration::from_secs(30);

/// A pool of the test's own, of five connections at most, which are made when they are first needed.
///
/// For another pool take [`DatabaseUrl`](super::DatabaseUrl).
impl FromTestData for Pool {
    fn from_test_data(data: &TestData, _: &Parameter) -> Result<Self, Error> {
        on_tokio::check(data, GIVEN)?;
        let config: Config =
            data.url().parse().map_err(|error| ReadError::not_made(GIVEN, &error))?;
        let pool = Pool::builder(Manager::new(config, NoTls))
            .max_size(MOST_CONNECTIONS.into())
            .wait_timeout(Some(PATIENCE))
            .runtime(Runtime::Tokio1)
            .build();
        Ok(pool.map_err(|error| ReadError::not_made(GIVEN, &error))?)
    }
}
