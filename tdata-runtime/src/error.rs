//! The one error of the crate's public API.

use std::fmt;
use std::sync::Arc;

use tdata_core::diagnostic::{Diagnostics, in_lines};
use tdata_factory::StoreError;
use tdata_postgres::Refusal;
use tdata_postgres::load::LoadError;
use tdata_postgres::migrate::MigrateError;
use tdata_postgres::validate::ValidateError;

use crate::inject::ReadError;
use crate::isolate::IsolateError;
use crate::program::ProgramError;
use crate::server::ServerError;

/// What stood in the way of a test's data.
///
/// `Display` tells what happened, where, and what to do; it never holds a value of the data.
#[derive(Clone)]
pub struct Error(Arc<Kind>);

/// The stage at which something stood in the way.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Stage {
    /// Reading settings, definitions and contract, and planning.
    Plan,
    /// Finding or booting a server.
    Server,
    /// Running migrations.
    Migrate,
    /// Making tables and loading rows.
    Load,
    /// Checking the rows.
    Validate,
    /// Making and handing out instances.
    Isolate,
    /// Reading data back for the test.
    Read,
    /// Storing what factories make.
    Store,
}

#[derive(Debug)]
enum Kind {
    Plan(Diagnostics),
    Server(ServerError),
    Migrate(MigrateError),
    Program(ProgramError),
    Load(LoadError),
    Validate(ValidateError),
    Isolate(IsolateError),
    Read(ReadError),
    Store(StoreError),
}

impl Error {
    /// Makes an error of another crate's error or of a text: for what stands in the way of a type that
    /// implements [`FromTestData`](crate::FromTestData) or [`FromTestDataAsync`](crate::FromTestDataAsync).
    ///
    /// Its stage is [`Stage::Read`].
    ///
    /// ```
    /// # use tdata_runtime::Error;
    /// fn port() -> Result<u16, Error> {
    ///     "80x".parse().map_err(Error::other)
    /// }
    ///
    /// assert_eq!(port().unwrap_err().to_string(), "invalid digit found in string");
    /// ```
    pub fn other(error: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Self {
        ReadError::Other(Refusal::on_the_way(&*error.into())).into()
    }

    /// Returns the stage.
    pub fn stage(&self) -> Stage {
        match &*self.0 {
            Kind::Plan(_) => Stage::Plan,
            Kind::Server(_) => Stage::Server,
            Kind::Migrate(_) | Kind::Program(_) => Stage::Migrate,
            Kind::Load(_) => Stage::Load,
            Kind::Validate(_) => Stage::Validate,
            Kind::Isolate(_) => Stage::Isolate,
            Kind::Read(_) => Stage::Read,
            Kind::Store(_) => Stage::Store,
        }
    }

    /// Returns PostgreSQL's error code, where the database refused something.
    pub fn sqlstate(&self) -> Option<&str> {
        match &*self.0 {
            Kind::Store(error) => error.sqlstate(),
            _ => self.refusal().and_then(Refusal::sqlstate),
        }
    }

    /// Returns the mistakes in definitions, contract or settings, where there are such.
    pub fn diagnostics(&self) -> Option<&Diagnostics> {
        match &*self.0 {
            Kind::Plan(diagnostics) => Some(diagnostics),
            _ => None,
        }
    }

    /// Tells whether the server went away.
    pub(crate) fn is_connection(&self) -> bool {
        self.refusal().is_some_and(Refusal::is_connection)
    }

    /// Returns what the database refused, where that is what stood in the way.
    pub(crate) fn refusal(&self) -> Option<&Refusal> {
        let mut error = Some(self.stage_error());
        while let Some(known) = error {
            if let Some(refusal) = known.downcast_ref() {
                return Some(refusal);
            }
            error = known.source();
        }
        None
    }

    /// Returns the error of the stage.
    fn stage_error(&self) -> &(dyn std::error::Error + 'static) {
        match &*self.0 {
            Kind::Plan(error) => error,
            Kind::Server(error) => error,
            Kind::Migrate(error) => error,
            Kind::Program(error) => error,
            Kind::Load(error) => error,
            Kind::Validate(error) => error,
            Kind::Isolate(error) => error,
            Kind::Read(error) => error,
            Kind::Store(error) => error,
        }
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &*self.0 {
            Kind::Plan(diagnostics) => {
                let mistakes = match diagnostics.len() {
                    1 => "a mistake stands".to_owned(),
                    count => format!("{count} mistakes stand"),
                };
                write!(f, "{mistakes} in the way of the test data:\n\n{diagnostics}")
            }
            // Names of files and of what a database has may hold anything.
            _ => f.write_str(&in_lines(&self.stage_error().to_string())),
        }
    }
}

/// The same text as `Display`, so that `unwrap` and a test's `Err` print it readably.
impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// Its source is what the database refused, or what else the stage gives as its cause; `Display` has told it already.
impl std::error::Error for Error {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        self.stage_error().source()
    }
}

macro_rules! from_stage {
    ($($stage:ident($error:ty)),*) => {$(
        impl From<$error> for Error {
            fn from(error: $error) -> Self {
                Self(Arc::new(Kind::$stage(error)))
            }
        }
    )*};
}

from_stage!(
    Plan(Diagnostics),
    Server(ServerError),
    Migrate(MigrateError),
    Program(ProgramError),
    Load(LoadError),
    Validate(ValidateError),
    Isolate(IsolateError),
    Read(ReadError),
    Store(StoreError)
);

impl From<tdata_core::diagnostic::Diagnostic> for Error {
    fn from(diagnostic: tdata_core::diagnostic::Diagnostic) -> Self {
        Diagnostics::from(diagnostic).into()
    }
}
