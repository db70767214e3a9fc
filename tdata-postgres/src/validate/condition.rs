//! Takes a condition apart, so that the subqueries in it become questions which PostgreSQL plans as joins.
//!
//! A condition that is null holds, as with CHECK: what is looked for are rows for which it is false. PostgreSQL joins what it finds as
//! `WHERE key IN (SELECT ..)` or `WHERE EXISTS (SELECT ..)`. Whatever else has a subquery in it asks that once for each row.

use std::fmt;

use tdata_core::sql::{Lexer, Token, TokenKind};

/// A condition with subqueries, in parts.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Part {
    /// Without a subquery.
    Plain(String),
    /// With a subquery, and not taken apart.
    Asking(String),
    Not(Box<Part>),
    And(Vec<Part>),
    Or(Vec<Part>),
}

/// A question about the rows of a table. Together the questions of a condition find each row for which it is false.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Question {
    /// No row may be so.
    None {
        /// What holds for the row, joined by AND.
        rows: Vec<String>,
    },
    /// All rows that are so must fulfil a condition; others are suspected only, since it may be null for them.
    All {
        /// What holds for the row, joined by AND.
        rows: Vec<String>,
        /// One of these must be true.
        one_of: Vec<String>,
    },
}

/// Tells whether a condition has a subquery.
pub(super) fn asks(condition: &str) -> bool {
    let tokens = Tokens::of(condition);
    (0..tokens.list.len())
        .any(|at| ["SELECT", "VALUES", "TABLE", "WITH"].iter().any(|word| tokens.is_word(at, word)))
}

/// Returns the questions that find the rows for which a condition is false.
pub(super) fn questions(condition: &str) -> Vec<Question> {
    let mut questions = Vec::new();
    false_rows(&part(condition), &mut Vec::new(), &mut questions);
    questions
}

/// Asks for rows for which a part is false, among some rows.
fn false_rows(part: &Part, rows: &mut Vec<String>, questions: &mut Vec<Question>) {
    let before = rows.len();
    match part {
        Part::Plain(text) => {
            rows.push(is_false(text));
            questions.push(Question::None { rows: rows.clone() });
        }
        Part::Asking(text) => {
            questions.push(Question::All { rows: rows.clone(), one_of: vec![operand(text)] });
        }
        Part::Not(inner) => true_rows(inner, rows, questions),
        Part::And(parts) => parts.iter().for_each(|part| false_rows(part, rows, questions)),
        Part::Or(parts) => {
            let mut asking = Vec::new();
            for part in parts {
                match part {
                    Part::Plain(text) => rows.push(is_false(text)),
                    // Not false, but true is what must not be: a join finds it.
                    Part::Not(inner) => rows.push(operand(&inner.to_string())),
                    part => asking.push(part),
                }
            }
            match &asking[..] {
                [] => questions.push(Question::None { rows: rows.clone() }),
                [part] => false_rows(part, rows, questions),
                several => {
                    let one_of = several.iter().map(|part| operand(&part.to_string()));
                    questions.push(Question::All { rows: rows.clone(), one_of: one_of.collect() });
                }
            }
        }
    }
    rows.truncate(before);
}

/// Asks for rows for which a part is true, among some rows.
fn true_rows(part: &Part, rows: &mut Vec<String>, questions: &mut Vec<Question>) {
    match part {
        Part::Not(inner) => false_rows(inner, rows, questions),
        Part::Or(parts) => parts.iter().for_each(|part| true_rows(part, rows, questions)),
        part => {
            rows.push(operand(&part.to_string()));
            questions.push(Question::None { rows: rows.clone() });
            rows.pop();
        }
    }
}

fn is_false(text: &str) -> String {
    format!("(\n{text}\n) IS FALSE")
}

/// On lines of its own, so that a comment at its end closes nothing.
fn operand(text: &str) -> String {
    format!("(\n{text}\n)")
}

impl fmt::Display for Part {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let joined = |f: &mut fmt::Formatter<'_>, parts: &[Part], word: &str| {
            for (at, part) in parts.iter().enumerate() {
                f.write_str(if at == 0 { "" } else { word })?;
                write!(f, "(\n{part}\n)")?;
            }
            Ok(())
        };
        match self {
            Self::Plain(text) | Self::Asking(text) => f.write_str(text),
            Self::Not(inner) => write!(f, "NOT (\n{inner}\n)"),
            Self::And(parts) => joined(f, parts, " AND "),
            Self::Or(parts) => joined(f, parts, " OR "),
        }
    }
}

