//! A project's migrations.

use std::time::Duration;

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
    /// How long each may take.
    pub limit: Duration,
}

impl Migrations {
    /// How long a migration may take where nothing else is said.
    pub const LIMIT: Duration = Duration::from_secs(300);
}

impl Default for Migrations {
    fn default() -> Self {
        Self { list: Vec::new(), limit: Self::LIMIT }
    }
}
