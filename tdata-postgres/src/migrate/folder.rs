//! A folder of migrations: its files, hidden ones aside.

use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::path::Path;

use super::error::MigrateError;

/// The endings of files whose texts decide what runs; of others the name will do.
const READ: &[&str] = &[".sql", ".toml", ".conf", ".sum"];

/// How many folders deep migrations are looked for.
const DEPTH: u8 = 16;

/// A folder of migrations: its files, and all below it, hidden ones aside.
#[derive(Debug, Default)]
pub(super) struct Folder {
    /// The texts by the paths below the folder, with `/` between their parts.
    files: BTreeMap<String, Vec<u8>>,
}

impl Folder {
    /// Reads a folder.
    pub(super) fn read(path: &Path) -> Result<Self, MigrateError> {
        let mut folder = Self::default();
        folder.read_into(path, "", DEPTH)?;
        Ok(folder)
    }

    /// A folder of which one file is looked at.
    pub(super) fn of_file(name: &str, bytes: Vec<u8>) -> Self {
        Self { files: BTreeMap::from([(name.to_owned(), bytes)]) }
    }

    fn read_into(&mut self, path: &Path, prefix: &str, depth: u8) -> Result<(), MigrateError> {
        let unreadable = |path: &Path, error: io::Error| MigrateError::Unreadable {
            path: path.to_owned(),
            error,
        };
        for entry in fs::read_dir(path).map_err(|error| unreadable(path, error))? {
            let path = entry.map_err(|error| unreadable(path, error))?.path();
            let Some(name) = path.file_name().map(|name| name.to_string_lossy()) else { continue };
            if name.starts_with('.') {
                continue;
            }
            let name = format!("{prefix}{name}");
            if path.is_dir() {
                // A link may lead back up.
                let is_below = prefix.is_empty() || !path.is_symlink();
                if depth > 0 && is_below {
                    self.read_into(&path, &format!("{name}/"), depth - 1)?;
                }
                continue;
            }
            let is_read = READ.iter().any(|ending| name.ends_with(ending));
            let bytes = match is_read {
                true => fs::read(&path).map_err(|error| unreadable(&path, error))?,
                false => Vec::new(),
            };
            self.files.insert(name, bytes);
        }
        Ok(())
    }

    /// Makes a folder of some files.
    #[cfg(test)]
    pub(super) fn of(files: &[(&str, &str)]) -> Self {
        let file = |(name, text): &(&str, &str)| ((*name).to_owned(), text.as_bytes().to_owned());
        Self { files: files.iter().map(file).collect() }
    }

    /// The files, those of folders below too.
    pub(super) fn all(&self) -> impl Iterator<Item = &str> {
        self.files.keys().map(String::as_str)
    }

    /// The files that are in no folder below.
    pub(super) fn top(&self) -> impl Iterator<Item = &str> {
        self.all().filter(|name| !name.contains('/'))
    }

    /// The folders in it that hold something.
    pub(super) fn folders(&self) -> Vec<&str> {
        let mut folders: Vec<&str> =
            self.all().filter_map(|name| Some(name.split_once('/')?.0)).collect();
        folders.dedup();
        folders
    }

    /// Returns the text of a file, where there is one.
    pub(super) fn get(&self, name: &str) -> Option<&[u8]> {
        self.files.get(name).map(Vec::as_slice)
    }
}
