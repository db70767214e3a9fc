//! What a cell holds.

use std::fmt;

use crate::definition::Instant;

/// What a cell holds.
///
/// A `Value` is made to be filled again and again: a text keeps the memory of the text that was there before.
#[derive(Clone, Debug, PartialEq)]
pub enum Value {
    /// SQL's null.
    Null,
    /// A truth value.
    Bool(bool),
    /// A whole number.
    Int(i64),
    /// A decimal number: `unscaled` divided by ten to the power of `scale`.
    Decimal {
        /// The digits as a whole number.
        unscaled: i64,
        /// How many of the digits stand behind the point.
        scale: u8,
    },
    /// A floating-point number. No generator makes any: they come out of databases and records.
    Float(f64),
    /// A text.
    Text(String),
    /// A date, in days since 1970-01-01.
    Date(i32),
    /// A point in time.
    Timestamp(Instant),
    /// A UUID.
    Uuid(u128),
}

/// The kinds of values, nulls aside.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ValueKind {
    /// [`Value::Bool`].
    Bool,
    /// [`Value::Int`].
    Int,
    /// [`Value::Decimal`].
    Decimal,
    /// [`Value::Text`].
    Text,
    /// [`Value::Text`] that is an IP address.
    Inet,
    /// [`Value::Date`].
    Date,
    /// [`Value::Timestamp`].
    Timestamp,
    /// [`Value::Uuid`].
    Uuid,
}

impl Value {
    /// Tells whether the value is null.
    pub fn is_null(&self) -> bool {
        matches!(self, Self::Null)
    }

    /// Returns the value's kind; null has none, and floating-point numbers and IP addresses count as decimal numbers
    /// and texts.
    pub fn kind(&self) -> Option<ValueKind> {
        Some(match self {
            Self::Null => return None,
            Self::Bool(_) => ValueKind::Bool,
            Self::Int(_) => ValueKind::Int,
            Self::Decimal { .. } | Self::Float(_) => ValueKind::Decimal,
            Self::Text(_) => ValueKind::Text,
            Self::Date(_) => ValueKind::Date,
            Self::Timestamp(_) => ValueKind::Timestamp,
            Self::Uuid(_) => ValueKind::Uuid,
        })
    }

    /// Appends the value as PostgreSQL reads it in text form; null appends nothing.
    pub fn write_text(&self, out: &mut impl fmt::Write) {
        // Writing to memory cannot fail.
        let _ = match self {
            Self::Null => Ok(()),
            Self::Bool(value) => out.write_str(if *value { "t" } else { "f" }),
            Self::Int(value) => write!(out, "{value}"),
            Self::Decimal { unscaled, scale } => write_decimal(out, *unscaled, *scale),
            Self::Float(value) => write!(out, "{value}"),
            Self::Text(text) => out.write_str(text),
            Self::Date(days) => {
                let era = write_date(out, *days);
                era.and_then(|era| out.write_str(era))
            }
            Self::Timestamp(instant) => write_timestamp(out, *instant),
            Self::Uuid(uuid) => write_uuid(out, *uuid),
        };
    }
}

impl fmt::Display for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut text = String::new();
        self.write_text(&mut text);
        f.write_str(&text)
    }
}

fn write_decimal(out: &mut impl fmt::Write, unscaled: i64, scale: u8) -> fmt::Result {
    if scale == 0 {
        return write!(out, "{unscaled}");
    }
    let digits = unscaled.unsigned_abs();
    let (integer, fraction) = match 10u64.checked_pow(scale.into()) {
        Some(unit) => (digits / unit, digits % unit),
        // Ten to that power exceeds 64 bits, and so all there is before the point.
        None => (0, digits),
    };
    let sign = if unscaled < 0 { "-" } else { "" };
    write!(out, "{sign}{integer}.{fraction:0width$}", width = usize::from(scale))
}

