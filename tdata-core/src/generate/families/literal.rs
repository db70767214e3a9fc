//! Values that definitions write out, read by the type of their column.

use std::cmp::Ordering;
use std::str::FromStr;

use crate::definition::{Instant, Moment};
use crate::sql::{Scalar, SqlType, literals};
use crate::value::{Value, ValueKind};

/// Returns the kind of values that a column of a type holds.
pub(crate) fn kind_of(sql_type: &SqlType) -> ValueKind {
    match sql_type.scalar() {
        Some(Scalar::SmallInt | Scalar::Integer | Scalar::BigInt) => ValueKind::Int,
        Some(Scalar::Real | Scalar::Double | Scalar::Numeric(_)) => ValueKind::Decimal,
        Some(Scalar::Boolean) => ValueKind::Bool,
        Some(Scalar::Date) => ValueKind::Date,
        Some(Scalar::Timestamp(_) | Scalar::TimestampTz(_)) => ValueKind::Timestamp,
        Some(Scalar::Uuid) => ValueKind::Uuid,
        Some(Scalar::Inet) => ValueKind::Inet,
        _ => ValueKind::Text,
    }
}

/// Reads a value of the kind that the column's type holds.
///
/// # Errors
///
/// What the text should be, to follow "is not".
pub(crate) fn parse_value(text: &str, sql_type: &SqlType, as_of: Instant) -> Result<Value, String> {
    match kind_of(sql_type) {
        ValueKind::Int => parse_int(text, sql_type),
        ValueKind::Decimal => parse_decimal(text, sql_type),
        ValueKind::Bool => match text.to_ascii_lowercase().as_str() {
            "true" => Ok(Value::Bool(true)),
            "false" => Ok(Value::Bool(false)),
            _ => Err("`true` or `false`".to_owned()),
        },
        ValueKind::Date => Ok(Value::Date(parse_moment(text, as_of)?.1.days())),
        ValueKind::Timestamp => parse_timestamp(text, sql_type, as_of),
        ValueKind::Uuid => parse_uuid(text).map(Value::Uuid).ok_or_else(|| "a UUID".to_owned()),
        ValueKind::Inet | ValueKind::Text => {
            literals::read(text, sql_type).map(|_| Value::Text(text.to_owned()))
        }
    }
}

/// The first day that PostgreSQL's dates and points in time hold, 24 November 4714 BC, in days since 1970.
const FIRST_DAY: i32 = -2_440_588;

/// Reads a point in time as it is written, and as it is; PostgreSQL must hold it.
fn parse_moment(text: &str, as_of: Instant) -> Result<(Moment, Instant), String> {
    let moment = text.parse::<Moment>().map_err(|_| Moment::EXPECTED)?;
    let instant = moment.resolve(as_of);
    match instant.days() < FIRST_DAY {
        true => Err("a point in time since 4713 BC, where PostgreSQL's begin".to_owned()),
        false => Ok((moment, instant)),
    }
}

/// Reads a point in time. One that counts from the as-of time has no more digits than the column keeps.
fn parse_timestamp(text: &str, sql_type: &SqlType, as_of: Instant) -> Result<Value, String> {
    let (moment, instant) = parse_moment(text, as_of)?;
    let Some(unit) = sql_type.instant_unit() else { return Ok(Value::Timestamp(instant)) };
    let beyond = instant.micros().rem_euclid(unit);
    match moment {
        Moment::At(_) if beyond != 0 => {
            Err(format!("a point in time that `{sql_type}` keeps all digits of"))
        }
        _ => Ok(Value::Timestamp(Instant::from_micros(instant.micros() - beyond))),
    }
}

fn parse_int(text: &str, sql_type: &SqlType) -> Result<Value, String> {
    let (least, most) = sql_type.integer_range().unwrap_or((i64::MIN, i64::MAX));
    let number = text.parse().ok().filter(|number| (least..=most).contains(number));
    number.map(Value::Int).ok_or_else(|| format!("a whole number from {least} to {most}"))
}

fn parse_decimal(text: &str, sql_type: &SqlType) -> Result<Value, String> {
    let Some((before, behind)) = sql_type.decimal_digits() else {
        let number = text.parse::<Decimal>().ok().and_then(|number| number.value(None));
        return number.ok_or_else(|| "a decimal number of at most 18 digits".to_owned());
    };
    let number = text
        .parse::<Decimal>()
        .ok()
        .filter(|number| number.scale <= behind && number.fits_integer_digits(before))
        .filter(|number| number.is_multiple(sql_type.whole_unit()));
    let Some(number) = number else {
        let before = before.max(0).unsigned_abs();
        let digits = format!("{before} digits before and {behind} behind the point");
        let limit = if before + behind > 18 { "; of all of them, 64 bits hold 18" } else { "" };
        return Err(format!("a number with at most {digits}{limit}"));
    };
    number
        .value(Some(behind))
        .ok_or_else(|| "a number of at most 18 digits: 64 bits hold no more".to_owned())
}

