//! Proves that a text in SQL stays within the parentheses it is put into.

/// Why a text does not stay within parentheses, and at which byte.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Escape {
    pub(crate) at: usize,
    /// To follow "the condition".
    pub(crate) reason: &'static str,
}

/// Reads a text as PostgreSQL's own lexer does: quotes, dollar quotes, comments and parentheses. A condition in which
/// all of them are closed, and none that it did not open, is one operand wherever it stands in parentheses.
///
/// # Errors
///
/// The first place at which it would end what is around it, or go on behind its end.
pub(crate) fn within_parentheses(text: &str) -> Result<(), Escape> {
    let bytes = text.as_bytes();
    let mut open: Vec<(usize, u8)> = Vec::new();
    let mut at = 0;
    while at < bytes.len() {
        let escape = |reason| Escape { at, reason };
        let word_before = at > 0 && is_word(bytes[at - 1]);
        let end = match bytes[at] {
            b'(' | b'[' => {
                open.push((at, bytes[at]));
                Some(at + 1)
            }
            closing @ (b')' | b']') => {
                let opening = if closing == b')' { b'(' } else { b'[' };
                if open.pop().is_none_or(|(_, opened)| opened != opening) {
                    return Err(escape("closes what it did not open"));
                }
                Some(at + 1)
            }
            b';' => return Err(escape("has a `;`, which would end the statement")),
            b'\'' if has_escapes(bytes, at) => end_of_escaped(bytes, at),
            quote @ (b'\'' | b'"') => end_of_quote(bytes, at, quote),
            b'-' if bytes.get(at + 1) == Some(&b'-') => Some(end_of_line(bytes, at)),
            b'/' if bytes.get(at + 1) == Some(&b'*') => end_of_comment(bytes, at),
            b'$' if !word_before => end_of_dollar_quote(text, at),
            _ => Some(at + 1),
        };
        at = end.ok_or(escape("opens a quote or comment here, and does not close it"))?;
    }
    match open.first() {
        Some((at, _)) => {
            Err(Escape { at: *at, reason: "opens a parenthesis and does not close it" })
        }
        None => Ok(()),
    }
}

/// Tells whether a byte can be within a name.
fn is_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'$') || !byte.is_ascii()
}

/// Tells whether a quote is that of `E'...'`, in which a backslash hides the next character.
fn has_escapes(bytes: &[u8], quote: usize) -> bool {
    quote > 0
        && matches!(bytes[quote - 1], b'e' | b'E')
        && (quote < 2 || !is_word(bytes[quote - 2]))
}

fn end_of_quote(bytes: &[u8], start: usize, quote: u8) -> Option<usize> {
    // A doubled quote closes and opens at once.
    let length = bytes[start + 1..].iter().position(|byte| *byte == quote)?;
    Some(start + length + 2)
}

/// A text with escapes goes on where the next line starts with a quote, and has escapes there as well.
fn end_of_escaped(bytes: &[u8], start: usize) -> Option<usize> {
    let mut at = start + 1;
    loop {
        match *bytes.get(at)? {
            b'\\' => at += 2,
            b'\'' if bytes.get(at + 1) == Some(&b'\'') => at += 2,
            b'\'' => match continued(bytes, at + 1) {
                Some(next) => at = next + 1,
                None => return Some(at + 1),
            },
            _ => at += 1,
        }
    }
}

/// Returns where a text goes on: at a quote behind blanks and comments, with a line's end among them.
fn continued(bytes: &[u8], mut at: usize) -> Option<usize> {
    let mut lines = false;
    loop {
        match *bytes.get(at)? {
            b'\n' | b'\r' => {
                lines = true;
                at += 1;
            }
            b' ' | b'\t' | 0x0b | 0x0c => at += 1,
            b'-' if bytes.get(at + 1) == Some(&b'-') => at = end_of_line(bytes, at),
            b'\'' if lines => return Some(at),
            _ => return None,
        }
    }
}

fn end_of_line(bytes: &[u8], start: usize) -> usize {
    let length = bytes[start..].iter().position(|byte| matches!(byte, b'\n' | b'\r'));
    length.map_or(bytes.len(), |length| start + length)
}

/// Comments may stand in each other.
fn end_of_comment(bytes: &[u8], start: usize) -> Option<usize> {
    let (mut at, mut depth) = (start, 0);
    loop {
        match (*bytes.get(at)?, bytes.get(at + 1)) {
            (b'/', Some(b'*')) => {
                depth += 1;
                at += 2;
            }
            (b'*', Some(b'/')) => {
                depth -= 1;
                at += 2;
                if depth == 0 {
                    return Some(at);
                }
            }
            _ => at += 1,
        }
    }
}

fn end_of_dollar_quote(text: &str, start: usize) -> Option<usize> {
    let rest = &text[start + 1..];
    let names = |c: char| c.is_ascii_alphanumeric() || c == '_' || !c.is_ascii();
    let length = rest.find(|c| !names(c)).unwrap_or(rest.len());
    // Without a second `$`, or with a digit first, it is a parameter such as `$1`.
    if !rest[length..].starts_with('$') || rest.starts_with(|c: char| c.is_ascii_digit()) {
        return Some(start + 1);
    }
    let delimiter = &text[start..start + length + 2];
    let body = start + delimiter.len();
    text[body..].find(delimiter).map(|end| body + end + delimiter.len())
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
            (r"note = E'\'", 8),
            ("note = E'a'\n'\\') AND (true", 8),
            ("a -- so\r) OR (true", 8),
            (r"note = '\') OR (true", 10),
            ("xe'\\') OR (true", 5),
        ] {
            assert_eq!(within_parentheses(text).map_err(|escape| escape.at), Err(at), "{text}");
        }
    }
}