/// Returns year, month and day, for any number of days: the calendar's cycle of 400 years is counted
/// from March on, so that leap days come last.
fn civil(days: i32) -> (i64, u64, u64) {
    const CYCLE: i64 = 146_097;
    /// From 0000-03-01 to 1970-01-01.
    const EPOCH: i64 = 719_468;
    let days = i64::from(days) + EPOCH;
    let (cycle, day) = (days.div_euclid(CYCLE), days.rem_euclid(CYCLE));
    let year = (day - day / 1_460 + day / 36_524 - day / 146_096) / 365;
    let day = day - (365 * year + year / 4 - year / 100);
    let month = (5 * day + 2) / 153;
    let day = day - (153 * month + 2) / 5 + 1;
    let (month, next) = if month < 10 { (month + 3, 0) } else { (month - 9, 1) };
    (cycle * 400 + year + next, month.unsigned_abs(), day.unsigned_abs())
}

/// Writes a date; behind it and its time belongs what it returns.
fn write_date(out: &mut impl fmt::Write, days: i32) -> Result<&'static str, fmt::Error> {
    let (year, month, day) = civil(days);
    // There is no year 0: it is 1 BC.
    let (shown, era) = if year > 0 { (year, "") } else { (1 - year, " BC") };
    write_padded(out, shown.unsigned_abs(), 4)?;
    for part in [month, day] {
        out.write_char('-')?;
        write_padded(out, part, 2)?;
    }
    Ok(era)
}

fn write_timestamp(out: &mut impl fmt::Write, instant: Instant) -> fmt::Result {
    let time = instant.micros() - instant.start_of_day().micros();
    let (seconds, micros) = (time.unsigned_abs() / 1_000_000, time.unsigned_abs() % 1_000_000);
    let era = write_date(out, instant.days())?;
    for (mark, part) in [(' ', seconds / 3600), (':', seconds / 60 % 60), (':', seconds % 60)] {
        out.write_char(mark)?;
        write_padded(out, part, 2)?;
    }
    if micros > 0 {
        out.write_char('.')?;
        write_padded(out, micros, 6)?;
    }
    out.write_str("+00")?;
    out.write_str(era)
}

/// Writes a number in at least `width` digits; several times as fast as `write!`.
fn write_padded(out: &mut impl fmt::Write, number: u64, width: usize) -> fmt::Result {
    let mut buffer = itoa::Buffer::new();
    let digits = buffer.format(number);
    (digits.len()..width).try_for_each(|_| out.write_char('0'))?;
    out.write_str(digits)
}

/// Several times as fast as formatting the five parts.
fn write_uuid(out: &mut impl fmt::Write, uuid: u128) -> fmt::Result {
    const DIGITS: [&str; 16] =
        ["0", "1", "2", "3", "4", "5", "6", "7", "8", "9", "a", "b", "c", "d", "e", "f"];
    for at in 0..32 {
        if matches!(at, 8 | 12 | 16 | 20) {
            out.write_char('-')?;
        }
        out.write_str(DIGITS[(uuid >> (124 - 4 * at)) as usize & 0xf])?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_written_as_postgresql_reads_them() {
        let instant = "2024-02-29T03:04:05.000007Z".parse().unwrap();
        for (value, text) in [
            (Value::Null, ""),
            (Value::Bool(true), "t"),
            (Value::Decimal { unscaled: -1205, scale: 2 }, "-12.05"),
            (Value::Decimal { unscaled: 5, scale: 3 }, "0.005"),
            (Value::Decimal { unscaled: i64::MIN, scale: 19 }, "-0.9223372036854775808"),
            (Value::Decimal { unscaled: 12, scale: 21 }, "0.000000000000000000012"),
            (Value::Date(19_782), "2024-02-29"),
            (Value::Date(-1), "1969-12-31"),
            (Value::Date(-719_000), "0001-06-12"),
            (Value::Date(-719_163), "0001-12-31 BC"),
            (Value::Date(11_016), "2000-02-29"),
            (Value::Date(95_026_236), "262142-12-31"),
            (Value::Timestamp(instant), "2024-02-29 03:04:05.000007+00"),
            (
                Value::Uuid(0x0123_4567_89ab_4def_8123_4567_89ab_cdef),
                "01234567-89ab-4def-8123-456789abcdef",
            ),
        ] {
            assert_eq!(value.to_string(), text);
        }
    }
}
