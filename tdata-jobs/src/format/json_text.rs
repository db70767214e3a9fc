//! Texts and numbers of JSON.

/// Appends a text as JSON has it.
pub(super) fn append_text(text: &str, out: &mut String) {
    let is_special = |byte: u8| byte < b' ' || byte == b'"' || byte == b'\\';
    out.push('"');
    let mut rest = text;
    while let Some(at) = rest.bytes().position(is_special) {
        out.push_str(&rest[..at]);
        match rest.as_bytes()[at] {
            b'"' => out.push_str("\\\""),
            b'\\' => out.push_str("\\\\"),
            b'\n' => out.push_str("\\n"),
            b'\r' => out.push_str("\\r"),
            b'\t' => out.push_str("\\t"),
            0x08 => out.push_str("\\b"),
            0x0c => out.push_str("\\f"),
            other => out.push_str(&format!("\\u{other:04x}")),
        }
        rest = &rest[at + 1..];
    }
    out.push_str(rest);
    out.push('"');
}

/// Appends JSON in one line: an end of line in it is a blank between two parts.
pub(super) fn append_json(json: &str, out: &mut String) {
    let ends = |c| matches!(c, '\n' | '\r');
    for (at, part) in json.split(ends).enumerate() {
        if at > 0 {
            out.push(' ');
        }
        out.push_str(part);
    }
}

/// Tells whether a text is a number of JSON; `NaN` and the infinities are none.
pub(super) fn is_number(text: &str) -> bool {
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    let text = text.strip_prefix('-').unwrap_or(text);
    let (number, exponent) = match text.split_once(['e', 'E']) {
        Some((number, exponent)) => (number, Some(exponent)),
        None => (text, None),
    };
    let (whole, behind) = match number.split_once('.') {
        Some((whole, behind)) => (whole, Some(behind)),
        None => (number, None),
    };
    let exponent = exponent.map(|exponent| exponent.strip_prefix(['-', '+']).unwrap_or(exponent));
    digits(whole)
        && (whole.len() == 1 || !whole.starts_with('0'))
        && behind.is_none_or(digits)
        && exponent.is_none_or(digits)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_told_from_what_only_looks_like_one() {
        for number in ["0", "-1", "12.50", "1e9", "-0.5E-3"] {
            assert!(is_number(number), "{number}");
        }
        for other in ["", "-", "01", "1.", ".5", "NaN", "Infinity", "1e", "0x1", "+1"] {
            assert!(!is_number(other), "{other}");
        }
    }

    #[test]
    fn texts_are_escaped_as_others_escape_them() {
        for text in ["", "a", "\"\\/\u{8}\u{c}\n\r\t\u{1}\u{1f}é€\u{1F600}", "a\nb"] {
            let mut out = String::new();
            append_text(text, &mut out);
            assert_eq!(out, serde_json::to_string(text).unwrap());
        }
    }
}
