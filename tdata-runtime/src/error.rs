//! The one error of the crate's public API, and how database errors are told.

use std::fmt;
use std::sync::Arc;

use postgres::error::SqlState;
use tdata_core::diagnostic::Diagnostics;

use crate::inject::ReadError;
use crate::isolate::IsolateError;
use crate::load::LoadError;
use crate::migrate::MigrateError;
use crate::server::ServerError;
use crate::validate::ValidateError;

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
}

#[derive(Debug)]
enum Kind {
    Plan(Diagnostics),
    Server(ServerError),
    Migrate(MigrateError),
    Load(LoadError),
    Validate(ValidateError),
    Isolate(IsolateError),
    Read(ReadError),
}

impl Error {
    /// Returns the stage.
    pub fn stage(&self) -> Stage {
        match &*self.0 {
            Kind::Plan(_) => Stage::Plan,
            Kind::Server(_) => Stage::Server,
            Kind::Migrate(_) => Stage::Migrate,
            Kind::Load(_) => Stage::Load,
            Kind::Validate(_) => Stage::Validate,
            Kind::Isolate(_) => Stage::Isolate,
            Kind::Read(_) => Stage::Read,
        }
    }

    /// Returns PostgreSQL's error code, where the database refused something.
    pub fn sqlstate(&self) -> Option<&str> {
        self.refusal().and_then(|refusal| refusal.sqlstate.as_ref()).map(SqlState::code)
    }

    /// Returns the mistakes in definitions, contract or settings, where there are such.
    pub fn diagnostics(&self) -> Option<&Diagnostics> {
        match &*self.0 {
            Kind::Plan(diagnostics) => Some(diagnostics),
            _ => None,
        }
    }

    fn refusal(&self) -> Option<&Refusal> {
        match &*self.0 {
            Kind::Plan(_) => None,
            Kind::Server(error) => error.refusal(),
            Kind::Migrate(error) => error.refusal(),
            Kind::Load(error) => error.refusal(),
            Kind::Validate(error) => error.refusal(),
            Kind::Isolate(error) => error.refusal(),
            Kind::Read(error) => error.refusal(),
        }
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &*self.0 {
            Kind::Plan(diagnostics) => {
                let count = diagnostics.len();
                let mistakes = if count == 1 { "a mistake" } else { "mistakes" };
                let number = if count == 1 { String::new() } else { format!("{count} ") };
                write!(f, "{number}{mistakes} in the test data's definitions:\n\n{diagnostics}")
            }
            Kind::Server(error) => error.fmt(f),
            Kind::Migrate(error) => error.fmt(f),
            Kind::Load(error) => error.fmt(f),
            Kind::Validate(error) => error.fmt(f),
            Kind::Isolate(error) => error.fmt(f),
            Kind::Read(error) => error.fmt(f),
        }
    }
}

/// The same text as `Display`, so that `unwrap` and a test's `Err` print it readably.
impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl std::error::Error for Error {}

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
    Load(LoadError),
    Validate(ValidateError),
    Isolate(IsolateError),
    Read(ReadError)
);

impl From<tdata_core::diagnostic::Diagnostic> for Error {
    fn from(diagnostic: tdata_core::diagnostic::Diagnostic) -> Self {
        Diagnostics::from(diagnostic).into()
    }
}

/// What the database, or the way to it, refused: told without any value of the data.
///
/// PostgreSQL's details and contexts quote rows; they are left out. So is what follows the colon in
/// messages about malformed values.
#[derive(Clone, Debug)]
pub struct Refusal {
    sqlstate: Option<SqlState>,
    text: String,
}

impl Refusal {
    /// Tells whether PostgreSQL gave this code.
    pub(crate) fn is(&self, code: &SqlState) -> bool {
        self.sqlstate.as_ref() == Some(code)
    }

    /// Tells whether the connection, not a statement, failed.
    pub(crate) fn is_connection(&self) -> bool {
        self.sqlstate.is_none()
    }
}

impl From<postgres::Error> for Refusal {
    fn from(error: postgres::Error) -> Self {
        let Some(refused) = error.as_db_error() else {
            let mut text = error.to_string();
            let mut source = std::error::Error::source(&error);
            while let Some(cause) = source {
                let cause_text = cause.to_string();
                if !text.contains(&cause_text) {
                    text.push_str(": ");
                    text.push_str(&cause_text);
                }
                source = cause.source();
            }
            return Self { sqlstate: None, text };
        };
        let code = refused.code().clone();
        let quotes_values = code.code().starts_with("22");
        let message = match refused.message().split_once(':') {
            Some((before, _)) if quotes_values => before,
            _ => refused.message(),
        };
        let mut text = format!("{message} (SQLSTATE {})", code.code());
        let places = [
            ("table", refused.table()),
            ("column", refused.column()),
            ("constraint", refused.constraint()),
        ];
        for (what, name) in places {
            if let Some(name) = name.filter(|name| !message.contains(*name)) {
                text.push_str(&format!(", {what} {name}"));
            }
        }
        if let Some(line) = refused.where_().and_then(copy_line) {
            text.push_str(&format!(", row index {line}"));
        }
        Self { sqlstate: Some(code), text }
    }
}

/// The row index, from 0, out of a context such as `COPY users, line 3, column email: "..."`.
fn copy_line(context: &str) -> Option<u64> {
    let (_, rest) = context.strip_prefix("COPY ")?.split_once(", line ")?;
    let digits = rest.find(|c: char| !c.is_ascii_digit()).unwrap_or(rest.len());
    rest[..digits].parse::<u64>().ok()?.checked_sub(1)
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_copy_context_gives_the_row_and_no_value() {
        let context = r#"COPY users, line 3, column email: "ada@corp.com""#;
        assert_eq!(copy_line(context), Some(2));
        assert_eq!(copy_line("SQL statement \"SELECT 1\""), None);
    }
}
