//! What a field's values must satisfy, proved before the first row.

use super::catalog::{CatalogColumn, CatalogTable};
use crate::definition::{Definition, Field, SqlType};
use crate::diagnostic::{Diagnostic, Diagnostics, Span};
use crate::generate::{Cells, Generator, UniqueBy, Value, ValueKind};
use crate::mask::{Mask, Spread};

/// The field under proof.
pub(super) struct Subject<'a> {
    pub(super) definition: &'a Definition,
    pub(super) field: &'a Field,
    pub(super) column: Option<&'a CatalogColumn>,
    pub(super) sql_type: &'a SqlType,
    pub(super) rows: u64,
    /// Whether the field is unique by itself.
    pub(super) unique: bool,
    /// Whether it is unique together with others.
    pub(super) composite: bool,
}

impl Subject<'_> {
    fn type_span(&self) -> Span {
        let written = self.field.sql_type.as_ref().map(|sql_type| sql_type.span);
        written.unwrap_or(self.field.name.span)
    }

    fn maker(&self) -> &str {
        self.field.generator.as_ref().map_or("reference", |name| &name.value)
    }

    fn diagnostic(&self, code: &'static str, message: String, span: Span) -> Diagnostic {
        self.definition.diagnostic(code, message, span)
    }
}

/// The most enum values that are checked one by one.
const MOST_LABELS: u64 = 1_000;

/// Proves that a field's finished values fit its column and suffice.
pub(super) fn values(
    subject: &Subject<'_>,
    generator: &dyn Generator,
    cells: &dyn Cells,
    diagnostics: &mut Diagnostics,
) {
    let name = &subject.field.name.value;
    let sql_type = subject.sql_type;
    let kind = cells.kind();
    if !fits(kind, sql_type) {
        let message =
            format!("`{name}` is {sql_type}, and `{}` makes {}", subject.maker(), describe(kind));
        let help = "change the type or the generator";
        let diagnostic = subject.diagnostic("plan::type", message, subject.type_span()).help(help);
        diagnostics.push(diagnostic);
        return;
    }
    let longest = cells.max_length(subject.rows);
    if let Some(limit) = sql_type.length_limit().filter(|limit| longest > *limit) {
        let message = format!("values of `{name}` have up to {longest} characters");
        let diagnostic = subject
            .diagnostic("plan::length", message, subject.type_span())
            .help(format!("the column holds {limit}: widen its type, or make the values shorter"));
        diagnostics.push(diagnostic);
    }
    let bounds = sql_type.integer_range().zip(cells.integer_range(subject.rows));
    if let Some(((low, high), (least, most))) = bounds
        && (least < low || most > high)
    {
        let message = format!(
            "values of `{name}` reach from {least} to {most} over {} rows",
            subject.rows
        );
        let help = format!("{sql_type} holds {low} to {high}: widen the type or narrow the values");
        let span = subject.type_span();
        diagnostics.push(subject.diagnostic("plan::range", message, span).help(help));
    }
    if subject.unique {
        capacity(subject, generator, diagnostics);
    }
    if let Some(column) = subject.column {
        labels(subject, generator, column, diagnostics);
    }
}

fn capacity(subject: &Subject<'_>, generator: &dyn Generator, diagnostics: &mut Diagnostics) {
    let name = &subject.field.name.value;
    let span = subject.field.name.span;
    let maker = subject.maker();
    if generator.unique_by() == UniqueBy::Nothing {
        let message = format!("`{name}` is unique, and `{maker}` cannot make unique values");
        diagnostics.push(
            subject
                .diagnostic("plan::capacity", message, span)
                .help("choose another generator, or drop `unique`"),
        );
    } else if generator.capacity() < subject.rows {
        let capacity = generator.capacity();
        let message = format!(
            "`{name}` is unique, but `{maker}` has only {capacity} different values for {} rows",
            subject.rows
        );
        diagnostics.push(
            subject
                .diagnostic("plan::capacity", message, span)
                .help(format!("ask for at most {capacity} rows, or widen the generator's range")),
        );
    }
}

fn labels(
    subject: &Subject<'_>,
    generator: &dyn Generator,
    column: &CatalogColumn,
    diagnostics: &mut Diagnostics,
) {
    if column.enum_labels.is_empty() || generator.unique_by() != UniqueBy::Number {
        return;
    }
    let mut value = Value::Null;
    for number in 0..generator.capacity().min(MOST_LABELS) {
        generator.nth(number, &mut value);
        if let Value::Text(text) = &value
            && !column.enum_labels.contains(text)
        {
            let message =
                format!("`{}` can be `{text}`, which {} does not have", column.name, column.sql_type);
            diagnostics.push(
                subject
                    .diagnostic("plan::enum", message, subject.field.name.span)
                    .did_you_mean(text, column.enum_labels.iter().map(String::as_str)),
            );
        }
    }
}

