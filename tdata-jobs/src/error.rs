//! What keeps a job from its end.

use std::io;
use std::path::{Path, PathBuf};

use tdata_core::diagnostic::Diagnostics;
use tdata_core::plan::DatasetPlan;
use tdata_postgres::Refusal;
use tdata_postgres::load::LoadError;
use tdata_postgres::validate::ValidateError;

/// What keeps a job from its end.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum JobError {
    /// Definitions or the contract have mistakes.
    #[error("{0}")]
    Mistakes(Diagnostics),
    /// What was asked for cannot be.
    #[error("{message}")]
    Asked {
        /// What cannot be.
        message: String,
        /// What to do.
        help: Option<String>,
    },
    /// Something stands in the way of what was asked for.
    #[error("{message}")]
    InTheWay {
        /// What stands in the way.
        message: String,
        /// What to do.
        help: String,
    },
    /// A file could not be written or read.
    #[error("cannot {verb} {}: {source}", path.display())]
    File {
        /// What was tried.
        verb: &'static str,
        /// The file.
        path: PathBuf,
        /// Why it failed.
        #[source]
        source: io::Error,
    },
    /// Nobody reads standard output any more.
    #[error("standard output is closed")]
    Closed,
    /// The job was told to stop.
    #[error("stopped")]
    Stopped,
    /// The job did not come to its end, and what it has made could not be taken away.
    #[error(
        "{error}\nWhat was loaded so far may be there still, as the provision {id}: the next run of the same contract goes on with it, \
         or takes it away, as `tdata cleanup {id}` does"
    )]
    Left {
        /// The ID of the provision.
        id: String,
        /// What kept the job from its end.
        #[source]
        error: Box<JobError>,
    },
    /// The database refuses something.
    #[error("{0}")]
    Database(#[source] Refusal),
    /// Rows could not be loaded. The database is as it was.
    #[error("{0}")]
    Load(#[source] LoadError),
    /// Rows were loaded, and do not keep what their definitions say. They stay until they are cleaned up.
    #[error(
        "{error}\nThe rows stay, to be looked at, as the provision {id}: `tdata cleanup {id}` takes them away"
    )]
    Invalid {
        /// The ID of the provision.
        id: String,
        /// What does not hold.
        #[source]
        error: ValidateError,
    },
    /// Rows were loaded, and could not be checked. They stay, and the ledger calls them unchecked.
    #[error(
        "{error}\nThe rows are there, and nobody has checked them: the next run of the same contract, or `tdata cleanup {id}`, takes \
         them away"
    )]
    Unchecked {
        /// The ID of the provision.
        id: String,
        /// Why they could not be checked.
        #[source]
        error: Box<dyn std::error::Error + Send + Sync>,
    },
    /// The job was told to stop while it checked rows. They stay, and the ledger calls them unchecked.
    #[error(
        "the rows are there, and not checked: the next run of the same contract, or `tdata cleanup {id}`, takes them away"
    )]
    StoppedUnchecked {
        /// The ID of the provision.
        id: String,
    },
    /// What went wrong in some databases, each by its name.
    #[error("{}", .0.iter().map(|(name, error)| format!("{name}: {error}")).collect::<Vec<_>>().join("\n"))]
    ByDatabase(Vec<(String, JobError)>),
    /// Rows of others reference those that are to be deleted.
    #[error(
        "rows of others reference those that are to go:{references}\nDelete or change those first. Nothing was taken away"
    )]
    Referenced {
        /// How many, by which keys.
        references: String,
    },
    /// Bytes could not be made smaller.
    #[error("cannot compress: {0}")]
    Compression(#[source] io::Error),
    /// Parquet could not be written.
    #[cfg(feature = "parquet")]
    #[error("cannot write Parquet: {0}")]
    Parquet(#[source] parquet::errors::ParquetError),
    /// A column has a value of another kind than was planned.
    #[error("the column `{column}` of `{dataset}` has a value of another kind than its type")]
    OtherKind {
        /// The dataset.
        dataset: String,
        /// The column.
        column: String,
    },
}

impl JobError {
    /// Tells why standard output could not be written: perhaps nobody reads it any more.
    pub fn stdout(source: io::Error) -> Self {
        match source.kind() {
            io::ErrorKind::BrokenPipe => Self::Closed,
            _ => Self::File { verb: "write", path: "standard output".into(), source },
        }
    }

    pub(crate) fn asked(message: impl Into<String>, help: impl Into<String>) -> Self {
        Self::Asked { message: message.into(), help: Some(help.into()) }
    }

    pub(crate) fn in_the_way(message: impl Into<String>, help: impl Into<String>) -> Self {
        Self::InTheWay { message: message.into(), help: help.into() }
    }

    pub(crate) fn compression(source: io::Error) -> Self {
        Self::Compression(source)
    }

    /// Tells why Parquet could not be written: perhaps nobody reads standard output any more.
    #[cfg(feature = "parquet")]
    pub(crate) fn parquet(error: parquet::errors::ParquetError) -> Self {
        if let parquet::errors::ParquetError::External(source) = &error
            && let Some(source) = source.downcast_ref::<io::Error>()
            && source.kind() == io::ErrorKind::BrokenPipe
        {
            return Self::Closed;
        }
        Self::Parquet(error)
    }

    /// Names the column that has a value of another kind than planned.
    pub(crate) fn other_kind(dataset: &DatasetPlan, place: usize) -> Self {
        let column = dataset.fields.get(place).map(|field| field.name.clone());
        Self::OtherKind { dataset: dataset.name.clone(), column: column.unwrap_or_default() }
    }

    /// Names the file that could not be written or read.
    pub(crate) fn file(verb: &'static str, path: &Path) -> impl FnOnce(io::Error) -> Self {
        move |source| Self::File { verb, path: path.to_owned(), source }
    }
}

impl From<Diagnostics> for JobError {
    fn from(mistakes: Diagnostics) -> Self {
        Self::Mistakes(mistakes)
    }
}
