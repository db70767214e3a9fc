//! Proves that a text in SQL stays within the parentheses it is put into.

use super::lexer::{Lexer, TokenKind};

/// Why a text does not stay within parentheses, and at which byte.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Escape {
    pub(crate) at: usize,
    /// To follow "the condition".
    pub(crate) reason: &'static str,
}

/// Reads a text as PostgreSQL's own lexer does. A condition in which all quotes, comments and parentheses are closed, and
/// none that it did not open, is one operand wherever it stands in parentheses.
///
/// # Errors
///
/// The first place at which it would end what is around it, or go on behind its end.
pub(crate) fn within_parentheses(text: &str) -> Result<(), Escape> {
    let mut open: Vec<(usize, &str)> = Vec::new();
    for token in Lexer::new(text) {
        let escape = |reason| Err(Escape { at: token.start, reason });
        if token.kind == TokenKind::Unclosed {
            return escape("opens a quote or comment here, and does not close it");
        }
        match &text[token.start..token.end] {
            opening @ ("(" | "[") => open.push((token.start, opening)),
            closing @ (")" | "]") => {
                let opening = if closing == ")" { "(" } else { "[" };
                if open.pop().is_none_or(|(_, opened)| opened != opening) {
                    return escape("closes what it did not open");
                }
            }
            ";" => return escape("has a `;`, which would end the statement"),
            _ => {}
        }
    }
    match open.first() {
        Some((at, _)) => {
            Err(Escape { at: *at, reason: "opens a parenthesis and does not close it" })
        }
        None => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::within_parentheses;

    #[test]
    fn conditions_stay_where_they_are_put() {
        for text in [
            "v > 100",
            "(a > 1) AND (b[1] < 2 OR c IN (1, 2))",
            "name <> ')' AND other <> 'it''s ('",
            r"note = E'it\'s )' AND x <> E'a\\'",
            "\"odd ) name\" > 0",
            "note ~ $x$ ) $$ ( $x$ AND a = $$ ; ) $$",
            "a > 0 -- it is ) so; '\n AND b > 0",
            "a > 0 /* ) /* ; */ ' */ AND b > 0",
            "a$b$c > 0 AND d$b$ > 1",
            r"path = '\' AND a > 0",
            "x = E'a'\n  'b\\')' AND y",
            "$1 > 0",
            "v > 0 -- the end",
        ] {
            assert_eq!(within_parentheses(text), Ok(()), "{text}");
        }
    }

    #[test]
    fn what_would_end_or_swallow_the_rest_is_told_with_its_place() {
        for (text, at) in [
            ("v > 100) AND (v > 100", 7),
            ("a) IS FALSE) OR ((true", 1),
            ("true; DROP TABLE users", 4),
            ("v > (100", 4),
            ("v > 0 /* open", 6),
            ("note = 'open", 7),
            ("\"open", 0),
            ("note = $$open", 7),
            ("note = $a$ $$ $b$", 7),
            ("a[1)]", 3),
            (r"note = E'\'", 7),
            ("note = E'a'\n'\\') AND (true", 7),
            ("a -- so\r) OR (true", 8),
            (r"note = '\') OR (true", 10),
            ("xe'\\') OR (true", 5),
        ] {
            assert_eq!(within_parentheses(text).map_err(|escape| escape.at), Err(at), "{text}");
        }
    }
}
