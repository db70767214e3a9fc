//! A project's migrations.

use std::borrow::Cow;
use std::time::Duration;

use super::included::Included;

/// One step that makes or changes tables.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Migration {
    /// Its path below the folder, for messages.
    pub name: String,
    /// Its SQL.
    pub sql: String,
    /// Whether it is one transaction.
    pub mode: Mode,
}

/// How the statements of a migration run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mode {
    /// In one transaction.
    Together,
    /// Each by itself.
    OneByOne,
}

/// All migrations of a project, in order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Migrations {
    /// The migrations.
    pub list: Vec<Migration>,
    /// The files that they include.
    pub included: Included,
    /// How long each may take.
    pub limit: Duration,
}

impl Migrations {
    /// How long a migration may take where nothing else is said.
    pub const LIMIT: Duration = Duration::from_secs(300);

    /// The texts of the migrations, and of the files that they include.
    pub fn texts(&self) -> impl Iterator<Item = Cow<'_, str>> {
        let own = self.list.iter().map(|migration| Cow::Borrowed(migration.sql.as_str()));
        own.chain(self.included.texts())
    }
}

impl Default for Migrations {
    fn default() -> Self {
        Self { list: Vec::new(), included: Included::default(), limit: Self::LIMIT }
    }
}
