//! Clones of a server that processes share by a folder: a file for each.
//!
//! A clone that waits has a file of its template's and its own name, which holds its mark. Who claims it locks the
//! file and gives it another ending; who lets it wait writes the mark and the name back. The kernel frees the
//! lock of a process that ends, however it ends: a claimed file without a lock is that of an abandoned clone.

use std::fs::{self, File};
use std::io::{self, Read as _, Seek as _, Write as _};
use std::path::{Path, PathBuf};

use tdata_postgres::Refusal;

use super::claim::Claim;
use super::pool::Mark;
use crate::isolate::notation::Noted;
use crate::server::locked_file;

/// The folder, in that of a server, of the files.
const CLONES: &str = "clones";

/// More clones than these do not wait on a server: each takes some megabytes, of memory as a rule.
const MOST: usize = 64;

/// The ending of claimed clones' names.
const CLAIMED: &str = ".claimed";

/// Claims a clone that waits, if there is one; where several do, the one of a slot.
pub(super) fn claim(folder: &Path, template: &str, slot: usize) -> Option<(String, Mark, Claim)> {
    let prefix = format!("{template}.");
    let files = locked_file::list(folder.join(CLONES));
    let mut waiting: Vec<(PathBuf, String)> = files
        .filter_map(|(path, name)| Some((path, name.strip_prefix(&prefix)?.to_owned())))
        .collect();
    waiting.sort();
    if !waiting.is_empty() {
        let first = slot % waiting.len();
        waiting.rotate_left(first);
    }
    for (path, database) in waiting {
        let Some(mut file) = locked_file::take(&path) else { continue };
        if fs::rename(&path, claimed(folder, &database)).is_err() {
            continue;
        }
        let mut notes = String::new();
        // One that cannot be read stays claimed, and is abandoned with its lock.
        if file.read_to_string(&mut notes).is_ok()
            && let Some(mark) = Mark::of_notes(&notes)
        {
            return Some((database, mark, Claim::File(file)));
        }
    }
    None
}

/// Claims a new clone, which is yet to be made.
pub(super) fn enter(folder: &Path, database: &str) -> Result<File, Refusal> {
    locked_file::create(&claimed(folder, database)).map_err(|error| Refusal::of_file(&error))
}

/// Lets a clone wait for any process.
pub(super) fn park(
    folder: &Path,
    template: &str,
    database: &str,
    mark: &Mark,
    file: File,
) -> Result<(), Refusal> {
    let mut file = file;
    let mut parked = || {
        file.set_len(0)?;
        file.rewind()?;
        file.write_all(mark.to_notes().as_bytes())?;
        let waiting = folder.join(CLONES).join(format!("{template}.{database}"));
        fs::rename(claimed(folder, database), waiting)
    };
    parked().map_err(|error: io::Error| Refusal::of_file(&error))
}

/// Claims the clone that waited longest, where too many wait.
pub(super) fn claim_surplus(folder: &Path) -> Option<(String, Claim)> {
    let files = locked_file::list(folder.join(CLONES));
    let waiting: Vec<(PathBuf, String)> =
        files.filter(|(_, name)| !name.ends_with(CLAIMED)).collect();
    if waiting.len() <= MOST {
        return None;
    }
    let since = |path: &Path| fs::metadata(path).and_then(|file| file.modified()).ok();
    let (path, name) = waiting.into_iter().min_by_key(|(path, _)| since(path))?;
    let (_, database) = name.split_once('.')?;
    let file = locked_file::take(&path)?;
    fs::rename(&path, claimed(folder, database)).ok()?;
    Some((database.to_owned(), Claim::File(file)))
}

/// Removes the file of a clone that is gone.
pub(super) fn remove(folder: &Path, database: &str) {
    // What stays is abandoned, and its clone is dropped again, of which there is none.
    let _ = fs::remove_file(claimed(folder, database));
}

/// Claims the clones of processes that have ended.
pub(super) fn claim_abandoned(folder: &Path) -> Vec<(String, Claim)> {
    let abandoned = locked_file::list(folder.join(CLONES)).filter_map(|(path, name)| {
        let database = name.strip_suffix(CLAIMED)?;
        Some((database.to_owned(), Claim::File(locked_file::take(&path)?)))
    });
    abandoned.collect()
}

fn claimed(folder: &Path, database: &str) -> PathBuf {
    folder.join(CLONES).join(format!("{database}{CLAIMED}"))
}
