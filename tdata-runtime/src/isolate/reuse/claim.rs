//! Who has a clone, and which wait: files where the server has a folder, else rows of the control database.

use std::fs::File;

use postgres::types::Type;
use tdata_postgres::Refusal;

use super::pool::Mark;
use super::{rows, shelf};
use crate::server::Server;

/// A process's claim on a clone.
#[derive(Debug)]
pub(in crate::isolate) enum Claim {
    /// The lock of a file, which the kernel frees when its process ends.
    File(File),
    /// A row that names this run.
    Row,
}

/// Claims a clone that waits; where several do, the one of a slot, so that few reach for the same.
pub(super) fn claim(
    server: &Server,
    template: &str,
    slot: usize,
) -> Result<Option<(String, Mark, Claim)>, Refusal> {
    match server.folder() {
        Some(folder) => Ok(shelf::claim(folder, template, slot)),
        None => {
            let found = rows::claim(server, template)?;
            Ok(found.map(|(database, mark)| (database, mark, Claim::Row)))
        }
    }
}

/// Claims a new clone, which is yet to be made. Returns its name.
pub(super) fn enter(server: &Server, template: &str) -> Result<(String, Claim), Refusal> {
    let database = server.run().shared_name("clone");
    let claim = match server.folder() {
        Some(folder) => Claim::File(shelf::enter(folder, &database)?),
        None => {
            rows::enter(server, template, &database)?;
            Claim::Row
        }
    };
    Ok((database, claim))
}

/// Lets a clone wait for any process; another may have to go for it.
pub(super) fn park(
    server: &Server,
    template: &str,
    database: &str,
    mark: &Mark,
    claim: Claim,
) -> Result<(), Refusal> {
    match (claim, server.folder()) {
        (Claim::File(file), Some(folder)) => {
            shelf::park(folder, template, database, mark, file)?;
            match shelf::claim_surplus(folder) {
                Some((database, claim)) => drop_clone(server, &database, claim),
                None => Ok(()),
            }
        }
        _ => rows::park(server, database, mark),
    }
}

/// Drops a clone of this process.
pub(in crate::isolate) fn drop_clone(
    server: &Server,
    database: &str,
    claim: Claim,
) -> Result<(), Refusal> {
    server.drop_database(database)?;
    give_up(server, database, claim)
}

/// Gives up the claim on a clone that nobody uses again: it is gone, or stays for somebody to look at.
pub(in crate::isolate) fn give_up(
    server: &Server,
    database: &str,
    claim: Claim,
) -> Result<(), Refusal> {
    match (claim, server.folder()) {
        // The file goes before the lock does.
        (Claim::File(_file), Some(folder)) => {
            shelf::remove(folder, database);
            Ok(())
        }
        _ => rows::remove(server, database),
    }
}

/// Drops the clones of processes that are no longer alive.
pub(crate) fn drop_abandoned(server: &Server) -> Result<(), Refusal> {
    for (database, claim) in match server.folder() {
        Some(folder) => shelf::claim_abandoned(folder),
        None => rows::claim_abandoned(server)?,
    } {
        // Somebody may be looking at what a test left; the next look finds it again.
        let is_used = server.maintain(|client| {
            let sql = "SELECT EXISTS (SELECT FROM pg_stat_activity WHERE datname = $1)";
            client.query_typed_one(sql, &[(&database, Type::TEXT)]).map(|row| row.get::<_, bool>(0))
        })?;
        if !is_used {
            drop_clone(server, &database, claim)?;
        }
    }
    Ok(())
}

/// Drops the clones that wait for a template's next user.
pub(in crate::isolate) fn drop_waiting(server: &Server, template: &str) -> Result<(), Refusal> {
    while let Some((database, _, claim)) = claim(server, template, 0)? {
        drop_clone(server, &database, claim)?;
    }
    Ok(())
}
