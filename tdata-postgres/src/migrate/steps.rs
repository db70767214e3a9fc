//! The steps of a migration: its statements, the rows behind a `COPY`, and commands of `psql`.

use std::ops::Range;

use tdata_core::sql::{Lexer, Token, TokenKind};

/// A step of a migration, each part by its bytes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Step {
    /// A statement for the server.
    Statement(Range<usize>),
    /// A `COPY … FROM STDIN`, and its rows.
    Copy { statement: Range<usize>, rows: Range<usize> },
    /// More behind a `COPY … FROM STDIN` in its line.
    BesideCopy(usize),
    /// What `psql` does itself: a line from its backslash on. A statement before it is not ended.
    Command { statement: Range<usize>, line: Range<usize> },
    /// A quote or a comment that nothing closes.
    Unclosed(usize),
}

/// Finds the steps of a text, as `psql` and PostgreSQL's lexer do.
#[derive(Clone, Debug)]
pub(super) struct Steps<'a> {
    text: &'a str,
    lexer: Lexer<'a>,
}

/// What decides where a statement ends.
#[derive(Default)]
struct Depth {
    parentheses: u32,
    /// Of `BEGIN ATOMIC … END` in a routine's body, and of `CASE … END` in it.
    blocks: u32,
    /// The first words, as far as they tell whether a routine is made.
    words: Vec<String>,
    after_begin: bool,
}

impl Depth {
    fn is_routine(&self) -> bool {
        let words: Vec<&str> = self.words.iter().map(String::as_str).collect();
        matches!(
            words.as_slice(),
            ["create", "function" | "procedure", ..]
                | ["create", "or", "replace", "function" | "procedure", ..]
        )
    }

    fn take(&mut self, kind: TokenKind, text: &str) {
        match (kind, text) {
            (TokenKind::Sign, "(") => self.parentheses += 1,
            (TokenKind::Sign, ")") => self.parentheses = self.parentheses.saturating_sub(1),
            (TokenKind::Word, _) => return self.take_word(text),
            _ => {}
        }
        if !matches!(kind, TokenKind::Blank | TokenKind::Comment) {
            self.after_begin = false;
        }
    }

    fn take_word(&mut self, word: &str) {
        if self.words.len() < 4 {
            self.words.push(word.to_ascii_lowercase());
        }
        let is = |name: &str| word.eq_ignore_ascii_case(name);
        let after_begin = std::mem::replace(&mut self.after_begin, is("begin"));
        if self.blocks == 0 {
            self.blocks = u32::from(after_begin && is("atomic") && self.is_routine());
        } else if is("case") {
            self.blocks += 1;
        } else if is("end") {
            self.blocks -= 1;
        }
    }

    fn is_between_statements(&self) -> bool {
        self.parentheses == 0 && self.blocks == 0
    }
}

impl<'a> Steps<'a> {
    pub(super) fn new(text: &'a str) -> Self {
        Self { text, lexer: Lexer::new(text) }
    }

    /// Sets `standard_conforming_strings` for what comes.
    pub(super) fn set_standard_strings(&mut self, on: bool) {
        self.lexer.set_standard_strings(on);
    }

    fn slice(&self, token: Token) -> &'a str {
        &self.text[token.start..token.end]
    }

    /// Goes to the end of a command: the line's, or where a backslash begins another. Returns it.
    fn end_of_command(&mut self, start: usize) -> usize {
        /// Commands that take all of their line.
        const WHOLE: &[&str] = &["!", "copy", "h", "help", "sf", "sf+", "sv", "sv+", "ef", "ev"];
        let rest = &self.text[start..];
        let line = &rest[..rest.find(['\n', '\r']).unwrap_or(rest.len())];
        let name = line[1..].split(char::is_whitespace).next().unwrap_or_default();
        let mut quote = None;
        let mut is_hidden = false;
        let next = line.char_indices().skip(1).find(|(_, c)| {
            match (quote, *c) {
                (Some('\''), '\\') => is_hidden = !is_hidden,
                (Some(open), c) if c == open && !is_hidden => quote = None,
                (Some(_), _) => is_hidden = false,
                (None, '\'' | '"' | '`') => quote = Some(*c),
                (None, c) => return c == '\\',
            }
            false
        });
        let length = next.filter(|_| !WHOLE.contains(&name)).map_or(line.len(), |(at, _)| at);
        let is_separator = self.text[start + length..].starts_with("\\\\");
        self.lexer.go_to(start + length + if is_separator { 2 } else { 0 });
        start + length
    }

    /// Returns where in the line more stands than blanks and a comment.
    fn more_in_line(&self) -> Option<usize> {
        let mut rest = self.lexer.clone();
        let token = rest.find(|token| token.kind != TokenKind::Blank)?;
        let is_before_line_end = !self.text[self.lexer.position()..token.start].contains('\n');
        (is_before_line_end && token.kind != TokenKind::Comment).then_some(token.start)
    }

    /// Returns the rows behind the end of a statement: from the next line on, to a line with `\.` or the end.
    pub(super) fn rows(&mut self) -> Range<usize> {
        let behind = self.lexer.position();
        let rest = &self.text[behind..];
        let start = behind + rest.find('\n').map_or(rest.len(), |end| end + 1);
        let mut at = start;
        for line in self.text[start..].split_inclusive('\n') {
            let next = at + line.len();
            if line.trim_end_matches(['\n', '\r']) == "\\." {
                self.lexer.go_to(next);
                return start..at;
            }
            at = next;
        }
        self.lexer.go_to(at);
        start..at
    }
}

