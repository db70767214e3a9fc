//! PostgreSQL's arrays as arrays of JSON.

use tdata_core::sql::array_elements;

use super::cell::Elements;
use super::json_text::{append_json, append_text, is_number};

/// Appends an array, with those in it; what is none is a text.
pub(super) fn append(text: &str, elements: Elements, out: &mut String) {
    let Some(values) = array_elements(text) else { return append_text(text, out) };
    let mut values = values.into_iter();
    let mut rest = text.trim();
    // `[0:1]=` says from where on the elements are counted.
    if let Some((_, body)) = rest.split_once('=').filter(|_| rest.starts_with('[')) {
        rest = body.trim_start();
    }
    while let Some(c) = rest.chars().next() {
        match c {
            '{' => out.push('['),
            '}' => out.push(']'),
            ',' => out.push(','),
            c if c.is_ascii_whitespace() => {}
            _ => {
                append_element(values.next().flatten().as_deref(), elements, out);
                rest = &rest[length(rest)..];
                continue;
            }
        }
        rest = &rest[c.len_utf8()..];
    }
}

/// Returns how many bytes the element has that a text begins with.
fn length(text: &str) -> usize {
    let is_quoted = text.starts_with('"');
    let mut is_escaped = false;
    for (at, byte) in text.bytes().enumerate() {
        match byte {
            _ if is_escaped => is_escaped = false,
            b'\\' => is_escaped = true,
            b'"' if is_quoted && at > 0 => return at + 1,
            b',' | b'}' if !is_quoted => return at,
            _ => {}
        }
    }
    text.len()
}

fn append_element(element: Option<&str>, elements: Elements, out: &mut String) {
    match (element, elements) {
        (None, _) => out.push_str("null"),
        (Some("t" | "true"), Elements::Truth) => out.push_str("true"),
        (Some("f" | "false"), Elements::Truth) => out.push_str("false"),
        (Some(number), Elements::Numbers) if is_number(number) => out.push_str(number),
        (Some(json), Elements::Json) => append_json(json, out),
        (Some(text), _) => append_text(text, out),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn arrays_keep_their_shape_and_their_nulls() {
        for (text, elements, expected) in [
            ("{}", Elements::Texts, "[]"),
            ("{1,2,NULL}", Elements::Numbers, "[1,2,null]"),
            ("{{1,2},{3,4}}", Elements::Numbers, "[[1,2],[3,4]]"),
            ("[0:1]={1,NaN}", Elements::Numbers, "[1,\"NaN\"]"),
            (r#"{a, "b,}\"c" ,"NULL"}"#, Elements::Texts, r#"["a","b,}\"c","NULL"]"#),
            ("{t,f}", Elements::Truth, "[true,false]"),
            (r#"{"{\"a\": 1}"}"#, Elements::Json, r#"[{"a": 1}]"#),
            ("no array", Elements::Texts, "\"no array\""),
        ] {
            let mut out = String::new();
            append(text, elements, &mut out);
            assert_eq!(out, expected);
        }
    }
}
