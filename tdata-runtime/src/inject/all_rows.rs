//! Reads all rows of a table over a test's connection, whatever role it acts as, and whatever policies hide from that role.

use postgres::error::SqlState;
use postgres::{Client, Row};

/// Acts as the role that connected, and tells of policies that would hide rows.
const SEE: &str = "SET LOCAL ROLE NONE; SET LOCAL row_security = off";

/// How long a lock of the table is waited for.
const PATIENCE: &str = "SET LOCAL lock_timeout = '2s'";

/// Runs a query on a table, which SQL calls `table`. Nothing of the session is other than it was behind it. `in_transaction`
/// tells whether a transaction is open.
pub(super) fn query(
    client: &mut Client,
    sql: &str,
    table: &str,
    in_transaction: bool,
) -> Result<Vec<Row>, postgres::Error> {
    let rows = within(client, SEE, sql, in_transaction);
    match rows {
        // The owner of the table may lift for a moment what holds for itself.
        Err(error) if is_hidden(&error) => {
            let lift = format!(
                "{PATIENCE}; SET LOCAL ROLE NONE; ALTER TABLE {table} NO FORCE ROW LEVEL SECURITY; {SEE}"
            );
            within(client, &lift, sql, in_transaction).map_err(|_| error)
        }
        rows => rows,
    }
}

/// Tells whether the role may not see the rows.
fn is_hidden(error: &postgres::Error) -> bool {
    error.code() == Some(&SqlState::INSUFFICIENT_PRIVILEGE)
}

/// Runs a query behind some statements, and undoes these.
fn within(
    client: &mut Client,
    before: &str,
    sql: &str,
    in_transaction: bool,
) -> Result<Vec<Row>, postgres::Error> {
    let (begin, end) = match in_transaction {
        true => (
            "SAVEPOINT tdata_read",
            "ROLLBACK TO SAVEPOINT tdata_read; RELEASE SAVEPOINT tdata_read",
        ),
        false => ("BEGIN", "ROLLBACK"),
    };
    let begun = client.batch_execute(&format!("{begin}; {before}"));
    let rows = begun.and_then(|()| client.query(sql, &[]));
    let ended = client.batch_execute(end);
    let rows = rows?;
    ended.map(|()| rows)
}
