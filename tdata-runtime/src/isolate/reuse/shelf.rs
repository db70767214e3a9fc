//! Clones of a server that processes share by a folder: a file for each.
//!
//! A clone that waits has a file of its fingerprint's and its own name, which holds its mark. Who claims it locks the
//! file and gives it another ending; who lets it wait writes the mark and the name back. The kernel frees the
//! lock of a process that ends, however it ends: a claimed file without a lock is that of an abandoned clone.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Read as _, Seek as _, Write as _};
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};
use std::time::Duration;

use tdata_core::plan::Fingerprint;

use super::claim::Claim;
use super::pool::Mark;
use crate::isolate::notation::Noted;
use tdata_factory::store::Refusal;

/// The folder, in that of a server, of the files.
const CLONES: &str = "clones";

/// The ending of claimed clones' names.
const CLAIMED: &str = ".claimed";

/// Claims a clone that waits, if there is one.
pub(super) fn claim(folder: &Path, fingerprint: Fingerprint) -> Option<(String, Mark, Claim)> {
    let prefix = format!("{fingerprint}.");
    for (path, name) in files(folder) {
        let Some(database) = name.strip_prefix(&prefix).filter(|_| !name.ends_with(CLAIMED)) else {
            continue;
        };
        let Some(mut file) = lock(&path) else { continue };
        if fs::rename(&path, claimed(folder, database)).is_err() {
            continue;
        }
        let mut notes = String::new();
        // One that cannot be read stays claimed, and is abandoned with its lock.
        if file.read_to_string(&mut notes).is_ok()
            && let Some(mark) = Mark::of_notes(&notes)
        {
            return Some((database.to_owned(), mark, Claim::File(file)));
        }
    }
    None
}

/// Claims a new clone, which is yet to be made.
pub(super) fn enter(folder: &Path, database: &str) -> Result<File, Refusal> {
    let entered = || {
        // Nobody takes it for waiting or abandoned before it is locked.
        let draft = folder.join(CLONES).join(format!("{database}.draft"));
        let file = OpenOptions::new().read(true).write(true).create_new(true).open(&draft)?;
        file.lock()?;
        fs::rename(draft, claimed(folder, database))?;
        Ok(file)
    };
    entered().map_err(|error: io::Error| Refusal::on_the_way(&error))
}

/// Lets a clone wait for any process.
pub(super) fn park(
    folder: &Path,
    fingerprint: Fingerprint,
    database: &str,
    mark: &Mark,
    file: File,
) -> Result<(), Refusal> {
    let mut file = file;
    let mut parked = || {
        file.set_len(0)?;
        file.rewind()?;
        file.write_all(mark.to_notes().as_bytes())?;
        let waiting = folder.join(CLONES).join(format!("{fingerprint}.{database}"));
        fs::rename(claimed(folder, database), waiting)
    };
    parked().map_err(|error: io::Error| Refusal::on_the_way(&error))
}

/// Removes the file of a clone that is gone.
pub(super) fn remove(folder: &Path, database: &str) {
    // What stays is abandoned, and its clone is dropped again, of which there is none.
    let _ = fs::remove_file(claimed(folder, database));
}

/// Claims the clones of processes that have ended, if no process has looked for them just now.
pub(super) fn claim_abandoned(folder: &Path) -> Vec<(String, Claim)> {
    /// The pause between two looks.
    const PAUSE: Duration = Duration::from_secs(1);
    let looked = folder.join("looked");
    let modified = fs::metadata(&looked).and_then(|looked| looked.modified());
    if modified.is_ok_and(|at| at.elapsed().is_ok_and(|pause| pause < PAUSE))
        || fs::write(&looked, "").is_err()
    {
        return Vec::new();
    }
    let abandoned = files(folder).filter_map(|(path, name)| {
        let database = name.strip_suffix(CLAIMED)?;
        Some((database.to_owned(), Claim::File(lock(&path)?)))
    });
    abandoned.collect()
}

fn claimed(folder: &Path, database: &str) -> PathBuf {
    folder.join(CLONES).join(format!("{database}{CLAIMED}"))
}

fn files(folder: &Path) -> impl Iterator<Item = (PathBuf, String)> {
    let entries = fs::read_dir(folder.join(CLONES)).into_iter().flatten();
    entries.filter_map(|entry| {
        let entry = entry.ok()?;
        Some((entry.path(), entry.file_name().into_string().ok()?))
    })
}

/// Locks a file that nobody has locked, and that is still the one of its name.
fn lock(path: &Path) -> Option<File> {
    let file = OpenOptions::new().read(true).write(true).open(path).ok()?;
    file.try_lock().ok()?;
    let (locked, named) = (file.metadata().ok()?, fs::metadata(path).ok()?);
    (locked.ino() == named.ino() && locked.dev() == named.dev()).then_some(file)
}
