//! A folder that is open. What is done in it is done through its descriptor, and follows no link.
//!
//! The folder of a server may be another user's: root's servers run as somebody else, who may put a link or another
//! file under any name there, at any moment. A path would lead root to wherever that user likes. A descriptor stays with
//! its folder, and what is opened in it has to be a file of that user's or of ours.

use std::fs::{File, TryLockError};
use std::io::{self, Read as _};
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use rustix::fd::{AsFd, OwnedFd};
use rustix::fs::{
    AtFlags, Dir, FileType, Mode, OFlags, fstat, mkdirat, open, openat, renameat, statat, unlinkat,
};
use rustix::io::Errno;
use rustix::process::geteuid;

/// Nothing of it is a terminal to be had, waits for anybody, or goes to children.
const ALWAYS: OFlags =
    OFlags::NOFOLLOW.union(OFlags::NONBLOCK).union(OFlags::NOCTTY).union(OFlags::CLOEXEC);

/// A folder that is open.
#[derive(Debug)]
pub(crate) struct OpenFolder {
    descriptor: OwnedFd,
    path: PathBuf,
    /// The user whose folder it is.
    owner: u32,
    /// Who may read the files that are made in it.
    mode: Mode,
}

impl OpenFolder {
    /// Opens a folder of this user's, or of a user's who may have it.
    pub(crate) fn open(path: &Path, other: Option<u32>) -> io::Result<Self> {
        let descriptor = open(path, ALWAYS | OFlags::DIRECTORY | OFlags::RDONLY, Mode::empty())?;
        Self::of(descriptor, path.to_owned(), other)
    }

    /// Lets everybody read what is made in it, as far as this process lets others at all.
    pub(crate) fn readable(self) -> Self {
        Self { mode: Mode::from_raw_mode(0o666), ..self }
    }

    /// Tells whether its owner alone may enter it.
    pub(crate) fn is_private(&self) -> io::Result<bool> {
        let mode = Mode::from_raw_mode(fstat(&self.descriptor)?.st_mode);
        Ok(!mode.intersects(Mode::RWXG | Mode::RWXO))
    }

    /// Opens a folder in it.
    pub(crate) fn folder(&self, name: &str) -> io::Result<Self> {
        let flags = ALWAYS | OFlags::DIRECTORY | OFlags::RDONLY;
        let descriptor = openat(&self.descriptor, within(name)?, flags, Mode::empty())?;
        let folder = Self::of(descriptor, self.path.join(name), Some(self.owner))?;
        Ok(Self { mode: self.mode, ..folder })
    }

    fn of(descriptor: OwnedFd, path: PathBuf, other: Option<u32>) -> io::Result<Self> {
        let owner = fstat(&descriptor)?.st_uid;
        if !is_of(owner, other) {
            return Err(not_ours(&path));
        }
        Ok(Self { descriptor, path, owner, mode: Mode::RUSR | Mode::WUSR })
    }

    /// Returns where it was opened; for others to be told, and to connect to what listens there.
    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    /// Returns the user whose folder it is.
    pub(crate) fn owner(&self) -> u32 {
        self.owner
    }

    /// Locks it for this process, and for those that get the file; `None` while another one has it locked. The kernel
    /// frees it behind the last of them.
    pub(crate) fn lock(&self) -> Option<File> {
        let folder = File::from(self.descriptor.try_clone().ok()?);
        match folder.try_lock() {
            Err(TryLockError::WouldBlock) => None,
            // A file system without locks is no reason to do nothing.
            Ok(()) | Err(TryLockError::Error(_)) => Some(folder),
        }
    }

    /// Opens a file that is there, for reading and writing.
    pub(crate) fn file(&self, name: &str) -> io::Result<File> {
        self.regular(name, OFlags::RDWR)
    }

    /// Opens a file that is there, for reading.
    pub(crate) fn file_to_read(&self, name: &str) -> io::Result<File> {
        self.regular(name, OFlags::RDONLY)
    }

    /// Opens a folder in it, and makes it where there is none.
    pub(crate) fn make_folder(&self, name: &str) -> io::Result<Self> {
        match mkdirat(&self.descriptor, within(name)?, Mode::from_raw_mode(0o777)) {
            Ok(()) | Err(Errno::EXIST) => self.folder(name),
            Err(error) => Err(error.into()),
        }
    }

