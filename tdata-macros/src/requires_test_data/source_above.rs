//! Looks in the source text for a test attribute above ours.
//!
//! `#[test]` above another attribute is gone when that is expanded: the compiler notes it and takes
//! it away. The item then looks as if ours stood alone, and a second `#[test]` would run the test
//! twice. Only the source tells.

use std::ops::Range;
use std::path::PathBuf;

use super::test_attribute::makes_a_test;
use crate::cache::{Cache, Stamp};

/// Where an attribute stands in a file; line and column count from 1, columns in characters.
#[derive(Clone, Debug)]
pub(crate) struct Place {
    file: PathBuf,
    line: usize,
    column: usize,
}

/// By file: the attributes that have a test attribute above them on the same item.
static SCANNED: Cache<Vec<Range<(usize, usize)>>> = Cache::new();

impl Place {
    /// Returns where the attribute being expanded stands, if that is in a file.
    ///
    /// Only callable from within a macro's expansion.
    pub(crate) fn of_call_site() -> Option<Self> {
        let span = proc_macro::Span::call_site();
        Some(Self { file: span.local_file()?, line: span.line(), column: span.column() })
    }

    /// Tells whether a test attribute stands above the attribute, on the same item.
    ///
    /// A file that cannot be read counts as having none.
    pub(crate) fn has_test_attribute_above(&self) -> bool {
        let scanned = SCANNED.get(&self.file, Stamp::of_file(&self.file), || {
            std::fs::read_to_string(&self.file).map(|text| attributes_below_a_test(&text))
        });
        let here = (self.line, self.column);
        scanned.is_ok_and(|attributes| attributes.iter().any(|range| range.contains(&here)))
    }
}

/// Returns where the attributes stand that have a test attribute above them, from `#` to behind `]`.
fn attributes_below_a_test(text: &str) -> Vec<Range<(usize, usize)>> {
    // The compiler's lines and columns do not count a byte order mark.
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let mut position = Position { text, offset: 0, line: 1, column: 1 };
    let mut found = Vec::new();
    let mut at = 0;
    let mut test_above = false;
    while at < text.len() {
        if let Some(end) = blank_end(text, at) {
            at = end;
        } else if let Some(end) = attribute_end(text, at) {
            if test_above {
                found.push(position.advance_to(at)..position.advance_to(end));
            }
            test_above |= makes_a_test(attribute_name(text, at));
            at = end;
        } else {
            test_above = false;
            at = token_end(text, at);
        }
    }
    found
}

/// A place in a text that only moves forward.
struct Position<'text> {
    text: &'text str,
    offset: usize,
    line: usize,
    column: usize,
}

impl Position<'_> {
    fn advance_to(&mut self, offset: usize) -> (usize, usize) {
        for character in self.text.get(self.offset..offset).unwrap_or_default().chars() {
            if character == '\n' {
                self.line += 1;
                self.column = 1;
            } else {
                self.column += 1;
            }
        }
        self.offset = offset;
        (self.line, self.column)
    }
}

/// Returns what follows `at`.
fn rest(text: &str, at: usize) -> &str {
    text.get(at..).unwrap_or_default()
}

/// Returns the end of the white space or comment that starts at `at`, if one does.
fn blank_end(text: &str, at: usize) -> Option<usize> {
    let rest = rest(text, at);
    if rest.starts_with("//") {
        return Some(at + rest.find('\n').unwrap_or(rest.len()));
    }
    if rest.starts_with("/*") {
        return Some(at + block_comment_length(rest));
    }
    let length = rest.len() - rest.trim_start().len();
    (length > 0).then_some(at + length)
}

