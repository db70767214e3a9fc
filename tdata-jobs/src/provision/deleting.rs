//! Deletes the rows of an entry.

use postgres::Transaction;
use postgres::error::SqlState;

use super::entry::{Entry, EntryDataset};
use super::held::{is_there, try_to};
use super::references::Key;
use crate::error::JobError;

/// A table of an entry, and the rows in it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Filled<'a> {
    pub(super) dataset: &'a EntryDataset,
    /// How many rows are the entry's.
    pub(super) own: u64,
    /// How many are of others.
    pub(super) others: u64,
}

impl<'a> Filled<'a> {
    /// Counts the rows of a table.
    pub(super) fn count(
        transaction: &mut Transaction<'_>,
        entry: &Entry,
        dataset: &'a EntryDataset,
    ) -> Result<Self, JobError> {
        let sql = format!(
            "SELECT count(*) FILTER (WHERE is_own), count(*) FILTER (WHERE NOT is_own) \
             FROM (SELECT xmin = ANY ($1::text[]::xid[]) AS is_own FROM {}) AS rows",
            dataset.table
        );
        let row = transaction.query_one(&sql, &[&entry.transactions]);
        let row = row.map_err(JobError::database)?;
        let count = |at| row.get::<_, i64>(at).unsigned_abs();
        Ok(Self { dataset, own: count(0), others: count(1) })
    }
}

/// Deletes the rows of an entry from tables that stay. Returns what to know about it.
pub(super) fn delete(
    transaction: &mut Transaction<'_>,
    entry: &Entry,
    tables: &[Filled<'_>],
    keys: &[Key],
) -> Result<Vec<String>, JobError> {
    let stays = |table: &str| tables.iter().any(|filled| filled.dataset.table == table);
    let slow = |key: &&Key, tables: &[Filled<'_>]| {
        let is_deleted = |filled: &Filled<'_>| filled.dataset.table == key.parent && filled.own > 0;
        !key.has_index && tables.iter().any(is_deleted)
    };
    // Tables that were dropped reference nothing any more.
    let keys: Vec<&Key> = keys.iter().filter(|key| stays(&key.parent)).collect();
    let mut left = tables.to_vec();
    if keys.iter().any(|key| slow(key, tables)) {
        let emptied = emptied(transaction, tables, &keys)?;
        left.retain(|filled| !emptied.contains(&filled.dataset.table));
    }
    delete_each(transaction, entry, &left)?;
    let mut warnings = Vec::new();
    for key in keys.iter().filter(|key| slow(key, &left)) {
        if is_there(transaction, &key.child)? {
            warnings.push(key.without_index());
        }
    }
    Ok(warnings)
}

/// Empties tables that have no rows of others, and that no other tables reference. Returns those that it emptied.
fn emptied(
    transaction: &mut Transaction<'_>,
    tables: &[Filled<'_>],
    keys: &[&Key],
) -> Result<Vec<String>, JobError> {
    /// Triggers that see rows go are not passed over: `TRIGGER_TYPE_DELETE` is 8, `TRIGGER_TYPE_TRUNCATE` 32.
    const MAY: &str = "\
        SELECT has_table_privilege($1::text, 'TRUNCATE') AND NOT EXISTS (SELECT FROM pg_trigger WHERE NOT tgisinternal \
          AND tgenabled <> 'D' AND tgtype::int4 & 40 <> 0 AND tgrelid IN ( \
            SELECT to_regclass($1)::oid UNION SELECT relid::oid FROM pg_partition_tree(to_regclass($1))))";
    let mut emptied: Vec<String> = Vec::new();
    for filled in tables.iter().filter(|filled| filled.others == 0) {
        let may = transaction.query_one(MAY, &[&filled.dataset.table]);
        if may.map_err(JobError::database)?.get(0) {
            emptied.push(filled.dataset.table.clone());
        }
    }
    let is_referenced = |table: &String, emptied: &[String]| {
        keys.iter().any(|key| key.parent == *table && !emptied.contains(&key.child))
    };
    while let Some(at) = emptied.iter().position(|table| is_referenced(table, &emptied)) {
        emptied.remove(at);
    }
    let sql = format!("TRUNCATE {}", emptied.join(", "));
    match emptied.is_empty() || try_to(transaction, &sql, &[SqlState::FEATURE_NOT_SUPPORTED])? {
        true => Ok(emptied),
        false => Ok(Vec::new()),
    }
}

/// Deletes rows in one statement, so that each is known as the entry's until it goes, whatever foreign keys and triggers do then. It
/// is an error if some stay.
fn delete_each(
    transaction: &mut Transaction<'_>,
    entry: &Entry,
    tables: &[Filled<'_>],
) -> Result<(), JobError> {
    let tables: Vec<&Filled<'_>> = tables.iter().filter(|filled| filled.own > 0).collect();
    if tables.is_empty() {
        return Ok(());
    }
    let deletes = tables.iter().enumerate().map(|(at, filled)| {
        let table = &filled.dataset.table;
        format!("t{at} AS (DELETE FROM {table} WHERE xmin = ANY ($1::text[]::xid[]) RETURNING 1)")
    });
    let deletes = deletes.collect::<Vec<_>>().join(", ");
    let counts = (0..tables.len()).map(|at| format!("(SELECT count(*) FROM t{at})"));
    let sql = format!("WITH {deletes} SELECT {}", counts.collect::<Vec<_>>().join(", "));
    let row = transaction.query_one(&sql, &[&entry.transactions]).map_err(JobError::database)?;
    let mut kept = String::new();
    for (at, filled) in tables.iter().enumerate() {
        let stayed = filled.own.saturating_sub(row.get::<_, i64>(at).unsigned_abs());
        if stayed > 0 {
            kept.push_str(&format!("\n  {stayed} of {}", filled.dataset.table));
        }
    }
    match kept.is_empty() {
        true => Ok(()),
        false => Err(JobError::in_the_way(
            format!(
                "rows that were to be deleted stay:{kept}\nA trigger of the database may have done this. Nothing was taken away"
            ),
            "triggers = \"off\" in tdata.toml lets triggers rest",
        )),
    }
}