/// The tokens of a text that mean something, each with its depth in parentheses and in CASE .. END.
struct Tokens<'a> {
    text: &'a str,
    list: Vec<(Token, usize)>,
}

impl<'a> Tokens<'a> {
    fn of(text: &'a str) -> Self {
        let mut tokens = Self { text, list: Vec::new() };
        let mut depth: usize = 0;
        let means = |token: &Token| !matches!(token.kind, TokenKind::Blank | TokenKind::Comment);
        for token in Lexer::new(text).filter(means) {
            tokens.list.push((token, 0));
            let at = tokens.list.len() - 1;
            let sign = &text[token.start..token.end];
            if matches!(sign, ")" | "]") || tokens.is_word(at, "END") {
                depth = depth.saturating_sub(1);
            }
            tokens.list[at].1 = depth;
            if matches!(sign, "(" | "[") || tokens.is_word(at, "CASE") {
                depth += 1;
            }
        }
        tokens
    }

    fn sign(&self, at: usize) -> &'a str {
        self.list.get(at).map_or("", |(token, _)| &self.text[token.start..token.end])
    }

    /// Tells whether a token is a key word: behind a point every word is a name.
    fn is_word(&self, at: usize, word: &str) -> bool {
        self.list.get(at).is_some_and(|(token, _)| token.kind == TokenKind::Word)
            && self.sign(at).eq_ignore_ascii_case(word)
            && at.checked_sub(1).is_none_or(|before| self.sign(before) != ".")
    }

    fn is_outer_word(&self, at: usize, word: &str) -> bool {
        self.list[at].1 == 0 && self.is_word(at, word)
    }

    /// Returns the text of some tokens.
    fn slice(&self, first: usize, end: usize) -> &'a str {
        match (self.list.get(first), end.checked_sub(1).and_then(|last| self.list.get(last))) {
            (Some((first, _)), Some((last, _))) if first.start < last.end => {
                &self.text[first.start..last.end]
            }
            _ => "",
        }
    }

    /// Cuts the text at a word that stands in no parentheses; `None` where there is none.
    fn cut(&self, word: &str) -> Option<Vec<&'a str>> {
        let (mut pieces, mut first, mut between) = (Vec::new(), 0, 0);
        for at in 0..self.list.len() {
            if self.is_outer_word(at, "BETWEEN") {
                between += 1;
            } else if self.is_outer_word(at, "AND") && between > 0 {
                // It is BETWEEN's own.
                between -= 1;
            } else if self.is_outer_word(at, word) {
                pieces.push(self.slice(first, at));
                first = at + 1;
            }
        }
        pieces.push(self.slice(first, self.list.len()));
        let is_cut = pieces.len() > 1 && pieces.iter().all(|piece| !piece.is_empty());
        is_cut.then_some(pieces)
    }

    /// Returns what stands in parentheses, where these are all there is.
    fn within(&self) -> Option<&'a str> {
        let last = self.list.len().checked_sub(1)?;
        let closes = |at: usize| at > 0 && self.list[at].1 == 0;
        let first_end = (0..self.list.len()).find(|at| closes(*at))?;
        (self.sign(0) == "(" && first_end == last && self.sign(last) == ")")
            .then(|| self.slice(1, last))
    }

    /// Returns the same with IN, where it is `key NOT IN (SELECT ..)`, key being no comparison itself.
    fn positive(&self) -> Option<String> {
        let count = self.list.len();
        let at = (1..count.saturating_sub(2)).find(|at| self.is_outer_word(*at, "NOT"))?;
        let is_key = (0..at).all(|at| {
            let sign = self.sign(at);
            let compares = ["<", ">", "=", "!", "~", "|", "&", "@", "#", "?", "^", "*", "/", "%"];
            self.list[at].1 > 0
                || !compares.contains(&sign)
                    && ![
                        "IS", "LIKE", "ILIKE", "SIMILAR", "BETWEEN", "IN", "COLLATE", "ISNULL",
                        "NOTNULL",
                    ]
                    .iter()
                    .any(|word| self.is_word(at, word))
        });
        let ends = (at + 3..count).find(|at| self.list[*at].1 == 0) == Some(count - 1);
        (is_key && ends && self.is_word(at + 1, "IN") && self.sign(at + 2) == "(")
            .then(|| format!("{} {}", self.slice(0, at), self.slice(at + 1, count)))
    }
}

