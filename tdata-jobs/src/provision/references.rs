//! Foreign keys that lead to rows which are to be deleted: rows of others would go with them, or be changed.

use postgres::Transaction;
use tdata_core::sql::quote_identifier;

use super::entry::{Entry, EntryDataset};
use crate::error::JobError;

/// A foreign key that leads to a table of an entry.
#[derive(Clone, Debug)]
pub(super) struct Key {
    name: String,
    /// The table that references.
    pub(super) child: String,
    columns: Vec<String>,
    /// The table that is referenced.
    pub(super) parent: String,
    parent_columns: Vec<String>,
    /// Whether an index finds the rows that reference a row.
    pub(super) has_index: bool,
}

/// The foreign keys that lead to a table.
const KEYS: &str = "\
SELECT c.conname::text AS name, format('%I.%I', n.nspname, r.relname) AS child,
       ARRAY(SELECT a.attname::text FROM unnest(c.conkey) WITH ORDINALITY AS k(num, at)
             JOIN pg_attribute a ON a.attrelid = c.conrelid AND a.attnum = k.num ORDER BY at) AS columns,
       ARRAY(SELECT a.attname::text FROM unnest(c.confkey) WITH ORDINALITY AS k(num, at)
             JOIN pg_attribute a ON a.attrelid = c.confrelid AND a.attnum = k.num ORDER BY at) AS parent_columns,
       EXISTS (SELECT FROM pg_index i WHERE i.indrelid = c.conrelid AND i.indisvalid AND i.indpred IS NULL
               AND i.indkey[0] = ANY (c.conkey)) AS has_index
FROM pg_constraint c JOIN pg_class r ON r.oid = c.conrelid JOIN pg_namespace n ON n.oid = r.relnamespace
WHERE c.contype = 'f' AND c.conparentid = 0 AND c.confrelid = to_regclass($1)
ORDER BY child, name";

/// Reads the foreign keys that lead to tables.
pub(super) fn keys_to<'a>(
    transaction: &mut Transaction<'_>,
    tables: impl Iterator<Item = &'a str>,
) -> Result<Vec<Key>, JobError> {
    let mut keys = Vec::new();
    for table in tables {
        let found = transaction.query(KEYS, &[&table]).map_err(JobError::database)?;
        keys.extend(found.iter().map(|row| Key {
            name: row.get("name"),
            child: row.get("child"),
            columns: row.get("columns"),
            parent: table.to_owned(),
            parent_columns: row.get("parent_columns"),
            has_index: row.get("has_index"),
        }));
    }
    Ok(keys)
}

impl Key {
    /// Says which index is missing.
    pub(super) fn without_index(&self) -> String {
        let columns: Vec<String> =
            self.columns.iter().map(|column| quote_identifier(column)).collect();
        format!(
            "{} has no index on {}, which references {}: PostgreSQL reads all of it for each row that is deleted",
            self.child,
            columns.join(", "),
            self.parent
        )
    }

    /// Writes which row `c` references which row `p`.
    fn on(&self) -> String {
        let pairs = self.columns.iter().zip(&self.parent_columns);
        let pairs = pairs.map(|(one, other)| {
            format!("c.{} = p.{}", quote_identifier(one), quote_identifier(other))
        });
        pairs.collect::<Vec<_>>().join(" AND ")
    }

    /// Tells how many rows reference by it.
    fn told(&self, count: i64) -> String {
        let rows = if count == 1 { "row" } else { "rows" };
        let (child, name, parent) = (&self.child, quote_identifier(&self.name), &self.parent);
        format!("\n  {count} {rows} of {child} by the foreign key {name}, to {parent}")
    }

    /// Counts the rows of others that reference an entry's rows.
    fn count(
        &self,
        transaction: &mut Transaction<'_>,
        entry: &Entry,
        datasets: &[&EntryDataset],
    ) -> Result<i64, JobError> {
        let on = self.on();
        // Rows of the entry itself go as well.
        let of_others = match datasets.iter().any(|dataset| dataset.table == self.child) {
            true => " AND NOT c.xmin = ANY ($1::text[]::xid[])",
            false => "",
        };
        let sql = format!(
            "SELECT count(*) FROM {} c JOIN {} p ON {on} WHERE p.xmin = ANY ($1::text[]::xid[]){of_others}",
            self.child, self.parent
        );
        let count = transaction.query_one(&sql, &[&entry.transactions]);
        Ok(count.map_err(JobError::database)?.get(0))
    }
}

/// Tells of rows of others that reference an entry's rows.
pub(super) fn tell_references(
    transaction: &mut Transaction<'_>,
    entry: &Entry,
    datasets: &[&EntryDataset],
    keys: &[Key],
) -> Result<(), JobError> {
    let mut told = Vec::new();
    for key in keys {
        let count = key.count(transaction, entry, datasets)?;
        told.extend((count > 0).then(|| key.told(count)));
    }
    match told.is_empty() {
        true => Ok(()),
        false => Err(JobError::Referenced { references: told.concat() }),
    }
}

/// Tells of rows of other tables that reference rows of some, all of which are to go.
pub(super) fn tell_referencing(
    transaction: &mut Transaction<'_>,
    tables: &[String],
) -> Result<(), JobError> {
    let names = "SELECT format('%I.%I', n.nspname, c.relname) FROM unnest($1::text[]) AS t(name) \
                 JOIN pg_class c ON c.oid = to_regclass(name) JOIN pg_namespace n ON n.oid = c.relnamespace";
    let names = transaction.query(names, &[&tables]).map_err(JobError::database)?;
    let names: Vec<String> = names.iter().map(|row| row.get(0)).collect();
    let keys = keys_to(transaction, names.iter().map(String::as_str))?;
    let mut told = Vec::new();
    for key in keys.iter().filter(|key| !names.contains(&key.child)) {
        let sql =
            format!("SELECT count(*) FROM {} c JOIN {} p ON {}", key.child, key.parent, key.on());
        let count: i64 = transaction.query_one(&sql, &[]).map_err(JobError::database)?.get(0);
        told.extend((count > 0).then(|| key.told(count)));
    }
    match told.is_empty() {
        true => Ok(()),
        false => Err(JobError::Asked {
            message: format!(
                "rows of other tables reference the rows that are to be replaced:{}",
                told.concat()
            ),
            help: Some(
                "name the datasets of those tables, too, or remove their rows first".to_owned(),
            ),
        }),
    }
}