impl Iterator for Steps<'_> {
    type Item = Step;

    fn next(&mut self) -> Option<Step> {
        let mut depth = Depth::default();
        // From the first token that counts to the last one.
        let mut statement: Option<Range<usize>> = None;
        while let Some(token) = self.lexer.next() {
            let text = self.slice(token);
            match (token.kind, text) {
                (TokenKind::Unclosed, _) => return Some(Step::Unclosed(token.start)),
                (TokenKind::Sign, ";") if depth.is_between_statements() => {
                    let Some(statement) = statement.take() else {
                        depth = Depth::default();
                        continue;
                    };
                    if copies_from_stdin(&self.text[statement.clone()]) {
                        if let Some(at) = self.more_in_line() {
                            return Some(Step::BesideCopy(at));
                        }
                        let rows = self.rows();
                        return Some(Step::Copy { statement, rows });
                    }
                    return Some(Step::Statement(statement));
                }
                (TokenKind::Sign, "\\") => match self.text.as_bytes().get(token.end) {
                    // No end of a statement, and no variable.
                    Some(b';' | b':') => {
                        self.lexer.go_to(token.end + 1);
                        let start = statement.map_or(token.start, |statement| statement.start);
                        statement = Some(start..token.end + 1);
                    }
                    // The end of a command's line, without a command.
                    Some(b'\\') => self.lexer.go_to(token.end + 1),
                    _ => {
                        let line = token.start..self.end_of_command(token.start);
                        let statement = statement.unwrap_or(token.start..token.start);
                        return Some(Step::Command { statement, line });
                    }
                },
                (TokenKind::Blank | TokenKind::Comment, _) => {}
                _ => {
                    let start = statement.map_or(token.start, |statement| statement.start);
                    statement = Some(start..token.end);
                }
            }
            depth.take(token.kind, text);
        }
        let statement = statement?;
        if copies_from_stdin(&self.text[statement.clone()]) {
            let end = self.text.len();
            return Some(Step::Copy { statement, rows: end..end });
        }
        Some(Step::Statement(statement))
    }
}

/// The words of a statement that stand in no parentheses, in lower case.
pub(super) fn words(statement: &str) -> impl Iterator<Item = String> + '_ {
    let mut depth = 0_u32;
    Lexer::new(statement).filter_map(move |token| {
        let text = &statement[token.start..token.end];
        match text {
            "(" => depth += 1,
            ")" => depth = depth.saturating_sub(1),
            _ => {}
        }
        (token.kind == TokenKind::Word && depth == 0).then(|| text.to_ascii_lowercase())
    })
}

fn copies_from_stdin(statement: &str) -> bool {
    copies(statement, ["from", "stdin"])
}

/// Tells whether a statement copies rows to the client.
pub(super) fn copies_to_stdout(statement: &str) -> bool {
    copies(statement, ["to", "stdout"])
}

fn copies(statement: &str, way: [&str; 2]) -> bool {
    let mut words = words(statement);
    if words.next().is_none_or(|word| word != "copy") {
        return false;
    }
    let words: Vec<String> = words.collect();
    words.windows(2).any(|two| two == way)
}

