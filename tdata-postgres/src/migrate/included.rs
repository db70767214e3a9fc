//! The files that migrations read while they run: read before, so that they are part of what stands for the migrations.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use super::psql::{Command, CopyCommand, Rows, Variables, arguments, command, without_quotes};
use super::steps::{Step, Steps};
use super::text::decode;

/// Files that migrations name with `\i`, `\ir` and `\copy`, and that those name.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Included {
    /// The folders of the migrations, below the project's. One is empty where it is the project's.
    folders: Vec<String>,
    /// What the files hold, by their paths below the project's folder.
    files: BTreeMap<String, Vec<u8>>,
    /// The paths where files were looked for, be they there or not.
    looked_at: BTreeSet<String>,
}

impl Included {
    /// Reads the files that migrations name, as far as they are there. `root` is the project's folder, `folders` are those of
    /// the migrations as settings have them. Each migration is its folder, its path below that, and its text.
    pub(super) fn read<'a>(
        root: &Path,
        folders: impl Iterator<Item = &'a str>,
        migrations: impl Iterator<Item = (usize, &'a str, &'a str)>,
    ) -> Self {
        let folder = |said: &str| {
            let said = Path::new(said);
            tidy(&said.strip_prefix(root).unwrap_or(said).to_string_lossy())
        };
        let mut included = Self { folders: folders.map(folder).collect(), ..Self::default() };
        for (folder, file, text) in migrations {
            let path = included.path(folder, file);
            included.add(root, &path, text, &mut Variables::default());
        }
        included
    }

    /// Returns a migration's own path below the project's folder.
    pub(super) fn path(&self, folder: usize, file: &str) -> String {
        let folder = self.folders.get(folder).map_or("", String::as_str);
        tidy(&join(folder, file))
    }

    /// Returns a folder of migrations, if it is the project's, which is empty, or below it.
    pub fn folder_below(&self, folder: usize) -> Option<&str> {
        let folder = self.folders.get(folder)?;
        (!folder.starts_with(['.', '/'])).then_some(folder.as_str())
    }

    /// The paths below the project's folder where files were looked for, be they there or not.
    pub fn looked_at(&self) -> impl Iterator<Item = &str> {
        self.looked_at.iter().map(String::as_str)
    }

    /// The files by their paths below the project's folder.
    pub fn files(&self) -> impl Iterator<Item = (&str, &[u8])> {
        self.files.iter().map(|(path, bytes)| (path.as_str(), bytes.as_slice()))
    }

    /// The files as texts, as far as they are.
    pub(super) fn texts(&self) -> impl Iterator<Item = Cow<'_, str>> {
        self.files.values().map(|bytes| String::from_utf8_lossy(bytes))
    }

    /// Tells whether a file, by its path below the project's folder, is included.
    pub(super) fn holds(&self, path: &str) -> bool {
        self.files.contains_key(path)
    }

    /// Finds a file that another names. Returns its path and what it holds.
    pub(super) fn find(
        &self,
        named: &str,
        by: &str,
        is_relative: bool,
    ) -> Result<(&str, &[u8]), String> {
        let places = places(named, by, is_relative);
        let found = places.iter().find_map(|path| self.files.get_key_value(path));
        if let Some((path, bytes)) = found {
            return Ok((path, bytes));
        }
        if !places.iter().any(|path| self.is_readable(path)) {
            return Err(format!(
                "{named} is outside of the project's folder: move it there, since its text is part of what data is made from"
            ));
        }
        let looked = if is_relative {
            "beside the file that names it"
        } else {
            "from the project's folder, nor beside the file that names it"
        };
        Err(format!(
            "there is no file {named} {looked}, or no name that can be told before the migration runs"
        ))
    }

    fn add(&mut self, root: &Path, by: &str, text: &str, variables: &mut Variables) {
        if !text.contains('\\') {
            return;
        }
        for step in Steps::new(text) {
            let Step::Command { line, .. } = step else { continue };
            match command(&text[line]) {
                Command::Set(said) => {
                    let said = arguments(said, variables).unwrap_or_default();
                    if let Some((name, value)) = said.split_first() {
                        variables.set(name, value.concat());
                    }
                }
                Command::Include { file, is_relative } => {
                    let said = arguments(file, variables).unwrap_or_default();
                    let Some(named) = said.first() else { continue };
                    let places = places(&without_quotes(named), by, is_relative);
                    let Some((path, bytes)) = self.add_first(root, &places) else { continue };
                    if let Ok(text) = decode(&bytes) {
                        self.add(root, &path, &text, variables);
                    }
                }
                Command::Copy(said) => {
                    if let Ok(CopyCommand { rows: Rows::File(named), .. }) = CopyCommand::of(said) {
                        self.add_first(root, &places(&named, by, false));
                    }
                }
                _ => {}
            }
        }
    }

    /// Reads the first of some files that is there, unless it is known.
    fn add_first(&mut self, root: &Path, places: &[String]) -> Option<(String, Vec<u8>)> {
        for path in places {
            if self.files.contains_key(path) {
                return None;
            }
            if !self.is_readable(path) {
                continue;
            }
            self.looked_at.insert(path.clone());
            if let Ok(bytes) = fs::read(root.join(path)) {
                self.files.insert(path.clone(), bytes.clone());
                return Some((path.clone(), bytes));
            }
        }
        None
    }

    /// Files of the project are read, and those in the folders of its migrations.
    fn is_readable(&self, path: &str) -> bool {
        let is_below = !path.starts_with("../") && !path.starts_with('/');
        let is_in = |folder: &String| {
            let below = path.strip_prefix(folder.as_str());
            !folder.is_empty() && below.is_some_and(|rest| rest.starts_with('/'))
        };
        is_below || self.folders.iter().any(is_in)
    }
}

