//! What earlier runs have left, and what stands in the way of new files.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::{self, File};
use std::io;
use std::path::Path;

use crate::error::JobError;

/// What the names of files end with that are not whole.
pub(super) const UNFINISHED: &str = ".unfinished";

/// Returns what the name of an unfinished file begins with, before what tells it from others of that name.
pub(super) fn prefix(name: &str) -> String {
    format!(".{name}.")
}

/// Removes a file, through links, so that a link stays one. What is no file, such as a pipe or a device, stays as it is.
pub(crate) fn remove_file(path: &Path) -> Result<(), JobError> {
    let Ok(known) = fs::canonicalize(path) else { return Ok(()) };
    if !known.is_file() {
        return Ok(());
    }
    match fs::remove_file(known) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => {
            Err(JobError::file("replace", path)(error))
        }
        _ => Ok(()),
    }
}

/// Removes the unfinished files of some paths that killed runs have left. Those of runs that go on are locked.
pub(crate) fn remove_unfinished<'a>(paths: impl Iterator<Item = &'a Path>) {
    let mut folders: BTreeMap<&Path, BTreeSet<String>> = BTreeMap::new();
    for path in paths {
        if let (Some(folder), Some(name)) = (path.parent(), path.file_name()) {
            let folder = if folder.as_os_str().is_empty() { Path::new(".") } else { folder };
            folders.entry(folder).or_default().insert(name.to_string_lossy().into_owned());
        }
    }
    for (folder, names) in folders {
        // A folder that is not there yet has none.
        let Ok(files) = fs::read_dir(folder) else { continue };
        for file in files.flatten() {
            let is_of = |name: String| names.contains(of_unfinished(&name).unwrap_or_default());
            if file.file_name().into_string().is_ok_and(is_of) {
                remove_where_nobody_writes(&file.path());
            }
        }
    }
}

/// Returns the name that an unfinished file was to get.
fn of_unfinished(name: &str) -> Option<&str> {
    let (name, _) = name.strip_suffix(UNFINISHED)?.strip_prefix('.')?.rsplit_once('.')?;
    Some(name)
}

fn remove_where_nobody_writes(path: &Path) {
    // Nothing depends on it: where it cannot be removed, it stays.
    let Ok(file) = File::options().write(true).open(path) else { return };
    if file.try_lock().is_ok() {
        let _ = fs::remove_file(path);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_unfinished_files_are_read() {
        for (name, of) in [
            (".users.csv.aB3dEf.unfinished", Some("users.csv")),
            (".00000.csv.zst.aB3dEf.unfinished", Some("00000.csv.zst")),
            ("users.csv", None),
            (".unfinished", None),
            ("users.csv.aB3dEf.unfinished", None),
        ] {
            assert_eq!(of_unfinished(name), of, "{name}");
        }
    }
}