/// Returns how long the block comment is that a text starts with; comments nest.
fn block_comment_length(text: &str) -> usize {
    let mut depth = 0_usize;
    let mut at = 0;
    while at < text.len() {
        let rest = rest(text, at);
        if rest.starts_with("/*") {
            depth += 1;
            at += 2;
        } else if rest.starts_with("*/") {
            depth -= 1;
            at += 2;
            if depth == 0 {
                return at;
            }
        } else {
            at += rest.chars().next().map_or(1, char::len_utf8);
        }
    }
    text.len()
}

/// Returns the end of the outer attribute that starts at `at`, if one does.
fn attribute_end(text: &str, at: usize) -> Option<usize> {
    let mut at = bracket(text, at)?;
    let mut depth = 0_usize;
    while at < text.len() {
        if let Some(end) = blank_end(text, at) {
            at = end;
            continue;
        }
        match text.as_bytes().get(at) {
            Some(b'[') => depth += 1,
            Some(b']') => depth -= 1,
            _ => {}
        }
        at = token_end(text, at);
        if depth == 0 {
            return Some(at);
        }
    }
    None
}

/// Returns where the `[` of the outer attribute stands that starts at `at`, if one does.
fn bracket(text: &str, at: usize) -> Option<usize> {
    let mut at = at + rest(text, at).strip_prefix('#').map(|_| 1)?;
    while let Some(end) = blank_end(text, at) {
        at = end;
    }
    rest(text, at).starts_with('[').then_some(at)
}

/// Returns the last segment of the path of the attribute that starts at `at`.
fn attribute_name(text: &str, at: usize) -> &str {
    let inside = bracket(text, at).map_or("", |bracket| rest(text, bracket + 1));
    let in_path =
        |character: char| is_word(character) || character == ':' || character.is_whitespace();
    let path = inside.find(|character| !in_path(character)).map_or(inside, |end| &inside[..end]);
    path.rsplit(':').next().unwrap_or(path).trim()
}

fn is_word(character: char) -> bool {
    character.is_alphanumeric() || character == '_'
}

/// Returns the end of the token that starts at `at`. Only what can hide brackets or the end of a
/// text is told apart: words, texts and characters.
fn token_end(text: &str, at: usize) -> usize {
    let rest = rest(text, at);
    let word = rest.find(|character| !is_word(character)).unwrap_or(rest.len());
    let (prefix, behind) = rest.split_at(word);
    let raw = matches!(prefix, "r" | "br" | "cr");
    if raw && let Some(length) = raw_text_length(behind) {
        return at + word + length;
    }
    let plain = matches!(prefix, "" | "b" | "c");
    let length = match behind.chars().next() {
        Some('"') if plain => quoted_length(behind, '"'),
        Some('\'') if plain => character_length(behind),
        Some(other) if word == 0 => other.len_utf8(),
        _ => 0,
    };
    at + word + length
}

/// Returns how long the raw text is that starts at its first `#` or quote, if one does.
fn raw_text_length(text: &str) -> Option<usize> {
    let marks = text.len() - text.trim_start_matches('#').len();
    let inside = rest(text, marks).strip_prefix('"')?;
    let end = format!("\"{}", "#".repeat(marks));
    Some(inside.find(&end).map_or(text.len(), |at| marks + 1 + at + end.len()))
}

/// Returns how long the text or character in quotes is.
fn quoted_length(text: &str, quote: char) -> usize {
    let mut escaped = false;
    for (at, character) in text.char_indices().skip(1) {
        match character {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            _ if character == quote => return at + 1,
            _ => {}
        }
    }
    text.len()
}

