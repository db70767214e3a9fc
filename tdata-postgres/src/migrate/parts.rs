//! The parts of a file by the lines that mark them.

use std::ops::Range;

/// A line of a text, without its end, and the bytes of it with its end.
pub(super) struct Line<'a> {
    /// From 1.
    pub(super) number: usize,
    pub(super) text: &'a str,
    pub(super) bytes: Range<usize>,
}

/// Returns the lines of a text.
pub(super) fn lines(text: &str) -> impl Iterator<Item = Line<'_>> {
    let mut end = 0;
    text.split_inclusive('\n').enumerate().map(move |(index, line)| {
        let start = end;
        end += line.len();
        let text = line.trim_end_matches(['\n', '\r']);
        Line { number: index + 1, text, bytes: start..end }
    })
}

/// Returns a text with nothing but line ends outside of a part.
pub(super) fn only(text: &str, part: &Range<usize>) -> String {
    let ends = |text: &str| "\n".repeat(text.matches('\n').count());
    let (before, behind) = (ends(&text[..part.start]), ends(&text[part.end..]));
    before + &text[part.clone()] + &behind
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_keep_their_numbers() {
        let text = "a\r\nb\n\nc";
        let all: Vec<(usize, &str)> = lines(text).map(|line| (line.number, line.text)).collect();
        assert_eq!(all, [(1, "a"), (2, "b"), (3, ""), (4, "c")]);
        let second = lines(text).nth(1).unwrap().bytes;
        assert_eq!(only(text, &second), "\nb\n\n");
    }
}
