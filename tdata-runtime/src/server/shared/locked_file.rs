//! Files that say that a process is alive: it has them locked, and the kernel frees the lock however it ends.

use std::fs::{self, File, OpenOptions};
use std::io;
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};

/// Makes a file that is locked from its first moment on.
pub(crate) fn create(path: &Path) -> io::Result<File> {
    let mut draft = path.as_os_str().to_owned();
    draft.push(DRAFT);
    let draft = PathBuf::from(draft);
    let file = OpenOptions::new().read(true).write(true).create_new(true).open(&draft)?;
    file.lock()?;
    fs::rename(draft, path)?;
    Ok(file)
}

/// The ending of a file that is not locked yet.
const DRAFT: &str = ".draft";

/// Locks a file that no process has locked; `None` where one has, or another file has its name by now.
pub(crate) fn take(path: &Path) -> Option<File> {
    let file = OpenOptions::new().read(true).write(true).open(path).ok()?;
    file.try_lock().ok()?;
    // What a link leads to has another number than the link.
    let (locked, named) = (file.metadata().ok()?, fs::symlink_metadata(path).ok()?);
    (locked.ino() == named.ino() && locked.dev() == named.dev()).then_some(file)
}

/// Lists the files of a folder with their names.
pub(crate) fn list(folder: PathBuf) -> impl Iterator<Item = (PathBuf, String)> {
    let entries = fs::read_dir(folder).into_iter().flatten();
    let named = entries.filter_map(|entry| {
        let entry = entry.ok()?;
        Some((entry.path(), entry.file_name().into_string().ok()?))
    });
    named.filter(|(_, name)| !name.ends_with(DRAFT))
}
