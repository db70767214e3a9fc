//! What stands in the way of migrations.

use std::path::PathBuf;
use std::time::Duration;

use tdata_core::diagnostic::{Diagnostic, Diagnostics, Origin};
use tdata_core::project::MigrationLayout;

use super::migration::tool;
use super::mistake::Mistake;
use super::place::Place;
use crate::refusal::Refusal;

/// What stands in the way of migrations.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum MigrateError {
    /// A setting names what is not there.
    #[error("{0}")]
    Setting(Box<Diagnostic>),
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
        "{} holds no migrations, read as {}\n{}",
        path.display(), tool(*layout), instead(below)
    )]
    Empty {
        /// The folder.
        path: PathBuf,
        /// The layout that it was read in.
        layout: MigrationLayout,
        /// The folders in it that hold SQL.
        below: Vec<String>,
    },
    /// Files in the folder cannot be read as migrations: all of them.
    #[error("the migrations cannot be read:{}", mistakes(list))]
    Mistakes {
        /// The mistakes.
        list: Vec<Mistake>,
    },
    /// The table of what has run is no name.
    #[error(
        "`migrations_table` in tdata.toml is {name:?}, which is no table's name; write `table` or `schema.table`"
    )]
    HistoryName {
        /// What is written.
        name: String,
    },
    /// The table of what has run cannot be made or written.
    #[error("{table}, the table of migrations that have run, cannot be written: {refusal}")]
    History {
        /// The table.
        table: String,
        /// What was refused.
        #[source]
        refusal: Refusal,
    },
    /// A schema that `sqlx.toml` names cannot be made.
    #[error(
        "the schema {schema}, which create-schemas of sqlx.toml names, cannot be made: {refusal}"
    )]
    Schema {
        /// The schema.
        schema: String,
        /// What was refused.
        #[source]
        refusal: Refusal,
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
    /// Returns what stands in the way as mistakes, to be told with others: one for each file that cannot be read, else one.
    ///
    /// ```
    /// use std::io::{Error, ErrorKind};
    /// use tdata_postgres::migrate::MigrateError;
    ///
    /// let error = Error::from(ErrorKind::NotFound);
    /// let mistakes = MigrateError::Unreadable { path: "db".into(), error }.diagnostics();
    /// assert!(mistakes.to_string().contains("cannot read the migrations in db"));
    /// ```
    pub fn diagnostics(&self) -> Diagnostics {
        let mistake = |text: &str| {
            let (message, help) = text.split_once('\n').unzip();
            let mistake = Diagnostic::new("migrations::unreadable", message.unwrap_or(text));
            help.map_or(mistake.clone(), |help| mistake.help(help))
        };
        let list = match self {
            Self::Setting(mistake) => return (**mistake).clone().into(),
            Self::Mistakes { list } => list,
            _ => return mistake(&self.to_string()).into(),
        };
        let mut mistakes = Diagnostics::new();
        for Mistake { file, line, text } in list {
            let place = line.map_or_else(|| file.clone(), |line| format!("{file}:{line}"));
            mistakes.push(mistake(text).at(&Origin::named(place)));
        }
        mistakes
    }

    /// Adds to a failure what may help, unless that is told already.
    pub(super) fn with_advice(self, advice: impl Fn(&Refusal) -> Option<String>) -> Self {
        match self {
            Self::Failed { place, refusal } if !refusal.has_advice() => match advice(&refusal) {
                Some(advice) => Self::Failed { place, refusal: refusal.with_advice(&advice) },
                None => Self::Failed { place, refusal },
            },
            error => error,
        }
    }

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

/// What to do about a folder without migrations.
fn instead(below: &[String]) -> String {
    match below {
        [] => "Put `.sql` files there as your tool lays them out, or name another tool: `migrations_layout` in tdata.toml"
            .to_owned(),
        below => format!(
            "Its folders hold some: {}. Name one of them: `migrations` in tdata.toml",
            below.join(", ")
        ),
    }
}

fn mistakes(list: &[Mistake]) -> String {
    let line = |Mistake { file, line, text }: &Mistake| match line {
        Some(line) => format!("\n{file}:{line} {text}"),
        None => format!("\n{file} {text}"),
    };
    list.iter().map(line).collect()
}
