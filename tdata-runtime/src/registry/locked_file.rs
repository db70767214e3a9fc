//! Files that say that a process is alive: it has them locked, and the kernel frees the lock however it ends.

use std::fs::File;
use std::io::{self, Write as _};
use std::sync::atomic::{AtomicU64, Ordering};

use crate::open_folder::OpenFolder;

/// The ending of a file that is not there as a whole yet.
const DRAFT: &str = ".draft";

/// Makes a file that is locked from its first moment on.
pub(super) fn create(folder: &OpenFolder, name: &str) -> io::Result<File> {
    let draft = format!("{name}{DRAFT}");
    let file = folder.create_new(&draft)?;
    file.lock()?;
    folder.rename(&draft, name)?;
    Ok(file)
}

/// Locks a file that no process has locked; `None` where one has, or another file has its name by now.
pub(super) fn take(folder: &OpenFolder, name: &str) -> Option<File> {
    let file = folder.file(name).ok()?;
    file.try_lock().ok()?;
    folder.has_as(name, &file).then_some(file)
}

/// Locks a file for sharing; `None` where a process has it for itself, or another file has its name by now.
pub(super) fn share(folder: &OpenFolder, name: &str) -> Option<File> {
    let file = folder.file(name).ok()?;
    file.try_lock_shared().ok()?;
    folder.has_as(name, &file).then_some(file)
}

/// Lists the names of the files in a folder.
pub(super) fn list(folder: &OpenFolder) -> impl Iterator<Item = String> {
    folder.names().into_iter().filter(|name| !name.ends_with(DRAFT))
}

/// Writes a file that is there as a whole or not at all.
pub(super) fn write_whole(folder: &OpenFolder, name: &str, text: &str) -> io::Result<()> {
    static DRAFTS: AtomicU64 = AtomicU64::new(0);
    let number = DRAFTS.fetch_add(1, Ordering::Relaxed);
    let draft = format!("{name}.{}.{number}{DRAFT}", std::process::id());
    folder.create_new(&draft)?.write_all(text.as_bytes())?;
    folder.rename(&draft, name)
}
