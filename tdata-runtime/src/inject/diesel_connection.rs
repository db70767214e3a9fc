//! `diesel::PgConnection` as a parameter.

use diesel::{Connection as _, PgConnection};

use super::data::TestData;
use super::error::ReadError;
use super::from_test_data::{FromTestData, Parameter};
use crate::error::Error;

const GIVEN: &str = "diesel::PgConnection";

/// A connection of the test's own to its data.
///
/// Async tests can take it as well: it blocks their thread and drives no runtime, so that code under test
/// which runs it within `spawn_blocking` gets it.
impl FromTestData for PgConnection {
    fn from_test_data(data: &TestData, _: &Parameter) -> Result<Self, Error> {
        if data.in_transaction() {
            return Err(ReadError::InTransaction { given: GIVEN }.into());
        }
        let connection = Self::establish(data.url());
        Ok(connection.map_err(|error| ReadError::not_made(GIVEN, &error))?)
    }
}
