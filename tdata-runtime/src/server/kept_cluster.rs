//! Initialised clusters that are kept in the user's cache folder, so that not every boot waits for `initdb`.
//!
//! A kept cluster is an archive of the folder that `initdb` made, before any server has used it: it has no password and no
//! data. Its name says from which programs and options it comes (a fingerprint), their major version, and its checksum
//! and size as `cksum` tells them. It gets this name last, so an archive without it is nobody's. The checksum is counted
//! again whenever the cluster is used, and one that does not fit, or from which no server starts, is removed: so nothing
//! here has to be synced to the disk, and no crash leaves a cluster that is trusted.
//!
//! All copies of a cluster have the same system identifier. It only tells which log belongs to which cluster, and no log
//! of a server of ours goes to another one.

use std::collections::hash_map::DefaultHasher;
use std::fs::{self, File};
use std::hash::{Hash as _, Hasher as _};
use std::io;
use std::os::unix::fs::MetadataExt as _;
use std::path::Path;
use std::time::{Duration, SystemTime};

use super::cache_folder;
use super::secret;
use crate::open_folder::OpenFolder;

/// The folder of kept clusters, in tdata's cache folder.
const FOLDER: &str = "clusters";

/// What the names of archives that are not complete begin with.
const DRAFT: &str = "draft-";

/// What the names of archives end with.
const ARCHIVE: &str = ".tar";

/// The most clusters that are kept: programs of several versions, and of several features of one project.
const MOST: usize = 4;

/// A cluster that nobody has used for so long is removed.
const LONGEST: Duration = Duration::from_secs(60 * 24 * 60 * 60);

/// The clusters that are kept, as seen by who boots a server from certain programs.
pub(super) struct Shelf {
    folder: OpenFolder,
    /// What tells the clusters of these programs from others.
    fingerprint: String,
}

/// A cluster that is kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Kept {
    name: String,
    /// The major version of its programs.
    pub(super) major: u32,
    /// What `cksum` says of it.
    pub(super) checksum: String,
}

/// A cluster that is about to be kept. While it is open it is locked, so that nobody takes it for one of a process that
/// was killed.
#[derive(Debug)]
pub(super) struct Draft {
    name: String,
    file: File,
}

impl Draft {
    /// Returns the file, for who writes it.
    pub(super) fn file(&self) -> io::Result<File> {
        self.file.try_clone()
    }
}

impl Shelf {
    /// Opens the clusters of this user, for the programs in a folder and the options that `initdb` gets, which `options`
    /// tell. `None` where there is no cache folder, and none can be made, or others may write to it.
    pub(super) fn open(programs: &Path, options: &str) -> Option<Self> {
        Self::of(cache_folder::open(FOLDER)?, programs, options)
    }

    fn of(folder: OpenFolder, programs: &Path, options: &str) -> Option<Self> {
        let fingerprint = fingerprint(programs, options)?;
        Some(Self { folder, fingerprint })
    }

    /// Returns the newest cluster of the programs.
    pub(super) fn find(&self) -> Option<Kept> {
        let kept = self.folder.names().into_iter().filter_map(|name| self.read(&name));
        kept.max_by_key(|kept| self.folder.modified(&kept.name).ok())
    }

    /// Reads the name of a cluster of the programs.
    fn read(&self, name: &str) -> Option<Kept> {
        let rest = name.strip_prefix(&self.fingerprint)?.strip_prefix('-')?;
        let mut parts = rest.strip_suffix(ARCHIVE)?.split('-');
        let mut number = || parts.next()?.parse::<u64>().ok();
        let (major, sum, size) = (number()?, number()?, number()?);
        let name = name.to_owned();
        Some(Kept { name, major: major.try_into().ok()?, checksum: format!("{sum} {size}") })
    }

    /// Opens a cluster, twice: one who reads it does not move the other on.
    pub(super) fn take(&self, kept: &Kept) -> io::Result<[File; 2]> {
        let files = [self.folder.file_to_read(&kept.name)?, self.folder.file_to_read(&kept.name)?];
        // The one that was not used for longest is removed first. Of a folder that is read-only, none is.
        let _ = files[0].set_modified(SystemTime::now());
        Ok(files)
    }

