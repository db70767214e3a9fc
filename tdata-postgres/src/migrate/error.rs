//! What stands in the way of migrations.

use std::path::PathBuf;

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
    #[error("the migration {name} failed{}: {refusal}", line.map_or(String::new(), |line| format!(" at line {line}")))]
    Failed {
        /// The migration's path below the folder.
        name: String,
        /// The line the database points to, where it does.
        line: Option<usize>,
        /// What was refused.
        #[source]
        refusal: Refusal,
    },
    /// A migration begins a transaction and does not end it.
    #[error(
        "the migration {name} leaves a transaction open{}, so that all it did would be undone\n\
         End it with COMMIT, or leave BEGIN out: each migration is a transaction of its own",
        line.map_or(String::new(), |line| format!(" that begins at line {line}"))
    )]
    Open {
        /// The migration's path below the folder.
        name: String,
        /// The line of the last BEGIN, where it is a statement of the file.
        line: Option<usize>,
    },
    /// The tables that exist cannot be asked for.
    #[error("the tables that the migrations made cannot be read: {0}")]
    Catalog(#[source] Refusal),
}
