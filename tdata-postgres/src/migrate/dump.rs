//! What dumps of `pg_dump` and `pg_dumpall` say although it may not be so on another server. `psql` tells it and goes on.

use tdata_core::sql::{Lexer, TokenKind};

/// How far into a file a dump says that it is one.
const HEAD: usize = 2 << 10;

/// Tells whether a file is a dump.
pub(super) fn is_dump(text: &str) -> bool {
    let mut end = text.len().min(HEAD);
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    let titles = ["-- PostgreSQL database dump", "-- PostgreSQL database cluster dump"];
    text[..end].lines().any(|line| titles.contains(&line.trim_end()))
}

/// A question whose answer decides whether a statement of a dump is passed over.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Question {
    /// It has one parameter.
    pub(super) sql: &'static str,
    pub(super) name: String,
    /// Whether people are told that the statement was passed over.
    pub(super) is_told: bool,
}

/// Returns the question that a statement raises.
pub(super) fn question(statement: &str) -> Option<Question> {
    let words = beginning(statement);
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    let (sql, name) = match words.as_slice() {
        // Settings of newer or older servers. Others than PostgreSQL's own can always be set.
        ["set", name, "=" | "to", ..] if !name.contains('.') => {
            ("SELECT current_setting($1::text, true) IS NULL", name)
        }
        ["create", "schema", "public", ..] => (
            "SELECT EXISTS (SELECT FROM pg_catalog.pg_namespace WHERE nspname = $1::text)",
            &"public",
        ),
        ["comment", "on", "extension", name, ..] => (
            "SELECT EXISTS (SELECT FROM pg_catalog.pg_extension \
             WHERE extname = $1::text AND NOT pg_has_role(extowner, 'USAGE'))",
            name,
        ),
        ["create", "role" | "user", name, ..] => {
            ("SELECT EXISTS (SELECT FROM pg_catalog.pg_roles WHERE rolname = $1::text)", name)
        }
        // What tdata itself connects as stays as it is.
        ["alter", "role" | "user", name, ..] => {
            ("SELECT $1::text IN (session_user, 'current_user', 'session_user')", name)
        }
        _ => return None,
    };
    Some(Question { sql, name: (*name).to_owned(), is_told: words[0] == "set" })
}

/// The first words and names of a statement.
fn beginning(statement: &str) -> Vec<String> {
    const MOST: usize = 4;
    let is_counted = |kind| !matches!(kind, TokenKind::Blank | TokenKind::Comment);
    let tokens = Lexer::new(statement).filter(|token| is_counted(token.kind)).take(MOST);
    let piece = |token: tdata_core::sql::Token| {
        let text = &statement[token.start..token.end];
        match text.strip_prefix('"').and_then(|text| text.strip_suffix('"')) {
            Some(name) => name.replace("\"\"", "\""),
            None => text.to_ascii_lowercase(),
        }
    };
    tokens.map(piece).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dumps_say_so_at_their_head() {
        assert!(is_dump("--\n-- PostgreSQL database dump\n--\n"));
        assert!(is_dump("--\r\n-- PostgreSQL database cluster dump\r\n"));
        assert!(!is_dump("-- a PostgreSQL database dump\n"));
        assert!(!is_dump(&format!("{}\n-- PostgreSQL database dump\n", "ä".repeat(2000))));
    }

    #[test]
    fn what_may_not_be_so_elsewhere_is_asked_for() {
        for (sql, name, is_told) in [
            ("SET transaction_timeout = 0", "transaction_timeout", true),
            ("CREATE SCHEMA public", "public", false),
            ("COMMENT ON EXTENSION \"uuid-ossp\" IS 'x'", "uuid-ossp", false),
            ("CREATE ROLE postgres", "postgres", false),
            ("ALTER ROLE \"My \"\"app\" WITH LOGIN", "My \"app", false),
        ] {
            let question = question(sql).unwrap();
            assert_eq!((question.name.as_str(), question.is_told), (name, is_told), "{sql}");
        }
        for sql in
            ["SET app.x = 1", "SET TIME ZONE 'UTC'", "CREATE SCHEMA shop", "SELECT 1", "SET ROLE a"]
        {
            assert_eq!(question(sql), None, "{sql}");
        }
    }
}
