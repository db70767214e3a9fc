//! The folders of shared servers.

use std::fs::{self, File};
use std::io;
use std::os::unix::fs::{PermissionsExt, fchown};
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use super::key::Key;
use crate::open_folder::OpenFolder;
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
        && !with_key(&key).iter().any(is_full);
    let parent = if in_memory { MEMORY.into() } else { temporary(account) };
    let random = secret::generate()?;
    Ok(parent.join(format!("{PREFIX}{key}-{}", random.get(..8).unwrap_or(&random))))
}

/// Gives a file to the account that the server runs as.
pub(super) fn give(file: &File, account: Option<Account>) -> io::Result<()> {
    match account {
        Some(account) => fchown(file, Some(account.user), Some(account.group)),
        None => Ok(()),
    }
}

/// Opens a folder that a watcher has made as an account: nobody else may enter it.
pub(super) fn made_as(path: &Path, account: Option<Account>) -> io::Result<OpenFolder> {
    let folder = OpenFolder::open(path, account.map(|account| account.user))?;
    match folder.is_private()? {
        true => Ok(folder),
        false => Err(io::Error::other(format!("others may enter {}", path.display()))),
    }
}

/// Returns the folders of servers with a key.
pub(in crate::server) fn with_key(key: &Key) -> Vec<OpenFolder> {
    with_prefix(&format!("{PREFIX}{key}-"))
}

/// Returns the folders of all servers of this user.
pub(in crate::server) fn all() -> Vec<OpenFolder> {
    with_prefix(PREFIX)
}

/// Tells whether a folder was made so long ago that nobody is about to fill it.
pub(in crate::server) fn is_settled(folder: &OpenFolder) -> bool {
    /// Longer than making a pipe takes, by far.
    const SETTLING: Duration = Duration::from_secs(60);
    folder
        .changed()
        .is_ok_and(|made| SystemTime::now().duration_since(made).is_ok_and(|age| age > SETTLING))
}

/// What somebody else put there under such a name is left alone.
fn with_prefix(prefix: &str) -> Vec<OpenFolder> {
    let account = account::to_drop_to();
    let mut parents = vec![PathBuf::from(MEMORY), temporary(account)];
    parents.dedup();
    let entries = parents.iter().filter_map(|parent| fs::read_dir(parent).ok()).flatten();
    let named = entries
        .filter_map(Result::ok)
        .filter(|entry| entry.file_name().to_str().is_some_and(|name| name.starts_with(prefix)));
    named.filter_map(|entry| made_as(&entry.path(), account).ok()).collect()
}

/// The folder for temporary files; one that the other account may enter.
fn temporary(account: Option<Account>) -> PathBuf {
    let folder = std::env::temp_dir();
    let mode = |path: &Path| fs::metadata(path).map(|found| found.permissions().mode());
    let open = |path: &Path| mode(path).is_ok_and(|mode| mode & 0o001 != 0);
    let is_reached = account.is_none() || folder.ancestors().all(open);
    if is_reached && mode(&folder).is_ok_and(keeps_names) { folder } else { "/tmp".into() }
}

/// Tells whether only the owner of what is in a folder of that mode can give it another name, and its name to others.
fn keeps_names(mode: u32) -> bool {
    const OTHERS_WRITE: u32 = 0o002;
    const STICKY: u32 = 0o1000;
    mode & OTHERS_WRITE == 0 || mode & STICKY != 0
}

/// Returns what is free where a folder is, or is to be, in bytes.
pub(in crate::server) fn room(folder: &Path) -> Option<u64> {
    let free = rustix::fs::statvfs(folder.parent()?).ok()?;
    Some(free.f_bavail * free.f_frsize)
}

/// Tells whether a folder is in memory.
pub(in crate::server) fn is_in_memory(folder: &OpenFolder) -> bool {
    folder.path().starts_with(MEMORY)
}

/// Lets all processes know that a server has no room left in memory: they boot the next one on the disk.
pub(in crate::server) fn tell_full(folder: &OpenFolder) {
    // Should it not be told, they find out for themselves.
    let _ = folder.create_new(FULL);
}

/// Tells whether the server of a folder was found to have no room left.
pub(in crate::server) fn is_full(folder: &OpenFolder) -> bool {
    folder.has(FULL)
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::{DirBuilderExt as _, MetadataExt as _, symlink};

    use super::*;

    #[test]
    fn a_link_put_there_in_between_is_not_given_away() {
        if !rustix::process::geteuid().is_root() {
            // Nobody else can give files away.
            return;
        }
        let all = tempfile::tempdir().unwrap();
        let secret = all.path().join("secret");
        fs::write(&secret, "secret").unwrap();
        let path = all.path().join("server");
        fs::DirBuilder::new().mode(0o700).create(&path).unwrap();
        let account = Account { user: 65_534, group: 65_534 };
        std::os::unix::fs::chown(&path, Some(account.user), Some(account.group)).unwrap();
        let folder = made_as(&path, Some(account)).unwrap();
        let file = folder.create_new("file").unwrap();
        fs::remove_file(path.join("file")).unwrap();
        symlink(&secret, path.join("file")).unwrap();
        give(&file, Some(account)).unwrap();
        assert_eq!(fs::metadata(&secret).unwrap().uid(), 0);
        assert_eq!(file.metadata().unwrap().uid(), account.user);
    }

    #[test]
    fn where_everybody_may_rename_everything_no_server_lives() {
        for (mode, keeps) in [(0o1777, true), (0o755, true), (0o700, true), (0o777, false)] {
            assert_eq!(keeps_names(0o040_000 | mode), keeps, "{mode:o}");
        }
    }

    #[test]
    fn folders_of_others_are_not_ours() {
        if !rustix::process::geteuid().is_root() {
            return;
        }
        let name = format!("{PREFIX}test-{}-", std::process::id());
        let [ours, others, open] =
            ["ours", "others", "open"].map(|end| format!("/tmp/{name}{end}"));
        for (path, mode) in [(&ours, 0o700), (&others, 0o700), (&open, 0o755)] {
            fs::DirBuilder::new().mode(mode).create(path).unwrap();
        }
        std::os::unix::fs::chown(&others, Some(12_345), None).unwrap();
        symlink(&ours, format!("/tmp/{name}link")).unwrap();
        let found = with_prefix(&name);
        let found: Vec<&Path> = found.iter().map(OpenFolder::path).collect();
        let is_found = found == [Path::new(&ours)];
        fs::remove_file(format!("/tmp/{name}link")).unwrap();
        for path in [&ours, &others, &open] {
            fs::remove_dir(path).unwrap();
        }
        assert!(is_found, "{found:?}");
    }
}
