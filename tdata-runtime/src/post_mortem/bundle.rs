//! A bundle's folder: there as a whole, or not at all.

use std::fs::{self, File};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};

use rustix::process::{Pid, test_kill_process};

use super::test_id::TestId;
use crate::config::target_folder;
use crate::open_folder::OpenFolder;

/// The beginning of the names of folders that are not finished.
const DRAFT: &str = ".draft-";

/// How often a place that others take is asked for.
const ATTEMPTS: u32 = 5;

/// A bundle that is being written. Dropped before it is published, nothing of it stays.
pub(super) struct Draft {
    folder: OpenFolder,
    place: PathBuf,
}

/// Returns the folder of a test's bundle.
pub(super) fn place(id: &TestId) -> PathBuf {
    target_folder().join("tdata/failures").join(id.folder())
}

impl Draft {
    /// Starts a bundle that is to be at `place`.
    pub(super) fn begin(place: PathBuf) -> io::Result<Self> {
        let all = place.parent().unwrap_or(Path::new("."));
        // Another user may have made it.
        let refused =
            |error: io::Error| io::Error::new(error.kind(), format!("{}: {error}", all.display()));
        fs::create_dir_all(all).map_err(refused)?;
        remove_abandoned(all);
        let folder = all.join(draft_name());
        fs::create_dir(&folder).map_err(refused)?;
        // Whoever owns the folder around it may put another into its place. What is written goes into this one.
        Ok(Self { folder: OpenFolder::open(&folder, None)?.readable(), place })
    }

    /// Writes a file, whose name may tell folders.
    pub(super) fn write(&self, name: &str, text: &str) -> io::Result<()> {
        self.create(name)?.write_all(text.as_bytes())
    }

    /// Makes a file, whose name may tell folders.
    pub(super) fn create(&self, name: &str) -> io::Result<File> {
        let Some((folders, name)) = name.rsplit_once('/') else {
            return self.folder.create_new(name);
        };
        let mut folders = folders.split('/');
        let first = self.folder.make_folder(folders.next().unwrap_or_default())?;
        folders.try_fold(first, |folder, name| folder.make_folder(name))?.create_new(name)
    }

    /// Puts it into its place, and what was there away.
    pub(super) fn publish(self) -> io::Result<PathBuf> {
        for _attempt in 0..ATTEMPTS {
            match fs::rename(self.folder.path(), &self.place) {
                Ok(()) => return Ok(self.place.clone()),
                Err(error) if is_taken(&error) => {}
                Err(error) => return Err(error),
            }
            let former = self.place.with_file_name(draft_name());
            // Another process may have put it away.
            if fs::rename(&self.place, &former).is_ok() {
                remove(&former)?;
            }
        }
        fs::rename(self.folder.path(), &self.place)?;
        Ok(self.place.clone())
    }
}

impl Drop for Draft {
    fn drop(&mut self) {
        // Once it is published there is nothing.
        let _ = fs::remove_dir_all(self.folder.path());
    }
}

fn is_taken(error: &io::Error) -> bool {
    use io::ErrorKind::{AlreadyExists, DirectoryNotEmpty, NotADirectory};
    matches!(error.kind(), DirectoryNotEmpty | AlreadyExists | NotADirectory)
}

/// Removes what was in a bundle's place: a folder with all in it; of a link itself, not what it leads to.
fn remove(former: &Path) -> io::Result<()> {
    match fs::symlink_metadata(former)?.is_dir() {
        true => fs::remove_dir_all(former),
        false => fs::remove_file(former),
    }
}

fn draft_name() -> String {
    static NEXT: AtomicU64 = AtomicU64::new(0);
    let number = NEXT.fetch_add(1, Ordering::Relaxed);
    format!("{DRAFT}{}-{number}", std::process::id())
}