fn part(text: &str) -> Part {
    let tokens = Tokens::of(text);
    let text = tokens.slice(0, tokens.list.len());
    if !asks(text) {
        return Part::Plain(text.to_owned());
    }
    // OR binds least, then AND, then NOT.
    if let Some(parts) = tokens.cut("OR") {
        return Part::Or(parts.into_iter().map(part).collect());
    }
    if let Some(parts) = tokens.cut("AND") {
        return Part::And(parts.into_iter().map(part).collect());
    }
    if tokens.is_word(0, "NOT") {
        return Part::Not(Box::new(part(tokens.slice(1, tokens.list.len()))));
    }
    let is_query = |within: &str| {
        let first = Tokens::of(within);
        ["SELECT", "VALUES", "TABLE", "WITH"].iter().any(|word| first.is_word(0, word))
    };
    if let Some(within) = tokens.within().filter(|within| !is_query(within)) {
        return part(within);
    }
    match tokens.positive() {
        Some(positive) => Part::Not(Box::new(Part::Asking(positive))),
        None => Part::Asking(text.to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The questions of a condition, in one line each.
    fn asked(condition: &str) -> Vec<String> {
        let questions = questions(condition).into_iter().map(|question| match question {
            Question::None { rows } => format!("none: {}", rows.join(" & ")),
            Question::All { rows, one_of } => {
                format!("all: {} => {}", rows.join(" & "), one_of.join(" | "))
            }
        });
        questions.map(|line| line.replace('\n', "")).collect()
    }

    #[test]
    fn subqueries_are_found_where_they_are_words() {
        assert!(asks("a IN (SELECT b FROM c)") && asks("exists(table t)"));
        assert!(
            !asks("a = 'SELECT'") && !asks("\"select\" > 0 -- SELECT") && !asks("t.select > 0")
        );
    }

    #[test]
    fn what_can_be_joined_stands_alone() {
        assert_eq!(asked("a IN (SELECT b FROM c)"), ["all:  => (a IN (SELECT b FROM c))"]);
        assert_eq!(
            asked("((EXISTS (SELECT FROM c))) -- ok"),
            ["all:  => (EXISTS (SELECT FROM c))"]
        );
        assert_eq!(
            asked("a IS NULL OR a IN (SELECT b FROM c)"),
            ["all: (a IS NULL) IS FALSE => (a IN (SELECT b FROM c))"]
        );
        assert_eq!(
            asked("x BETWEEN 1 AND 2 AND a IN (SELECT b FROM c WHERE d OR e)"),
            [
                "none: (x BETWEEN 1 AND 2) IS FALSE",
                "all:  => (a IN (SELECT b FROM c WHERE d OR e))"
            ]
        );
        assert_eq!(asked("NOT EXISTS (SELECT FROM c)"), ["none: (EXISTS (SELECT FROM c))"]);
        assert_eq!(asked("a NOT IN (SELECT b FROM c)"), ["none: (a IN (SELECT b FROM c))"]);
        assert_eq!(
            asked("a > 0 OR NOT (b IN (SELECT 1) OR c IN (SELECT 2))"),
            ["none: (a > 0) IS FALSE & ((b IN (SELECT 1)) OR (c IN (SELECT 2)))"]
        );
        assert_eq!(
            asked("NOT (b IN (SELECT 1) OR NOT c IN (SELECT 2))"),
            ["none: (b IN (SELECT 1))", "all:  => (c IN (SELECT 2))"]
        );
        assert_eq!(
            asked("a IN (SELECT 1) OR EXISTS (SELECT 2) OR x"),
            ["all: (x) IS FALSE => (a IN (SELECT 1)) | (EXISTS (SELECT 2))"]
        );
        assert_eq!(
            asked("x OR (a IN (SELECT 1) AND y)"),
            ["all: (x) IS FALSE => (a IN (SELECT 1))", "none: (x) IS FALSE & (y) IS FALSE"]
        );
    }

    #[test]
    fn what_is_not_understood_stays_whole() {
        for whole in [
            "(SELECT count(*) FROM c) > 5",
            "(SELECT true) = (SELECT false)",
            "CASE WHEN a OR b THEN a IN (SELECT 1) ELSE c AND d END",
            "a = b NOT IN (SELECT c FROM d)",
            "a NOT IN (SELECT b FROM c) IS TRUE",
            "(SELECT a OR b)",
            "a[1 + (SELECT 1)]",
        ] {
            assert_eq!(asked(whole), [format!("all:  => ({whole})")], "{whole}");
        }
        assert_eq!(
            asked("(SELECT a).or OR (SELECT b)"),
            ["all:  => ((SELECT a).or) | ((SELECT b))"]
        );
    }
}
