//! Looks in the source text for a test attribute above ours.
//!
//! `#[test]` above another attribute is gone when that is expanded: the compiler notes it and takes
//! it away. The item then looks as if ours stood alone, and a second `#[test]` would run the test
//! twice. Only the source tells.

use std::ops::Range;
use std::path::PathBuf;

use proc_macro2::Span;
use syn::Attribute;
use syn::parse::Parser as _;

use super::item::TestFn;
use super::test_attribute::is_test;
use crate::cache::{Cache, Stamp};

/// Tells whether a test attribute stands above the attribute being expanded, on the same function.
///
/// Where the source cannot be read, there is none.
pub(super) fn has_test_attribute_above(test: &TestFn) -> bool {
    // A macro may write the attribute, and take the function from its caller, or the other way
    // round: either place may be the one with the test attribute.
    [Span::call_site(), test.signature.ident.span()]
        .into_iter()
        .filter_map(Place::of)
        .any(|place| place.is_below_a_test_attribute())
}

/// A place in a file; line and column count from 1, columns in characters.
struct Place {
    file: PathBuf,
    line: usize,
    column: usize,
}

/// Two places in a file as lines and columns: from, and up to but not with.
type Extent = Range<(usize, usize)>;

/// By file: what stands below a test attribute.
static SCANNED: Cache<Vec<Extent>> = Cache::new();

impl Place {
    fn of(span: Span) -> Option<Self> {
        // Unit tests have no compiler to ask.
        if !proc_macro::is_available() {
            return None;
        }
        let span = span.unwrap();
        Some(Self { file: span.local_file()?, line: span.line(), column: span.column() })
    }

    fn is_below_a_test_attribute(&self) -> bool {
        let scanned = SCANNED.get(&self.file, Stamp::of_file(&self.file), || {
            std::fs::read_to_string(&self.file).map(|text| below_test_attributes(&text))
        });
        let here = (self.line, self.column);
        scanned.is_ok_and(|extents| extents.iter().any(|extent| extent.contains(&here)))
    }
}

/// Returns where the attributes and the functions' names stand that have a test attribute above.
fn below_test_attributes(text: &str) -> Vec<Extent> {
    // The compiler's lines and columns do not count a byte order mark.
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let mut position = Position { text, offset: 0, line: 1, column: 1 };
    let mut found = Vec::new();
    let mut at = 0;
    // Of the item being read: whether it has a test attribute, and its last token so far.
    let mut has_test = false;
    let mut last = "";
    while at < text.len() {
        if let Some(end) = blank_end(text, at) {
            at = end;
        } else if let Some(end) = attribute_end(text, at) {
            has_test &= last.is_empty();
            last = "";
            if has_test {
                found.push(position.advance_to(at)..position.advance_to(end));
            }
            has_test = has_test || names_a_test(text.get(at..end).unwrap_or_default());
            at = end;
        } else {
            let end = token_end(text, at);
            if has_test && last == "fn" {
                found.push(position.advance_to(at)..position.advance_to(end));
                has_test = false;
            }
            last = text.get(at..end).unwrap_or_default();
            has_test = has_test && !matches!(last, "{" | "}" | ";" | "=");
            at = end;
        }
    }
    found
}

/// Tells whether the text of an attribute is that of one which makes a function a test.
fn names_a_test(attribute: &str) -> bool {
    let attributes = Attribute::parse_outer.parse_str(attribute);
    attributes.is_ok_and(|attributes| attributes.iter().any(is_test))
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
        let found = below_test_attributes(text);
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
            "#[cfg_attr(nightly, test)] #[ours] fn a() {}",
            "#[cfg_attr(any(nightly, a = \"b\"), ignore, tokio::test(x = 1))] #[ours] fn a() {}",
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
            "#[cfg_attr(test, ignore)] #[ours] fn a() {}",
            "#[test_helper] #[ours] fn a() {}",
            "#![test] #[ours] fn a() {}",
            "#[tests::case] #[ours] fn a() {}",
        ] {
            assert!(!below_a_test(text), "{text}");
        }
    }

    #[test]
    fn the_name_of_a_test_function_counts_too() {
        let text = "#[test] pub(in crate::a) async fn one() {}\nfn two() {}\n#[test] fn r#fn() {}";
        let names = [(1, 35)..(1, 38), (3, 12)..(3, 13)];
        assert_eq!(below_test_attributes(text), names);
    }

    #[test]
    fn broken_texts_end_the_scan() {
        for text in ["#[test] #[ours", "\"", "'", "r#\"", "/*", "#", "#[", "'\\", "b'"] {
            assert_eq!(below_test_attributes(text), []);
        }
    }

    #[test]
    fn a_place_reads_its_file() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("orders.rs");
        std::fs::write(&file, "\u{feff}#[test] #[ours(\n1)] fn a() {}\n#[ours] fn b() {}\n")
            .unwrap();
        let above =
            |line, column| Place { file: file.clone(), line, column }.is_below_a_test_attribute();
        assert!(above(1, 9));
        assert!(above(2, 1));
        assert!(!above(3, 1));
        let gone = Place { file: folder.path().join("gone.rs"), line: 1, column: 1 };
        assert!(!gone.is_below_a_test_attribute());
    }
}