/// Removes what processes left that were killed.
fn remove_abandoned(folder: &Path) {
    let Ok(entries) = fs::read_dir(folder) else { return };
    for entry in entries.filter_map(Result::ok) {
        let name = entry.file_name();
        let process = name.to_str().and_then(|name| name.strip_prefix(DRAFT)?.split('-').next());
        let process = process.and_then(|digits| Pid::from_raw(digits.parse().ok()?));
        if process.is_some_and(|process| test_kill_process(process) == Err(rustix::io::Errno::SRCH))
        {
            let _ = fs::remove_dir_all(entry.path());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bundle_replaces_the_former_one_as_a_whole() {
        let folder = tempfile::tempdir().unwrap();
        let place = folder.path().join("all/shop.pays");
        for round in ["first", "second"] {
            let draft = Draft::begin(place.clone()).unwrap();
            draft.write(&format!("definitions/{round}.yaml"), round).unwrap();
            assert_eq!(draft.publish().unwrap(), place);
            let files: Vec<_> = fs::read_dir(place.join("definitions")).unwrap().collect();
            assert_eq!(files.len(), 1, "{round}");
        }
        let unfinished = Draft::begin(place.clone()).unwrap();
        unfinished.write("plan.txt", "half").unwrap();
        drop(unfinished);
        let left: Vec<_> = fs::read_dir(folder.path().join("all")).unwrap().collect();
        assert_eq!(left.len(), 1, "{left:?}");
        assert!(place.join("definitions/second.yaml").is_file());
    }

    #[test]
    fn a_link_in_its_place_leads_nowhere() {
        let folder = tempfile::tempdir().unwrap();
        let secret = folder.path().join("secret");
        fs::write(&secret, "secret").unwrap();
        let draft = Draft::begin(folder.path().join("all/bundle")).unwrap();
        let path = draft.folder.path().to_owned();
        // As whoever owns the folder around it can.
        std::os::unix::fs::symlink(&secret, path.join("dump.sql")).unwrap();
        std::os::unix::fs::symlink(folder.path(), path.join("definitions")).unwrap();
        assert!(draft.create("dump.sql").is_err());
        assert!(draft.write("definitions/secret", "x").is_err());
        assert!(draft.write("../secret", "x").is_err(), "a folder above is another's");
        fs::rename(&path, folder.path().join("moved")).unwrap();
        std::os::unix::fs::symlink(folder.path(), &path).unwrap();
        draft.write("plan.txt", "plan").unwrap();
        assert!(folder.path().join("moved/plan.txt").exists());
        drop(draft);
        assert_eq!(fs::read_to_string(&secret).unwrap(), "secret");
    }

    #[test]
    fn where_no_bundle_can_be_the_place_is_told() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("failures");
        fs::write(&file, "another's").unwrap();
        let error = Draft::begin(file.join("bundle")).err().unwrap();
        assert!(error.to_string().starts_with(&*file.to_string_lossy()), "{error}");
    }

    #[test]
    fn whatever_is_in_its_place_goes_and_nothing_that_it_leads_to() {
        let folder = tempfile::tempdir().unwrap();
        let (place, other) = (folder.path().join("all/bundle"), folder.path().join("other"));
        fs::create_dir_all(folder.path().join("all")).unwrap();
        fs::create_dir(&other).unwrap();
        fs::write(other.join("kept"), "kept").unwrap();
        for put in [
            (|other, place| std::os::unix::fs::symlink(other, place).unwrap()) as fn(&Path, &Path),
            |other, place| std::os::unix::fs::symlink(other.join("none"), place).unwrap(),
            |_, place| fs::write(place, "a file").unwrap(),
        ] {
            put(&other, &place);
            let draft = Draft::begin(place.clone()).unwrap();
            draft.write("plan.txt", "plan").unwrap();
            draft.publish().unwrap();
            assert!(fs::symlink_metadata(&place).unwrap().is_dir());
            assert!(place.join("plan.txt").is_file() && other.join("kept").is_file());
            fs::remove_dir_all(&place).unwrap();
        }
        let left = fs::read_dir(folder.path().join("all")).unwrap();
        assert_eq!(left.count(), 0);
    }

    #[test]
    fn what_a_killed_process_left_goes() {
        let folder = tempfile::tempdir().unwrap();
        // No process has this number: the highest is below.
        let abandoned = folder.path().join(format!("{DRAFT}{}-0", i32::MAX));
        fs::create_dir(&abandoned).unwrap();
        let draft = Draft::begin(folder.path().join("bundle")).unwrap();
        assert!(!abandoned.exists());
        assert!(draft.folder.path().exists());
    }
}
