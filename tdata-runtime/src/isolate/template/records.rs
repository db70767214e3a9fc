//! Which templates a server has: rows of its control database; on servers that processes share by a folder,
//! files there as well, which cost no connection.

use std::collections::HashMap;
use std::fs;
use std::io;
use std::path::Path;
use std::sync::OnceLock;

use parking_lot::Mutex;
use postgres::types::Type;
use tdata_core::plan::Fingerprint;

use super::contents::Contents;
use crate::isolate::notation::Noted;
use crate::server::Server;
use tdata_factory::store::Refusal;

/// The folder, in that of a server, of templates by fingerprint.
const TEMPLATES: &str = "templates";

/// The folder, in that of a server, of fingerprints by coarse fingerprint.
const FINGERPRINTS: &str = "fingerprints";

/// Finds a template that is ready.
pub(super) fn find(
    server: &Server,
    fingerprint: Fingerprint,
) -> Result<Option<(String, Contents)>, Refusal> {
    let name = fingerprint.to_string();
    let file = server.folder().map(|folder| folder.join(TEMPLATES).join(&name));
    if let Some(text) = file.and_then(|file| fs::read_to_string(file).ok())
        && let Some(found) = Noted::of_notes(&text)
    {
        return Ok(Some(found));
    }
    server.control(|client| {
        let sql = "SELECT database, contents FROM template WHERE fingerprint = $1 AND ready";
        let rows = client.query_typed(sql, &[(&name, Type::TEXT)])?;
        Ok(rows.first().and_then(|row| Some((row.get(0), Contents::of_notes(row.get(1))?))))
    })
}

/// Enters a template that is yet to be built, in place of one whose builder did not come to its end.
/// Returns the name for its database.
pub(super) fn enter(server: &Server, fingerprint: Fingerprint) -> Result<String, Refusal> {
    let fingerprint = fingerprint.to_string();
    let unfinished: Option<String> = server.control(|client| {
        let sql = "SELECT database FROM template WHERE fingerprint = $1";
        Ok(client.query_opt(sql, &[&fingerprint])?.map(|row| row.get(0)))
    })?;
    if let Some(database) = unfinished {
        leave(server, &database)?;
    }
    let database = server.run().shared_name("template");
    server.control(|client| {
        let sql = "INSERT INTO template (fingerprint, database) VALUES ($1, $2)";
        client.execute(sql, &[&fingerprint, &database])
    })?;
    Ok(database)
}

/// Marks a template as ready, once it is complete.
pub(super) fn make_ready(
    server: &Server,
    fingerprint: Fingerprint,
    database: &str,
    contents: &Contents,
) -> Result<(), Refusal> {
    server.control(|client| {
        let sql = "UPDATE template SET ready = true, contents = $2 WHERE database = $1";
        client.execute(sql, &[&database, &contents.to_notes()])
    })?;
    if let Some(folder) = server.folder() {
        let text = (database.to_owned(), contents.clone()).to_notes();
        // Who finds no file asks the control database.
        let _ = put(&folder.join(TEMPLATES), &fingerprint.to_string(), &text);
    }
    Ok(())
}

/// Drops a template that is not ready.
pub(super) fn leave(server: &Server, database: &str) -> Result<(), Refusal> {
    server.drop_database(database)?;
    server.control(|client| {
        client.execute("DELETE FROM template WHERE database = $1", &[&database])?;
        Ok(())
    })
}

/// Lets nobody find a template any more.
pub(super) fn withdraw(server: &Server, fingerprint: &str) -> Result<(), Refusal> {
    if let Some(folder) = server.folder() {
        let _ = fs::remove_file(folder.join(TEMPLATES).join(fingerprint));
    }
    server.control(|client| {
        client.execute("UPDATE template SET ready = false WHERE fingerprint = $1", &[&fingerprint])
    })?;
    Ok(())
}

/// The fingerprints that this process knows, by coarse fingerprint.
static KNOWN: OnceLock<Mutex<HashMap<Fingerprint, Fingerprint>>> = OnceLock::new();

/// Returns the fingerprint that a coarse one stands for, if any process of the server has computed it.
pub(crate) fn known_fingerprint(server: &Server, coarse: Fingerprint) -> Option<Fingerprint> {
    let mut known = KNOWN.get_or_init(Mutex::default).lock();
    if let Some(fingerprint) = known.get(&coarse) {
        return Some(*fingerprint);
    }
    let file = server.folder()?.join(FINGERPRINTS).join(coarse.to_string());
    let fingerprint = fs::read_to_string(file).ok()?.parse().ok()?;
    known.insert(coarse, fingerprint);
    Some(fingerprint)
}

/// Lets all processes of the server know the fingerprint that a coarse one stands for.
pub(crate) fn remember_fingerprint(server: &Server, coarse: Fingerprint, fingerprint: Fingerprint) {
    KNOWN.get_or_init(Mutex::default).lock().insert(coarse, fingerprint);
    if let Some(folder) = server.folder() {
        // Who finds no file computes it.
        let _ = put(&folder.join(FINGERPRINTS), &coarse.to_string(), &fingerprint.to_string());
    }
}

/// Writes a file that is there as a whole or not at all.
fn put(folder: &Path, name: &str, text: &str) -> io::Result<()> {
    let draft = folder.join(format!("{name}.{}", std::process::id()));
    fs::write(&draft, text)?;
    fs::rename(draft, folder.join(name))
}
