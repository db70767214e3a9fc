//! Where in a migration something is.

use super::steps::beginning;

/// A place in a migration: its file, the line from 1, and how the statement begins.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    /// The migration's path below its folder.
    pub name: String,
    /// The line, from 1.
    pub line: usize,
    /// How the statement begins, without its values; nothing where there is none.
    pub statement: String,
}

impl Place {
    /// Describes a byte of a migration, and the statement it is in.
    pub(super) fn at(name: &str, text: &str, at: usize, statement: &str) -> Self {
        let line = text[..at].matches('\n').count() + 1;
        Self { name: name.to_owned(), line, statement: beginning(statement) }
    }
}