    /// Removes a cluster that no server starts from.
    pub(super) fn discard(&self, kept: &Kept) {
        let _ = self.folder.remove(&kept.name);
    }

    /// Makes the file that a cluster is to be kept in.
    pub(super) fn draft(&self) -> io::Result<Draft> {
        let random = secret::generate()?;
        let name = format!("{DRAFT}{}", random.get(..16).unwrap_or(&random));
        let file = self.folder.create_new(&name)?;
        file.try_lock()?;
        Ok(Draft { name, file })
    }

    /// Keeps a cluster that is complete, of programs of a major version. `checksum` is what `cksum` says of it.
    pub(super) fn keep(&self, draft: &Draft, major: u32, checksum: &str) {
        let is_whole = checksum.split_once(' ').is_some_and(|(sum, size)| {
            let is_sum = sum.parse::<u64>().is_ok();
            let length = draft.file.metadata().map(|found| found.len()).ok();
            is_sum && size.parse().ok() == length
        });
        if is_whole {
            let numbers = checksum.replace(' ', "-");
            let name = format!("{}-{major}-{numbers}{ARCHIVE}", self.fingerprint);
            let _ = self.folder.rename(&draft.name, &name);
            self.evict(&name);
        } else {
            let _ = self.folder.remove(&draft.name);
        }
    }

    /// Removes what is not needed beside a cluster that was just kept.
    fn evict(&self, newest: &str) {
        let mut others = Vec::new();
        for name in self.folder.names() {
            if name.starts_with(DRAFT) {
                // Its process was killed.
                let is_left = |file: File| file.try_lock().is_ok();
                if self.folder.file_to_read(&name).is_ok_and(is_left) {
                    let _ = self.folder.remove(&name);
                }
            } else if self.read(&name).is_some() && name != newest {
                let _ = self.folder.remove(&name);
            } else if name.ends_with(ARCHIVE) && name != newest {
                let used = self.folder.modified(&name).unwrap_or(SystemTime::UNIX_EPOCH);
                others.push((used, name));
            }
        }
        others.sort();
        others.reverse();
        for (place, (used, name)) in others.iter().enumerate() {
            let is_old = used.elapsed().is_ok_and(|age| age > LONGEST);
            if is_old || place + 1 >= MOST {
                let _ = self.folder.remove(name);
            }
        }
    }
}

/// What tells the clusters of programs from those of others: where they are, and which files; the options; and the version
/// of tdata. `None` where there are none.
fn fingerprint(programs: &Path, options: &str) -> Option<String> {
    // Always the same, in every process. If another compiler made it another one, no cluster would be found.
    let mut hasher = DefaultHasher::new();
    (env!("CARGO_PKG_VERSION"), options).hash(&mut hasher);
    fs::canonicalize(programs).ok()?.hash(&mut hasher);
    for program in ["postgres", "initdb"] {
        let found = fs::metadata(programs.join(program)).ok()?;
        let changed = (found.mtime(), found.mtime_nsec(), found.ctime(), found.ctime_nsec());
        (found.dev(), found.ino(), found.len(), changed).hash(&mut hasher);
    }
    Some(format!("{:016x}", hasher.finish()))
}

#[cfg(test)]
mod tests {
    use std::io::Write as _;

    use super::*;

    /// A cache folder, and a folder with two files for programs.
    fn folders() -> (tempfile::TempDir, std::path::PathBuf, std::path::PathBuf) {
        let all = tempfile::tempdir().unwrap();
        let programs = all.path().join("bin");
        fs::create_dir(&programs).unwrap();
        for program in ["postgres", "initdb"] {
            fs::write(programs.join(program), program).unwrap();
        }
        let cache = all.path().join("cache");
        (all, cache, programs)
    }

    fn open_in(cache: &Path, programs: &Path, options: &str) -> Option<Shelf> {
        Shelf::of(cache_folder::open_in(cache, FOLDER)?, programs, options)
    }

