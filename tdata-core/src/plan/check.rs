//! What a field's values must satisfy, proved before the first row.

use super::catalog::CatalogColumn;
use super::check_table::not_null;
use super::masks::FieldMask;
use crate::diagnostic::{Diagnostic, Diagnostics, Origin, counted};
use crate::generate::{Cells, Generator, UniqueBy};
use crate::mask::{Spread, fitting};
use crate::spec::{DatasetSpec, Field, NodeKind, Relationship};
use crate::sql::{Scalar, SqlType};
use crate::value::{Value, ValueKind};

/// The field under proof.
pub(super) struct Subject<'a> {
    pub(super) spec: &'a DatasetSpec,
    pub(super) field: &'a Field,
    pub(super) column: Option<&'a CatalogColumn>,
    pub(super) sql_type: &'a SqlType,
    pub(super) rows: u64,
    /// How many of these rows are made, and are not there before.
    pub(super) made_rows: u64,
    /// What makes the field unique by itself, if it is.
    pub(super) unique: Option<&'static str>,
    /// Whether it is unique together with others.
    pub(super) composite: bool,
    /// Whether it is part of a group that is unique together, whatever keeps the group apart.
    pub(super) grouped: bool,
    /// Whether its values are masked.
    pub(super) masked: bool,
    /// Whether it is the primary key of a table made from the definition.
    pub(super) primary_key: bool,
}

impl Subject<'_> {
    pub(super) fn type_origin(&self) -> &Origin {
        let written = self.field.sql_type.as_ref().map(|sql_type| &sql_type.origin);
        written.unwrap_or(&self.field.name.origin)
    }

    /// What makes the field unique, by itself or together with others.
    pub(super) fn unique_reason(&self) -> Option<&'static str> {
        self.unique.or(self.composite.then_some(TOGETHER))
    }

    /// What has PostgreSQL compare its values, even where those of other fields keep the rows apart.
    fn compared_reason(&self) -> Option<&'static str> {
        self.unique.or(self.grouped.then_some(TOGETHER))
    }

    /// What the values must fit: the column, where there is one, else the field.
    fn place(&self) -> &'static str {
        if self.column.is_some() { "the table's column" } else { "the column" }
    }

    pub(super) fn maker(&self) -> &str {
        self.field.generator.as_ref().map_or("reference", |name| &name.value)
    }

    /// Where a parameter, or an item of its list, has that text.
    pub(super) fn text_origin(&self, key: &str, text: &str) -> Option<&Origin> {
        match &self.field.parameters.get(key)?.kind {
            NodeKind::Sequence(items) => {
                items.iter().find(|item| item.as_text() == Some(text)).map(|item| &item.origin)
            }
            _ => None,
        }
    }
}

/// Why a field of a group is unique.
const TOGETHER: &str = "unique together with others";

/// The most enum values that are checked one by one.
const MOST_LABELS: u64 = 1_000;

/// The rows whose values are checked where values cannot be listed.
pub(super) const SAMPLED_ROWS: u64 = 100;

/// The most of them that are told, where a generator has many.
const MOST_TOLD: usize = 10;

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
    let made_up = !FREE.contains(&subject.maker());
    if !fits(kind, sql_type, made_up) {
        let place = if subject.column.is_some() { " in its table" } else { "" };
        let (maker, kind) = (subject.maker(), describe(kind));
        let sql_type = with_base(sql_type);
        let message = format!("`{name}` is {sql_type}{place}, and `{maker}` makes {kind}");
        let help = "change the type or the generator";
        let diagnostic =
            Diagnostic::new("plan::type", message).at(subject.type_origin()).help(help);
        diagnostics.push(diagnostic);
        return;
    }
    let longest = cells.max_length(subject.rows);
    if let Some(limit) = sql_type.length_limit().filter(|limit| longest > *limit) {
        let message = format!("values of `{name}` have up to {longest} characters");
        let diagnostic =
            Diagnostic::new("plan::length", message).at(subject.type_origin()).help(format!(
                "{} holds {limit}: widen its type, or make the values shorter",
                subject.place()
            ));
        diagnostics.push(diagnostic);
    }
    let bounds = sql_type.integer_range().zip(cells.integer_range(subject.rows));
    let out_of_range = bounds.filter(|((low, high), (least, most))| least < low || most > high);
    if let Some(((low, high), (least, most))) = out_of_range {
        let rows = counted(subject.rows, "row");
        let message = format!("values of `{name}` reach from {least} to {most} over {rows}");
        let help = format!("{sql_type} holds {low} to {high}: widen the type or narrow the values");
        let origin = subject.type_origin();
        diagnostics.push(Diagnostic::new("plan::range", message).at(origin).help(help));
    }
    if let Some(reason) = subject.compared_reason().filter(|_| !sql_type.can_be_unique()) {
        let message = format!("`{name}` is {reason}, and PostgreSQL keeps no {sql_type} unique");
        let help = "choose a type that has an order, such as `jsonb` or `text`";
        let origin = subject.type_origin();
        diagnostics.push(Diagnostic::new("plan::type", message).at(origin).help(help));
    } else if let Some(reason) = subject.unique {
        capacity(subject, reason, generator, diagnostics);
    } else if out_of_range.is_none()
        && generator.counts().is_some()
        && generator.capacity() < subject.rows
    {
        let values = counted(generator.capacity(), "value");
        let (maker, rows) = (subject.maker(), counted(subject.rows, "row"));
        let message = format!("`{name}` leaves 64 bits: `{maker}` has only {values} for {rows}");
        let help = "start nearer to 0, or take smaller steps";
        let origin = &subject.field.name.origin;
        diagnostics.push(Diagnostic::new("plan::capacity", message).at(origin).help(help));
    }
    rounding(subject, cells, diagnostics);
    if subject.primary_key && subject.field.is_nullable() {
        diagnostics.push(not_null(subject.field, "is the primary key"));
    }
    if subject.column.is_none() && sql_type.is_not_null() && subject.field.is_nullable() {
        diagnostics.push(not_null(subject.field, "is of a domain that is NOT NULL"));
    }
    if let Some(known) = sql_type.labels() {
        labels(subject, generator, cells, known, diagnostics);
    }
}

