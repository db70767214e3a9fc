//! Takes away what a provision has added to a database.

use postgres::error::SqlState;
use postgres::{Client, Transaction};
use tdata_core::sql::quote_identifier;

use super::entry::{Entry, EntryDataset, find};
use super::hidden::take_hidden_away;
use super::ledger::{forget, lock};
use super::references::tell_references;
use super::state::State;
use crate::error::JobError;

/// What was taken away.
#[derive(Clone, Debug, Default)]
pub struct Cleaned {
    /// Whether there was anything of this ID.
    pub is_known: bool,
    /// The datasets, children first.
    pub datasets: Vec<CleanedDataset>,
    /// The schemas that were dropped.
    pub schemas: Vec<String>,
    /// The database that was dropped.
    pub database: Option<String>,
}

/// What was taken away of a dataset.
#[derive(Clone, Debug)]
pub struct CleanedDataset {
    /// Its name.
    pub name: String,
    /// How many rows were deleted.
    pub deleted: u64,
    /// How many of its rows somebody has changed or deleted since. Changed ones are left.
    pub changed: u64,
    /// What became of its table.
    pub table: CleanedTable,
}

/// What became of a dataset's table.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CleanedTable {
    /// It was there before, or is gone.
    Left,
    /// The provision had made it, and it was dropped.
    Dropped,
    /// The provision had made it, and it stays: it has rows of others.
    HasRows,
    /// The provision had made it, and it stays: something else needs it, such as a view or a foreign key.
    Needed,
}

/// Takes away what a provision has added to a database: its rows, and the tables, schemas and the database that it made. Rows of
/// others stay, and so do tables that have some, or that something else needs. All is one transaction, unless it is a database
/// that goes. What is not there any more is no mistake.
///
/// The rows are those that the provision's transactions added, and nobody has changed since.
///
/// # Errors
///
/// If rows of others reference its rows, or what the database refuses.
pub fn cleanup(client: &mut Client, id: &str) -> Result<Cleaned, JobError> {
    lock(client)?;
    match find(client, id)? {
        Some(entry) => clean(client, &entry),
        None => Ok(Cleaned::default()),
    }
}

/// Takes all of an entry away.
pub(super) fn clean(client: &mut Client, entry: &Entry) -> Result<Cleaned, JobError> {
    let mut cleaned = Cleaned { is_known: true, ..Cleaned::default() };
    if let Some(database) = &entry.database {
        let name = quote_identifier(database);
        // It is tdata's own, whoever is connected to it.
        let drop = format!("DROP DATABASE IF EXISTS {name} WITH (FORCE)");
        client.batch_execute(&drop).map_err(JobError::database)?;
        cleaned.database = Some(database.clone());
    }
    let mut transaction = client.transaction().map_err(JobError::database)?;
    if entry.state == State::Loading {
        take_hidden_away(&mut transaction, &entry.id)?;
        cleaned.datasets = entry.datasets.iter().rev().map(hidden).collect();
    } else if entry.database.is_none() {
        if !entry.is_recent {
            return Err(JobError::asked(
                format!(
                    "`{}` is so old that its rows are not known from others any more",
                    entry.id
                ),
                "delete its rows by hand",
            ));
        }
        cleaned.datasets = take_away(&mut transaction, entry)?;
        cleaned.schemas = drop_schemas(&mut transaction, entry)?;
    }
    forget(&mut transaction, &entry.id)?;
    transaction.commit().map_err(JobError::database)?;
    Ok(cleaned)
}

/// What was taken away of a dataset that was still loading.
fn hidden(dataset: &EntryDataset) -> CleanedDataset {
    let table = if dataset.is_made { CleanedTable::Dropped } else { CleanedTable::Left };
    let (name, deleted) = (dataset.name.clone(), dataset.loaded);
    CleanedDataset { name, deleted, changed: 0, table }
}

