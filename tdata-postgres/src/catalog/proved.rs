//! The foreign keys that the database itself has proved for every row.

use postgres::GenericClient;
use postgres::types::Type;

/// A foreign key that holds for every row of its table, as the database has proved.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProvedKey {
    /// The table, by place among those that were asked for.
    pub table: usize,
    /// Its columns.
    pub columns: Vec<String>,
    /// The table that they lead to, by place likewise.
    pub parent: usize,
    /// The columns there, in the same order.
    pub parent_columns: Vec<String>,
}

/// What is not enforced, not validated, or has a trigger that does not fire, proves nothing. The parts of a key of partitions
/// have triggers of their own. Before PostgreSQL 18 all keys are enforced, and the catalog has no column for it.
const PROVED: &str = "\
WITH RECURSIVE tables AS (
  SELECT at - 1 AS place, to_regclass(name)::oid AS oid FROM unnest($1::text[]) WITH ORDINALITY AS t(name, at)
), keys AS (
  SELECT f.oid AS key, f.oid, f.convalidated, coalesce((to_jsonb(f) ->> 'conenforced')::boolean, true) AS is_enforced
  FROM pg_constraint f JOIN tables c ON c.oid = f.conrelid JOIN tables p ON p.oid = f.confrelid
  WHERE f.contype = 'f'
  UNION
  SELECT k.key, f.oid, f.convalidated, coalesce((to_jsonb(f) ->> 'conenforced')::boolean, true)
  FROM keys k JOIN pg_constraint f ON f.conparentid = k.oid AND f.contype = 'f'
), proved AS (
  SELECT key FROM keys k GROUP BY key
  HAVING bool_and(convalidated AND is_enforced
    AND NOT EXISTS (SELECT FROM pg_trigger g WHERE g.tgconstraint = k.oid AND g.tgenabled NOT IN ('O', 'A')))
)
SELECT c.place::int8 AS place, p.place::int8 AS parent,
       ARRAY(SELECT a.attname::text FROM unnest(f.conkey) WITH ORDINALITY AS k(attnum, at)
             JOIN pg_attribute a ON a.attrelid = f.conrelid AND a.attnum = k.attnum ORDER BY k.at) AS columns,
       ARRAY(SELECT a.attname::text FROM unnest(f.confkey) WITH ORDINALITY AS k(attnum, at)
             JOIN pg_attribute a ON a.attrelid = f.confrelid AND a.attnum = k.attnum ORDER BY k.at) AS parent_columns
FROM proved JOIN pg_constraint f ON f.oid = proved.key
JOIN tables c ON c.oid = f.conrelid JOIN tables p ON p.oid = f.confrelid
ORDER BY f.oid, 1, 2";

/// Finds the foreign keys among some tables, named as SQL takes them, that the database has proved for every row: who added a
/// row was checked, and those that were there when the key was made, too.
///
/// What was loaded while the session skipped such checks (`session_replication_role = replica`) is not seen.
///
/// # Errors
///
/// What the database refuses.
pub fn proved_keys(
    client: &mut impl GenericClient,
    tables: &[String],
) -> Result<Vec<ProvedKey>, postgres::Error> {
    let rows = client.query_typed(PROVED, &[(&tables, Type::TEXT_ARRAY)])?;
    let place = |number: i64| usize::try_from(number).unwrap_or(usize::MAX);
    let keys = rows.iter().map(|row| ProvedKey {
        table: place(row.get("place")),
        columns: row.get("columns"),
        parent: place(row.get("parent")),
        parent_columns: row.get("parent_columns"),
    });
    Ok(keys.collect())
}
