//! Files that say that a process is alive: it has them locked, and the kernel frees the lock however it ends.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Write as _};
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};

/// The ending of a file that is not there as a whole yet.
const DRAFT: &str = ".draft";

/// Makes a file that is locked from its first moment on.
pub(super) fn create(path: &Path) -> io::Result<File> {
    let mut draft = path.as_os_str().to_owned();
    draft.push(DRAFT);
    let draft = PathBuf::from(draft);
    let file = OpenOptions::new().read(true).write(true).create_new(true).open(&draft)?;
    file.lock()?;
    fs::rename(draft, path)?;
    Ok(file)
}

/// Locks a file that no process has locked; `None` where one has, or another file has its name by now.
pub(super) fn take(path: &Path) -> Option<File> {
    let file = OpenOptions::new().read(true).write(true).open(path).ok()?;
    file.try_lock().ok()?;
    is_named(&file, path).then_some(file)
}

/// Locks a file for sharing; `None` where a process has it for itself, or another file has its name by now.
pub(super) fn share(path: &Path) -> Option<File> {
    let file = OpenOptions::new().read(true).write(true).open(path).ok()?;
    file.try_lock_shared().ok()?;
    is_named(&file, path).then_some(file)
}

/// Tells whether a file has that name still. What a link leads to has another number than the link.
fn is_named(file: &File, path: &Path) -> bool {
    let numbers = |file: io::Result<fs::Metadata>| file.ok().map(|file| (file.ino(), file.dev()));
    numbers(file.metadata()).is_some_and(|file| numbers(fs::symlink_metadata(path)) == Some(file))
}

/// Lists the files of a folder with their names.
pub(super) fn list(folder: PathBuf) -> impl Iterator<Item = (PathBuf, String)> {
    let entries = fs::read_dir(folder).into_iter().flatten();
    let named = entries.filter_map(|entry| {
        let entry = entry.ok()?;
        Some((entry.path(), entry.file_name().into_string().ok()?))
    });
    named.filter(|(_, name)| !name.ends_with(DRAFT))
}

/// Writes a file that is there as a whole or not at all.
pub(super) fn write_whole(folder: &Path, name: &str, text: &str) -> io::Result<()> {
    static DRAFTS: AtomicU64 = AtomicU64::new(0);
    let number = DRAFTS.fetch_add(1, Ordering::Relaxed);
    let draft = folder.join(format!("{name}.{}.{number}{DRAFT}", std::process::id()));
    // A new file follows no link.
    let mut file = OpenOptions::new().write(true).create_new(true).open(&draft)?;
    file.write_all(text.as_bytes())?;
    fs::rename(draft, folder.join(name))
}
