//! What may be said of what a database answered: never a value of the data.

use super::visible::in_a_line;

/// What PostgreSQL says when it refuses something.
///
/// Its details and contexts quote rows, so they are left out. So are messages that may quote values: those about
/// data, and those that functions of the database raise.
///
/// ```
/// use tdata_core::diagnostic::DatabaseAnswer;
///
/// let answer = DatabaseAnswer {
///     code: "22P02",
///     message: "invalid input syntax for type integer: \"4111111111111111\"",
///     table: Some("cards"),
///     column: None,
///     constraint: None,
///     context: Some("COPY cards, line 3, column id: \"4111111111111111\""),
/// };
/// assert_eq!(
///     answer.without_values(),
///     "a value is malformed or does not fit its type (SQLSTATE 22P02), table cards, column id, row index 2",
/// );
/// ```
#[derive(Clone, Copy, Debug)]
pub struct DatabaseAnswer<'a> {
    /// The SQLSTATE.
    pub code: &'a str,
    /// The message.
    pub message: &'a str,
    /// The table it is about.
    pub table: Option<&'a str>,
    /// The column it is about.
    pub column: Option<&'a str>,
    /// The constraint it is about.
    pub constraint: Option<&'a str>,
    /// Where it happened, such as `COPY users, line 3, column email: "..."`.
    pub context: Option<&'a str>,
}

impl<'a> DatabaseAnswer<'a> {
    /// Returns the column in which a `COPY` stood, where that is known.
    pub fn copied_column(&self) -> Option<&'a str> {
        self.context.and_then(Copied::find)?.column
    }

    /// Returns what may be said of the answer.
    pub fn without_values(&self) -> String {
        let copied = self.context.and_then(Copied::find);
        // What a row is copied in quotes is a value, and no statement.
        let quotes_row =
            copied.as_ref().is_some_and(|copied| copied.is_read) && self.code == SYNTAX_ERROR;
        let message = if quotes_row { Some(MALFORMED) } else { in_place_of(self.code) };
        let message = message.unwrap_or(self.message);
        let mut text = format!("{message} (SQLSTATE {})", self.code);
        let column = self.column.or(copied.as_ref().and_then(|copied| copied.column));
        let places = [("table", self.table), ("column", column), ("constraint", self.constraint)];
        for (what, name) in places {
            // A column's name may be as short as `v`, which is in any `value`.
            let told = |name: &str| match what {
                "column" => message.contains(&format!("\"{name}\"")),
                _ => message.contains(name),
            };
            if let Some(name) = name.filter(|name| !told(name)) {
                text.push_str(&format!(", {what} {name}"));
            }
        }
        if let Some(Copied { row, .. }) = copied {
            text.push_str(&format!(", row index {row}"));
        }
        // Names may hold anything.
        in_a_line(&text)
    }
}

/// Returns an error and its causes in one line, each said once.
pub fn with_causes(error: &dyn std::error::Error) -> String {
    let causes = std::iter::successors(error.source(), |&cause| cause.source());
    said_once(std::iter::once(error.to_string()).chain(causes.map(ToString::to_string)))
}

/// Returns the texts of an error and its causes in one line, each said once.
pub fn said_once(texts: impl IntoIterator<Item = String>) -> String {
    let mut all = String::new();
    for text in texts {
        if all.is_empty() {
            all = text;
        } else if !all.contains(&text) {
            all.push_str(": ");
            all.push_str(&text);
        }
    }
    all
}

/// What is said of a value that is not of its type.
const MALFORMED: &str = "a value is malformed or does not fit its type";

/// The code with which some types refuse a text.
const SYNTAX_ERROR: &str = "42601";

/// What is said in place of a message that may quote values.
fn in_place_of(code: &str) -> Option<&'static str> {
    // Those for nulls, foreign keys, duplicates and checks name columns and constraints only.
    let named = ["23502", "23503", "23505", "23514"];
    match (code.get(..2)?, code) {
        ("22", "22001") => Some("a value is too long for its type"),
        ("22", "22003") => Some("a number is out of the range of its type"),
        ("22", "22012") => Some("something is divided by zero"),
        ("22", "22021" | "22P05") => Some("a character is not one of the encoding"),
        ("22", "22023") => Some("a function or a setting does not take a value that it is given"),
        ("22", "22P04") => Some("a row of COPY has too few columns, too many, or a malformed end"),
        ("22", _) => Some(MALFORMED),
        ("23", _) if !named.contains(&code) => Some("a constraint is violated"),
        ("P0", _) => Some("a function of the database raised an exception"),
        _ => None,
    }
}