    fn keep(shelf: &Shelf, text: &str) {
        let mut draft = shelf.draft().unwrap();
        draft.file.write_all(text.as_bytes()).unwrap();
        shelf.keep(&draft, 15, &format!("7 {}", text.len()));
    }

    #[test]
    fn what_was_kept_is_found_and_taken() {
        let (_all, cache, programs) = folders();
        let shelf = open_in(&cache, &programs, "").unwrap();
        assert_eq!(shelf.find(), None);
        keep(&shelf, "cluster");
        let kept = shelf.find().unwrap();
        assert_eq!((kept.major, kept.checksum.as_str()), (15, "7 7"));
        for file in shelf.take(&kept).unwrap() {
            assert_eq!(io::read_to_string(file).unwrap(), "cluster");
        }
        shelf.discard(&kept);
        assert_eq!(shelf.find(), None);
    }

    #[test]
    fn other_programs_and_options_have_clusters_of_their_own() {
        let (_all, cache, programs) = folders();
        keep(&open_in(&cache, &programs, "").unwrap(), "cluster");
        assert_eq!(open_in(&cache, &programs, "md5").unwrap().find(), None);
        fs::write(programs.join("postgres"), "another").unwrap();
        assert_eq!(open_in(&cache, &programs, "").unwrap().find(), None);
        fs::remove_file(programs.join("initdb")).unwrap();
        assert!(open_in(&cache, &programs, "").is_none());
    }

    #[test]
    fn a_draft_is_nobodys_cluster() {
        let (_all, cache, programs) = folders();
        let shelf = open_in(&cache, &programs, "").unwrap();
        let mut draft = shelf.draft().unwrap();
        draft.file.write_all(b"half").unwrap();
        assert_eq!(shelf.find(), None);
        for checksum in ["", "7", "7 5", "x 4", "7 4 4"] {
            let mut draft = shelf.draft().unwrap();
            draft.file.write_all(b"half").unwrap();
            shelf.keep(&draft, 15, checksum);
            assert_eq!(shelf.find(), None, "{checksum}");
        }
        // One that somebody writes stays; one of a process that was killed goes.
        drop(shelf.draft().unwrap());
        keep(&shelf, "cluster");
        let drafts = shelf.folder.names().into_iter().filter(|name| name.starts_with(DRAFT));
        assert_eq!(drafts.collect::<Vec<_>>(), [draft.name]);
    }

    #[test]
    fn few_clusters_are_kept_and_one_of_each_programs() {
        let (_all, cache, programs) = folders();
        for options in ["a", "b", "c", "d", "e", "e", "f"] {
            let shelf = open_in(&cache, &programs, options).unwrap();
            keep(&shelf, options);
            keep(&shelf, &format!("{options}, again"));
        }
        let shelf = open_in(&cache, &programs, "f").unwrap();
        assert_eq!(shelf.folder.names().len(), MOST);
        assert_eq!(shelf.find().unwrap().checksum, "7 8");
        assert_eq!(open_in(&cache, &programs, "a").unwrap().find(), None);
        let old = shelf.find().unwrap();
        let long_ago = SystemTime::now() - LONGEST - Duration::from_secs(1);
        shelf.folder.file(&old.name).unwrap().set_modified(long_ago).unwrap();
        keep(&open_in(&cache, &programs, "g").unwrap(), "g");
        assert_eq!(shelf.find(), None);
    }

    #[test]
    fn what_is_another_users_is_left_alone() {
        if !rustix::process::geteuid().is_root() {
            // Nobody else can give files away.
            return;
        }
        let (_all, cache, programs) = folders();
        let open = || open_in(&cache, &programs, "");
        keep(&open().unwrap(), "cluster");
        let other = Some(65_534);
        let shelf = open().unwrap();
        let kept = shelf.find().unwrap();
        std::os::unix::fs::chown(cache.join(FOLDER).join(&kept.name), other, None).unwrap();
        assert!(shelf.take(&kept).is_err(), "a file of somebody else's");
    }
}
