//! The folders of shared servers.

use std::fs;
use std::io;
use std::os::unix::fs::{MetadataExt, PermissionsExt, chown};
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use super::key::Key;
use crate::server::account::{self, Account};
use crate::server::secret;
use crate::server::settings::ServerSettings;

/// Where folders are kept in memory.
const MEMORY: &str = "/dev/shm";

/// The free memory file system that makes it worth using, in bytes: enough for most suites.
const ROOM: u64 = 1 << 30;

/// The file that says that a server has no room left.
const FULL: &str = "full";

/// The beginning of all folders' names.
const PREFIX: &str = "tdata-";

/// Returns the path of a folder for a new server, which is not there yet, in memory where there is room.
pub(in crate::server) fn new(
    settings: &ServerSettings,
    account: Option<Account>,
) -> io::Result<PathBuf> {
    let key = Key::of(settings);
    let in_memory = room(&Path::new(MEMORY).join(PREFIX)).is_some_and(|room| room >= ROOM)
        && !with_key(&key).iter().any(|folder| is_full(folder));
    let parent = if in_memory { MEMORY.into() } else { temporary(account) };
    let random = secret::generate()?;
    Ok(parent.join(format!("{PREFIX}{key}-{}", random.get(..8).unwrap_or(&random))))
}

/// Gives a file to the account that the server runs as.
pub(super) fn give(path: &Path, account: Option<Account>) -> io::Result<()> {
    match account {
        Some(account) => chown(path, Some(account.user), Some(account.group)),
        None => Ok(()),
    }
}

/// Returns the folders of servers with a key.
pub(in crate::server) fn with_key(key: &Key) -> Vec<PathBuf> {
    with_prefix(&format!("{PREFIX}{key}-"))
}

/// Returns the folders of all servers of this user.
pub(in crate::server) fn all() -> Vec<PathBuf> {
    with_prefix(PREFIX)
}

/// Tells whether a folder was made so long ago that nobody is about to fill it.
pub(in crate::server) fn is_settled(folder: &Path) -> bool {
    /// Longer than making a pipe takes, by far.
    const SETTLING: Duration = Duration::from_secs(60);
    let made = fs::metadata(folder).and_then(|metadata| metadata.modified());
    made.is_ok_and(|made| SystemTime::now().duration_since(made).is_ok_and(|age| age > SETTLING))
}

/// What somebody else put there under such a name is left alone.
fn with_prefix(prefix: &str) -> Vec<PathBuf> {
    let account = account::to_drop_to();
    let us = rustix::process::geteuid().as_raw();
    let is_ours = |user| user == us || account.is_some_and(|account| account.user == user);
    let mut parents = vec![PathBuf::from(MEMORY), temporary(account)];
    parents.dedup();
    let entries = parents.iter().filter_map(|parent| fs::read_dir(parent).ok()).flatten();
    let named = entries
        .filter_map(Result::ok)
        .filter(|entry| entry.file_name().to_str().is_some_and(|name| name.starts_with(prefix)));
    let ours = named.filter(|entry| {
        entry.metadata().is_ok_and(|metadata| metadata.is_dir() && is_ours(metadata.uid()))
    });
    ours.map(|entry| entry.path()).collect()
}

/// The folder for temporary files; one that the other account may enter.
fn temporary(account: Option<Account>) -> PathBuf {
    let folder = std::env::temp_dir();
    let open = |path: &Path| {
        fs::metadata(path).is_ok_and(|metadata| metadata.permissions().mode() & 0o001 != 0)
    };
    if account.is_none() || folder.ancestors().all(open) { folder } else { "/tmp".into() }
}

/// Returns what is free where a folder is, or is to be, in bytes.
pub(in crate::server) fn room(folder: &Path) -> Option<u64> {
    let free = rustix::fs::statvfs(folder.parent()?).ok()?;
    Some(free.f_bavail * free.f_frsize)
}

/// Tells whether a folder is in memory.
pub(in crate::server) fn is_in_memory(folder: &Path) -> bool {
    folder.starts_with(MEMORY)
}

/// Lets all processes know that a server has no room left in memory: they boot the next one on the disk.
pub(in crate::server) fn tell_full(folder: &Path) {
    // Should it not be told, they find out for themselves. A new file follows no link.
    let _ = fs::File::create_new(folder.join(FULL));
}

/// Tells whether the server of a folder was found to have no room left.
pub(in crate::server) fn is_full(folder: &Path) -> bool {
    folder.join(FULL).exists()
}
