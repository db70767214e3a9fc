//! Looks in the source text for a test attribute above ours.
//!
//! `#[test]` above another attribute is gone when that is expanded: the compiler takes it away, and what it leaves
//! looks as if ours stood alone. A second `#[test]` would run the test twice, and only the source tells.
//!
//! The compiler's lexer reads the text, but tells no places. So a mark with its place is written into the text
//! wherever an attribute or a function's name may begin; in comments and texts marks do no harm.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::path::PathBuf;

use proc_macro2::{Delimiter, Span, TokenStream, TokenTree};
use quote::quote;
use syn::Attribute;
use syn::parse::Parser as _;

use super::item::TestFn;
use super::test_attribute::is_test;
use crate::cache::{Cache, Stamp};

/// What a mark begins with; behind it come line and column.
const MARK: &str = "__tdata_place_";

/// A place in a file: line and column, both from 1 on, columns in characters.
type Place = (usize, usize);

/// By file: the places that have a test attribute above.
static BELOW: Cache<BTreeSet<Place>> = Cache::new();

/// Tells whether a test attribute stands above the attribute being expanded, on the same function.
///
/// Where the source cannot be read, there is none.
pub(super) fn has_test_attribute_above(test: &TestFn) -> bool {
    // Unit tests have no compiler to ask.
    if !proc_macro::is_available() {
        return false;
    }
    // A macro may write the attribute, and take the function from its caller, or the other way round: either
    // place may be the one with the test attribute.
    is_below(Span::call_site()) || is_below(test.signature.ident.span())
}

/// Tells whether the attribute being expanded stands below a test attribute, which has been expanded before it. That
/// attribute may be gone, as `cfg_attr` is where its condition does not hold.
pub(super) fn stands_below_a_test_attribute() -> bool {
    proc_macro::is_available() && is_below(Span::call_site())
}

fn is_below(span: Span) -> bool {
    let span = span.unwrap();
    let place = (span.line(), span.column());
    span.local_file().is_some_and(|file| is_below_a_test_attribute(&file, place))
}

fn is_below_a_test_attribute(file: &PathBuf, place: Place) -> bool {
    let below = BELOW.get(file, Stamp::of_file(file), || {
        std::fs::read_to_string(file).map(|text| below_test_attributes(&text))
    });
    below.is_ok_and(|below| below.contains(&place))
}

/// Returns where the attributes and the functions' names begin that have a test attribute above.
fn below_test_attributes(text: &str) -> BTreeSet<Place> {
    let mut found = BTreeSet::new();
    // What the compiler has read can be read again, unless the file changed in between.
    if let Ok(tokens) = marked(text).parse() {
        find(tokens, &mut found);
    }
    found
}

/// Returns the text with a mark before each attribute and behind each `fn`.
fn marked(text: &str) -> String {
    // The compiler counts no byte order mark.
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let mut marked = String::with_capacity(2 * text.len());
    for (line, code) in (1..).zip(text.split_inclusive('\n')) {
        let mut before = ' ';
        for (column, (at, character)) in (1..).zip(code.char_indices()) {
            // Behind a quote or another `#` stands the end of a raw text.
            let is_attribute = code[at..].starts_with("#[") && !matches!(before, '"' | '#');
            if is_attribute || code[..at].ends_with("fn ") {
                // Writing to a text does not fail.
                let _ = write!(marked, " {MARK}{line}_{column} ");
            }
            marked.push(character);
            before = character;
        }
    }
    marked
}

/// Finds the marks that have a test attribute above.
fn find(tokens: TokenStream, found: &mut BTreeSet<Place>) {
    // Of the item being read.
    let mut has_test = false;
    let mut after_hash = false;
    for token in tokens {
        let is_hash = matches!(&token, TokenTree::Punct(punct) if punct.as_char() == '#');
        match token {
            TokenTree::Group(group) => {
                if after_hash && group.delimiter() == Delimiter::Bracket {
                    has_test = has_test || names_a_test(&group.into());
                } else {
                    has_test = has_test && group.delimiter() != Delimiter::Brace;
                    find(group.stream(), found);
                }
            }
            TokenTree::Ident(word) if has_test => found.extend(place(&word.to_string())),
            TokenTree::Punct(punct) if matches!(punct.as_char(), ';' | '=') => has_test = false,
            _ => {}
        }
        after_hash = is_hash;
    }
}

/// Returns the place of a mark; `None` for other words.
fn place(word: &str) -> Option<Place> {
    let (line, column) = word.strip_prefix(MARK)?.split_once('_')?;
    Some((line.parse().ok()?, column.parse().ok()?))
}

/// Tells whether an attribute, from its `[` on, makes a function a test.
fn names_a_test(attribute: &TokenTree) -> bool {
    let attributes = Attribute::parse_outer.parse2(quote!(# #attribute));
    attributes.is_ok_and(|attributes| attributes.iter().any(is_test))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Tells whether the only `#[ours…]` of a text has a test attribute above it.
    #[track_caller]
    fn below_a_test(text: &str) -> bool {
        let before = &text[..text.find("#[ours").unwrap()];
        let line = before.matches('\n').count() + 1;
        let column = before.rsplit('\n').next().unwrap_or(before).chars().count() + 1;
        below_test_attributes(text).contains(&(line, column))
    }

    #[test]
    fn a_test_attribute_above_is_found() {
        for text in [
            "#[test]\n#[ours(a = [1])]\nfn a() {}",
            "#[test] #[ours] fn a() {}",
            "#[test]#[ours]fn a() {}",
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
            "fn b() { let s = r\"\\\"; let t = br##\"\"#\"##; }\r\n#[test]\r\n#[ours]\r\nfn a() {}",
            "fn b() { let s = r#\"\n#[x] fn \"#[..1]; }\n#[test]\n#[ours]\nfn a() {}",
            "macro_rules! m { ($(#[$a:meta])* $b:ident) => { $(#[$a])* #[test] #[ours] fn $b() {} } }",
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
        assert_eq!(below_test_attributes(text), [(1, 35), (3, 12)].into());
    }

    #[test]
    fn a_file_that_is_broken_by_now_tells_nothing() {
        for text in ["#[test] #[ours", "#[test] #[ours] fn a() {", "\"", "'", "/*", "#", "b'"] {
            assert_eq!(below_test_attributes(text), [].into(), "{text}");
        }
    }

    #[test]
    fn a_place_is_one_of_its_file() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("orders.rs");
        std::fs::write(&file, "\u{feff}#[test] #[ours(\n1)] fn a() {}\n#[ours] fn b() {}\n")
            .unwrap();
        assert!(is_below_a_test_attribute(&file, (1, 9)));
        assert!(!is_below_a_test_attribute(&file, (3, 1)));
        assert!(!is_below_a_test_attribute(&folder.path().join("gone.rs"), (1, 1)));
    }
}