    /// Makes a file. It is an error if anything has the name.
    pub(crate) fn create_new(&self, name: &str) -> io::Result<File> {
        self.regular(name, OFlags::RDWR | OFlags::CREATE | OFlags::EXCL)
    }

    /// Opens a file, and makes it where there is none.
    pub(crate) fn create(&self, name: &str) -> io::Result<File> {
        self.regular(name, OFlags::RDWR | OFlags::CREATE)
    }

    /// Reads a file.
    pub(crate) fn read(&self, name: &str) -> io::Result<String> {
        let mut text = String::new();
        self.regular(name, OFlags::RDONLY)?.read_to_string(&mut text)?;
        Ok(text)
    }

    /// Opens a named pipe for writing. This fails, rather than waits, if nobody has it open for reading.
    pub(crate) fn pipe(&self, name: &str) -> io::Result<File> {
        self.opened(name, OFlags::WRONLY, FileType::Fifo)
    }

    /// Returns when a file was last changed.
    pub(crate) fn modified(&self, name: &str) -> io::Result<SystemTime> {
        self.regular(name, OFlags::RDONLY)?.metadata()?.modified()
    }

    /// Returns when the folder itself was last changed.
    pub(crate) fn changed(&self) -> io::Result<SystemTime> {
        File::from(self.descriptor.try_clone()?).metadata()?.modified()
    }

    /// Tells whether anything has a name.
    pub(crate) fn has(&self, name: &str) -> bool {
        statat(&self.descriptor, name, AtFlags::SYMLINK_NOFOLLOW).is_ok()
    }

    /// Tells whether a file has a name still.
    pub(crate) fn has_as(&self, name: &str, file: &File) -> bool {
        let found = statat(&self.descriptor, name, AtFlags::SYMLINK_NOFOLLOW);
        let file = fstat(file);
        found.is_ok_and(|found| {
            file.is_ok_and(|file| (file.st_ino, file.st_dev) == (found.st_ino, found.st_dev))
        })
    }

    /// Gives a file another name.
    pub(crate) fn rename(&self, from: &str, to: &str) -> io::Result<()> {
        Ok(renameat(&self.descriptor, within(from)?, &self.descriptor, within(to)?)?)
    }

    /// Removes a file.
    pub(crate) fn remove(&self, name: &str) -> io::Result<()> {
        Ok(unlinkat(&self.descriptor, within(name)?, AtFlags::empty())?)
    }

    /// Lists the names in it.
    pub(crate) fn names(&self) -> Vec<String> {
        let Ok(entries) = Dir::read_from(self.descriptor.as_fd()) else { return Vec::new() };
        let names =
            entries.filter_map(|entry| Some(entry.ok()?.file_name().to_str().ok()?.to_owned()));
        names.filter(|name| name != "." && name != "..").collect()
    }

    fn regular(&self, name: &str, flags: OFlags) -> io::Result<File> {
        self.opened(name, flags, FileType::RegularFile)
    }

    fn opened(&self, name: &str, flags: OFlags, kind: FileType) -> io::Result<File> {
        let file = openat(&self.descriptor, within(name)?, ALWAYS | flags, self.mode)?;
        let found = fstat(&file)?;
        // A second name may be that of a file elsewhere.
        let is_sole = found.st_nlink <= 1;
        if FileType::from_raw_mode(found.st_mode) == kind
            && is_sole
            && is_of(found.st_uid, Some(self.owner))
        {
            return Ok(file.into());
        }
        Err(not_ours(&self.path.join(name)))
    }
}

/// Takes a name that leads nowhere else.
fn within(name: &str) -> io::Result<&str> {
    match name.contains('/') || matches!(name, "" | "." | "..") {
        true => Err(io::ErrorKind::InvalidInput.into()),
        false => Ok(name),
    }
}

fn is_of(owner: u32, other: Option<u32>) -> bool {
    owner == geteuid().as_raw() || other == Some(owner)
}

