//! SQL in tokens, as PostgreSQL's own lexer finds them (`src/backend/parser/scan.l`).

/// What a token is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TokenKind {
    /// A name without quotes, or a key word.
    Word,
    /// A name in double quotes.
    QuotedName,
    /// A text in quotes, with its prefix: `'..'`, `E'..'`, `$tag$..$tag$` and the like.
    Text,
    /// A number.
    Number,
    /// Blanks and line ends.
    Blank,
    /// A comment.
    Comment,
    /// A quote, a dollar quote or a comment that nothing closes: the rest of the text.
    Unclosed,
    /// Any other character, such as a parenthesis, a semicolon or a part of an operator.
    Sign,
}

/// A piece of a text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Token {
    /// What it is.
    pub kind: TokenKind,
    /// The byte it starts at.
    pub start: usize,
    /// The byte behind it.
    pub end: usize,
}

/// Finds the tokens of a text: one behind the other, without gaps.
///
/// ```
/// use tdata_core::sql::{Lexer, TokenKind};
///
/// let sql = "SELECT E'it\\'s; fine';";
/// let signs = Lexer::new(sql).filter(|token| token.kind == TokenKind::Sign);
/// assert_eq!(signs.count(), 1);
/// ```
#[derive(Clone, Debug)]
pub struct Lexer<'a> {
    text: &'a str,
    at: usize,
    standard_strings: bool,
}

impl<'a> Lexer<'a> {
    /// Begins at the start of a text, with `standard_conforming_strings = on`.
    pub fn new(text: &'a str) -> Self {
        Self { text, at: 0, standard_strings: true }
    }

    /// Sets `standard_conforming_strings`: where it is off, a backslash hides the next character in every text.
    pub fn set_standard_strings(&mut self, on: bool) {
        self.standard_strings = on;
    }

    /// Returns the byte behind the last token.
    pub fn position(&self) -> usize {
        self.at
    }

    /// Goes on at another byte, which must be the start of a character.
    pub fn go_to(&mut self, at: usize) {
        self.at = at;
    }

    fn kind_and_end(&self) -> (TokenKind, Option<usize>) {
        let (text, bytes, at) = (self.text, self.text.as_bytes(), self.at);
        let next = bytes.get(at + 1).copied();
        match bytes[at] {
            byte if is_blank(byte) => {
                let length = bytes[at..].iter().position(|byte| !is_blank(*byte));
                (TokenKind::Blank, Some(length.map_or(bytes.len(), |length| at + length)))
            }
            b'\'' => (TokenKind::Text, end_of_text(bytes, at, !self.standard_strings)),
            b'e' | b'E' if next == Some(b'\'') => {
                (TokenKind::Text, end_of_text(bytes, at + 1, true))
            }
            b'b' | b'B' | b'x' | b'X' if next == Some(b'\'') => {
                (TokenKind::Text, end_of_text(bytes, at + 1, false))
            }
            b'n' | b'N' if next == Some(b'\'') => {
                (TokenKind::Text, end_of_text(bytes, at + 1, !self.standard_strings))
            }
            b'u' | b'U' if next == Some(b'&') && bytes.get(at + 2) == Some(&b'\'') => {
                (TokenKind::Text, end_of_text(bytes, at + 2, false))
            }
            b'u' | b'U' if next == Some(b'&') && bytes.get(at + 2) == Some(&b'"') => {
                (TokenKind::QuotedName, end_of_name(bytes, at + 2))
            }
            b'"' => (TokenKind::QuotedName, end_of_name(bytes, at)),
            b'-' if next == Some(b'-') => (TokenKind::Comment, Some(end_of_line(bytes, at))),
            b'/' if next == Some(b'*') => (TokenKind::Comment, end_of_comment(bytes, at)),
            b'$' => end_of_dollar_quote(text, at),
            byte if starts_word(byte) => {
                let length = bytes[at..].iter().position(|byte| !is_word(*byte));
                (TokenKind::Word, Some(length.map_or(bytes.len(), |length| at + length)))
            }
            byte if byte.is_ascii_digit() => {
                let goes_on =
                    |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'.');
                let length = bytes[at..].iter().position(|byte| !goes_on(*byte));
                (TokenKind::Number, Some(length.map_or(bytes.len(), |length| at + length)))
            }
            _ => (TokenKind::Sign, Some(at + 1)),
        }
    }
}

impl Iterator for Lexer<'_> {
    type Item = Token;

    fn next(&mut self) -> Option<Token> {
        if self.at >= self.text.len() {
            return None;
        }
        let start = self.at;
        let (kind, end) = match self.kind_and_end() {
            (kind, Some(end)) => (kind, end),
            (_, None) => (TokenKind::Unclosed, self.text.len()),
        };
        self.at = end;
        Some(Token { kind, start, end })
    }
}

fn is_blank(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t' | b'\n' | b'\r' | 0x0b | 0x0c)
}

fn starts_word(byte: u8) -> bool {
    byte.is_ascii_alphabetic() || byte == b'_' || !byte.is_ascii()
}

/// Tells whether a byte can be within a name.
fn is_word(byte: u8) -> bool {
    starts_word(byte) || byte.is_ascii_digit() || byte == b'$'
}

