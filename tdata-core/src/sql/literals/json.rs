//! `json` and `jsonb`.

use std::collections::BTreeMap;

/// How deep values may stand in each other.
const MOST_LEVELS: usize = 256;

/// The most digits that a number of `jsonb` may have on one side of its point, well within PostgreSQL's.
const MOST_EXPONENT: i64 = 16_000;

/// Reads a JSON value. In its form for `jsonb`, keys are in order and each is there once, and numbers are written
/// one way.
pub(super) fn read(text: &str, binary: bool) -> Result<String, String> {
    let mut reader = Reader { rest: text, binary };
    let value = reader.value(0);
    reader.skip_blanks();
    let value = value.filter(|_| reader.rest.is_empty());
    let value = value.ok_or_else(|| match binary {
        true => "a JSON value that `jsonb` holds".to_owned(),
        false => "a JSON value".to_owned(),
    })?;
    Ok(if binary { value } else { text.to_owned() })
}

struct Reader<'a> {
    rest: &'a str,
    binary: bool,
}

impl Reader<'_> {
    fn skip_blanks(&mut self) {
        self.rest = self.rest.trim_start_matches([' ', '\t', '\n', '\r']);
    }

    /// Goes on behind a text if it stands next.
    fn take(&mut self, text: &str) -> bool {
        self.skip_blanks();
        let rest = self.rest.strip_prefix(text);
        self.rest = rest.unwrap_or(self.rest);
        rest.is_some()
    }

    fn value(&mut self, depth: usize) -> Option<String> {
        if depth > MOST_LEVELS {
            return None;
        }
        for word in ["null", "true", "false"] {
            if self.take(word) {
                return Some(word.to_owned());
            }
        }
        if self.take("[") {
            let mut items = Vec::new();
            while !(items.is_empty() && self.take("]")) {
                items.push(self.value(depth + 1)?);
                if self.take("]") {
                    break;
                }
                self.take(",").then_some(())?;
            }
            return Some(format!("[{}]", items.join(",")));
        }
        if self.take("{") {
            let mut entries = BTreeMap::new();
            while !(entries.is_empty() && self.take("}")) {
                self.skip_blanks();
                let key = self.string()?;
                self.take(":").then_some(())?;
                let value = self.value(depth + 1)?;
                entries.insert(key, value);
                if self.take("}") {
                    break;
                }
                self.take(",").then_some(())?;
            }
            let entries = entries.into_iter().map(|(key, value)| format!("{key:?}:{value}"));
            return Some(format!("{{{}}}", entries.collect::<Vec<_>>().join(",")));
        }
        if self.rest.starts_with('"') {
            return self.string().map(|text| format!("{text:?}"));
        }
        self.number()
    }

    fn string(&mut self) -> Option<String> {
        let mut text = String::new();
        let mut chars = self.rest.strip_prefix('"')?.chars();
        loop {
            match chars.next()? {
                '"' => break,
                '\\' => match chars.next()? {
                    c @ ('"' | '\\' | '/') => text.push(c),
                    'b' => text.push('\u{8}'),
                    'f' => text.push('\u{c}'),
                    'n' => text.push('\n'),
                    'r' => text.push('\r'),
                    't' => text.push('\t'),
                    'u' => {
                        let mut code = || {
                            let digits: String = chars.by_ref().take(4).collect();
                            let hex = digits.len() == 4
                                && digits.bytes().all(|digit| digit.is_ascii_hexdigit());
                            hex.then(|| u16::from_str_radix(&digits, 16).ok())?
                        };
                        let first = code()?;
                        // `json` keeps the text as it is, whatever its characters stand for.
                        if !self.binary {
                            continue;
                        }
                        let mut units = vec![first];
                        if (0xd800..0xdc00).contains(&first) {
                            let next = (chars.next()?, chars.next()?);
                            (next == ('\\', 'u')).then_some(())?;
                            let digits: String = chars.by_ref().take(4).collect();
                            units.push(u16::from_str_radix(&digits, 16).ok()?);
                        }
                        let characters = String::from_utf16(&units).ok()?;
                        (characters != "\0").then_some(())?;
                        text.push_str(&characters);
                    }
                    _ => return None,
                },
                c if c < ' ' => return None,
                c => text.push(c),
            }
        }
        self.rest = chars.as_str();
        Some(text)
    }

    /// Reads a number; its form is its digits and the power of ten they are multiplied with.
    fn number(&mut self) -> Option<String> {
        let is_part = |c: char| c.is_ascii_digit() || matches!(c, '-' | '+' | '.' | 'e' | 'E');
        let length = self.rest.find(|c| !is_part(c)).unwrap_or(self.rest.len());
        let (number, rest) = self.rest.split_at(length);
        let (sign, digits) = number.strip_prefix('-').map_or(("", number), |rest| ("-", rest));
        let (digits, exponent) = match digits.split_once(['e', 'E']) {
            Some((digits, exponent)) => {
                let unsigned = exponent.strip_prefix(['-', '+']).unwrap_or(exponent);
                all_digits(unsigned).then_some(())?;
                (digits, exponent.parse::<i64>().ok())
            }
            None => (digits, Some(0)),
        };
        let (whole, fraction) = match digits.split_once('.') {
            Some((whole, fraction)) => {
                all_digits(fraction).then_some(())?;
                (whole, fraction)
            }
            None => (digits, ""),
        };
        (all_digits(whole) && (whole == "0" || !whole.starts_with('0'))).then_some(())?;
        self.rest = rest;
        if !self.binary {
            return Some(String::new());
        }
        let exponent = exponent.filter(|exponent| exponent.abs() <= MOST_EXPONENT)?;
        (fraction.len() as i64 <= MOST_EXPONENT && whole.len() as i64 <= MOST_EXPONENT)
            .then_some(())?;
        let all = format!("{whole}{fraction}");
        let short = all.trim_end_matches('0');
        let power = exponent - fraction.len() as i64 + (all.len() - short.len()) as i64;
        let short = short.trim_start_matches('0');
        Some(if short.is_empty() { "0".to_owned() } else { format!("{sign}{short}e{power}") })
    }
}

