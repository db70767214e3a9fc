//! Texts as a terminal, a log or a comment takes them.

use std::fmt::Write as _;

/// Tells whether a character is one to read. Others end a line, talk to the terminal, or turn the text around them.
pub fn is_visible(c: char) -> bool {
    let turns = matches!(
        c,
        '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{feff}'
    );
    !c.is_control() && !turns
}

/// Writes a name or a message so that it stays in its line.
///
/// ```
/// use tdata_core::diagnostic::in_a_line;
///
/// assert_eq!(in_a_line("Größe"), "Größe");
/// assert_eq!(in_a_line("a\n\\! b\u{1b}[2J"), "a\\n\\! b\\u{1b}[2J");
/// ```
pub fn in_a_line(text: &str) -> String {
    escaped(text, is_visible)
}

/// Writes a message of several lines so that a terminal takes it as text, and nothing else.
pub fn in_lines(text: &str) -> String {
    escaped(text, |c| c == '\n' || c == '\t' || is_visible(c))
}

fn escaped(text: &str, is_kept: impl Fn(char) -> bool) -> String {
    let mut escaped = String::with_capacity(text.len());
    for c in text.chars() {
        if is_kept(c) {
            escaped.push(c);
        } else {
            // Writing to a text does not fail.
            let _ = match c {
                '\n' | '\r' | '\t' => write!(escaped, "{}", c.escape_default()),
                c => write!(escaped, "{}", c.escape_unicode()),
            };
        }
    }
    escaped
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_ends_a_line_or_talks_to_the_terminal() {
        let hostile = "a\r\n\\! id\u{1b}]0;x\u{7}\u{9b}2J\u{202e}b\u{2028}\u{85}\u{0}\u{7f}";
        for (told, kept) in [(in_a_line(hostile), ""), (in_lines(hostile), "\n\t")] {
            let others: Vec<char> =
                told.chars().filter(|c| !is_visible(*c) && !kept.contains(*c)).collect();
            assert!(others.is_empty(), "{told:?}");
            assert!(told.contains("\\! id\\u{1b}]0;x"), "{told}");
        }
        assert_eq!(in_lines("a\n\tb"), "a\n\tb");
    }
}