/// Returns how long the character literal is, or 1 for the mark of a lifetime.
fn character_length(text: &str) -> usize {
    let mut characters = text.chars().skip(1);
    match (characters.next(), characters.next()) {
        (Some('\\'), _) | (Some(_), Some('\'')) => quoted_length(text, '\''),
        _ => 1,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Tells whether the only `#[ours…]` of a text has a test attribute above it.
    #[track_caller]
    fn below_a_test(text: &str) -> bool {
        let offset = text.find("#[ours").unwrap();
        let before = &text[..offset];
        let line = before.matches('\n').count() + 1;
        let column = before.rsplit('\n').next().unwrap_or(before).chars().count() + 1;
        let found = attributes_below_a_test(text);
        found.iter().any(|range| range.contains(&(line, column)))
    }

    #[test]
    fn a_test_attribute_above_is_found() {
        for text in [
            "#[test]\n#[ours(a = [1])]\nfn a() {}",
            "#[test] #[ours] fn a() {}",
            "# [ test ] #[ours] fn a() {}",
            "#[tokio::test(flavor = \"multi_thread\")]\n#[ours]\nasync fn a() {}",
            "#[tokio :: test]\n#[ours]\nasync fn a() {}",
            "#[rstest]\n#[case(1)]\n#[ours]\nfn a(#[case] n: u32) {}",
            "#[test]\n/// What it proves: `]`.\n// A remark (\n/* and /* one */ more */\n#[ours]\nfn a() {}",
            "#[test]\n#[should_panic(expected = \"no ] \\\" here\")]\n#[ours]\nfn a() {}",
            "#[test]\n#[doc = r#\"raw \"] \"#]\n#[ours]\nfn a() {}",
            "#[cfg(test)] mod t { #[test] #[allow(unused)] #[ours] fn a() {} }",
            "const Ä: &str = \"ä\"; #[test] /* ä */ #[ours] fn a() {}",
            "fn b<'a>(x: &'a str) -> char { '\"' }\n#[test]\n#[ours]\nfn a() {}",
            "fn b() -> [u8; 2] { [b'\\'', b'['] }\n#[test]\n#[ours]\nfn a() {}",
            "fn b() { let s = r\"\\\"; let r#fn = br##\"\"#\"##; }\r\n#[test]\r\n#[ours]\r\nfn a() {}",
        ] {
            assert!(below_a_test(text), "{text}");
        }
    }

    #[test]
    fn nothing_else_is_taken_for_one() {
        for text in [
            "#[ours]\nfn a() {}",
            "#[ours]\n#[test]\nfn a() {}",
            "#[cfg(test)] mod t { #[ours] fn a() {} }",
            "#[cfg(test)]\n#[ours]\nfn a() {}",
            "#[test] fn b() {}\n#[ours]\nfn a() {}",
            "#[test] fn b() { let s = \"#[test]\"; }\n#[ours]\nfn a() {}",
            "// #[test]\n#[ours]\nfn a() {}",
            "/* #[test] */ #[ours] fn a() {}",
            "/// #[test]\n#[ours]\nfn a() {}",
            "#[doc = \"#[test]\"]\n#[ours]\nfn a() {}",
            "const S: &str = r#\"\n#[test]\"#;\n#[ours]\nfn a() {}",
            "#[test_helper] #[ours] fn a() {}",
            "#![test] #[ours] fn a() {}",
            "#[cfg_attr(nightly, test)] #[ours] fn a() {}",
            "#[tests::case] #[ours] fn a() {}",
        ] {
            assert!(!below_a_test(text), "{text}");
        }
    }

    #[test]
    fn broken_texts_end_the_scan() {
        for text in ["#[test] #[ours", "\"", "'", "r#\"", "/*", "#", "#[", "'\\", "b'"] {
            assert_eq!(attributes_below_a_test(text), []);
        }
    }

    #[test]
    fn a_place_reads_its_file() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("orders.rs");
        std::fs::write(&file, "\u{feff}#[test] #[ours(\n1)] fn a() {}\n#[ours] fn b() {}\n")
            .unwrap();
        let above =
            |line, column| Place { file: file.clone(), line, column }.has_test_attribute_above();
        assert!(above(1, 9));
        assert!(above(2, 1));
        assert!(!above(3, 1));
        let gone = Place { file: folder.path().join("gone.rs"), line: 1, column: 1 };
        assert!(!gone.has_test_attribute_above());
    }
}