/// Where a file may be that another names: from the project's folder, as `psql` is mostly run, and beside the other.
fn places(named: &str, by: &str, is_relative: bool) -> Vec<String> {
    if named.starts_with('/') {
        return vec![tidy(named)];
    }
    let folder = by.rsplit_once('/').map_or("", |(folder, _)| folder);
    let beside = tidy(&join(folder, named));
    if is_relative { vec![beside] } else { vec![tidy(named), beside] }
}

fn join(folder: &str, name: &str) -> String {
    if folder.is_empty() { name.to_owned() } else { format!("{folder}/{name}") }
}

/// Writes a path without `.`, `..` and empty parts, as far as it goes.
fn tidy(path: &str) -> String {
    let mut parts: Vec<&str> = Vec::new();
    for part in path.split('/') {
        match part {
            "" | "." => {}
            ".." if parts.last().is_some_and(|last| *last != "..") => drop(parts.pop()),
            part => parts.push(part),
        }
    }
    let start = if path.starts_with('/') { "/" } else { "" };
    format!("{start}{}", parts.join("/"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn included(files: &[(&str, &str)]) -> Included {
        let root = tempfile::tempdir().unwrap();
        for (path, text) in files {
            let path = root.path().join(path);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, text).unwrap();
        }
        let list =
            files.iter().filter_map(|(path, text)| Some((1, path.strip_prefix("db/sql/")?, *text)));
        Included::read(root.path(), ["other", "./db/sql/"].into_iter(), list)
    }

    #[test]
    fn files_are_found_from_the_project_and_beside_the_one_that_names_them() {
        let included = included(&[
            (
                "db/sql/1.sql",
                "\\i shared/a.sql\n\\set d '../fns'\n\\ir :d/b.sql\n\\i c.sql\n\\copy t from 'rows.csv' csv\n\\i gone.sql",
            ),
            ("shared/a.sql", "\\ir d.sql\n\\i shared/a.sql"),
            ("shared/d.sql", "SELECT 1;"),
            ("db/fns/b.sql", "SELECT 2;"),
            ("db/sql/c.sql", "SELECT 3;"),
            ("rows.csv", "1\n"),
            ("other.sql", "SELECT 4;"),
        ]);
        let paths: Vec<&str> = included.files().map(|(path, _)| path).collect();
        assert_eq!(
            paths,
            ["db/fns/b.sql", "db/sql/c.sql", "rows.csv", "shared/a.sql", "shared/d.sql"]
        );
        assert!(included.looked_at().any(|path| path == "gone.sql"));
        let find =
            |named, by, is_relative| included.find(named, by, is_relative).map(|(path, _)| path);
        assert_eq!(find("d.sql", "shared/a.sql", true), Ok("shared/d.sql"));
        assert_eq!(find("c.sql", "db/sql/1.sql", false), Ok("db/sql/c.sql"));
        assert!(find("gone.sql", "db/sql/1.sql", false).unwrap_err().contains("no file gone.sql"));
        assert!(find("../../../x.sql", "db/sql/1.sql", true).unwrap_err().contains("outside"));
        assert!(find("/etc/x.sql", "db/sql/1.sql", false).unwrap_err().contains("outside"));
    }

    #[test]
    fn paths_are_tidy() {
        for (path, tidied) in [
            ("a/./b//c/../d", "a/b/d"),
            ("/a/../1.sql", "/1.sql"),
            ("../a", "../a"),
            ("a/../../b", "../b"),
        ] {
            assert_eq!(tidy(path), tidied);
        }
    }
}