fn parse_uuid(text: &str) -> Option<u128> {
    let hyphens = [8, 13, 18, 23];
    let placed = text.len() == 36 && hyphens.iter().all(|at| text.as_bytes()[*at] == b'-');
    let digits = text.replace('-', "");
    let hex = digits.len() == 32 && digits.bytes().all(|digit| digit.is_ascii_hexdigit());
    (placed && hex).then(|| u128::from_str_radix(&digits, 16).ok())?
}

/// A decimal number as written, without trailing zeros behind the point.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Decimal {
    unscaled: i128,
    scale: u32,
}

/// A text that is no decimal number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct InvalidDecimal;

/// The most digits a decimal number is read with: 10^36 is well below 2^127.
const MOST_DIGITS: i64 = 36;

impl FromStr for Decimal {
    type Err = InvalidDecimal;

    /// Reads digits, at most 36, with an optional sign, point and exponent.
    fn from_str(text: &str) -> Result<Self, InvalidDecimal> {
        let digits = text.strip_prefix(['-', '+']).unwrap_or(text);
        let (digits, exponent) = match digits.split_once(['e', 'E']) {
            Some((digits, exponent)) => (digits, exponent.parse().map_err(|_| InvalidDecimal)?),
            None => (digits, 0i32),
        };
        let (integer, fraction) = digits.split_once('.').unwrap_or((digits, ""));
        let written = !integer.is_empty() || !fraction.is_empty();
        let mut all = format!("{integer}{}", fraction.trim_end_matches('0'));
        // As many digits as stand behind the point: a negative number of them are zeros before it.
        let behind = (all.len() - integer.len()) as i64 - i64::from(exponent);
        let missing = usize::try_from(-behind).unwrap_or(0);
        if !written || behind > MOST_DIGITS || all.len() + missing > MOST_DIGITS as usize {
            return Err(InvalidDecimal);
        }
        if !all.bytes().all(|digit| digit.is_ascii_digit()) {
            return Err(InvalidDecimal);
        }
        all.extend(std::iter::repeat_n('0', missing));
        let magnitude: i128 =
            if all.is_empty() { 0 } else { all.parse().or(Err(InvalidDecimal))? };
        let mut number = Self { unscaled: magnitude, scale: behind.max(0) as u32 };
        while number.scale > 0 && number.unscaled % 10 == 0 {
            number = Self { unscaled: number.unscaled / 10, scale: number.scale - 1 };
        }
        number.unscaled *= if text.starts_with('-') { -1 } else { 1 };
        Ok(number)
    }
}

impl Decimal {
    /// Makes a number from a whole one divided by ten to the power of `scale`.
    pub(super) const fn new(unscaled: i128, scale: u32) -> Self {
        Self { unscaled, scale }
    }

    /// Returns the largest multiple of 10^-`scale` that is not larger, in such units; `None`
    /// beyond 64 bits.
    pub(super) fn floor(self, scale: u32) -> Option<i64> {
        let unscaled = match scale.cmp(&self.scale) {
            Ordering::Less => self.unscaled.div_euclid(10i128.checked_pow(self.scale - scale)?),
            _ => self.unscaled.checked_mul(10i128.checked_pow(scale - self.scale)?)?,
        };
        i64::try_from(unscaled).ok()
    }

    /// Returns the smallest multiple of 10^-`scale` that is not smaller, in such units; `None`
    /// beyond 64 bits.
    pub(super) fn ceil(self, scale: u32) -> Option<i64> {
        let negated = Self { unscaled: -self.unscaled, scale: self.scale };
        negated.floor(scale)?.checked_neg()
    }

    /// Tells whether at most `digits` digits stand before the point.
    pub(super) fn fits_integer_digits(self, digits: i32) -> bool {
        // The bound, 10^digits, has as many digits behind the point as the number.
        match u32::try_from(i64::from(digits) + i64::from(self.scale)) {
            Ok(power) => {
                let bound = 10u128.checked_pow(power);
                bound.is_none_or(|bound| self.unscaled.unsigned_abs() < bound)
            }
            Err(_) => self.unscaled == 0,
        }
    }

    /// Tells whether it is so many times a whole number.
    fn is_multiple(self, unit: Option<i64>) -> bool {
        unit.is_none_or(|unit| self.scale == 0 && self.unscaled % i128::from(unit) == 0)
    }

    /// Returns the number as a value, with the column's scale where 64 bits suffice for it.
    fn value(self, scale: Option<u32>) -> Option<Value> {
        let at = |scale: u32| {
            let unscaled = self.floor(scale)?;
            Some(Value::Decimal { unscaled, scale: u8::try_from(scale).ok()? })
        };
        let scale = scale.filter(|scale| *scale <= MOST_SCALE);
        scale.and_then(at).or_else(|| at(self.scale).filter(|_| self.scale <= MOST_SCALE))
    }
}

