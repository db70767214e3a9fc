//! Where a value is written.

use std::mem;

use super::single::Value;
use super::text::Text;
use super::value_ref::ValueRef;
use crate::definition::Instant;

/// Where a value is written: over a value, or behind the others of a block.
///
/// What makes values says once how, and is compiled for both.
pub(crate) trait Slot {
    /// Writes SQL's null.
    fn null(&mut self);

    /// Writes a truth value.
    fn bool(&mut self, value: bool);

    /// Writes a whole number.
    fn int(&mut self, number: i64);

    /// Writes a decimal number: `unscaled` divided by ten to the power of `scale`.
    fn decimal(&mut self, unscaled: i64, scale: u8);

    /// Writes a floating-point number.
    fn float(&mut self, number: f64);

    /// Writes a date, in days since 1970-01-01.
    fn date(&mut self, days: i32);

    /// Writes a point in time.
    fn timestamp(&mut self, instant: Instant);

    /// Writes a UUID.
    fn uuid(&mut self, uuid: u128);

    /// Writes a text.
    fn text(&mut self, write: impl FnOnce(&mut Text<'_>));

    /// Writes a value that there is.
    fn copy(&mut self, value: ValueRef<'_>) {
        match value {
            ValueRef::Null => self.null(),
            ValueRef::Bool(value) => self.bool(value),
            ValueRef::Int(number) => self.int(number),
            ValueRef::Decimal { unscaled, scale } => self.decimal(unscaled, scale),
            ValueRef::Float(number) => self.float(number),
            ValueRef::Text(text) => self.text(|out| out.push_str(text)),
            ValueRef::Date(days) => self.date(days),
            ValueRef::Timestamp(instant) => self.timestamp(instant),
            ValueRef::Uuid(uuid) => self.uuid(uuid),
        }
    }
}

impl Slot for Value {
    fn null(&mut self) {
        *self = Self::Null;
    }

    fn bool(&mut self, value: bool) {
        *self = Self::Bool(value);
    }

    fn int(&mut self, number: i64) {
        *self = Self::Int(number);
    }

    fn decimal(&mut self, unscaled: i64, scale: u8) {
        *self = Self::Decimal { unscaled, scale };
    }

    fn float(&mut self, number: f64) {
        *self = Self::Float(number);
    }

    fn date(&mut self, days: i32) {
        *self = Self::Date(days);
    }

    fn timestamp(&mut self, instant: Instant) {
        *self = Self::Timestamp(instant);
    }

    fn uuid(&mut self, uuid: u128) {
        *self = Self::Uuid(uuid);
    }

    fn text(&mut self, write: impl FnOnce(&mut Text<'_>)) {
        let mut bytes = match mem::replace(self, Self::Null) {
            Self::Text(text) => text.into_bytes(),
            _ => Vec::new(),
        };
        bytes.clear();
        write(&mut Text::behind(&mut bytes));
        let text = String::from_utf8(bytes);
        debug_assert!(text.is_ok(), "texts are UTF-8");
        *self = Self::Text(text.unwrap_or_default());
    }
}