fn all_digits(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|digit| digit.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use super::read;

    #[test]
    fn equal_values_of_jsonb_have_one_form() {
        for (one, other) in [
            (r#"{"a": 1, "b": [true, null]}"#, r#"{"b":[true,null],"a":1.0}"#),
            (r#"{"a": 1, "a": 2}"#, r#"{"a": 2}"#),
            (r#""A""#, r#""\u0041""#),
            (r#""\ud83d\ude00""#, "\"\u{1f600}\""),
            ("100", "1e2"),
            ("-0", "0.00"),
            (" [ ] ", "[]"),
        ] {
            assert_eq!(read(one, true), read(other, true), "{one} {other}");
            assert!(read(one, true).is_ok(), "{one}");
        }
        assert_ne!(read("[1]", true), read("1", true));
        assert_ne!(read(r#"["a","b"]"#, true), read(r#"["a\",\"b"]"#, true));
    }

    #[test]
    fn what_is_no_json_is_told() {
        for text in [
            "",
            "{",
            "[1,]",
            "{\"a\"}",
            "{a: 1}",
            "'a'",
            "01",
            "1.",
            ".5",
            "+1",
            "nul",
            "\"\n\"",
            "[1] 2",
            "\"\\x\"",
            "-",
            "1e",
            "{,}",
            "[,]",
            "truefalse",
        ] {
            assert!(read(text, true).is_err() && read(text, false).is_err(), "{text}");
        }
        for text in [r#""\u0000""#, r#""\ud83d""#, "1e400000"] {
            assert!(read(text, true).is_err() && read(text, false).is_ok(), "{text}");
        }
        assert!(read(&"[".repeat(100_000), true).is_err());
    }
}
