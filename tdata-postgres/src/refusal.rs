//! How what a database refuses is told.

use std::error::Error;
use std::{fmt, io};

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
        Self { sqlstate: Some(INSUFFICIENT_RESOURCES.to_owned()), text, has_advice: false }
    }

    /// Adds what to do.
    #[must_use]
    pub fn with_advice(mut self, advice: &str) -> Self {
        self.text.push('\n');
        self.text.push_str(advice);
        self.has_advice = true;
        self
    }

    /// Tells whether it says what to do.
    pub(crate) fn has_advice(&self) -> bool {
        self.has_advice
    }

    /// Tells what stood in the way to the database: an error and its causes.
    pub fn on_the_way(error: &dyn Error) -> Self {
        let text = in_a_line(&with_causes(error));
        Self { sqlstate: None, text, has_advice: false }
    }
}

impl From<postgres::Error> for Refusal {
    fn from(error: postgres::Error) -> Self {
        let Some(refused) = error.as_db_error() else { return Self::on_the_way(&error) };
        let answer = DatabaseAnswer {
            code: refused.code().code(),
            message: refused.message(),
            table: refused.table(),
            column: refused.column().or(refused.detail().and_then(key_columns)),
            constraint: refused.constraint(),
            context: refused.where_(),
        };
        let (sqlstate, text) = (Some(answer.code.to_owned()), answer.without_values());
        Self { sqlstate, text, has_advice: false }
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl Error for Refusal {}
