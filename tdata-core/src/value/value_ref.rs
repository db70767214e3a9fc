//! What a cell holds, borrowed.

use super::single::Value;
use crate::definition::Instant;

/// What a cell holds, borrowed: of a [`Value`], or of a block.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum ValueRef<'a> {
    /// SQL's null.
    Null,
    /// A truth value.
    Bool(bool),
    /// A whole number.
    Int(i64),
    /// A decimal number, as in [`Value::Decimal`].
    Decimal {
        /// The digits as a whole number.
        unscaled: i64,
        /// How many of the digits stand behind the point.
        scale: u8,
    },
    /// A floating-point number.
    Float(f64),
    /// A text.
    Text(&'a str),
    /// A date, in days since 1970-01-01.
    Date(i32),
    /// A point in time.
    Timestamp(Instant),
    /// A UUID.
    Uuid(u128),
}

impl<'a> From<&'a Value> for ValueRef<'a> {
    fn from(value: &'a Value) -> Self {
        match value {
            Value::Null => Self::Null,
            Value::Bool(value) => Self::Bool(*value),
            Value::Int(number) => Self::Int(*number),
            Value::Decimal { unscaled, scale } => {
                Self::Decimal { unscaled: *unscaled, scale: *scale }
            }
            Value::Float(number) => Self::Float(*number),
            Value::Text(text) => Self::Text(text),
            Value::Date(days) => Self::Date(*days),
            Value::Timestamp(instant) => Self::Timestamp(*instant),
            Value::Uuid(uuid) => Self::Uuid(*uuid),
        }
    }
}

impl ValueRef<'_> {
    /// Returns a value of its own.
    pub(crate) fn to_value(self) -> Value {
        match self {
            Self::Null => Value::Null,
            Self::Bool(value) => Value::Bool(value),
            Self::Int(number) => Value::Int(number),
            Self::Decimal { unscaled, scale } => Value::Decimal { unscaled, scale },
            Self::Float(number) => Value::Float(number),
            Self::Text(text) => Value::Text(text.to_owned()),
            Self::Date(days) => Value::Date(days),
            Self::Timestamp(instant) => Value::Timestamp(instant),
            Self::Uuid(uuid) => Value::Uuid(uuid),
        }
    }
}
