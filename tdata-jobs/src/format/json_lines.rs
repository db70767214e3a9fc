//! JSON lines: an object for each row, as PostgreSQL's `row_to_json` makes it where the time zone is UTC.
//!
//! Numbers are numbers with all their digits, truth values are such, JSON columns are JSON, arrays are arrays. Dates and
//! points in time are texts as in ISO 8601, everything else is the text that PostgreSQL reads.

use tdata_core::definition::Instant;
use tdata_core::plan::DatasetPlan;
use tdata_core::value::Value;

use super::cell::{Form, Style};
use super::column::Scratch;
use super::encoder::{Encoder, OtherKind, Rows};
use super::json_array;
use super::lines::Lines;

/// Writes JSON lines.
#[derive(Debug)]
pub(super) struct JsonLines {
    forms: Vec<Form>,
    lines: Lines,
}

impl JsonLines {
    pub(super) fn new(dataset: &DatasetPlan) -> Self {
        let before = dataset.fields.iter().enumerate().map(|(at, field)| {
            let mut before = String::from(if at == 0 { "{" } else { "," });
            append_text(&field.name, &mut before);
            before.push(':');
            before
        });
        // A table may have no columns.
        let end = if dataset.fields.is_empty() { "{}\n" } else { "}\n" };
        Self {
            lines: Lines::named(before, end),
            forms: dataset.fields.iter().map(|field| Form::of(&field.sql_type)).collect(),
        }
    }
}

impl Encoder for JsonLines {
    fn head(&self, _: &mut Vec<u8>) {}

    fn append(
        &self,
        rows: &Rows<'_>,
        scratch: &mut Scratch,
        out: &mut Vec<u8>,
    ) -> Result<(), OtherKind> {
        let cells = scratch.cells::<JsonStyle>(&self.forms, rows.blocks);
        self.lines.append(rows.len(), &cells, out);
        Ok(())
    }

    fn tail(&self, _: &mut Vec<u8>) {}
}

/// Cells of JSON.
struct JsonStyle;

impl Style for JsonStyle {
    const NULL: &'static str = "null";
    const TRUTH: [&'static str; 2] = ["false", "true"];
    const QUOTE: &'static str = "\"";

    fn is_plain(_: &str, _: &[usize]) -> bool {
        false
    }

    fn text(form: Form, text: &str, out: &mut String) {
        match form {
            Form::Bare if is_number(text) => out.push_str(text),
            Form::Json => append_json(text, out),
            Form::Array(elements) => json_array::append(text, elements, out),
            _ => append_text(text, out),
        }
    }

    fn instant(form: Form, instant: Instant, out: &mut String) {
        out.push('"');
        let start = out.len();
        Value::Timestamp(instant).write_text(out);
        let era = if out.ends_with(" BC") { " BC" } else { "" };
        // PostgreSQL's text ends with the zone, and JSON's digits with the last that is not 0.
        out.truncate(out.len() - era.len() - "+00".len());
        if out[start..].contains('.') {
            out.truncate(out.trim_end_matches('0').len());
        }
        if let Some(blank) = out[start..].find(' ') {
            out.replace_range(start + blank..start + blank + 1, "T");
        }
        if form != Form::LocalTime {
            out.push_str("+00:00");
        }
        out.push_str(era);
        out.push('"');
    }
}

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

    #[test]
    fn points_in_time_are_those_of_iso_8601() {
        let of = |text: &str, form| {
            let mut out = String::new();
            JsonStyle::instant(form, text.parse().unwrap(), &mut out);
            out
        };
        assert_eq!(of("2024-02-29T03:04:05.070Z", Form::LocalTime), "\"2024-02-29T03:04:05.07\"");
        assert_eq!(of("2024-02-29T03:04:00Z", Form::Text), "\"2024-02-29T03:04:00+00:00\"");
        let early = Instant::from_micros(-719_163 * tdata_core::definition::MICROS_PER_DAY);
        let mut out = String::new();
        JsonStyle::instant(Form::LocalTime, early, &mut out);
        assert_eq!(out, "\"0001-12-31T00:00:00 BC\"");
    }
}
