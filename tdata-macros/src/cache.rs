//! What files were read into, kept for as long as the files stay the same.
//!
//! A compiler expands hundreds of attributes in one process, and a language server lives for days:
//! nothing should be parsed twice, and no change should be missed.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::SystemTime;

/// Values by the path they were read from.
pub(crate) struct Cache<T> {
    entries: Mutex<BTreeMap<PathBuf, (Stamp, Arc<T>)>>,
}

/// What tells one state of some files from another: path, time of the last change, length.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Stamp(Vec<(PathBuf, Option<SystemTime>, u64)>);

impl Stamp {
    /// Takes the stamp of a file.
    pub(crate) fn of_file(file: &Path) -> Self {
        let mut stamp = Self::default();
        stamp.add(file);
        stamp
    }

    /// Takes the stamp of all files that stand in a folder itself.
    pub(crate) fn of_folder(folder: &Path) -> Self {
        let mut stamp = Self::default();
        for file in std::fs::read_dir(folder).into_iter().flatten().flatten() {
            stamp.add(&file.path());
        }
        stamp.0.sort();
        stamp
    }

    /// Adds a file. One that cannot be looked at counts as empty.
    pub(crate) fn add(&mut self, file: &Path) {
        let metadata = std::fs::metadata(file).ok();
        let changed = metadata.as_ref().and_then(|metadata| metadata.modified().ok());
        self.0.push((file.to_owned(), changed, metadata.map_or(0, |metadata| metadata.len())));
    }
}

impl<T> Cache<T> {
    /// Starts empty.
    pub(crate) const fn new() -> Self {
        Self { entries: Mutex::new(BTreeMap::new()) }
    }

    /// Returns the value for `path`, made anew when its files are no longer those of `stamp`.
    ///
    /// The stamp must be taken before the files are read: a change in between is then seen the
    /// next time.
    pub(crate) fn get<E>(
        &self,
        path: &Path,
        stamp: Stamp,
        make: impl FnOnce() -> Result<T, E>,
    ) -> Result<Arc<T>, E> {
        let mut entries = self.entries.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((known, value)) = entries.get(path)
            && *known == stamp
        {
            return Ok(Arc::clone(value));
        }
        let value = Arc::new(make()?);
        entries.insert(path.to_owned(), (stamp, Arc::clone(&value)));
        Ok(value)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_is_made_again_only_when_its_file_changed() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("users.yaml");
        let cache = Cache::new();
        let get = |mark: u32| {
            let made =
                cache.get(folder.path(), Stamp::of_folder(folder.path()), || Ok::<_, ()>(mark));
            *made.unwrap()
        };
        std::fs::write(&file, "a").unwrap();
        assert_eq!(get(1), 1);
        assert_eq!(get(2), 1);
        std::fs::write(&file, "longer").unwrap();
        assert_eq!(get(3), 3);
        std::fs::write(folder.path().join("orders.yaml"), "").unwrap();
        assert_eq!(get(4), 4);
    }

    #[test]
    fn what_fails_is_tried_again() {
        let cache = Cache::new();
        let path = Path::new("nowhere");
        assert_eq!(cache.get(path, Stamp::of_file(path), || Err::<u32, _>("no")).err(), Some("no"));
        assert_eq!(
            cache.get(path, Stamp::of_file(path), || Ok::<_, ()>(5)).map(|made| *made),
            Ok(5)
        );
    }
}