/// Returns the columns that a detail such as `Key (email)=(ada@corp.com) already exists.` is about, without their values.
///
/// ```
/// use tdata_core::diagnostic::key_columns;
///
/// let detail = "Key (tenant_id, email)=(7, ada@corp.com) already exists.";
/// assert_eq!(key_columns(detail), Some("tenant_id, email"));
/// assert_eq!(key_columns("Failing row contains (7, ada)=(corp)."), None);
/// ```
pub fn key_columns(detail: &str) -> Option<&str> {
    // What stands before the first value is the index's own definition.
    let (columns, _) = detail.strip_prefix("Key (")?.split_once(")=(")?;
    Some(columns)
}

/// Where a `COPY` stood when it failed.
struct Copied<'a> {
    /// The row index, from 0.
    row: u64,
    /// The column.
    column: Option<&'a str>,
    /// Whether the row itself was read, and no trigger ran.
    is_read: bool,
}

impl<'a> Copied<'a> {
    /// Reads a context such as `COPY users, line 3, column email: "..."`. Where a trigger failed, its own lines stand
    /// above.
    fn find(context: &'a str) -> Option<Self> {
        let (above, copy) = match context.strip_prefix("COPY ") {
            Some(copy) => ("", copy),
            None => context.split_once("\nCOPY ")?,
        };
        let (_, rest) = copy.split_once(", line ")?;
        let digits = rest.find(|c: char| !c.is_ascii_digit()).unwrap_or(rest.len());
        let row = rest[..digits].parse::<u64>().ok()?.checked_sub(1)?;
        // Lines of triggers may quote values, and so what looks like a column behind them.
        let column = rest[digits..].strip_prefix(", column ").filter(|_| above.is_empty());
        // Of rows in binary form no value is quoted.
        let column = column.map(|column| {
            let line = column.lines().next().unwrap_or_default();
            line.split_once(": ").map_or(line, |(name, _)| name)
        });
        Some(Self { row, column, is_read: above.is_empty() })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_copy_context_gives_row_and_column_and_no_value() {
        let found = |context| Copied::find(context).map(|copied| (copied.row, copied.column));
        let context = r#"COPY users, line 3, column email: "ada, column x: @corp.com""#;
        assert_eq!(found(context), Some((2, Some("email"))));
        assert_eq!(found("COPY users, line 3: \"7\tada\""), Some((2, None)));
        assert_eq!(found("COPY users, line 3, column email"), Some((2, Some("email"))));
        assert_eq!(found("COPY users, line 3"), Some((2, None)));
        assert_eq!(found("SQL statement \"SELECT 1\""), None);
        let trigger = "PL/pgSQL function f() line 2 at RAISE\nCOPY users, line 3, column a: \"b\"";
        assert_eq!(found(trigger), Some((2, None)));
    }

    #[test]
    fn what_is_said_in_place_of_a_message_fits_the_code() {
        for (code, message, said) in [
            ("22012", "division by zero", "divided by zero"),
            ("22023", "invalid value for parameter \"a.b\": \"4111\"", "does not take a value"),
            ("22P04", "missing data for column \"b\"", "too few columns"),
            ("22001", "value too long for type character varying(3)", "too long for its type"),
            ("22P02", "invalid input syntax for type integer: \"4111\"", "malformed"),
        ] {
            let (table, column, constraint, context) = (None, None, None, None);
            let answer = DatabaseAnswer { code, message, table, column, constraint, context };
            let told = answer.without_values();
            assert!(told.contains(said) && !told.contains("4111"), "{told}");
        }
    }

    #[test]
    fn what_a_type_calls_a_syntax_error_is_not_quoted() {
        let answer = |context| DatabaseAnswer {
            code: "42601",
            message: "syntax error in tsquery: \"{\"a\": 4111}\"",
            table: None,
            column: None,
            constraint: None,
            context,
        };
        let told = answer(Some(r#"COPY notes, line 1, column a: "{"a": 4111}""#)).without_values();
        assert!(!told.contains("4111") && told.ends_with(", column a, row index 0"), "{told}");
        // In a statement, it is the statement's own.
        assert!(answer(None).without_values().contains("syntax error"));
    }

    #[test]
    fn names_stay_in_their_line() {
        let name = "a\n\u{1b}[2J";
        let message = format!("relation \"{name}\" does not exist");
        let answer = DatabaseAnswer {
            code: "42P01",
            message: &message,
            table: Some("b\r"),
            column: Some("c\u{202e}"),
            constraint: None,
            context: None,
        };
        let told = answer.without_values();
        assert!(told.starts_with("relation \"a\\n\\u{1b}[2J\" does not exist"), "{told}");
        assert!(told.ends_with("table b\\r, column c\\u{202e}"), "{told}");
    }

    #[test]
    fn places_are_named_once() {
        let answer = DatabaseAnswer {
            code: "23505",
            message: "duplicate key value violates unique constraint \"users_email_key\"",
            table: Some("users"),
            column: None,
            constraint: Some("users_email_key"),
            context: None,
        };
        let told = answer.without_values();
        assert_eq!(told.matches("users_email_key").count(), 1, "{told}");
        assert!(told.ends_with("(SQLSTATE 23505)"), "{told}");
    }
}