/// Takes the rows and tables of an entry away.
fn take_away(
    transaction: &mut Transaction<'_>,
    entry: &Entry,
) -> Result<Vec<CleanedDataset>, JobError> {
    let mut there = Vec::new();
    for dataset in entry.datasets.iter().rev() {
        if (dataset.rows > 0 || dataset.is_made) && is_there(transaction, dataset)? {
            there.push(dataset);
        }
    }
    tell_references(transaction, entry, &there)?;
    let mut cleaned = Vec::new();
    let mut to_drop = Vec::new();
    for dataset in entry.datasets.iter().rev() {
        let is_there = there.iter().any(|one| one.name == dataset.name);
        let (mut deleted, mut table) = (0, CleanedTable::Left);
        if is_there {
            let [own, others] = count(transaction, entry, dataset)?;
            deleted = own;
            if dataset.is_made {
                table = if others > 0 { CleanedTable::HasRows } else { CleanedTable::Dropped };
                to_drop.extend((others == 0).then_some(dataset.table.as_str()));
            }
        }
        let changed = dataset.rows.saturating_sub(deleted);
        cleaned.push(CleanedDataset { name: dataset.name.clone(), deleted, changed, table });
    }
    // Tables go first: a table whose rows are checked in the end cannot be dropped.
    let needed = drop_tables(transaction, &to_drop)?;
    // Circles of references have no order in which to delete.
    transaction.batch_execute("SET CONSTRAINTS ALL DEFERRED").map_err(JobError::database)?;
    for (dataset, cleaned) in entry.datasets.iter().rev().zip(&mut cleaned) {
        if needed.contains(&dataset.table) {
            cleaned.table = CleanedTable::Needed;
        }
        if cleaned.table != CleanedTable::Dropped && cleaned.deleted > 0 {
            cleaned.deleted = delete(transaction, entry, dataset)?;
        }
    }
    Ok(cleaned)
}

fn is_there(transaction: &mut Transaction<'_>, dataset: &EntryDataset) -> Result<bool, JobError> {
    let found = transaction.query_one("SELECT to_regclass($1) IS NOT NULL", &[&dataset.table]);
    Ok(found.map_err(JobError::database)?.get(0))
}

/// Counts the rows of an entry in a table, and those of others.
fn count(
    transaction: &mut Transaction<'_>,
    entry: &Entry,
    dataset: &EntryDataset,
) -> Result<[u64; 2], JobError> {
    let sql = format!(
        "SELECT count(*) FILTER (WHERE is_own), count(*) FILTER (WHERE NOT is_own) \
         FROM (SELECT xmin = ANY ($1::text[]::xid[]) AS is_own FROM {}) AS rows",
        dataset.table
    );
    let row = transaction.query_one(&sql, &[&entry.transactions]).map_err(JobError::database)?;
    Ok([0, 1].map(|at| u64::try_from(row.get::<_, i64>(at)).unwrap_or_default()))
}

fn delete(
    transaction: &mut Transaction<'_>,
    entry: &Entry,
    dataset: &EntryDataset,
) -> Result<u64, JobError> {
    let sql = format!("DELETE FROM {} WHERE xmin = ANY ($1::text[]::xid[])", dataset.table);
    transaction.execute(&sql, &[&entry.transactions]).map_err(JobError::database)
}

/// Drops tables, as far as nothing else needs them. Returns those that are needed.
fn drop_tables(
    transaction: &mut Transaction<'_>,
    tables: &[&str],
) -> Result<Vec<String>, JobError> {
    // Together, as they may reference each other; else one by one, children first.
    if tables.is_empty() || try_to(transaction, &format!("DROP TABLE {}", tables.join(", ")))? {
        return Ok(Vec::new());
    }
    let mut needed = Vec::new();
    for table in tables {
        if !try_to(transaction, &format!("DROP TABLE {table}"))? {
            needed.push((*table).to_owned());
        }
    }
    Ok(needed)
}

/// Drops the schemas that an entry made, as far as nothing is in them.
fn drop_schemas(transaction: &mut Transaction<'_>, entry: &Entry) -> Result<Vec<String>, JobError> {
    let mut dropped = Vec::new();
    for schema in &entry.schemas {
        let drop = format!("DROP SCHEMA IF EXISTS {}", quote_identifier(schema));
        if try_to(transaction, &drop)? {
            dropped.push(schema.clone());
        }
    }
    Ok(dropped)
}

/// Drops something, unless something else needs it. Returns whether it was dropped.
fn try_to(transaction: &mut Transaction<'_>, sql: &str) -> Result<bool, JobError> {
    let mut attempt = transaction.transaction().map_err(JobError::database)?;
    match attempt.batch_execute(sql) {
        Ok(()) => attempt.commit().map(|()| true).map_err(JobError::database),
        Err(error) if error.code() == Some(&SqlState::DEPENDENT_OBJECTS_STILL_EXIST) => {
            attempt.rollback().map(|()| false).map_err(JobError::database)
        }
        Err(error) => Err(JobError::database(error)),
    }
}
