//! How what a database refuses is told.

use std::fmt;

use postgres::error::SqlState;

/// What the database, or the way to it, refused: told without any value of the data.
///
/// PostgreSQL's details and contexts quote rows; they are left out. So are messages that may quote
/// values: those about data, and those that functions of the database raise.
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

    /// Returns PostgreSQL's code, where the database answered.
    pub(crate) fn sqlstate(&self) -> Option<&str> {
        self.sqlstate.as_ref().map(SqlState::code)
    }

    /// Tells whether the connection, not a statement, failed: it is broken, or was ended.
    pub(crate) fn is_connection(&self) -> bool {
        self.sqlstate().is_none_or(|code| code.starts_with("57P") || code.starts_with("08"))
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
        let message = told(&code).unwrap_or(refused.message());
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

/// What is said in place of a message that may quote values.
fn told(code: &SqlState) -> Option<&'static str> {
    // These name columns and constraints only.
    let named = [
        SqlState::NOT_NULL_VIOLATION,
        SqlState::FOREIGN_KEY_VIOLATION,
        SqlState::UNIQUE_VIOLATION,
        SqlState::CHECK_VIOLATION,
    ];
    match &code.code()[..2] {
        "22" => Some("a value is malformed or does not fit its type"),
        "23" if !named.contains(code) => Some("a constraint is violated"),
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
