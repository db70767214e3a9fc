//! Texts of arrays, and the texts of their elements.

/// Returns the texts of an array's elements, those of inner arrays among them, `None` for each null; `None` where the
/// text is no array. Whether inner arrays are of one length is left to the server.
///
/// ```
/// use tdata_core::sql::array_elements;
///
/// let elements = array_elements(r#"{a,"b,c",NULL}"#).unwrap();
/// assert_eq!(elements, [Some("a".to_owned()), Some("b,c".to_owned()), None]);
/// assert_eq!(array_elements("a,b"), None);
/// ```
pub fn array_elements(text: &str) -> Option<Vec<Option<String>>> {
    let text = text.trim();
    // `[0:1]=` says from where on the elements are counted.
    let body = if text.starts_with('[') { text.split_once('=')?.1.trim_start() } else { text };
    let (mut elements, mut depth, mut needs_one) = (Vec::new(), 0usize, false);
    let mut rest = body.chars().peekable();
    // Whether an element or an inner array may stand here.
    let mut is_open = true;
    while let Some(c) = rest.peek().copied() {
        match c {
            '{' if is_open => {
                rest.next();
                depth += 1;
                needs_one = false;
            }
            '}' if depth > 0 && !needs_one => {
                rest.next();
                depth -= 1;
                is_open = false;
            }
            ',' if depth > 0 && !is_open => {
                rest.next();
                is_open = true;
                needs_one = true;
            }
            c if c.is_ascii_whitespace() => drop(rest.next()),
            _ if depth > 0 && is_open => {
                elements.push(element(&mut rest)?);
                (is_open, needs_one) = (false, false);
            }
            _ => return None,
        }
        if depth == 0 {
            break;
        }
    }
    let is_whole = depth == 0 && body.starts_with('{') && rest.all(|c| c.is_ascii_whitespace());
    is_whole.then_some(elements)
}

/// Reads one element, up to what ends it.
fn element(rest: &mut std::iter::Peekable<std::str::Chars<'_>>) -> Option<Option<String>> {
    let mut text = String::new();
    let is_quoted = rest.next_if_eq(&'"').is_some();
    // Blanks at the end count where they are escaped.
    let mut counted = 0;
    loop {
        match rest.peek().copied()? {
            ',' | '}' if !is_quoted => break,
            '"' if is_quoted => {
                rest.next();
                return Some(Some(text));
            }
            '"' | '{' if !is_quoted => return None,
            '\\' => {
                rest.next();
                text.push(rest.next()?);
                counted = text.len();
            }
            c => {
                rest.next();
                text.push(c);
                if !c.is_ascii_whitespace() {
                    counted = text.len();
                }
            }
        }
    }
    text.truncate(counted);
    let is_null = text.eq_ignore_ascii_case("null");
    (!text.is_empty()).then_some((!is_null).then_some(text))
}

#[cfg(test)]
mod tests {
    use super::array_elements;

    #[test]
    fn elements_are_found_as_they_are_quoted() {
        let found = |text| {
            let found = array_elements(text)?;
            let texts = found.into_iter().map(|text| text.unwrap_or_else(|| "-".to_owned()));
            Some(texts.collect::<Vec<_>>().join("|"))
        };
        for (text, expected) in [
            ("{}", ""),
            (" { 1 , 2 } ", "1|2"),
            ("{{1},{2}}", "1|2"),
            ("[0:1]={1,2}", "1|2"),
            (r#"{"a, b",NULL,"NULL","\"",a\,b, c d }"#, r#"a, b|-|NULL|"|a,b|c d"#),
        ] {
            assert_eq!(found(text).as_deref(), Some(expected), "{text}");
        }
        for text in
            ["", "1", "{1", "{1}}", "{1} 2", "{,1}", "{1,}", "{1,,2}", "{\"a}", "{a\"b\"}", "[0:1]"]
        {
            assert_eq!(found(text), None, "{text}");
        }
    }
}
