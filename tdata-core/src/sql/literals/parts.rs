//! Texts of ranges, multiranges and composite values, and the texts of their parts.

/// The text of a part; `None` where it is left out, which is no bound, or null.
pub(super) type Part = Option<String>;

/// Returns the bounds of a range; `None` for the empty one.
///
/// # Errors
///
/// If the text is no range.
pub(super) fn bounds(text: &str) -> Result<Option<[Part; 2]>, ()> {
    let text = text.trim();
    if text.eq_ignore_ascii_case("empty") {
        return Ok(None);
    }
    let inner = text.strip_prefix(['[', '(']).and_then(|text| text.strip_suffix([']', ')']));
    let parts = split(inner.ok_or(())?).ok_or(())?;
    <[Part; 2]>::try_from(parts).map(Some).map_err(|_| ())
}

/// Returns the ranges of a multirange; `None` where the text is none.
pub(super) fn ranges(text: &str) -> Option<Vec<String>> {
    let inner = text.trim().strip_prefix('{')?.strip_suffix('}')?;
    let (mut ranges, mut start, mut is_quoted) = (Vec::new(), None, false);
    let mut chars = inner.char_indices();
    while let Some((at, c)) = chars.next() {
        match (start, c) {
            (Some(_), '\\') => _ = chars.next(),
            (Some(_), '"') => is_quoted = !is_quoted,
            (Some(from), ']' | ')') if !is_quoted => {
                ranges.push(inner[from..=at].to_owned());
                start = None;
            }
            (None, '[' | '(') => start = Some(at),
            (None, 'e' | 'E') if inner[at..].get(..5)?.eq_ignore_ascii_case("empty") => {
                ranges.push("empty".to_owned());
                chars.nth(3);
            }
            (None, c) if c == ',' || c.is_ascii_whitespace() => {}
            (None, _) => return None,
            (Some(_), _) => {}
        }
    }
    start.is_none().then_some(ranges)
}

/// Returns the attributes of a composite value; `None` where the text is none.
pub(super) fn attributes(text: &str) -> Option<Vec<Part>> {
    split(text.trim().strip_prefix('(')?.strip_suffix(')')?)
}

/// Takes parts at commas apart. Quotes and backslashes keep what has a meaning of its own.
fn split(text: &str) -> Option<Vec<Part>> {
    let mut parts = Vec::new();
    let (mut part, mut is_quoted, mut is_there) = (String::new(), false, false);
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        match c {
            '\\' => {
                part.push(chars.next()?);
                is_there = true;
            }
            // Within quotes, two of them are one.
            '"' if is_quoted && chars.next_if_eq(&'"').is_some() => part.push('"'),
            '"' => {
                is_quoted = !is_quoted;
                is_there = true;
            }
            ',' if !is_quoted => {
                parts.push(is_there.then(|| std::mem::take(&mut part)));
                is_there = false;
            }
            '(' | ')' | '[' | ']' if !is_quoted => return None,
            c => {
                part.push(c);
                is_there = true;
            }
        }
    }
    parts.push(is_there.then_some(part));
    (!is_quoted).then_some(parts)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn owned(parts: &[Option<&str>]) -> Vec<Part> {
        parts.iter().map(|part| part.map(str::to_owned)).collect()
    }

    #[test]
    fn ranges_have_two_bounds() {
        let bounds = |text| bounds(text).map(|bounds| bounds.map(Vec::from));
        assert_eq!(bounds("[1,5)"), Ok(Some(owned(&[Some("1"), Some("5")]))));
        assert_eq!(bounds(" (,\"a,b\"] "), Ok(Some(owned(&[None, Some("a,b")]))));
        assert_eq!(bounds("empty"), Ok(None));
        for wrong in ["", "1,5", "[1,5", "[1]", "[1,2,3]", "[1,\"2]", "{1,2}"] {
            assert_eq!(bounds(wrong), Err(()), "{wrong}");
        }
    }

    #[test]
    fn multiranges_are_lists_of_ranges() {
        assert_eq!(ranges("{}"), Some(Vec::new()));
        let expected = vec!["[1,2)".to_owned(), "empty".to_owned(), "(\"a]\",)".to_owned()];
        assert_eq!(ranges("{[1,2), empty,(\"a]\",)}"), Some(expected));
        for wrong in ["[1,2)", "{1,2}", "{[1,2}", "{x}"] {
            assert_eq!(ranges(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn composite_values_have_attributes() {
        let expected = owned(&[Some("a b"), None, Some(""), Some("say \"x\"")]);
        assert_eq!(attributes("(a b,,\"\",\"say \"\"x\"\"\")"), Some(expected));
        for wrong in ["a,b", "(a", "(a,\"b)", "(a,(b))"] {
            assert_eq!(attributes(wrong), None, "{wrong}");
        }
    }

    proptest! {
        #[test]
        fn any_text_is_read_or_refused(text in "[\\[\\](){},\"\\\\aeE1 ą]{0,16}") {
            let _ = (bounds(&text), ranges(&text), attributes(&text));
        }
    }
}
