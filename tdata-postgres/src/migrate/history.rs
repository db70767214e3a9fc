//! The table in which a tool keeps what has run.

use postgres::Client;
use tdata_core::sql::{TableName, quote_identifier, quote_literal};

use super::error::MigrateError;
use super::migration::{Identity, Migration};

/// The table in which a tool keeps what has run.
pub(super) struct History {
    /// Its usual name, with its schema where that is always the same.
    pub(super) table: &'static str,
    pub(super) when: When,
    /// Makes it, if it is not there.
    pub(super) create: fn(&TableName) -> String,
    /// Enters a migration.
    pub(super) record: fn(&Record<'_>) -> String,
}

/// When a migration is entered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum When {
    /// In the migration's own transaction, where it has one.
    Within,
    /// Behind it.
    Behind,
}

/// A migration that has run.
pub(super) struct Record<'a> {
    pub(super) table: &'a TableName,
    pub(super) identity: &'a Identity,
    pub(super) migration: &'a Migration,
    /// The migrations of the folder up to this one.
    pub(super) run: &'a [&'a Migration],
    pub(super) nanoseconds: u128,
}

/// Enters no more than the version, as several tools do.
pub(super) fn record_version(Record { table, identity, .. }: &Record<'_>) -> String {
    let version = quote_literal(&identity.version);
    format!("INSERT INTO {table} (version) VALUES ({version}) ON CONFLICT DO NOTHING")
}

/// A table of a database in which what runs is entered.
pub(super) struct HistoryTable<'a> {
    pub(super) history: &'a History,
    table: TableName,
    run: Vec<&'a Migration>,
}

impl<'a> HistoryTable<'a> {
    /// Makes the table. It is in the schema that comes first, unless its name says another; `only` is the one
    /// schema that all tables are in, if there is one.
    pub(super) fn make(
        client: &mut Client,
        history: &'a History,
        name: Option<&str>,
        only: Option<&str>,
    ) -> Result<Self, MigrateError> {
        let name = name.unwrap_or(history.table);
        let Some(mut table) = TableName::parse(name) else {
            return Err(MigrateError::HistoryName { name: name.to_owned() });
        };
        let refused = |error: postgres::Error| MigrateError::History {
            table: name.to_owned(),
            refusal: error.into(),
        };
        match (&mut table.schema, only) {
            (Some(schema), Some(only)) => *schema = only.to_owned(),
            (Some(schema), None) => {
                let sql = format!("CREATE SCHEMA IF NOT EXISTS {}", quote_identifier(schema));
                client.batch_execute(&sql).map_err(refused)?;
            }
            (first @ None, _) => {
                let sql = "SELECT pg_catalog.current_schema()::pg_catalog.text";
                *first = client.query_one(sql, &[]).map_err(refused)?.get(0);
            }
        }
        client.batch_execute(&(history.create)(&table)).map_err(refused)?;
        Ok(Self { history, table, run: Vec::new() })
    }

    /// Enters a migration.
    pub(super) fn enter(
        &mut self,
        client: &mut Client,
        migration: &'a Migration,
        nanoseconds: u128,
    ) -> Result<(), MigrateError> {
        if !migration.identity.is_entered {
            return Ok(());
        }
        self.run.push(migration);
        let (table, run, identity) = (&self.table, self.run.as_slice(), &migration.identity);
        let record = Record { table, identity, migration, run, nanoseconds };
        client.batch_execute(&(self.history.record)(&record)).map_err(|error| {
            MigrateError::History { table: table.to_string(), refusal: error.into() }
        })
    }
}
