//! SQL as `psql` runs it, whatever names and values hold.
//!
//! `psql` runs commands of its own, those of a shell among them, at a backslash outside of quotes. So whatever comes out
//! of a database stands in quotes, or escaped in a comment, and nothing of it ends a line. Rows are statements: behind a
//! `COPY` that fails, `psql` would take the rows themselves for statements. Last, `\restrict` lets newer ones refuse
//! commands of their own.

use std::fmt::Write as _;
use std::io;

use tdata_core::diagnostic::{in_a_line, is_visible};

use crate::server::random;

/// A script that is being written.
pub(super) struct Script<W: io::Write> {
    out: W,
    key: String,
}

impl<W: io::Write> Script<W> {
    /// Starts a script. Only who knows its key, which is drawn, can lift the restriction.
    pub(super) fn begin(out: W) -> io::Result<Self> {
        let mut script = Self { out, key: random()? };
        writeln!(script.out, "\\restrict {}", script.key)?;
        // Both decide where a quoted text ends.
        script.line("SET client_encoding = 'UTF8';")?;
        script.line("SET standard_conforming_strings = on;")?;
        Ok(script)
    }

    /// Writes a line that holds nothing but SQL of ours, names and values in quotes.
    pub(super) fn line(&mut self, sql: &str) -> io::Result<()> {
        writeln!(self.out, "{sql}")
    }

    /// Writes a comment.
    pub(super) fn comment(&mut self, text: &str) -> io::Result<()> {
        writeln!(self.out, "-- {}", in_a_line(text))
    }

    /// Ends the script.
    pub(super) fn end(mut self) -> io::Result<()> {
        writeln!(self.out, "\\unrestrict {}", self.key)?;
        self.out.flush()
    }
}

/// Quotes a name.
pub(super) fn identifier(name: &str) -> String {
    if name.chars().all(is_visible) {
        return tdata_core::sql::quote_identifier(name);
    }
    let mut quoted = "U&\"".to_owned();
    for c in name.chars() {
        // Writing to a text does not fail.
        let _ = match c {
            '"' => write!(quoted, "\"\""),
            '\\' => write!(quoted, "\\\\"),
            c if is_visible(c) => write!(quoted, "{c}"),
            c => write!(quoted, "\\+{:06x}", u32::from(c)),
        };
    }
    quoted.push('"');
    quoted
}

/// Quotes a value.
pub(super) fn literal(value: &str) -> String {
    if value.chars().all(|c| is_visible(c) && c != '\\') {
        return format!("'{}'", value.replace('\'', "''"));
    }
    let mut quoted = "E'".to_owned();
    for c in value.chars() {
        let _ = match c {
            '\'' => write!(quoted, "''"),
            '\\' => write!(quoted, "\\\\"),
            '\n' | '\r' | '\t' => write!(quoted, "{}", c.escape_default()),
            c if is_visible(c) => write!(quoted, "{c}"),
            c => write!(quoted, "\\U{:08x}", u32::from(c)),
        };
    }
    quoted.push('\'');
    quoted
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_and_values_stay_in_their_quotes() {
        assert_eq!(identifier("Order\"s \\"), "\"Order\"\"s \\\"");
        assert_eq!(identifier("a\n\\! \"b"), "U&\"a\\+00000a\\\\! \"\"b\"");
        assert_eq!(literal("it's"), "'it''s'");
        assert_eq!(literal("\\! '\n\u{1b}"), "E'\\\\! ''\\n\\U0000001b'");
    }

    #[test]
    fn a_script_has_the_lines_that_were_written() {
        let mut out = Vec::new();
        let mut script = Script::begin(&mut out).unwrap();
        script.comment("a\n\\! id\r\\! id").unwrap();
        script.line(&format!("SELECT {};", literal("x\n\\! id"))).unwrap();
        script.end().unwrap();
        let text = String::from_utf8(out).unwrap();
        let lines: Vec<&str> = text.lines().collect();
        let key = lines[0].strip_prefix("\\restrict ").unwrap();
        assert!(key.len() == 32 && key.bytes().all(|byte| byte.is_ascii_alphanumeric()), "{key}");
        assert_eq!(lines[3..5], ["-- a\\n\\! id\\r\\! id", "SELECT E'x\\n\\\\! id';"]);
        assert_eq!(lines[5], format!("\\unrestrict {key}"));
        assert_eq!(lines.len(), 6);
    }
}
