//! Templates that make room for others: each takes some megabytes, on most servers of memory.

use super::records;
use crate::isolate::reuse::drop_waiting;
use crate::server::Server;
use tdata_factory::store::Refusal;

/// The most templates, and the most layers, that a server keeps. A suite that takes more of them builds the oldest
/// again when it comes back to them.
const MOST: i64 = 100;

/// Drops the oldest templates and layers, so that another has room.
pub(super) fn make_room(server: &Server) -> Result<(), Refusal> {
    for (fingerprint, database) in oldest(server, "template", "fingerprint")? {
        // First nobody finds it; who has found it already builds it again.
        records::withdraw(server, &fingerprint)?;
        if let Ok(fingerprint) = fingerprint.parse() {
            drop_waiting(server, fingerprint)?;
        }
        records::leave(server, &database)?;
    }
    for (key, database) in oldest(server, "layer", "key")? {
        server.drop_database(&database)?;
        server.control(|client| client.execute("DELETE FROM layer WHERE key = $1", &[&key]))?;
    }
    Ok(())
}

/// Takes those that are too many out of a table of the control database, as names and databases.
fn oldest(server: &Server, table: &str, name: &str) -> Result<Vec<(String, String)>, Refusal> {
    let sql = format!(
        "UPDATE {table} SET ready = false WHERE {name} IN \
           (SELECT {name} FROM {table} WHERE ready ORDER BY made \
            LIMIT greatest(0, (SELECT count(*) FROM {table} WHERE ready) - $1 + 1) \
            FOR UPDATE SKIP LOCKED) \
         RETURNING {name}, database"
    );
    server.control(|client| {
        Ok(client.query(&sql, &[&MOST])?.iter().map(|row| (row.get(0), row.get(1))).collect())
    })
}
