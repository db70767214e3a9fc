//! What is found in folders of migrations: what runs, what is left out, and mistakes.

use std::collections::BTreeSet;
use std::fmt::Display;

use super::folder::Folder;
use super::migration::{Identity, Migration, Mode};
use super::mistake::Mistake;
use super::text::{NoText, decode};

/// What is found in folders of migrations of one layout.
#[derive(Debug, Default)]
pub(super) struct Found {
    pub(super) list: Vec<Migration>,
    /// Each with its folder.
    pub(super) mistakes: Vec<(usize, Mistake)>,
    /// The folder that is looked at, by its place.
    pub(super) folder: usize,
    /// The files of this folder that decide what runs.
    pub(super) used: BTreeSet<String>,
    /// The files that the tool does not run when it migrates, and which nobody expects to run.
    passed_over: BTreeSet<String>,
}

impl Found {
    /// Takes a file as a migration. Returns it, to be told more of.
    pub(super) fn take(
        &mut self,
        folder: &Folder,
        name: &str,
        version: impl Display,
        description: &str,
    ) -> Option<&mut Migration> {
        let bytes = folder.get(name).unwrap_or_default();
        self.used.insert(name.to_owned());
        let sql = match decode(bytes) {
            Ok(text) => text.into_owned(),
            Err(NoText { line, text }) => {
                self.mistake(name, line, text);
                return None;
            }
        };
        let identity = Identity {
            file: name.to_owned(),
            version: version.to_string(),
            description: description.to_owned(),
            bytes: bytes.to_owned(),
            kind: "",
            is_entered: true,
        };
        self.list.push(Migration {
            name: name.to_owned(),
            sql,
            mode: Mode::Together,
            folder: self.folder,
            identity,
        });
        self.list.last_mut()
    }

    /// Takes a file as one that undoes a migration.
    pub(super) fn pass_over(&mut self, name: &str) {
        self.passed_over.insert(name.to_owned());
    }

    /// Notes a mistake in a file of the folder that is looked at, and its line, where there is one.
    pub(super) fn mistake(
        &mut self,
        file: &str,
        line: impl Into<Option<usize>>,
        text: impl Into<String>,
    ) {
        let mistake = Mistake { file: file.to_owned(), line: line.into(), text: text.into() };
        self.mistakes.push((self.folder, mistake));
    }

    /// Brings the migrations into an order, in which no two may be equal.
    pub(super) fn order<K: Ord>(&mut self, key: impl Fn(&Migration) -> K) {
        self.list.sort_by_cached_key(|migration| (key(migration), migration.name.clone()));
        for two in self.list.windows(2) {
            let is_one = two[0].name == two[1].name && two[0].folder == two[1].folder;
            if !is_one && key(&two[0]) == key(&two[1]) {
                let text = format!("has the version of {}; give it another", two[0].name);
                let mistake = Mistake { file: two[1].name.clone(), line: None, text };
                self.mistakes.push((two[1].folder, mistake));
            }
        }
    }

    /// Ends a folder. Returns which of its files decide what runs, and the migrations that are left out.
    pub(super) fn end_folder(&mut self, folder: &Folder) -> (Vec<(String, Vec<u8>)>, Vec<String>) {
        let used = std::mem::take(&mut self.used);
        let passed_over = std::mem::take(&mut self.passed_over);
        let undoes = |name: &str| {
            let file = name.rsplit('/').next().unwrap_or(name);
            file == "down.sql" || file.ends_with(".down.sql")
        };
        let is_left_out = |name: &&str| {
            name.ends_with(".sql")
                && !undoes(name)
                && !used.contains(*name)
                && !passed_over.contains(*name)
        };
        let left_out = folder.all().filter(is_left_out).map(str::to_owned).collect();
        let bytes = |name: String| folder.get(&name).map(|bytes| (name.clone(), bytes.to_owned()));
        (used.into_iter().filter_map(bytes).collect(), left_out)
    }
}
