//! Finds rows of others that reference rows which are to be deleted: these would go with them, or be changed.

use postgres::Transaction;
use tdata_core::sql::quote_identifier;

use super::entry::{Entry, EntryDataset};
use crate::error::JobError;

/// The foreign keys that lead to a table.
const KEYS: &str = "\
SELECT c.conname::text AS name, format('%I.%I', n.nspname, r.relname) AS child,
       ARRAY(SELECT a.attname::text FROM unnest(c.conkey) WITH ORDINALITY AS k(num, at)
             JOIN pg_attribute a ON a.attrelid = c.conrelid AND a.attnum = k.num ORDER BY at) AS columns,
       ARRAY(SELECT a.attname::text FROM unnest(c.confkey) WITH ORDINALITY AS k(num, at)
             JOIN pg_attribute a ON a.attrelid = c.confrelid AND a.attnum = k.num ORDER BY at) AS parent_columns
FROM pg_constraint c JOIN pg_class r ON r.oid = c.conrelid JOIN pg_namespace n ON n.oid = r.relnamespace
WHERE c.contype = 'f' AND c.conparentid = 0 AND c.confrelid = to_regclass($1)
ORDER BY child, name";

/// Tells of rows of others that reference an entry's rows.
pub(super) fn tell_references(
    transaction: &mut Transaction<'_>,
    entry: &Entry,
    datasets: &[&EntryDataset],
) -> Result<(), JobError> {
    let mut told = Vec::new();
    for dataset in datasets.iter().filter(|dataset| dataset.rows > 0) {
        for key in transaction.query(KEYS, &[&dataset.table]).map_err(JobError::database)? {
            let (name, child): (String, String) = (key.get("name"), key.get("child"));
            let (columns, parents): (Vec<String>, Vec<String>) =
                (key.get("columns"), key.get("parent_columns"));
            let pairs = columns.iter().zip(&parents);
            let pairs = pairs.map(|(one, other)| {
                format!("c.{} = p.{}", quote_identifier(one), quote_identifier(other))
            });
            let on = pairs.collect::<Vec<_>>().join(" AND ");
            // Rows of the entry itself go as well.
            let of_others = match datasets.iter().any(|dataset| dataset.table == child) {
                true => " AND NOT c.xmin = ANY ($1::text[]::xid[])",
                false => "",
            };
            let sql = format!(
                "SELECT count(*) FROM {child} c JOIN {} p ON {on} WHERE p.xmin = ANY ($1::text[]::xid[]){of_others}",
                dataset.table
            );
            let count = transaction.query_one(&sql, &[&entry.transactions]);
            let count: i64 = count.map_err(JobError::database)?.get(0);
            if count > 0 {
                let rows = if count == 1 { "row" } else { "rows" };
                told.push(format!(
                    "\n  {count} {rows} of {child} by the foreign key {}, to {}",
                    quote_identifier(&name),
                    dataset.table
                ));
            }
        }
    }
    match told.is_empty() {
        true => Ok(()),
        false => Err(JobError::Referenced { references: told.concat() }),
    }
}
