//! What stands in the way of migrations.

use std::path::PathBuf;
use std::time::Duration;

use super::place::Place;
use crate::refusal::Refusal;

/// What stands in the way of migrations.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum MigrateError {
    /// The folder or a file in it cannot be read.
    #[error(
        "cannot read the migrations in {}: {error}\nThe key `migrations` of tdata.toml names their folder",
        path.display()
    )]
    Unreadable {
        /// The folder or file.
        path: PathBuf,
        /// Why.
        #[source]
        error: std::io::Error,
    },
    /// A file is no text that PostgreSQL reads.
    #[error("cannot read the migration {}: {reason}", path.display())]
    NoText {
        /// The file.
        path: PathBuf,
        /// Why, and what to do.
        reason: String,
    },
    /// The folder holds none.
    #[error(
        "{} holds no migrations\n\
         Put `.sql` files there, as sqlx, diesel and refinery lay them out",
        path.display()
    )]
    Empty {
        /// The folder.
        path: PathBuf,
    },
    /// A migration failed.
    #[error("the migration {} failed at line {}{}: {refusal}", place.name, place.line, in_parentheses(&place.statement))]
    Failed {
        /// Where.
        place: Place,
        /// What was refused.
        #[source]
        refusal: Refusal,
    },
    /// A migration took longer than it may.
    #[error(
        "the migration {} was at line {}{} when its time was over: {} s\n\
         If it needs longer, say so in tdata.toml: migration_timeout = \"30m\"",
        place.name, place.line, in_parentheses(&place.statement), limit.as_secs()
    )]
    TooLong {
        /// Where it was.
        place: Place,
        /// How long it may take.
        limit: Duration,
    },
    /// A command of `psql` in a migration cannot be done.
    #[error("the migration {} cannot run at line {}: {reason}", place.name, place.line)]
    Command {
        /// Where.
        place: Place,
        /// Why, and what to do.
        reason: String,
    },
    /// A quote or a comment is not closed.
    #[error("the migration {} opens a quote or a comment at line {}, and does not close it", place.name, place.line)]
    Unclosed {
        /// Where.
        place: Place,
    },
    /// A migration begins a transaction and does not end it.
    #[error(
        "the migration {} leaves a transaction open that begins at line {}, so that all it did would be undone\n\
         End it with COMMIT, or leave BEGIN out: each migration is a transaction of its own",
        place.name, place.line
    )]
    Open {
        /// The last BEGIN.
        place: Place,
    },
    /// The tables that exist cannot be asked for.
    #[error("the tables that the migrations made cannot be read: {0}")]
    Catalog(#[source] Refusal),
}

impl MigrateError {
    /// Explains a failure by the time that was over.
    pub(super) fn too_long(self, limit: Duration) -> Self {
        match self {
            Self::Failed { place, .. } => Self::TooLong { place, limit },
            error => error,
        }
    }
}

fn in_parentheses(statement: &str) -> String {
    if statement.is_empty() { String::new() } else { format!(" ({statement})") }
}
