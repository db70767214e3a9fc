//! SQL: `INSERT` statements.
//!
//! A statement has one row unless more are asked for. Then statements begin at multiples of so many rows of the dataset, and
//! at the first row of a file.

use std::num::NonZeroU64;

use tdata_core::plan::DatasetPlan;
use tdata_core::sql::{TableName, written_identifier};

use super::cell::{Form, Style};
use super::column::Scratch;
use super::encoder::{Encoder, OtherKind, Rows};
use super::lines::Lines;

/// Lets rows have values of their own also where the column is `GENERATED ALWAYS AS IDENTITY`. Other columns take no notice.
const OVERRIDING: &str = "OVERRIDING SYSTEM VALUE";

/// Writes `INSERT` statements.
#[derive(Debug)]
pub(super) struct Sql {
    /// What begins a statement, up to its first row.
    insert: String,
    rows_per_insert: u64,
    forms: Vec<Form>,
    lines: Lines,
}

impl Sql {
    pub(super) fn new(dataset: &DatasetPlan, rows_per_insert: NonZeroU64) -> Self {
        let names: Vec<String> =
            dataset.fields.iter().map(|field| written_identifier(&field.name)).collect();
        // Many rows stand below each other.
        let before_rows = if rows_per_insert.get() > 1 { '\n' } else { ' ' };
        let (table, names) = (table(&dataset.table), names.join(", "));
        Self {
            insert: format!("INSERT INTO {table} ({names}) {OVERRIDING} VALUES{before_rows}"),
            rows_per_insert: rows_per_insert.get(),
            forms: dataset.fields.iter().map(|field| Form::of(&field.sql_type)).collect(),
            lines: Lines::between("(", dataset.fields.len(), ", ", ")"),
        }
    }

    /// Tells whether a statement begins with a row.
    fn begins(&self, row: u64, first: u64) -> bool {
        row == first || row.is_multiple_of(self.rows_per_insert)
    }
}

fn table(table: &TableName) -> String {
    let name = written_identifier(&table.name);
    match &table.schema {
        Some(schema) => format!("{}.{name}", written_identifier(schema)),
        None => name,
    }
}

impl Encoder for Sql {
    fn head(&self, _: &mut Vec<u8>) {}

    fn append(
        &self,
        rows: &Rows<'_>,
        scratch: &mut Scratch,
        out: &mut Vec<u8>,
    ) -> Result<(), OtherKind> {
        let cells = scratch.cells::<SqlStyle>(&self.forms, rows.blocks);
        let row = |at: usize| rows.first + at as u64;
        let begin = |at: usize, out: &mut Vec<u8>| {
            if self.begins(row(at), rows.file.start) {
                out.extend_from_slice(self.insert.as_bytes());
            }
        };
        let end = |at: usize, out: &mut Vec<u8>| {
            let next = row(at) + 1;
            let is_last = next == rows.file.end || self.begins(next, rows.file.start);
            out.extend_from_slice(if is_last { b";\n" } else { b",\n" });
        };
        self.lines.append_with(rows.len(), &cells, out, begin, end);
        Ok(())
    }

    fn tail(&self, _: &mut Vec<u8>) {}
}

/// Cells of SQL. A text is a literal without a type, which PostgreSQL reads as one of the column's.
struct SqlStyle;

impl Style for SqlStyle {
    const NULL: &'static str = "NULL";
    const TRUTH: [&'static str; 2] = ["false", "true"];
    const QUOTE: &'static str = "'";

    fn is_plain(_: &str, _: &[usize]) -> bool {
        false
    }

    fn text(_: Form, text: &str, out: &mut String) {
        let has_backslash = text.contains('\\');
        out.push_str(if has_backslash { "E'" } else { "'" });
        if !has_backslash && !text.contains('\'') {
            out.push_str(text);
        } else {
            for c in text.chars() {
                if matches!(c, '\'' | '\\') {
                    out.push(c);
                }
                out.push(c);
            }
        }
        out.push('\'');
    }
}