/// Proves that floating point keeps unique numbers apart: far from 0 it rounds them to the same.
fn rounding(subject: &Subject<'_>, cells: &dyn Cells, diagnostics: &mut Diagnostics) {
    let reason = subject.unique_reason();
    let Some((reason, (most, digits))) = reason.zip(subject.sql_type.float_precision()) else {
        return;
    };
    let rounded = match cells.integer_range(subject.rows) {
        Some((least, greatest)) => least < -most || greatest > most,
        // A decimal number has its point besides its digits.
        None => cells.max_length(subject.rows) > digits + 1,
    };
    if rounded {
        let (name, sql_type) = (&subject.field.name.value, subject.sql_type);
        let message = format!("`{name}` is {reason}, and {sql_type} rounds some of its values");
        let help =
            format!("make it numeric, or keep it to {digits} digits (whole numbers to {most})");
        let origin = subject.type_origin();
        diagnostics.push(Diagnostic::new("plan::capacity", message).at(origin).help(help));
    }
}

fn capacity(
    subject: &Subject<'_>,
    reason: &str,
    generator: &dyn Generator,
    diagnostics: &mut Diagnostics,
) {
    let name = &subject.field.name.value;
    let origin = &subject.field.name.origin;
    let maker = subject.maker();
    if generator.unique_by() == UniqueBy::Nothing {
        let message = format!("`{name}` is {reason}, and `{maker}` cannot make unique values");
        diagnostics.push(
            Diagnostic::new("plan::capacity", message).at(origin).help("choose another generator"),
        );
    } else if generator.capacity() < subject.made_rows {
        let capacity = generator.capacity();
        let values = counted(capacity, "different value");
        let rows = counted(subject.rows, "row");
        let message = format!("`{name}` is {reason}, but `{maker}` has only {values} for {rows}");
        let wider = match maker {
            "reference" => "for more rows of the dataset it references",
            _ => "give the generator more values",
        };
        let help = format!("ask for at most {}, or {wider}", counted(capacity, "row"));
        diagnostics.push(Diagnostic::new("plan::capacity", message).at(origin).help(help));
    }
}

fn labels(
    subject: &Subject<'_>,
    generator: &dyn Generator,
    cells: &dyn Cells,
    known: &[String],
    diagnostics: &mut Diagnostics,
) {
    let mut unknown: Vec<String> = Vec::new();
    let mut check = |value: &Value| {
        let text = value.to_string();
        if !value.is_null() && !known.contains(&text) && !unknown.contains(&text) {
            unknown.push(text);
        }
    };
    let mut value = Value::Null;
    // Unmasked values can be listed where they have numbers; of the others some rows must do.
    if !subject.masked && generator.unique_by() == UniqueBy::Number {
        for number in 0..generator.capacity().min(MOST_LABELS) {
            generator.nth(number, &mut value);
            check(&value);
        }
    } else {
        for row in 0..subject.rows.min(SAMPLED_ROWS).min(cells.rows()) {
            cells.write(row, &mut value);
            check(&value);
        }
    }
    let labels = || known.iter().map(String::as_str);
    // What is not written in the definition needs one example.
    let written = !subject.masked && subject.field.parameters.get("choices").is_some();
    for text in unknown.iter().take(if written { MOST_TOLD } else { 1 }) {
        let (name, sql_type) = (&subject.field.name.value, subject.sql_type.base());
        let message = format!("`{name}` can be `{text}`, which {sql_type} does not have");
        let origin = subject.text_origin("choices", text).unwrap_or(&subject.field.name.origin);
        diagnostics
            .push(Diagnostic::new("plan::enum", message).at(origin).did_you_mean(text, labels()));
    }
}

/// The largest probability of two equal masks in a unique column that planning accepts.
const COLLISION_RISK: f64 = 1e-6;

