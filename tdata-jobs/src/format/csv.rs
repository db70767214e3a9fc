//! Comma-separated values, as PostgreSQL's `COPY … (FORMAT csv)` reads them.
//!
//! A null is nothing, and an empty text is `""`. A text stands between quotes where it has a comma, a quote or an end of
//! line; quotes in it are doubled.

use tdata_core::plan::DatasetPlan;

use super::cell::{Form, Style};
use super::column::Scratch;
use super::encoder::{Encoder, OtherKind, Rows};
use super::lines::Lines;

/// Writes CSV.
#[derive(Debug)]
pub(super) struct Csv {
    /// The names of the columns, where they begin files.
    header: Option<String>,
    forms: Vec<Form>,
    lines: Lines,
}

impl Csv {
    pub(super) fn new(dataset: &DatasetPlan, header: bool) -> Self {
        let columns = dataset.fields.len();
        Self {
            header: header.then(|| names(dataset)),
            forms: vec![Form::Text; columns],
            lines: Lines::parted(columns, ","),
        }
    }
}

fn names(dataset: &DatasetPlan) -> String {
    let mut line = String::new();
    for (at, field) in dataset.fields.iter().enumerate() {
        if at > 0 {
            line.push(',');
        }
        CsvStyle::text(Form::Text, &field.name, &mut line);
    }
    line.push('\n');
    line
}

impl Encoder for Csv {
    fn head(&self, out: &mut Vec<u8>) {
        out.extend(self.header.iter().flat_map(|header| header.bytes()));
    }

    fn append(
        &self,
        rows: &Rows<'_>,
        scratch: &mut Scratch,
        out: &mut Vec<u8>,
    ) -> Result<(), OtherKind> {
        let cells = scratch.cells::<CsvStyle>(&self.forms, rows.blocks);
        self.lines.append(rows.len(), &cells, out);
        Ok(())
    }

    fn tail(&self, _: &mut Vec<u8>) {}
}

/// Cells of CSV.
struct CsvStyle;

/// Tells whether a text with that character stands between quotes. Behind a backslash may stand what ends the input.
fn is_special(byte: u8) -> bool {
    matches!(byte, b'"' | b',' | b'\n' | b'\r' | b'\\')
}

impl Style for CsvStyle {
    const NULL: &'static str = "";
    const TRUTH: [&'static str; 2] = ["f", "t"];
    const QUOTE: &'static str = "";

    fn is_plain(texts: &str, ends: &[usize]) -> bool {
        let has_empty = ends.first() == Some(&0) || ends.windows(2).any(|two| two[0] == two[1]);
        !has_empty && !texts.bytes().any(is_special)
    }

    fn text(_: Form, text: &str, out: &mut String) {
        if !text.is_empty()
            && !text.bytes().any(|byte| is_special(byte) && byte != b'\\')
            && text != "\\."
        {
            out.push_str(text);
            return;
        }
        out.push('"');
        for (at, part) in text.split('"').enumerate() {
            if at > 0 {
                out.push_str("\"\"");
            }
            out.push_str(part);
        }
        out.push('"');
    }
}
