//! How formats write single cells.

use tdata_core::definition::Instant;
use tdata_core::sql::{Scalar, SqlType};
use tdata_core::value::Value;

/// What cells of a column are, for formats that tell numbers from texts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Form {
    /// Numbers and truth values.
    Bare,
    /// Texts, and whatever is written as one.
    Text,
    /// Points in time without a zone.
    LocalTime,
    /// JSON.
    Json,
    /// Arrays, whose elements are numbers or truth values, JSON, or texts.
    Array(Elements),
}

/// What the elements of arrays are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Elements {
    Numbers,
    Truth,
    Json,
    Texts,
}

impl Form {
    /// Returns the form of a column's cells.
    pub(crate) fn of(sql_type: &SqlType) -> Self {
        if let SqlType::Array(array) = sql_type.base() {
            return Self::Array(match Self::of(&array.element) {
                Self::Bare if array.element.scalar() == Some(Scalar::Boolean) => Elements::Truth,
                Self::Bare => Elements::Numbers,
                Self::Json => Elements::Json,
                _ => Elements::Texts,
            });
        }
        match sql_type.scalar() {
            Some(
                Scalar::SmallInt
                | Scalar::Integer
                | Scalar::BigInt
                | Scalar::Real
                | Scalar::Double
                | Scalar::Numeric(_)
                | Scalar::Oid
                | Scalar::Boolean,
            ) => Self::Bare,
            Some(Scalar::Json | Scalar::Jsonb) => Self::Json,
            Some(Scalar::Timestamp(_)) => Self::LocalTime,
            _ => Self::Text,
        }
    }
}

/// How a format writes cells.
pub(crate) trait Style {
    /// A null.
    const NULL: &'static str;
    /// False and true, in columns that are [`Form::Bare`].
    const TRUTH: [&'static str; 2];
    /// What stands around values that are no texts, but are written as one.
    const QUOTE: &'static str;

    /// Tells whether all of these texts can stand as they are; `ends` says where each of them ends.
    fn is_plain(texts: &str, ends: &[usize]) -> bool;

    /// Appends a text.
    fn text(form: Form, text: &str, out: &mut String);

    /// Appends a point in time.
    fn instant(_: Form, instant: Instant, out: &mut String) {
        out.push_str(Self::QUOTE);
        Value::Timestamp(instant).write_text(out);
        out.push_str(Self::QUOTE);
    }
}

/// Appends a value by itself.
pub(crate) fn append<S: Style>(form: Form, value: &Value, out: &mut String) {
    match value {
        Value::Null => out.push_str(S::NULL),
        Value::Bool(truth) if form == Form::Bare => out.push_str(S::TRUTH[usize::from(*truth)]),
        Value::Text(text) => S::text(form, text, out),
        Value::Timestamp(instant) => S::instant(form, *instant, out),
        // JSON knows no other numbers.
        Value::Float(number) if !number.is_finite() => quoted::<S>(Form::Text, value, out),
        value => quoted::<S>(form, value, out),
    }
}

/// Appends a value that is no text, between quotes where the column is not one of bare values.
fn quoted<S: Style>(form: Form, value: &Value, out: &mut String) {
    let quote = if form == Form::Bare { "" } else { S::QUOTE };
    out.push_str(quote);
    value.write_text(out);
    out.push_str(quote);
}
