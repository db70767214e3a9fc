//! What a session needs for many rows: memory to sort and compare them.

use postgres::Transaction;

/// From so many rows on, the memory that a server gives every session is little.
const MANY: u64 = 100_000;

/// For indexes and foreign keys, and for comparing rows. A session takes of it what it needs.
const MEMORY: &str = "256MB";

/// Returns the statement that lets a transaction have more memory for so many rows, unless it has more already; `None` where
/// they are few. Only the session's own settings change, and only until the transaction ends.
pub(crate) fn more_memory(rows: u64) -> Option<String> {
    (rows >= MANY).then(|| {
        format!(
            "SELECT pg_catalog.set_config(name, '{MEMORY}', true) \
             FROM pg_catalog.unnest(ARRAY['maintenance_work_mem', 'work_mem']) AS t(name) \
             WHERE pg_catalog.pg_size_bytes(pg_catalog.current_setting(name)) < pg_catalog.pg_size_bytes('{MEMORY}')"
        )
    })
}

/// Lets a transaction have it.
pub(super) fn prepare(transaction: &mut Transaction<'_>, rows: u64) -> Result<(), postgres::Error> {
    more_memory(rows).map_or(Ok(()), |sql| transaction.batch_execute(&sql))
}
