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
///     "a value is malformed or does not fit its type (SQLSTATE 22P02), table cards, row index 2",
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

impl DatabaseAnswer<'_> {
    /// Returns what may be said of the answer.
    pub fn without_values(&self) -> String {
        let message = in_place_of(self.code).unwrap_or(self.message);
        let mut text = format!("{message} (SQLSTATE {})", self.code);
        let places =
            [("table", self.table), ("column", self.column), ("constraint", self.constraint)];
        for (what, name) in places {
            if let Some(name) = name.filter(|name| !message.contains(*name)) {
                text.push_str(&format!(", {what} {name}"));
            }
        }
        if let Some(row) = self.context.and_then(copied_row) {
            text.push_str(&format!(", row index {row}"));
        }
        // Names may hold anything.
        in_a_line(&text)
    }
}

/// Returns an error and its causes in one line, each said once.
pub fn with_causes(error: &dyn std::error::Error) -> String {
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
    text
}

/// What is said in place of a message that may quote values.
fn in_place_of(code: &str) -> Option<&'static str> {
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
fn copied_row(context: &str) -> Option<u64> {
    let (_, rest) = context.strip_prefix("COPY ")?.split_once(", line ")?;
    let digits = rest.find(|c: char| !c.is_ascii_digit()).unwrap_or(rest.len());
    rest[..digits].parse::<u64>().ok()?.checked_sub(1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_copy_context_gives_the_row_and_no_value() {
        let context = r#"COPY users, line 3, column email: "ada@corp.com""#;
        assert_eq!(copied_row(context), Some(2));
        assert_eq!(copied_row("SQL statement \"SELECT 1\""), None);
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
