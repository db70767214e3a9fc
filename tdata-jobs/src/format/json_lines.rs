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
use super::json_text::{append_json, append_text, is_number};
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
        Self {
            lines: Lines::named(before, "}\n"),
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

#[cfg(test)]
mod tests {
    use super::*;

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
