//! Through the client of the crate postgres.

use std::io::Write as _;

use postgres::{Client, GenericClient, SimpleQueryMessage, Transaction};
use tdata_postgres::Refusal;

use super::error::StoreError;
use super::sync_store::{CopyRows, Store};

impl Store for Client {
    fn query(&mut self, sql: &str) -> Result<Vec<Option<String>>, StoreError> {
        query(self, sql)
    }

    fn execute(&mut self, sql: &str) -> Result<(), StoreError> {
        self.batch_execute(sql).map_err(refused)
    }

    fn copy(&mut self, sql: &str, rows: &mut CopyRows<'_>) -> Result<(), StoreError> {
        copy(self, sql, rows)
    }
}

impl Store for Transaction<'_> {
    fn query(&mut self, sql: &str) -> Result<Vec<Option<String>>, StoreError> {
        query(self, sql)
    }

    fn execute(&mut self, sql: &str) -> Result<(), StoreError> {
        self.batch_execute(sql).map_err(refused)
    }

    fn copy(&mut self, sql: &str, rows: &mut CopyRows<'_>) -> Result<(), StoreError> {
        copy(self, sql, rows)
    }
}

pub(super) fn refused(error: postgres::Error) -> StoreError {
    Refusal::from(error).into()
}

fn query(client: &mut impl GenericClient, sql: &str) -> Result<Vec<Option<String>>, StoreError> {
    first_row(client.simple_query(sql).map_err(refused)?)
}

/// Returns the columns of the first row among a query's messages.
pub(super) fn first_row(
    messages: Vec<SimpleQueryMessage>,
) -> Result<Vec<Option<String>>, StoreError> {
    let row = messages.into_iter().find_map(|message| match message {
        SimpleQueryMessage::Row(row) => Some(row),
        _ => None,
    });
    let row = row.ok_or_else(StoreError::answer)?;
    Ok((0..row.len()).map(|at| row.get(at).map(str::to_owned)).collect())
}

fn copy(
    client: &mut impl GenericClient,
    sql: &str,
    rows: &mut CopyRows<'_>,
) -> Result<(), StoreError> {
    let mut writer = client.copy_in(sql).map_err(refused)?;
    // A writer that is dropped gives the copy up.
    for some in rows {
        if writer.write_all(&some?).is_err() {
            // The server has said why: finishing brings its answer.
            break;
        }
    }
    writer.finish().map_err(refused)?;
    Ok(())
}
