//! What other runs left behind on a server that is not ours.

use std::collections::HashSet;
use std::sync::OnceLock;

use parking_lot::Mutex;

use crate::isolate::drop_abandoned;
use crate::server::{Server, lease_of};
use tdata_factory::store::Refusal;

/// Drops the databases of runs that are no longer alive; once per process and server, and only where
/// they outlive the run.
pub(crate) fn sweep_once(server: &Server) {
    static SWEPT: OnceLock<Mutex<HashSet<String>>> = OnceLock::new();
    let mut swept = SWEPT.get_or_init(Mutex::default).lock();
    if !swept.insert(server.run().to_string()) {
        return;
    }
    if let Err(refusal) = sweep(server) {
        crate::notice!("could not look for what other runs left behind: {refusal}");
    }
}

fn sweep(server: &Server) -> Result<(), Refusal> {
    drop_abandoned(server)?;
    let databases = names_like(server, "tdata\\_%")?;
    for database in databases {
        let Some(lease) = lease_of(&database) else { continue };
        // Asked after the list was made: a run takes its lease before it makes a database.
        let alive = server.maintain(|client| {
            let sql = "SELECT EXISTS (SELECT FROM pg_stat_activity \
                       WHERE application_name LIKE $1 OR datname = $2)";
            Ok(client.query_one(sql, &[&lease, &database])?.get::<_, bool>(0))
        })?;
        if !alive {
            // Another process may sweep at the same time, or another role own it.
            let _ = drop_database(server, &database);
        }
    }
    Ok(())
}

/// Drops every database of this process's run.
pub(super) fn drop_all_of_run(server: &Server) -> Result<(), Refusal> {
    for database in names_like(server, &server.run().pattern())? {
        drop_database(server, &database)?;
    }
    Ok(())
}

fn names_like(server: &Server, pattern: &str) -> Result<Vec<String>, Refusal> {
    server.maintain(|client| {
        let sql = "SELECT datname::text FROM pg_database WHERE datname LIKE $1";
        let rows = client.query(sql, &[&pattern])?;
        Ok(rows.iter().map(|row| row.get(0)).collect())
    })
}

fn drop_database(server: &Server, database: &str) -> Result<(), Refusal> {
    let sql = format!("DROP DATABASE IF EXISTS {database} WITH (FORCE)");
    server.maintain(|client| client.batch_execute(&sql))
}