/// The largest probability of two equal masks in a unique column that planning accepts.
const COLLISION_RISK: f64 = 1e-6;

/// Proves that a mask suits the values it masks and keeps what must be unique unique.
pub(super) fn mask(
    subject: &Subject<'_>,
    rule: &str,
    mask: &dyn Mask,
    input: ValueKind,
    diagnostics: &mut Diagnostics,
) {
    let name = &subject.field.name.value;
    let written = subject.definition.masking_rule(name).map(|rule| rule.rule.span);
    let span = written.unwrap_or(subject.field.name.span);
    if mask.kind(input).is_none() {
        let message = format!("`{rule}` does not mask {}, which `{name}` holds", describe(input));
        diagnostics.push(
            subject.diagnostic("plan::mask", message, span).help("choose another rule for it"),
        );
        return;
    }
    let rows = subject.rows as f64;
    // The birthday bound: n values hashed onto m collide with a probability of about n^2 / 2m.
    let collides = match mask.spread() {
        Spread::Injective => false,
        Spread::Hashed(masks) => rows * rows / (2.0 * masks as f64) > COLLISION_RISK,
        Spread::Constant => subject.rows > 1,
    };
    if (subject.unique || subject.composite) && collides {
        let message = format!("`{name}` is unique, and masks of `{rule}` would not be");
        diagnostics.push(
            subject
                .diagnostic("plan::mask", message, span)
                .help("choose a rule with more masks, widen the column, or ask for fewer rows"),
        );
    }
}

/// Proves that a definition's fields and its table's columns go together.
pub(super) fn columns(
    definition: &Definition,
    table: &CatalogTable,
    diagnostics: &mut Diagnostics,
) {
    for field in &definition.fields {
        let name = &field.name.value;
        let span = field.name.span;
        match table.column(name) {
            None => {
                let message = format!("the table {} has no column `{name}`", table.name);
                let columns = table.columns.iter().map(|column| column.name.as_str());
                diagnostics.push(
                    definition
                        .diagnostic("plan::unknown_column", message, span)
                        .did_you_mean(name, columns),
                );
            }
            Some(column) if column.generated => {
                let message = format!("the database computes `{name}` itself");
                diagnostics.push(
                    definition
                        .diagnostic("plan::generated_column", message, span)
                        .help("drop the field from the definition"),
                );
            }
            Some(column) if !column.nullable && field.null_probability > 0.0 => {
                let message = format!("`{name}` cannot be null in the table {}", table.name);
                diagnostics.push(
                    definition
                        .diagnostic("plan::not_null", message, span)
                        .help("drop `null_probability`"),
                );
            }
            Some(_) => {}
        }
    }
    let missing: Vec<&str> = table
        .columns
        .iter()
        .filter(|column| !column.nullable && !column.has_default && !column.generated)
        .filter(|column| definition.field(&column.name).is_none())
        .map(|column| column.name.as_str())
        .collect();
    if !missing.is_empty() {
        let message = format!(
            "the table {} demands values for {}, and the definition has no such field",
            table.name,
            missing.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ")
        );
        diagnostics.push(
            definition
                .diagnostic("plan::missing_field", message, definition.table.span)
                .help("add the fields to the definition, or defaults to the columns"),
        );
    }
}

/// Tells whether PostgreSQL reads values of a kind into a column of a type.
fn fits(kind: ValueKind, sql_type: &SqlType) -> bool {
    use ValueKind as Kind;
    if sql_type.is_text() {
        return true;
    }
    match sql_type {
        SqlType::Named(_) => true,
        SqlType::SmallInt | SqlType::Integer | SqlType::BigInt => kind == Kind::Int,
        SqlType::Real | SqlType::Double | SqlType::Numeric(_) => {
            matches!(kind, Kind::Int | Kind::Decimal)
        }
        SqlType::Boolean => kind == Kind::Bool,
        SqlType::Date | SqlType::Timestamp | SqlType::TimestampTz => {
            matches!(kind, Kind::Date | Kind::Timestamp)
        }
        SqlType::Time => kind == Kind::Text,
        SqlType::Uuid => kind == Kind::Uuid,
        SqlType::Inet => kind == Kind::Inet,
        _ => false,
    }
}

fn describe(kind: ValueKind) -> &'static str {
    match kind {
        ValueKind::Bool => "truth values",
        ValueKind::Int => "whole numbers",
        ValueKind::Decimal => "decimal numbers",
        ValueKind::Text => "text",
        ValueKind::Inet => "IP addresses",
        ValueKind::Date => "dates",
        ValueKind::Timestamp => "points in time",
        ValueKind::Uuid => "UUIDs",
    }
}
