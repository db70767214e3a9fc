//! `\copy`, which reads a file where the script runs.

use tdata_core::sql::{Lexer, TokenKind};

/// A `\copy`: the statement for the server, and where its rows are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::migrate) struct CopyCommand {
    pub(in crate::migrate) statement: String,
    pub(in crate::migrate) rows: Rows,
}

/// Where rows are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::migrate) enum Rows {
    /// In a file.
    File(String),
    /// Behind the command.
    Behind,
    /// They would be written.
    Written,
}

impl CopyCommand {
    /// Reads what stands behind `\copy`.
    pub(in crate::migrate) fn of(text: &str) -> Result<Self, String> {
        let mut depth = 0_u32;
        for token in Lexer::new(text) {
            let piece = &text[token.start..token.end];
            match piece {
                "(" => depth += 1,
                ")" => depth = depth.saturating_sub(1),
                _ if depth > 0 || token.kind != TokenKind::Word => {}
                _ if piece.eq_ignore_ascii_case("to") => {
                    return Ok(Self { statement: String::new(), rows: Rows::Written });
                }
                _ if piece.eq_ignore_ascii_case("from") => {
                    return Self::from(&text[..token.start], &text[token.end..]);
                }
                _ => {}
            }
        }
        Err("\\copy says neither FROM nor TO".to_owned())
    }

    fn from(what: &str, behind: &str) -> Result<Self, String> {
        let behind = behind.trim();
        let (source, options) = match behind.strip_prefix('\'') {
            Some(quoted) => {
                let end = quoted.find('\'').ok_or("\\copy opens a quote, and does not close it")?;
                (&quoted[..end], &quoted[end + 1..])
            }
            None => behind.split_at(behind.find(char::is_whitespace).unwrap_or(behind.len())),
        };
        let is_quoted = behind.starts_with('\'');
        let rows = match source.to_ascii_lowercase().as_str() {
            "program" if !is_quoted => {
                return Err("\\copy takes rows from a command of the shell, and tdata runs none: write its rows into a file"
                    .to_owned());
            }
            "stdin" | "pstdin" if !is_quoted => Rows::Behind,
            "" => return Err("\\copy names no file".to_owned()),
            _ => Rows::File(source.to_owned()),
        };
        let (what, options) = (what.trim(), options.trim().trim_end_matches(';').trim_end());
        let gap = if options.is_empty() { "" } else { " " };
        Ok(Self { statement: format!("COPY {what} FROM STDIN{gap}{options}"), rows })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_come_from_where_the_command_says() {
        for (text, statement, rows) in [
            (
                "t from 'a b.csv' csv header",
                "COPY t FROM STDIN csv header",
                Rows::File("a b.csv".to_owned()),
            ),
            (
                "s.t (a, \"from\") FROM a.csv WITH (FORMAT csv);",
                "COPY s.t (a, \"from\") FROM STDIN WITH (FORMAT csv)",
                Rows::File("a.csv".to_owned()),
            ),
            ("t FROM stdin", "COPY t FROM STDIN", Rows::Behind),
            ("(SELECT a FROM t) TO 'f'", "", Rows::Written),
        ] {
            assert_eq!(
                CopyCommand::of(text).unwrap(),
                CopyCommand { statement: statement.to_owned(), rows }
            );
        }
        for (text, told) in [
            ("t from program 'ls'", "shell"),
            ("t", "neither FROM nor TO"),
            ("t from", "names no file"),
            ("t from 'a", "does not close"),
        ] {
            assert!(CopyCommand::of(text).unwrap_err().contains(told), "{text}");
        }
    }
}