/// Returns how a statement begins, for messages: its names and key words, without any value.
pub(super) fn beginning(statement: &str) -> String {
    const MOST: usize = 60;
    let mut told = String::new();
    for token in Lexer::new(statement) {
        let text = &statement[token.start..token.end];
        match token.kind {
            TokenKind::Word | TokenKind::QuotedName => told.push_str(text),
            TokenKind::Blank | TokenKind::Comment if !told.ends_with(' ') => told.push(' '),
            TokenKind::Blank | TokenKind::Comment => {}
            TokenKind::Sign if text == "." => told.push('.'),
            _ => break,
        }
        if told.chars().count() > MOST {
            told = told.chars().take(MOST).collect();
            told.push('…');
            break;
        }
    }
    told.trim().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The statements, rows and commands of a text.
    fn steps(text: &str) -> Vec<String> {
        let piece = |range: Range<usize>| text[range].to_owned();
        Steps::new(text)
            .map(|step| match step {
                Step::Statement(statement) => piece(statement),
                Step::Copy { statement, rows } => {
                    format!("{} <- {:?}", piece(statement), piece(rows))
                }
                Step::Command { statement, line } => {
                    format!("{}|{}", piece(statement), piece(line))
                }
                Step::BesideCopy(at) => format!("beside at {at}"),
                Step::Unclosed(at) => format!("unclosed at {at}"),
            })
            .collect()
    }

    #[test]
    fn only_semicolons_between_statements_split() {
        let sql = "SELECT ';' ; -- a; b\n/* ; /* ; */ */ SELECT \"a;b\";;\n\
                   SELECT E'\\';' , 'it''s;'; SELECT $1; CREATE RULE r AS ON INSERT TO t DO (SELECT 1; SELECT 2);";
        let expected = [
            "SELECT ';'",
            "SELECT \"a;b\"",
            "SELECT E'\\';' , 'it''s;'",
            "SELECT $1",
            "CREATE RULE r AS ON INSERT TO t DO (SELECT 1; SELECT 2)",
        ];
        assert_eq!(steps(sql), expected);
    }

    #[test]
    fn bodies_of_routines_are_whole() {
        for body in [
            "CREATE FUNCTION f() RETURNS int LANGUAGE sql BEGIN ATOMIC SELECT 1; SELECT CASE WHEN a THEN 1 END; END",
            "CREATE OR REPLACE PROCEDURE p()\nBEGIN /* so */ ATOMIC\n  DELETE FROM t;\nEND",
            "CREATE FUNCTION f() RETURNS int AS $x$ BEGIN; RETURN 1; END $x$ LANGUAGE plpgsql",
            "DO $$ BEGIN PERFORM 1; END $$",
        ] {
            assert_eq!(steps(&format!("{body};\nSELECT 2")), [body, "SELECT 2"]);
        }
    }

    #[test]
    fn transactions_are_statements() {
        assert_eq!(steps("BEGIN; SELECT atomic; END;"), ["BEGIN", "SELECT atomic", "END"]);
        let table = "CREATE TABLE t (begin int, atomic int)";
        assert_eq!(steps(&format!("{table}; BEGIN; COMMIT")), [table, "BEGIN", "COMMIT"]);
    }

    #[test]
    fn rows_end_at_a_dot_or_the_end() {
        let text = "COPY t (a) FROM stdin;\n1;\t'x\n\\.\nSELECT 1;\nCOPY t FROM STDIN WITH (FORMAT csv); -- so\r\n2\r\n\\.\r\n";
        let expected = [
            "COPY t (a) FROM stdin <- \"1;\\t'x\\n\"",
            "SELECT 1",
            "COPY t FROM STDIN WITH (FORMAT csv) <- \"2\\r\\n\"",
        ];
        assert_eq!(steps(text), expected);
        assert_eq!(steps("COPY t FROM stdin;\n\\."), ["COPY t FROM stdin <- \"\""]);
        assert_eq!(steps("COPY t FROM stdin;"), ["COPY t FROM stdin <- \"\""]);
        assert_eq!(steps("COPY t FROM stdin;\n1\n2"), ["COPY t FROM stdin <- \"1\\n2\""]);
        assert_eq!(steps("COPY t FROM stdin"), ["COPY t FROM stdin <- \"\""]);
        assert_eq!(steps("COPY t FROM stdin; SELECT 1;")[0], "beside at 19");
        for other in ["COPY t FROM '/a'", "COPY (SELECT 1 FROM stdin) TO STDOUT", "SELECT copy"] {
            assert_eq!(steps(other), [other]);
        }
    }

    #[test]
    fn commands_are_lines_from_their_backslash_on() {
        let text = "\\restrict k\nSELECT 1;\nSELECT 2 \\gexec\n\\connect \"a;b\"\nSELECT '\\n';";
        let expected =
            ["|\\restrict k", "SELECT 1", "SELECT 2|\\gexec", "|\\connect \"a;b\"", "SELECT '\\n'"];
        assert_eq!(steps(text), expected);
    }

    #[test]
    fn commands_may_share_a_line() {
        let text =
            "\\set a 'x\\'y\\\\' \\echo b \\\\ SELECT 1;\n\\! ls \\x\nSELECT 2\\; SELECT 3\\g\n";
        let expected = [
            "|\\set a 'x\\'y\\\\' ",
            "|\\echo b ",
            "SELECT 1",
            "|\\! ls \\x",
            "SELECT 2\\; SELECT 3|\\g",
        ];
        assert_eq!(steps(text), expected);
    }

    #[test]
    fn what_is_open_is_told_with_its_place() {
        assert_eq!(steps("SELECT 1; SELECT 'a"), ["SELECT 1", "unclosed at 17"]);
        assert_eq!(steps("/* a"), ["unclosed at 0"]);
    }

    #[test]
    fn statements_are_told_without_values() {
        for (statement, told) in [
            ("INSERT INTO users VALUES ('Ann')", "INSERT INTO users VALUES"),
            ("create  table\n\"a b\".c (id int)", "create table \"a b\".c"),
            ("SELECT 'Ann'", "SELECT"),
            ("-- so\nALTER TABLE t", "ALTER TABLE t"),
        ] {
            assert_eq!(beginning(statement), told);
        }
        assert_eq!(beginning(&"word ".repeat(30)).chars().count(), 61);
    }
}
