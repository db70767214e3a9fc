//! Which templates and layers a server has: rows of its control database; for templates, on servers that processes
//! share by a folder, files there as well, which cost no connection.

use std::collections::HashMap;
use std::fmt;
use std::fs::{self, OpenOptions};
use std::io::{self, Write as _};
use std::path::Path;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU64, Ordering};

use parking_lot::Mutex;
use postgres::types::Type;
use tdata_core::plan::Fingerprint;
use tdata_postgres::Refusal;

use super::build::close;
use super::contents::Contents;
use crate::error::Error;
use crate::isolate::error::IsolateError;
use crate::isolate::notation::Noted;
use crate::server::Server;

/// The folder, in that of a server, of templates by fingerprint.
const TEMPLATES: &str = "templates";

/// The folder, in that of a server, of fingerprints by coarse fingerprint.
const FINGERPRINTS: &str = "fingerprints";

/// What a database is built for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// For clones that tests use; all of it was checked.
    Template,
    /// For templates that are built upon it.
    Layer,
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Template => "template",
            Self::Layer => "layer",
        })
    }
}

/// Finds a database that is ready, or lets `make` make it; others who want the same wait. Once it is made nobody is
/// let in any more. Returns its name, and what `make` returned when it was made.
///
/// The lock goes with its process: who comes next finds a database that is not ready, and makes it anew. Templates
/// wait for layers, and layers for those they are made upon, so that nobody waits in a circle.
pub(super) fn find_or_make<T: Noted>(
    server: &Server,
    kind: Kind,
    fingerprint: Fingerprint,
    make: impl FnOnce(&str) -> Result<T, Error>,
) -> Result<(String, T), Error> {
    if let Some(found) = find(server, kind, fingerprint).map_err(IsolateError::Registry)? {
        return Ok(found);
    }
    let _making = server.lock(&format!("{kind} {fingerprint}")).map_err(IsolateError::Registry)?;
    if let Some(found) = find(server, kind, fingerprint).map_err(IsolateError::Registry)? {
        return Ok(found);
    }
    let database = enter(server, kind, fingerprint).map_err(IsolateError::Registry)?;
    let made = make(&database).and_then(|contents| {
        close(server, &database).map_err(IsolateError::Close)?;
        make_ready(server, kind, fingerprint, &database, &contents)
            .map_err(IsolateError::Registry)?;
        Ok(contents)
    });
    match made {
        Ok(contents) => Ok((database, contents)),
        Err(error) => {
            // The first error is the one to tell; what stays the next maker drops.
            let _ = leave(server, &database);
            Err(error)
        }
    }
}

/// Finds a database that is ready.
fn find<T: Noted>(
    server: &Server,
    kind: Kind,
    fingerprint: Fingerprint,
) -> Result<Option<(String, T)>, Refusal> {
    server.control(|client| {
        let sql = "SELECT database, contents FROM template \
                   WHERE kind = $1 AND fingerprint = $2 AND ready";
        let (kind, name) = (kind.to_string(), fingerprint.to_string());
        let rows = client.query_typed(sql, &[(&kind, Type::TEXT), (&name, Type::TEXT)])?;
        Ok(rows.first().and_then(|row| Some((row.get(0), T::of_notes(row.get(1))?))))
    })
}

/// Finds a template that is ready.
pub(super) fn find_template(
    server: &Server,
    fingerprint: Fingerprint,
) -> Result<Option<(String, Contents)>, Refusal> {
    let file = server.folder().map(|folder| folder.join(TEMPLATES).join(fingerprint.to_string()));
    if let Some(text) = file.and_then(|file| fs::read_to_string(file).ok())
        && let Some(found) = Noted::of_notes(&text)
    {
        return Ok(Some(found));
    }
    find(server, Kind::Template, fingerprint)
}

/// Enters a database that is yet to be made, in place of one whose maker did not come to its end. Returns its name.
fn enter(server: &Server, kind: Kind, fingerprint: Fingerprint) -> Result<String, Refusal> {
    let (kind, fingerprint) = (kind.to_string(), fingerprint.to_string());
    let unfinished: Option<String> = server.control(|client| {
        let sql = "SELECT database FROM template WHERE kind = $1 AND fingerprint = $2";
        Ok(client.query_opt(sql, &[&kind, &fingerprint])?.map(|row| row.get(0)))
    })?;
    if let Some(database) = unfinished {
        leave(server, &database)?;
    }
    let database = server.run().shared_name(&kind);
    server.control(|client| {
        let sql = "INSERT INTO template (kind, fingerprint, database) VALUES ($1, $2, $3)";
        client.execute(sql, &[&kind, &fingerprint, &database])
    })?;
    Ok(database)
}

/// Marks a database as ready, last of all.
fn make_ready<T: Noted>(
    server: &Server,
    kind: Kind,
    fingerprint: Fingerprint,
    database: &str,
    contents: &T,
) -> Result<(), Refusal> {
    let notes = contents.to_notes();
    server.control(|client| {
        let sql = "UPDATE template SET ready = true, contents = $2, made = clock_timestamp() \
                   WHERE database = $1";
        client.execute(sql, &[&database, &notes])
    })?;
    if let Some(folder) = server.folder().filter(|_| kind == Kind::Template) {
        let text = database.to_owned().to_notes() + &notes;
        // Who finds no file asks the control database.
        let _ = put(&folder.join(TEMPLATES), &fingerprint.to_string(), &text);
    }
    Ok(())
}

/// Drops a database that nobody finds.
pub(super) fn leave(server: &Server, database: &str) -> Result<(), Refusal> {
    server.drop_database(database)?;
    server.control(|client| {
        client.execute("DELETE FROM template WHERE database = $1", &[&database])?;
        Ok(())
    })
}

/// Lets nobody find the file of a template any more; that of one that was built in its place stays.
pub(super) fn withdraw_file(server: &Server, fingerprint: &str, database: &str) {
    let Some(folder) = server.folder() else { return };
    let file = folder.join(TEMPLATES).join(fingerprint);
    let text = fs::read_to_string(&file).unwrap_or_default();
    if text.starts_with(&database.to_owned().to_notes()) {
        let _ = fs::remove_file(file);
    }
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
    static DRAFTS: AtomicU64 = AtomicU64::new(0);
    let number = DRAFTS.fetch_add(1, Ordering::Relaxed);
    let draft = folder.join(format!("{name}.{}.{number}", std::process::id()));
    // A new file follows no link.
    let mut file = OpenOptions::new().write(true).create_new(true).open(&draft)?;
    file.write_all(text.as_bytes())?;
    fs::rename(draft, folder.join(name))
}
