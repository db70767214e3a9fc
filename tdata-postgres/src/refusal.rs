//! How what a database refuses is told.

use std::error::Error;
use std::{fmt, io};

use postgres::error::DbError;
use tdata_core::diagnostic::{DatabaseAnswer, in_a_line, key_columns, with_causes};

/// What the database, or the way to it, refused: told without any value of the data.
///
/// It has no source: the client's own error quotes rows.
#[derive(Clone, Debug)]
pub struct Refusal {
    sqlstate: Option<String>,
    text: String,
    /// Whether the text says what to do.
    has_advice: bool,
    /// What of the database was violated, where that is known.
    violated: Option<Box<Violated>>,
}

/// A constraint that rows violate.
#[derive(Clone, Debug)]
pub(crate) struct Violated {
    /// Its name; a column that must not be null has none.
    pub(crate) constraint: Option<String>,
    /// The schema of the table or type that it is of.
    pub(crate) schema: Option<String>,
    /// The table or type that it is of.
    pub(crate) of: Option<String>,
    /// The column, where there is one.
    pub(crate) column: Option<String>,
}

impl Refusal {
    /// Tells whether PostgreSQL gave this code.
    pub fn is(&self, code: &str) -> bool {
        self.sqlstate() == Some(code)
    }

    /// Returns PostgreSQL's code, where the database answered.
    pub fn sqlstate(&self) -> Option<&str> {
        self.sqlstate.as_deref()
    }

    /// Tells whether the connection, not a statement, failed: it is broken, or was ended.
    pub fn is_connection(&self) -> bool {
        self.sqlstate().is_none_or(|code| code.starts_with("57P") || code.starts_with("08"))
    }

    /// Tells whether the server did not let the role or the password in.
    pub fn is_authorization(&self) -> bool {
        self.sqlstate().is_some_and(|code| code.starts_with("28"))
    }

    /// Tells what stood in the way of a file beside a server, by PostgreSQL's code for that. If the file is missing,
    /// its server has gone.
    pub fn of_file(error: &io::Error) -> Self {
        const IO_ERROR: &str = "58030";
        const DISK_FULL: &str = "53100";
        let sqlstate = match error.kind() {
            io::ErrorKind::NotFound => None,
            io::ErrorKind::StorageFull => Some(DISK_FULL.to_owned()),
            _ => Some(IO_ERROR.to_owned()),
        };
        Self { sqlstate, ..Self::on_the_way(error) }
    }

    /// Tells what this side, or the server, has too little of, by PostgreSQL's code for that.
    pub fn of_shortage(text: String) -> Self {
        const INSUFFICIENT_RESOURCES: &str = "53000";
        Self {
            sqlstate: Some(INSUFFICIENT_RESOURCES.to_owned()),
            text,
            has_advice: false,
            violated: None,
        }
    }

    /// Tells that the server asks for a password and there is none, by PostgreSQL's code for a wrong one.
    pub(crate) fn of_missing_password() -> Self {
        const INVALID_PASSWORD: &str = "28P01";
        let text = "it asks for a password, and none is given".to_owned();
        Self {
            sqlstate: Some(INVALID_PASSWORD.to_owned()),
            text,
            has_advice: false,
            violated: None,
        }
    }

    /// Adds what to do.
    #[must_use]
    pub fn with_advice(mut self, advice: &str) -> Self {
        self.text.push('\n');
        self.text.push_str(advice);
        self.has_advice = true;
        self
    }

    /// Returns the constraint that rows violate, where that is what was refused.
    pub(crate) fn violated(&self) -> Option<&Violated> {
        self.violated.as_deref()
    }

    /// Tells whether it says what to do.
    pub(crate) fn has_advice(&self) -> bool {
        self.has_advice
    }

    /// Tells what stood in the way to the database: an error and its causes.
    pub fn on_the_way(error: &dyn Error) -> Self {
        let text = in_a_line(&with_causes(error));
        Self { sqlstate: None, text, has_advice: false, violated: None }
    }
}

impl From<postgres::Error> for Refusal {
    fn from(error: postgres::Error) -> Self {
        error.as_db_error().map_or_else(|| Self::on_the_way(&error), Self::from)
    }
}

impl From<&DbError> for Refusal {
    fn from(refused: &DbError) -> Self {
        let answer = DatabaseAnswer {
            code: refused.code().code(),
            message: refused.message(),
            table: refused.table(),
            column: refused.column().or(refused.detail().and_then(key_columns)),
            constraint: refused.constraint(),
            context: refused.where_(),
        };
        const LOCK_NOT_AVAILABLE: &str = "55P03";
        let owned = |text: Option<&str>| text.map(str::to_owned);
        let violated = answer.code.starts_with("23").then(|| {
            Box::new(Violated {
                constraint: owned(refused.constraint()),
                schema: owned(refused.schema()),
                of: owned(refused.datatype().or(refused.table())),
                column: owned(refused.column().or(answer.copied_column())),
            })
        });
        let (sqlstate, text) = (Some(answer.code.to_owned()), answer.without_values());
        let refusal = Self { sqlstate, text, has_advice: false, violated };
        match refusal.is(LOCK_NOT_AVAILABLE) {
            true => refusal.with_advice(
                "Another session has locked what this waited for, and holds on to it: pg_locks and pg_stat_activity tell which",
            ),
            false => refusal,
        }
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl Error for Refusal {}
