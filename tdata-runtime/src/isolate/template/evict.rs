//! Templates that make room for others: each takes some megabytes, on most servers of memory.

use tdata_postgres::Refusal;

use super::records::{self, Kind};
use crate::isolate::reuse::drop_waiting;
use crate::server::Server;

/// The most templates and layers that a server keeps. A suite that takes more of them builds the oldest
/// again when it comes back to them.
const MOST: i64 = 100;

/// Drops the oldest templates and layers, so that another has room.
pub(super) fn make_room(server: &Server) -> Result<(), Refusal> {
    // First nobody finds them; who has found one already builds it again.
    let sql = "UPDATE template SET ready = false WHERE database IN \
                 (SELECT database FROM template WHERE ready ORDER BY made DESC OFFSET $1 \
                  FOR UPDATE SKIP LOCKED) \
               RETURNING kind, fingerprint, database";
    let oldest: Vec<(String, String, String)> = server.control(|client| {
        let rows = client.query(sql, &[&(MOST - 1)])?;
        Ok(rows.iter().map(|row| (row.get(0), row.get(1), row.get(2))).collect())
    })?;
    for (kind, fingerprint, database) in oldest {
        if kind == Kind::Template.to_string() {
            records::withdraw_file(server, &fingerprint, &database);
            drop_waiting(server, &database)?;
        }
        records::leave(server, &database)?;
    }
    Ok(())
}
