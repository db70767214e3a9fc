//! Takes away what a provision has added to a database.

use postgres::{Client, Transaction};

use super::ledger::{Entry, EntryDataset, entry, forget, lock};
use crate::error::JobError;

/// What was taken away.
#[derive(Clone, Debug)]
pub struct Cleaned {
    /// The datasets, children first.
    pub datasets: Vec<CleanedDataset>,
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
    /// Whether its table was dropped.
    pub is_dropped: bool,
}

/// Takes away what a provision has added to a database: its rows, and the tables that it made. Rows of others stay, and so do
/// tables that have some. All is one transaction.
///
/// The rows are those that the provision's transaction added, and nobody has changed since.
///
/// # Errors
///
/// If the ledger has no such provision, if rows of others reference its rows, or what the database refuses.
pub fn cleanup(client: &mut Client, id: &str) -> Result<Cleaned, JobError> {
    lock(client)?;
    let entry = entry(client, id)?;
    if !entry.is_recent {
        return Err(JobError::asked(
            format!("`{id}` is so old that its rows are not known from others any more"),
            "delete its rows by hand",
        ));
    }
    let mut transaction = client.transaction().map_err(JobError::database)?;
    let cleaned = take_away(&mut transaction, &entry)?;
    forget(&mut transaction, &entry.id)?;
    transaction.commit().map_err(JobError::database)?;
    Ok(cleaned)
}

/// Takes all of an entry away but the entry.
pub(super) fn take_away(
    transaction: &mut Transaction<'_>,
    entry: &Entry,
) -> Result<Cleaned, JobError> {
    let mut datasets = Vec::new();
    // Circles of references have no order in which to delete.
    transaction.batch_execute("SET CONSTRAINTS ALL DEFERRED").map_err(JobError::database)?;
    for dataset in entry.datasets.iter().rev() {
        datasets.push(take_rows(transaction, entry, dataset)?);
    }
    let made = entry.datasets.iter().rev().zip(&mut datasets);
    let mut to_drop = Vec::new();
    for (dataset, cleaned) in made.filter(|(dataset, _)| dataset.is_made) {
        if is_there(transaction, dataset)? && is_empty(transaction, dataset)? {
            to_drop.push(dataset.table.clone());
            cleaned.is_dropped = true;
        }
    }
    if !to_drop.is_empty() {
        // Together, as they may reference each other.
        let drop = format!("DROP TABLE {}", to_drop.join(", "));
        transaction.batch_execute(&drop).map_err(JobError::database)?;
    }
    Ok(Cleaned { datasets })
}

fn is_there(transaction: &mut Transaction<'_>, dataset: &EntryDataset) -> Result<bool, JobError> {
    let found = transaction.query_one("SELECT to_regclass($1) IS NOT NULL", &[&dataset.table]);
    Ok(found.map_err(JobError::database)?.get(0))
}

fn is_empty(transaction: &mut Transaction<'_>, dataset: &EntryDataset) -> Result<bool, JobError> {
    let sql = format!("SELECT NOT EXISTS (SELECT FROM {})", dataset.table);
    Ok(transaction.query_one(&sql, &[]).map_err(JobError::database)?.get(0))
}

fn take_rows(
    transaction: &mut Transaction<'_>,
    entry: &Entry,
    dataset: &EntryDataset,
) -> Result<CleanedDataset, JobError> {
    let mut deleted = 0;
    if dataset.rows > 0 && is_there(transaction, dataset)? {
        // Of a transaction's number, rows keep the lower 32 bits.
        let sql = format!(
            "DELETE FROM {} WHERE xmin = ($1::text::numeric % 4294967296)::text::xid",
            dataset.table
        );
        deleted = transaction.execute(&sql, &[&entry.transaction]).map_err(JobError::database)?;
    }
    Ok(CleanedDataset {
        name: dataset.name.clone(),
        deleted,
        changed: dataset.rows.saturating_sub(deleted),
        is_dropped: false,
    })
}
