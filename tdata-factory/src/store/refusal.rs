//! How what a database refuses is told.

use std::fmt;

/// What the database, or the way to it, refused: told without any value of the data.
///
/// PostgreSQL's details and contexts quote rows; they are left out. So are messages that may quote
/// values: those about data, and those that functions of the database raise.
#[derive(Clone, Debug)]
pub struct Refusal {
    sqlstate: Option<String>,
    text: String,
}

/// What an answer of PostgreSQL says, as far as it is told.
#[derive(Clone, Copy, Debug)]
pub(super) struct Said<'a> {
    pub(super) code: &'a str,
    pub(super) message: &'a str,
    pub(super) table: Option<&'a str>,
    pub(super) column: Option<&'a str>,
    pub(super) constraint: Option<&'a str>,
    pub(super) context: Option<&'a str>,
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

    /// Tells whether the server let the role or the password not in.
    pub fn is_authorization(&self) -> bool {
        self.sqlstate().is_some_and(|code| code.starts_with("28"))
    }

    /// Tells what stood in the way of a file beside a server, by PostgreSQL's code for that. A file that is not there is
    /// one whose server has gone.
    pub fn of_file(error: &std::io::Error) -> Self {
        const IO_ERROR: &str = "58030";
        let is_gone = error.kind() == std::io::ErrorKind::NotFound;
        let sqlstate = (!is_gone).then(|| IO_ERROR.to_owned());
        Self { sqlstate, ..Self::on_the_way(error) }
    }

    /// Tells what stood in the way to the database: an error and its causes.
    pub fn on_the_way(error: &dyn std::error::Error) -> Self {
        let mut text = error.to_string();
        let mut source = error.source();
        while let Some(cause) = source {
            let cause_text = cause.to_string();
            if !text.contains(&cause_text) {
                text.push_str(": ");
                text.push_str(&cause_text);
            }
            source = cause.source();
        }
        Self { sqlstate: None, text }
    }

    /// Tells what PostgreSQL answered.
    #[cfg_attr(
        not(any(feature = "postgres", feature = "sqlx")),
        expect(dead_code, reason = "only clients make answers")
    )]
    pub(super) fn answered(said: &Said<'_>) -> Self {
        let message = told(said.code).unwrap_or(said.message);
        let mut text = format!("{message} (SQLSTATE {})", said.code);
        let places =
            [("table", said.table), ("column", said.column), ("constraint", said.constraint)];
        for (what, name) in places {
            if let Some(name) = name.filter(|name| !message.contains(*name)) {
                text.push_str(&format!(", {what} {name}"));
            }
        }
        if let Some(line) = said.context.and_then(copy_line) {
            text.push_str(&format!(", row index {line}"));
        }
        Self { sqlstate: Some(said.code.to_owned()), text }
    }
}

#[cfg(feature = "postgres")]
impl From<postgres::Error> for Refusal {
    fn from(error: postgres::Error) -> Self {
        match error.as_db_error() {
            None => Self::on_the_way(&error),
            Some(refused) => Self::answered(&Said {
                code: refused.code().code(),
                message: refused.message(),
                table: refused.table(),
                column: refused.column(),
                constraint: refused.constraint(),
                context: refused.where_(),
            }),
        }
    }
}

/// What is said in place of a message that may quote values.
fn told(code: &str) -> Option<&'static str> {
    // Those for nulls, foreign keys, duplicates and checks name columns and constraints only.
    let named = ["23502", "23503", "23505", "23514"];
    match code.get(..2)? {
        "22" => Some("a value is malformed or does not fit its type"),
        "23" if !named.contains(&code) => Some("a constraint is violated"),
        "P0" => Some("a function of the database raised an exception"),
        _ => None,
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
