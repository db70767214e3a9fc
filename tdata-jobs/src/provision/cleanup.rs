//! Takes away what a provision has added to a database.

use postgres::error::SqlState;
use postgres::{Client, Transaction};
use tdata_core::project::Triggers;
use tdata_core::sql::quote_identifier;

use super::deleting::{Filled, delete};
use super::entry::{Entry, EntryDataset, find};
use super::held::{Resting, begin, hold, is_there, try_to};
use super::hidden::take_hidden_away;
use super::ledger::{forget, locked};
use super::references::{keys_to, tell_references};
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
    /// What to know about it.
    pub warnings: Vec<String>,
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
/// The rows are those that the provision's transactions added, and nobody has changed since. Whoever writes to the tables meanwhile
/// is waited for, or waits.
///
/// # Errors
///
/// If rows of others reference its rows, if some of its rows stay, or what the database refuses.
pub fn cleanup(client: &mut Client, id: &str, triggers: Triggers) -> Result<Cleaned, JobError> {
    locked(client, |client| match find(client, id)? {
        Some(entry) => clean(client, &entry, triggers),
        None => Ok(Cleaned::default()),
    })
}

/// Takes all of an entry away.
pub(super) fn clean(
    client: &mut Client,
    entry: &Entry,
    triggers: Triggers,
) -> Result<Cleaned, JobError> {
    if let Some(database) = &entry.database {
        let name = quote_identifier(database);
        // It is tdata's own, whoever is connected to it.
        let drop = format!("DROP DATABASE IF EXISTS {name} WITH (FORCE)");
        client.batch_execute(&drop).map_err(JobError::database)?;
    }
    let mut transaction = begin(client)?;
    let cleaned = clean_within(&mut transaction, entry, triggers)?;
    transaction.commit().map_err(JobError::database)?;
    Ok(cleaned)
}

/// Takes all of an entry away in a transaction, but for a database that was made for it.
pub(super) fn clean_within(
    transaction: &mut Transaction<'_>,
    entry: &Entry,
    triggers: Triggers,
) -> Result<Cleaned, JobError> {
    let mut cleaned =
        Cleaned { is_known: true, database: entry.database.clone(), ..Cleaned::default() };
    if entry.state == State::Loading {
        take_hidden_away(transaction, &entry.id)?;
        cleaned.datasets = entry.datasets.iter().rev().map(hidden).collect();
    } else if entry.database.is_none() {
        entry.tell_unknown_rows()?;
        take_away(transaction, entry, triggers, &mut cleaned)?;
    }
    cleaned.schemas = drop_schemas(transaction, entry)?;
    forget(transaction, &entry.id)?;
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
    triggers: Triggers,
    cleaned: &mut Cleaned,
) -> Result<(), JobError> {
    let mut there = Vec::new();
    for dataset in entry.datasets.iter().rev() {
        if (dataset.rows > 0 || dataset.is_made) && is_there(transaction, &dataset.table)? {
            there.push(dataset);
        }
    }
    hold(transaction, &there)?;
    let keys = keys_to(transaction, there.iter().map(|dataset| dataset.table.as_str()))?;
    let resting = Resting::begin(transaction, &there, &keys, triggers)?;
    tell_references(transaction, entry, &there, &keys)?;
    let mut filled = Vec::new();
    for dataset in &there {
        filled.push(Filled::count(transaction, entry, dataset)?);
    }
    // Tables go first: a table whose rows are checked in the end cannot be dropped.
    let to_drop = filled.iter().filter(|filled| filled.dataset.is_made && filled.others == 0);
    let to_drop: Vec<&str> = to_drop.map(|filled| filled.dataset.table.as_str()).collect();
    let needed = drop_tables(transaction, &to_drop)?;
    let is_dropped =
        |table: &str| to_drop.contains(&table) && !needed.iter().any(|one| one == table);
    let staying = filled.iter().filter(|filled| !is_dropped(&filled.dataset.table));
    let staying: Vec<Filled<'_>> = staying.copied().collect();
    cleaned.warnings = delete(transaction, entry, &staying, &keys)?;
    resting.end(transaction)?;
    cleaned.datasets = entry
        .datasets
        .iter()
        .rev()
        .map(|dataset| {
            let of_table = filled.iter().find(|filled| filled.dataset.name == dataset.name);
            let deleted = of_table.map_or(0, |filled| filled.own);
            let table = match of_table.filter(|filled| filled.dataset.is_made) {
                None => CleanedTable::Left,
                Some(filled) if filled.others > 0 => CleanedTable::HasRows,
                Some(_) if needed.contains(&dataset.table) => CleanedTable::Needed,
                Some(_) => CleanedTable::Dropped,
            };
            let changed = dataset.rows.saturating_sub(deleted);
            CleanedDataset { name: dataset.name.clone(), deleted, changed, table }
        })
        .collect();
    Ok(())
}

/// Drops tables, as far as nothing else needs them. Returns those that are needed.
fn drop_tables(
    transaction: &mut Transaction<'_>,
    tables: &[&str],
) -> Result<Vec<String>, JobError> {
    // Together, as they may reference each other; else one by one, children first.
    let all = format!("DROP TABLE {}", tables.join(", "));
    if tables.is_empty() || try_to(transaction, &all, &NEEDED)? {
        return Ok(Vec::new());
    }
    let mut needed = Vec::new();
    for table in tables {
        if !try_to(transaction, &format!("DROP TABLE {table}"), &NEEDED)? {
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
        if try_to(transaction, &drop, &NEEDED)? {
            dropped.push(schema.clone());
        }
    }
    Ok(dropped)
}

/// What PostgreSQL refuses to drop as something else needs it.
const NEEDED: [SqlState; 1] = [SqlState::DEPENDENT_OBJECTS_STILL_EXIST];
