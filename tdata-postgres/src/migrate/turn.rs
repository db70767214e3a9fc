//! What runs, one after another.

use std::ops::Range;

use tdata_core::diagnostic::Located;
use tdata_core::project::Command;

/// What a script or a program is to the migrations.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part {
    /// It runs before them.
    Before,
    /// It is one of them.
    Migrations,
    /// It runs behind them.
    After,
}

/// A program that only the project itself can run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Program {
    /// A command, with the place that says it.
    Command(Located<Command>),
    /// A function of the program that uses tdata. What it does is told apart by this text.
    Function(String),
}

/// What runs over one connection of its own.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Turn {
    /// What it is to the migrations.
    pub part: Part,
    /// What runs.
    pub work: Work,
}

/// What runs in a turn.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Work {
    /// Scripts, by their places in the list of migrations.
    Scripts(Range<usize>),
    /// A program, which connects by itself.
    Program(Program),
}

impl Part {
    /// Returns the key of the settings that names such scripts.
    pub fn key(self) -> &'static str {
        match self {
            Self::Before => "before_migrations",
            Self::Migrations => "migrations",
            Self::After => "after_migrations",
        }
    }
}

impl Program {
    /// Returns what stands for it in fingerprints, but for the files that it is made from.
    pub(super) fn digested(&self) -> String {
        match self {
            Self::Command(command) => format!("{:?}", command.value),
            Self::Function(version) => format!("Function({version:?})"),
        }
    }
}
