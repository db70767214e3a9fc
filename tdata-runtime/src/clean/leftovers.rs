//! What runs leave behind on a server: this one at its end, and those that were killed.

use postgres::types::Type;
use tdata_postgres::Refusal;

use crate::isolate::{drop_abandoned, drop_unused};
use crate::server::{Server, lease_of, pattern_of};

/// Drops the databases of runs that are no longer alive, if no process has looked for them just now.
pub(crate) fn sweep(server: &Server) {
    if !server.is_time_to_look() {
        return;
    }
    let swept = drop_abandoned(server).and_then(|()| match server.ended_runs() {
        // Who needed no connection so far needs none to see that there is nothing to do.
        Some(ended) if ended.is_empty() && !server.is_leased() => Ok(()),
        ended => {
            drop_left_behind(server)?;
            for entry in ended.into_iter().flatten() {
                // What is still in use, or in the making, the next look finds.
                if nothing_is_left_of(server, entry.run())? {
                    entry.leave();
                }
            }
            Ok(())
        }
    });
    if let Err(refusal) = swept {
        crate::notice!("could not look for what other runs left behind: {refusal}");
    }
}

fn drop_left_behind(server: &Server) -> Result<(), Refusal> {
    drop_unused(server)?;
    let databases = names_like(server, "tdata\\_%")?;
    for database in databases {
        let Some(lease) = lease_of(&database) else { continue };
        // Asked after the list was made: a run takes its lease before it makes a database.
        let alive = server.control(|client| {
            let sql = "SELECT EXISTS (SELECT FROM pg_stat_activity \
                       WHERE application_name LIKE $1 OR datname = $2) \
                       OR EXISTS (SELECT FROM instance WHERE database = $2)";
            Ok(client.query_one(sql, &[&lease, &database])?.get::<_, bool>(0))
        })?;
        if !alive {
            // Another process may sweep at the same time, or another role own it.
            let _ = server.drop_database(&database);
        }
    }
    Ok(())
}

/// Tells whether a run that ended has no database any more, and that none is in the making for it.
fn nothing_is_left_of(server: &Server, run: &str) -> Result<bool, Refusal> {
    let pattern = pattern_of(run);
    // Asked first: what is made in the meantime is seen afterwards.
    let is_made = server.control(|client| {
        let sql = "SELECT EXISTS (SELECT FROM pg_stat_activity \
                   WHERE state = 'active' AND query LIKE 'CREATE DATABASE ' || $1)";
        client.query_typed_one(sql, &[(&pattern, Type::TEXT)]).map(|row| row.get::<_, bool>(0))
    })?;
    Ok(!is_made && names_like(server, &pattern)?.is_empty())
}

/// Drops every database that is this process's alone.
pub(super) fn drop_all_of_run(server: &Server) -> Result<(), Refusal> {
    if !server.run().has_named() {
        return Ok(());
    }
    for database in names_like(server, &pattern_of(&server.run().to_string()))? {
        server.drop_database(&database)?;
    }
    Ok(())
}

fn names_like(server: &Server, pattern: &str) -> Result<Vec<String>, Refusal> {
    server.control(|client| {
        // What several processes share is not its maker's to drop.
        let sql = "SELECT datname::text FROM pg_database WHERE datname LIKE $1 \
                   AND datname NOT IN (SELECT database FROM instance) \
                   AND datdba = (SELECT oid FROM pg_roles WHERE rolname = current_user)";
        let rows = client.query_typed(sql, &[(&pattern, Type::TEXT)])?;
        Ok(rows.iter().map(|row| row.get(0)).collect())
    })
}