fn end_of_name(bytes: &[u8], start: usize) -> Option<usize> {
    let mut at = start + 1;
    loop {
        match (*bytes.get(at)?, bytes.get(at + 1)) {
            (b'"', Some(b'"')) => at += 2,
            (b'"', _) => return Some(at + 1),
            _ => at += 1,
        }
    }
}

/// A text goes on where the next line starts with a quote, and a backslash means there what it meant before.
fn end_of_text(bytes: &[u8], start: usize, escapes: bool) -> Option<usize> {
    let mut at = start + 1;
    loop {
        match *bytes.get(at)? {
            b'\\' if escapes => at += 2,
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
            byte if is_blank(byte) => at += 1,
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

fn end_of_dollar_quote(text: &str, start: usize) -> (TokenKind, Option<usize>) {
    let rest = &text[start + 1..];
    let names = |c: char| c.is_ascii_alphanumeric() || c == '_' || !c.is_ascii();
    let length = rest.find(|c| !names(c)).unwrap_or(rest.len());
    // Without a second `$`, or with a digit first, it is a parameter such as `$1`.
    if !rest[length..].starts_with('$') || rest.starts_with(|c: char| c.is_ascii_digit()) {
        return (TokenKind::Sign, Some(start + 1));
    }
    let delimiter = &text[start..start + length + 2];
    let body = start + delimiter.len();
    let end = text[body..].find(delimiter).map(|end| body + end + delimiter.len());
    (TokenKind::Text, end)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::TokenKind::{Comment, QuotedName, Sign, Text, Unclosed, Word};
    use super::*;

    /// All tokens but blanks, numbers and signs.
    fn tokens(text: &str) -> Vec<(TokenKind, &str)> {
        of(Lexer::new(text), text)
    }

    fn of<'a>(lexer: Lexer<'_>, text: &'a str) -> Vec<(TokenKind, &'a str)> {
        let tokens = lexer.map(|token| (token.kind, &text[token.start..token.end]));
        tokens
            .filter(|(kind, _)| !matches!(kind, TokenKind::Blank | TokenKind::Number | Sign))
            .collect()
    }

    #[test]
    fn texts_end_where_postgresql_ends_them() {
        for text in [
            "'it''s; -- so'",
            r"'\'",
            r"E'it\'s; '",
            r"e'a''b\\'",
            "E'a'\n  -- more\n 'b\\'c'",
            r"U&'\0061;'",
            "B'01'",
            "N'a;'",
            "$$ ; $x$ ' $$",
            "$übung$ $$ ; $übung$",
        ] {
            assert_eq!(tokens(text), [(Text, text)], "{text}");
        }
    }

    #[test]
    fn backslashes_hide_in_all_texts_where_they_are_not_standard() {
        let text = r"'it\'s;'";
        let mut lexer = Lexer::new(text);
        lexer.set_standard_strings(false);
        assert_eq!(of(lexer, text), [(Text, text)]);
        assert_eq!(tokens(text).len(), 3, "a text, a word, and a quote that nothing closes");
    }

    #[test]
    fn what_only_looks_like_a_quote_is_none() {
        assert_eq!(tokens("a$b$c"), [(Word, "a$b$c")]);
        assert_eq!(tokens("$1 > 0"), []);
        assert_eq!(tokens("xe'a'"), [(Word, "xe"), (Text, "'a'")]);
        assert_eq!(tokens("e 'a'"), [(Word, "e"), (Text, "'a'")]);
        assert_eq!(tokens("u & 'a'"), [(Word, "u"), (Text, "'a'")]);
    }

    #[test]
    fn names_and_comments_end_where_they_are_closed() {
        assert_eq!(tokens("\"a\"\"b; c\""), [(QuotedName, "\"a\"\"b; c\"")]);
        assert_eq!(tokens("U&\"d\\0061;\""), [(QuotedName, "U&\"d\\0061;\"")]);
        assert_eq!(tokens("/* a /* b */ ; */x"), [(Comment, "/* a /* b */ ; */"), (Word, "x")]);
        assert_eq!(tokens("-- a '\nx"), [(Comment, "-- a '"), (Word, "x")]);
        assert_eq!(tokens("-- a '\rx"), [(Comment, "-- a '"), (Word, "x")]);
    }

    #[test]
    fn what_nothing_closes_is_the_rest() {
        for text in ["'open", "\"open", "$$ open", "$a$ $$ $b$", "/* /* */", r"E'\'", r"E'open\"] {
            assert_eq!(tokens(text), [(Unclosed, text)], "{text}");
        }
    }

    proptest! {
        #[test]
        fn tokens_are_the_text(text in "[a-eE'\"$\\\\;/*\\-\n 1üU&(]{0,40}", standard: bool) {
            let mut lexer = Lexer::new(&text);
            lexer.set_standard_strings(standard);
            let mut end = 0;
            for token in lexer {
                prop_assert_eq!(token.start, end);
                prop_assert!(token.end > token.start && text.is_char_boundary(token.end));
                end = token.end;
            }
            prop_assert_eq!(end, text.len());
        }
    }
}
