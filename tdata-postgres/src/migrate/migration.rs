//! A project's migrations.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::time::Duration;

use tdata_core::project::MigrationLayout;

use super::included::Included;

/// One step that makes or changes tables.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Migration {
    /// What messages call it: its path below the folder, and the folder where there are several.
    pub name: String,
    /// Its SQL. What does not run of the file is empty lines, so that lines keep their numbers.
    pub sql: String,
    /// Whether it is one transaction.
    pub mode: Mode,
    /// The folder that it is in, by its place among them.
    pub folder: usize,
    /// What its tool calls it in the table of what has run; nothing where the tool has no such table.
    pub(super) identity: Identity,
}

/// What a tool knows a migration by.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Identity {
    /// The path below the folder.
    pub(super) file: String,
    pub(super) version: String,
    pub(super) description: String,
    /// The file as it is, for checksums.
    pub(super) bytes: Vec<u8>,
    /// What the tool calls migrations of its kind, where it has several.
    pub(super) kind: &'static str,
    /// Whether it is entered in the table: not what runs around migrations, nor all but the last part of a file.
    pub(super) is_entered: bool,
}

/// How the statements of a migration run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mode {
    /// In one transaction.
    Together,
    /// Each by itself.
    OneByOne,
}

/// A folder of migrations as it was read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReadFolder {
    /// Its path, as settings have it.
    pub path: String,
    /// The tool that it is laid out for.
    pub layout: MigrationLayout,
    /// Whether settings say so, not only its files.
    pub is_named: bool,
    /// The table of what has run, where it is not the tool's usual one.
    pub table: Option<String>,
    /// The files that decide what runs, by their paths below the folder.
    pub files: Vec<(String, Vec<u8>)>,
    /// Migrations in it that do not run.
    pub left_out: Vec<String>,
}

/// All migrations of a project, in order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Migrations {
    /// The migrations.
    pub list: Vec<Migration>,
    /// The files that they include.
    pub included: Included,
    /// The folders that they are in.
    pub folders: Vec<ReadFolder>,
    /// What stands for flyway's placeholders, by name.
    pub placeholders: BTreeMap<String, String>,
    /// How long each may take.
    pub limit: Duration,
}

impl Migrations {
    /// How long a migration may take where nothing else is said.
    pub const LIMIT: Duration = Duration::from_secs(300);

    /// Returns what stands for them in fingerprints: all that decides what they make.
    pub fn digest(&self) -> String {
        if self.list.is_empty() {
            return String::new();
        }
        let mut digest = super::checksums::Sha256::default();
        for folder in &self.folders {
            digest.part(folder.layout.word().as_bytes());
            digest.part(folder.table.as_deref().unwrap_or_default().as_bytes());
            for (name, bytes) in &folder.files {
                digest.part(name.as_bytes());
                digest.part(bytes);
            }
        }
        for Migration { name: _, sql, mode, folder, identity } in &self.list {
            digest.part(format!("{folder} {mode:?} {}", identity.version).as_bytes());
            digest.part(identity.file.as_bytes());
            digest.part(sql.as_bytes());
        }
        for (path, bytes) in self.included.files() {
            digest.part(path.as_bytes());
            digest.part(bytes);
        }
        digest.hex()
    }

    /// The texts of the migrations, and of the files that they include.
    pub fn texts(&self) -> impl Iterator<Item = Cow<'_, str>> {
        let own = self.list.iter().map(|migration| Cow::Borrowed(migration.sql.as_str()));
        own.chain(self.included.texts())
    }

    /// Returns the files that are left out, in one line.
    pub fn left_out(&self) -> Option<String> {
        /// How many are named.
        const MOST: usize = 8;
        let of = |folder: &ReadFolder| {
            let (named, rest) = folder.left_out.split_at(folder.left_out.len().min(MOST));
            let rest = match rest.len() {
                0 => String::new(),
                more => format!(" and {more} more"),
            };
            let (path, tool) = (&folder.path, tool(folder.layout));
            (!named.is_empty()).then(|| {
                format!("{path} is read as {tool}, and left out are {}{rest}", named.join(", "))
            })
        };
        let all: Vec<String> = self.folders.iter().filter_map(of).collect();
        (!all.is_empty()).then(|| {
            format!("{}; `migrations_layout` in tdata.toml names another tool", all.join("; "))
        })
    }
}

/// Returns how a layout is called in messages.
pub(super) fn tool(layout: MigrationLayout) -> String {
    match layout {
        MigrationLayout::Plain => "plain files".to_owned(),
        layout => format!("{layout}'s"),
    }
}

impl Default for Migrations {
    fn default() -> Self {
        Self {
            list: Vec::new(),
            included: Included::default(),
            folders: Vec::new(),
            placeholders: BTreeMap::new(),
            limit: Self::LIMIT,
        }
    }
}