fn not_ours(path: &Path) -> io::Error {
    let told = format!("{} is not what tdata made", path.display());
    io::Error::new(io::ErrorKind::PermissionDenied, told)
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _, symlink};

    use super::*;

    /// A folder, and a secret file beside it.
    fn folder() -> (tempfile::TempDir, OpenFolder, PathBuf) {
        let all = tempfile::tempdir().unwrap();
        fs::create_dir(all.path().join("server")).unwrap();
        let secret = all.path().join("secret");
        fs::write(&secret, "secret").unwrap();
        let folder = OpenFolder::open(&all.path().join("server"), None).unwrap();
        (all, folder, secret)
    }

    #[test]
    fn nothing_leads_out_of_it() {
        let (all, folder, secret) = folder();
        let missing = all.path().join("missing");
        symlink(&secret, folder.path().join("link")).unwrap();
        symlink(&missing, folder.path().join("dangling")).unwrap();
        symlink(all.path(), folder.path().join("out")).unwrap();
        fs::hard_link(&secret, folder.path().join("hard")).unwrap();
        for name in ["link", "dangling", "hard", "out", "..", "../secret", "out/secret", ""] {
            assert!(folder.read(name).is_err(), "{name}");
            assert!(folder.file(name).is_err(), "{name}");
            assert!(folder.create(name).is_err(), "{name}");
            assert!(folder.create_new(name).is_err(), "{name}");
            assert!(folder.modified(name).is_err(), "{name}");
            assert!(folder.pipe(name).is_err(), "{name}");
            assert!(folder.folder(name).is_err(), "{name}");
            assert!(folder.make_folder(name).is_err(), "{name}");
        }
        assert!(!missing.exists());
        assert_eq!(fs::read_to_string(&secret).unwrap(), "secret");
        assert!(OpenFolder::open(&folder.path().join("out"), None).is_err());
    }

    #[test]
    fn it_stays_the_same_whatever_has_its_name() {
        let (all, folder, _) = folder();
        fs::rename(folder.path(), all.path().join("moved")).unwrap();
        fs::create_dir(all.path().join("elsewhere")).unwrap();
        symlink(all.path().join("elsewhere"), folder.path()).unwrap();
        folder.create_new("a").unwrap();
        folder.rename("a", "b").unwrap();
        assert_eq!(folder.names(), ["b"]);
        assert!(all.path().join("moved/b").exists());
        assert_eq!(fs::read_dir(all.path().join("elsewhere")).unwrap().count(), 0);
    }

    #[test]
    fn a_folder_is_private_if_nobody_else_may_enter_it() {
        let (_all, folder, _) = folder();
        for (mode, is_private) in [(0o700, true), (0o701, false), (0o770, false), (0o777, false)] {
            fs::set_permissions(folder.path(), fs::Permissions::from_mode(mode)).unwrap();
            assert_eq!(folder.is_private().unwrap(), is_private, "{mode:o}");
        }
    }

    #[test]
    fn folders_in_it_are_made_once_and_are_no_links() {
        let (all, folder, _) = folder();
        for _ in 0..2 {
            folder.make_folder("in").unwrap().create("a").unwrap();
        }
        symlink(all.path(), folder.path().join("out")).unwrap();
        assert!(folder.make_folder("out").is_err());
    }

    #[test]
    fn a_file_is_its_makers_alone_and_waits_for_nobody() {
        let (_all, folder, _) = folder();
        let file = folder.create_new("a").unwrap();
        assert_eq!(file.metadata().unwrap().mode() & 0o777, 0o600);
        assert!(folder.has("a") && folder.has_as("a", &file) && !folder.has("b"));
        folder.remove("a").unwrap();
        folder.create_new("a").unwrap();
        assert!(!folder.has_as("a", &file), "another file has the name");
        let path = folder.path().join("pipe");
        assert!(std::process::Command::new("mkfifo").arg(path).status().unwrap().success());
        assert!(folder.read("pipe").is_err() && folder.pipe("pipe").is_err(), "nobody reads it");
    }

    #[test]
    fn only_root_can_be_given_a_folder_of_another() {
        if !geteuid().is_root() {
            return;
        }
        const OTHER: u32 = 65_534;
        let (all, _, secret) = folder();
        let path = all.path().join("server");
        std::os::unix::fs::chown(&path, Some(OTHER), None).unwrap();
        assert!(OpenFolder::open(&path, None).is_err(), "nobody said so");
        let folder = OpenFolder::open(&path, Some(OTHER)).unwrap();
        // A file of a third user's is neither ours nor the owner's.
        fs::write(path.join("third"), "third").unwrap();
        std::os::unix::fs::chown(path.join("third"), Some(OTHER - 1), None).unwrap();
        assert!(folder.read("third").is_err());
        fs::rename(&secret, path.join("secret")).unwrap();
        assert_eq!(folder.read("secret").unwrap(), "secret", "our own");
    }
}