/// Proves that a mask suits the values it masks and keeps what must be unique unique.
pub(super) fn mask(
    subject: &Subject<'_>,
    FieldMask { technique: rule, mask, narrowed_by }: &FieldMask,
    input: ValueKind,
    diagnostics: &mut Diagnostics,
) {
    let name = &subject.field.name.value;
    let written = subject.spec.masking_rule(name).map(|rule| &rule.rule.origin);
    let origin = written.unwrap_or(&subject.field.name.origin);
    if mask.kind(input).is_none() {
        let message = format!("`{rule}` does not mask {}, which `{name}` holds", describe(input));
        diagnostics.push(
            Diagnostic::new("plan::mask", message).at(origin).help(fitting(subject.sql_type)),
        );
        return;
    }
    let rows = subject.rows as f64;
    // The birthday bound: n values hashed onto m collide with a probability of about n^2 / 2m.
    let collides = match mask.spread() {
        Spread::Hashed(masks) => rows * rows / (2.0 * masks as f64) > COLLISION_RISK,
        Spread::Constant => subject.rows > 1,
    };
    let reason = subject.unique_reason();
    if let Some(reason) = reason.filter(|_| collides) {
        let message = format!("`{name}` is {reason}, and masks of `{rule}` would not be unique");
        let help = match narrowed_by {
            None => "choose a rule with more masks, widen the column, or ask for fewer rows".into(),
            Some(column) => format!(
                "its masks are as narrow as those of `{column}`: give the rule a `domain` of its own, or choose \
                 one with more masks"
            ),
        };
        diagnostics.push(Diagnostic::new("plan::mask", message).at(origin).help(help));
    }
}

/// Proves that a foreign key can hold what it references: the type, and nulls if there are any. Where its table is there
/// already, PostgreSQL need not know it as a key, only how to compare the two.
pub(super) fn foreign_key(
    field: &Field,
    sql_type: &SqlType,
    table_exists: bool,
    (relationship, parent, parent_type): (&Relationship, &DatasetSpec, &SqlType),
    diagnostics: &mut Diagnostics,
) {
    let Some(referenced) = relationship.referenced(&field.name) else { return };
    let key = &field.name.value;
    let target = format!("{}.{}", parent.name.value, referenced.value);
    let is_key =
        sql_type.can_reference(parent_type) || table_exists && parent_type.can_reference(sql_type);
    if !is_key {
        let message =
            format!("`{key}` is {sql_type}, and `{target}`, which it references, is {parent_type}");
        let origin = field.sql_type.as_ref().map(|sql_type| &sql_type.origin);
        let origin = origin.unwrap_or(&field.name.origin);
        let help = "give both the same type";
        diagnostics.push(Diagnostic::new("plan::type", message).at(origin).help(help));
    }
    let null = parent.field(referenced).is_some_and(Field::is_nullable);
    if null && !field.is_nullable() {
        let message = format!("`{key}` cannot be null, and `{target}`, which it references, can");
        let help = format!("give `{key}` a `null_probability`, or take it from `{target}`");
        let origin = &field.name.origin;
        diagnostics.push(Diagnostic::new("plan::not_null", message).at(origin).help(help));
    }
}

/// The generators whose texts the definition writes, so that they can suit any type.
const FREE: &[&str] = &["choice", "constant", "null", "pattern", "reference"];

/// Tells whether PostgreSQL reads values of a kind into a column of a type; `made_up` says that the
/// values are the generator's own, and not the definition's.
pub(super) fn fits(kind: ValueKind, sql_type: &SqlType, made_up: bool) -> bool {
    match sql_type.base() {
        SqlType::Scalar(scalar) => fits_scalar(kind, *scalar, made_up),
        // An enum's labels are checked one by one; what an extension takes is its own to know.
        SqlType::Enum(_) | SqlType::Other(_) => true,
        // These have forms of their own, which only the definition can write.
        _ => !made_up,
    }
}

fn fits_scalar(kind: ValueKind, scalar: Scalar, made_up: bool) -> bool {
    use ValueKind as Kind;
    match scalar {
        text if text.is_text() => true,
        Scalar::SmallInt | Scalar::Integer | Scalar::BigInt => kind == Kind::Int,
        Scalar::Real | Scalar::Double | Scalar::Numeric(_) => {
            matches!(kind, Kind::Int | Kind::Decimal)
        }
        Scalar::Boolean => kind == Kind::Bool,
        Scalar::Date | Scalar::Timestamp(_) | Scalar::TimestampTz(_) => {
            matches!(kind, Kind::Date | Kind::Timestamp)
        }
        Scalar::Time(_) => kind == Kind::Text && !made_up,
        Scalar::Uuid => kind == Kind::Uuid,
        Scalar::Inet => kind == Kind::Inet,
        _ if !made_up => true,
        Scalar::Money | Scalar::Json | Scalar::Jsonb => matches!(kind, Kind::Int | Kind::Decimal),
        Scalar::Cidr => kind == Kind::Inet,
        Scalar::Ltree | Scalar::TsVector | Scalar::Xml => kind == Kind::Text,
        _ => false,
    }
}

/// Writes a type, and what it is over where it is a domain: `price (numeric(10,2))`.
fn with_base(sql_type: &SqlType) -> String {
    match sql_type.base() {
        base if base == sql_type => sql_type.to_string(),
        base => format!("{sql_type} ({base})"),
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
