//! A project's migrations.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::time::Duration;

use tdata_core::project::MigrationLayout;

use super::included::Included;
use super::turn::{Part, Turn, Work};

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
    /// Its path, as settings have it. A script is in a folder of one file.
    pub path: String,
    /// What its scripts are to the migrations.
    pub part: Part,
    /// The tool that it is laid out for.
    pub layout: MigrationLayout,
    /// Whether settings say so, not only its files.
    pub is_named: bool,
    /// The table of what has run, where it is not the tool's usual one.
    pub table: Option<String>,
    /// The schemas that are made before the table.
    pub schemas: Vec<String>,
    /// The files that decide what runs, by their paths below the folder.
    pub files: Vec<(String, Vec<u8>)>,
    /// Migrations in it that do not run.
    pub left_out: Vec<String>,
}

/// All that migrates a project, in order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Migrations {
    /// The migrations, and the scripts before and behind them.
    pub list: Vec<Migration>,
    /// How they run, programs among them.
    pub turns: Vec<Turn>,
    /// What stands for the files that programs are made from; nothing where there is no program.
    pub inputs: String,
    /// The folder of the project that programs are of: those of two projects may look the same and differ. Nothing where
    /// there is no program.
    pub home: String,
    /// The files, folders and patterns that settings say programs are made from, where they say so.
    pub said_inputs: Option<Vec<String>>,
    /// The files that they include.
    pub included: Included,
    /// The folders that they are in.
    pub folders: Vec<ReadFolder>,
    /// What stands for flyway's placeholders, by name.
    pub placeholders: BTreeMap<String, String>,
    /// How long each of them may take, and each program.
    pub limit: Duration,
}

impl Migrations {
    /// How long a migration may take where nothing else is said.
    pub const LIMIT: Duration = Duration::from_secs(300);

    /// Returns what stands for them in fingerprints: all that decides what they make.
    pub fn digest(&self) -> String {
        if self.is_empty() {
            return String::new();
        }
        let mut digest = super::checksums::Sha256::default();
        for Turn { part, work } in &self.turns {
            digest.part(part.key().as_bytes());
            match work {
                Work::Scripts(range) => digest.part(format!("{range:?}").as_bytes()),
                Work::Program(program) => digest.part(program.digested().as_bytes()),
            }
        }
        digest.part(self.inputs.as_bytes());
        digest.part(self.home.as_bytes());
        for folder in &self.folders {
            digest.part(folder.layout.word().as_bytes());
            digest.part(folder.table.as_deref().unwrap_or_default().as_bytes());
            folder.schemas.iter().for_each(|schema| digest.part(schema.as_bytes()));
            for (name, bytes) in &folder.files {
                digest.part(name.as_bytes());
                digest.part(bytes);
            }
        }
        for Migration { name: _, sql, mode, folder, identity } in &self.list {
            digest.part(format!("{folder} {mode:?} {}", identity.version).as_bytes());
            digest.part(identity.file.as_bytes());
            digest.part(sql.as_bytes());
            // Settings decide what of the file is in the checksum that its tool compares.
            digest.part(&identity.bytes);
        }
        for (path, bytes) in self.included.files() {
            digest.part(path.as_bytes());
            digest.part(bytes);
        }
        digest.hex()
    }

    /// Returns what stands for the programs that migrate; nothing where there is none.
    pub fn program(&self) -> String {
        if !self.has_program() {
            return String::new();
        }
        let mut digest = super::checksums::Sha256::default();
        for turn in &self.turns {
            if let Work::Program(program) = &turn.work {
                digest.part(program.digested().as_bytes());
            }
        }
        digest.part(self.inputs.as_bytes());
        digest.hex()
    }

    /// Tells whether nothing migrates.
    pub fn is_empty(&self) -> bool {
        self.turns.is_empty()
    }

    /// Tells whether programs migrate, of which nobody knows what they do.
    pub fn has_program(&self) -> bool {
        self.turns.iter().any(|turn| matches!(turn.work, Work::Program(_)))
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
            format!(
                "{}; if it is another tool's, say so: `migrations_layout` in tdata.toml",
                all.join("; ")
            )
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
            turns: Vec::new(),
            inputs: String::new(),
            home: String::new(),
            said_inputs: None,
            included: Included::default(),
            folders: Vec::new(),
            placeholders: BTreeMap::new(),
            limit: Self::LIMIT,
        }
    }
}