/// The most digits behind the point that a value of 64 bits has.
pub(super) const MOST_SCALE: u32 = 18;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn decimals_round_towards_the_inside() {
        let number: Decimal = "-1.2550".parse().unwrap();
        assert_eq!(number, Decimal::new(-1255, 3));
        assert_eq!((number.floor(2), number.ceil(2)), (Some(-126), Some(-125)));
        assert_eq!((number.floor(4), number.ceil(4)), (Some(-12_550), Some(-12_550)));
        assert_eq!(number.floor(30), None);
        assert!(number.fits_integer_digits(1) && !number.fits_integer_digits(0));
    }

    #[test]
    fn no_moment_lies_before_those_of_postgresql() {
        let as_of = "2024-05-01".parse().unwrap();
        for sql_type in ["date", "timestamp", "timestamptz(3)"] {
            let sql_type = sql_type.parse().unwrap();
            assert!(parse_value("-6736y", &sql_type, as_of).is_ok(), "{sql_type}");
            for text in ["-6738y", "-9999y"] {
                assert!(parse_value(text, &sql_type, as_of).is_err(), "{sql_type} {text}");
            }
        }
    }

    #[test]
    fn nonsense_is_no_decimal() {
        for text in ["", ".", "-", "e3", "1e", "1e99", "1e-99", "1e1.5", "1,5", "--1", "1.-5"] {
            assert_eq!(text.parse::<Decimal>(), Err(InvalidDecimal), "{text}");
        }
    }

    #[test]
    fn points_and_exponents_are_read() {
        for (text, number) in [
            (".5", Decimal::new(5, 1)),
            ("-0.0", Decimal::new(0, 0)),
            (".0", Decimal::new(0, 0)),
            ("2.", Decimal::new(2, 0)),
            ("1e3", Decimal::new(1_000, 0)),
            ("-1.25E1", Decimal::new(-125, 1)),
            ("100e-1", Decimal::new(10, 0)),
            ("7e-3", Decimal::new(7, 3)),
        ] {
            assert_eq!(text.parse(), Ok(number), "{text}");
        }
    }

    #[test]
    fn only_timestamps_are_taken_for_timestamps() {
        for (sql_type, kind) in [
            ("timestamp(3)", ValueKind::Timestamp),
            ("timestamp (3) with time zone", ValueKind::Timestamp),
            ("timestamptz(0)", ValueKind::Timestamp),
            ("timestamp(3)[]", ValueKind::Text),
            ("timestamptz[]", ValueKind::Text),
            ("timestamp_source", ValueKind::Text),
        ] {
            assert_eq!(kind_of(&sql_type.parse().unwrap()), kind, "{sql_type}");
        }
    }

    #[test]
    fn values_take_the_kind_of_their_column() {
        let as_of = "2024-05-01".parse().unwrap();
        for (text, sql_type, value) in [
            ("-7", "smallint", Ok("-7")),
            ("40000", "smallint", Err("a whole number from -32768 to 32767")),
            ("1.5", "decimal(4,2)", Ok("1.50")),
            (
                "100",
                "decimal(4,2)",
                Err("a number with at most 2 digits before and 2 behind the point"),
            ),
            ("1.50", "double precision", Ok("1.5")),
            ("TRUE", "boolean", Ok("t")),
            ("-1d", "date", Ok("2024-04-30")),
            ("now", "timestamptz", Ok("2024-05-01 00:00:00+00")),
            ("0123456789ab4def8123456789abcdef", "uuid", Err("a UUID")),
            ("abc", "varchar(2)", Err("a text of at most 2 characters")),
            ("abc", "order_state", Ok("abc")),
            ("192.0.2.0/24", "inet", Ok("192.0.2.0/24")),
            ("2001:db8::1", "inet", Ok("2001:db8::1")),
            ("192.0.2.0/33", "inet", Err("an IP address such as `192.0.2.1` or `2001:db8::/32`")),
            ("{}", "timestamp[]", Ok("{}")),
            ("2024-05-01T10:00:00.5Z", "timestamp(1)", Ok("2024-05-01 10:00:00.500000+00")),
            (
                "2024-05-01T10:00:00.5Z",
                "timestamp(0)",
                Err("a point in time that `timestamp(0)` keeps all digits of"),
            ),
            ("1300", "numeric(3,-2)", Ok("1300")),
            (
                "1350",
                "numeric(3,-2)",
                Err("a number with at most 5 digits before and 0 behind the point"),
            ),
            ("25:00", "time", Err("a time of day, such as `10:30:00`")),
            ("10:00", "time", Ok("10:00")),
            (
                "1234567890123456789012",
                "numeric(30,2)",
                Err("a number of at most 18 digits: 64 bits hold no more"),
            ),
        ] {
            let parsed = parse_value(text, &sql_type.parse().unwrap(), as_of);
            let parsed = parsed.map(|value| value.to_string());
            assert_eq!(parsed.as_deref().map_err(String::as_str), value, "{text} as {sql_type}");
        }
    }
}
