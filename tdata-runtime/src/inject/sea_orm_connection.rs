//! `sea_orm::DatabaseConnection` as a parameter.

use sea_orm::DatabaseConnection;
use sea_orm::sqlx::postgres::PgPoolOptions;

use super::data::TestData;
use super::error::ReadError;
use super::from_test_data::{FromTestData, Parameter};
use super::on_tokio::{self, MOST_CONNECTIONS};
use crate::error::Error;

const GIVEN: &str = "sea_orm::DatabaseConnection";

/// A pool of the test's own, of five connections at most, which are made when they are first needed.
///
/// For another pool take [`DatabaseUrl`](super::DatabaseUrl).
impl FromTestData for DatabaseConnection {
    fn from_test_data(data: &TestData, _: &Parameter) -> Result<Self, Error> {
        on_tokio::check(data, GIVEN)?;
        let options = PgPoolOptions::new().max_connections(MOST_CONNECTIONS.into());
        let pool = options.connect_lazy(data.url());
        Ok(pool.map_err(|error| ReadError::not_made(GIVEN, &error))?.into())
    }
}
