//! `tokio_postgres::Client` as a parameter.

use tokio_postgres::{Client, NoTls};

use super::data::TestData;
use super::error::ReadError;
use super::from_test_data::Parameter;
use super::from_test_data_async::FromTestDataAsync;
use super::on_tokio;
use crate::error::Error;

/// A connection of the test's own to its data, driven by a task of the test's runtime.
impl FromTestDataAsync for Client {
    async fn from_test_data_async(data: &TestData, _: &Parameter) -> Result<Self, Error> {
        on_tokio::check(data, "tokio_postgres::Client")?;
        let connected = tokio_postgres::connect(data.url(), NoTls).await;
        let (client, connection) = connected.map_err(|error| ReadError::Refused(error.into()))?;
        // It ends with the client, which is told of its errors.
        tokio::spawn(connection);
        Ok(client)
    }
}
