//! How the values of a column are hashed: by the column's type.

use std::net::IpAddr;

use super::hash::{SEED, of_bytes, of_int, of_word};
use crate::definition::MICROS_PER_DAY;
use crate::sql::{Scalar, SqlType};
use crate::value::{Value, ValueKind, ValueRef};

/// The days from 1970-01-01, where ours begin, to 2000-01-01, where PostgreSQL's do.
const DAYS_TO_2000: i32 = 10_957;

/// How the values of a column are hashed.
///
/// ```
/// use tdata_core::placement::{HashForm, joined, shard_of};
/// use tdata_core::value::Value;
///
/// let form = HashForm::of(&"integer".parse().unwrap()).unwrap();
/// let row = joined(0, form.hash(&Value::Int(42)).unwrap());
/// assert_eq!(shard_of(row, 3), 0); // as in FOR VALUES WITH (MODULUS 3, REMAINDER 0)
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct HashForm(Form);

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Form {
    Bool,
    Int,
    Float4,
    Float8,
    /// Decimal numbers with the digits that the column keeps behind the point, where it says so.
    Numeric(Option<i16>),
    Text,
    /// Text without the blanks at its end.
    Padded,
    Date,
    /// Points in time with what the column rounds to, in microseconds.
    Timestamp(i64),
    /// The same, where a day has no time of its own: it depends on the session's time zone.
    TimestampTz(i64),
    Uuid,
    Inet,
}

impl HashForm {
    /// Finds how values of a type are hashed; `None` for types whose hash is not the same in each database, or not known here.
    pub fn of(sql_type: &SqlType) -> Option<Self> {
        let unit = |scalar: Scalar| scalar.instant_unit().unwrap_or(1);
        Some(Self(match sql_type.scalar()? {
            Scalar::Boolean => Form::Bool,
            Scalar::SmallInt | Scalar::Integer | Scalar::BigInt => Form::Int,
            Scalar::Real => Form::Float4,
            Scalar::Double => Form::Float8,
            Scalar::Numeric(modifiers) => Form::Numeric(modifiers.map(|(_, scale)| scale)),
            Scalar::Text | Scalar::Varchar(_) => Form::Text,
            Scalar::Char(_) => Form::Padded,
            Scalar::Date => Form::Date,
            scalar @ Scalar::Timestamp(_) => Form::Timestamp(unit(scalar)),
            scalar @ Scalar::TimestampTz(_) => Form::TimestampTz(unit(scalar)),
            Scalar::Uuid => Form::Uuid,
            Scalar::Inet | Scalar::Cidr => Form::Inet,
            _ => return None,
        }))
    }

    /// Tells whether values of a kind can be hashed.
    pub(super) fn takes(self, kind: ValueKind) -> bool {
        match self.0 {
            Form::Bool => kind == ValueKind::Bool,
            Form::Int => kind == ValueKind::Int,
            Form::Float4 | Form::Float8 | Form::Numeric(_) => {
                matches!(kind, ValueKind::Int | ValueKind::Decimal)
            }
            // A column of texts has the text of any value.
            Form::Text | Form::Padded => true,
            Form::Date | Form::Timestamp(_) => {
                matches!(kind, ValueKind::Date | ValueKind::Timestamp)
            }
            Form::TimestampTz(_) => kind == ValueKind::Timestamp,
            Form::Uuid => kind == ValueKind::Uuid,
            Form::Inet => matches!(kind, ValueKind::Inet | ValueKind::Text),
        }
    }

    /// Hashes a value; `None` for a null, and for one that the type does not hold.
    pub fn hash(self, value: &Value) -> Option<u64> {
        self.hash_ref(value.into())
    }

    pub(super) fn hash_ref(self, value: ValueRef<'_>) -> Option<u64> {
        Some(match (self.0, value) {
            (_, ValueRef::Null) => return None,
            (Form::Bool, ValueRef::Bool(value)) => of_word(value.into()),
            (Form::Int, ValueRef::Int(number)) => of_int(number),
            (Form::Float4, value) => of_double(f64::from(text(value).parse::<f32>().ok()?)),
            (Form::Float8, value) => of_double(text(value).parse().ok()?),
            (Form::Numeric(kept), ValueRef::Int(number)) => of_numeric(number, 0, kept),
            (Form::Numeric(kept), ValueRef::Decimal { unscaled, scale }) => {
                of_numeric(unscaled, scale, kept)
            }
            (Form::Text, ValueRef::Text(text)) => of_bytes(text.as_bytes()),
            (Form::Text, value) => of_bytes(text(value).as_bytes()),
            (Form::Padded, ValueRef::Text(text)) => of_padded(text),
            (Form::Padded, value) => of_padded(&text(value)),
            (Form::Date, ValueRef::Date(days)) => of_days(days),
            (Form::Date, ValueRef::Timestamp(instant)) => of_days(instant.days()),
            (Form::Timestamp(unit), ValueRef::Date(days)) => {
                of_instant(i64::from(days).checked_mul(MICROS_PER_DAY)?, unit)?
            }
            (Form::Timestamp(unit) | Form::TimestampTz(unit), ValueRef::Timestamp(instant)) => {
                of_instant(instant.micros(), unit)?
            }
            (Form::Uuid, ValueRef::Uuid(uuid)) => of_bytes(&uuid.to_be_bytes()),
            (Form::Inet, ValueRef::Text(text)) => of_inet(text)?,
            _ => return None,
        })
    }
}

fn text(value: ValueRef<'_>) -> String {
    value.to_value().to_string()
}

/// Hashes a number whose zeros, and whatever is no number, are the same.
fn of_double(number: f64) -> u64 {
    match number {
        0.0 => SEED,
        number if number.is_nan() => of_bytes(&f64::NAN.to_bits().to_le_bytes()),
        number => of_bytes(&number.to_le_bytes()),
    }
}

/// Hashes a decimal number: its digits in base 10,000, from the first to the last that is not 0, and the place of the first. Its sign
/// does not count.
fn of_numeric(unscaled: i64, scale: u8, kept: Option<i16>) -> u64 {
    const BASE: u128 = 10_000;
    let (unscaled, scale) = rounded(unscaled, scale, kept);
    // Whole digits of the base stand behind the point.
    let behind = usize::from(scale).div_ceil(4);
    let fill = 10u128.pow((4 * behind - usize::from(scale)) as u32);
    let mut rest = u128::from(unscaled) * fill;
    if rest == 0 {
        return SEED - 1;
    }
    let mut last = -(behind as i64);
    while rest.is_multiple_of(BASE) {
        rest /= BASE;
        last += 1;
    }
    // 64 bits are 20 decimal digits at the most, and 3 more fill up.
    let (mut bytes, mut begin) = ([0; 12], 12);
    while rest > 0 {
        begin -= 2;
        bytes[begin..begin + 2].copy_from_slice(&((rest % BASE) as u16).to_le_bytes());
        rest /= BASE;
    }
    let digits = &bytes[begin..];
    let first = last + digits.len() as i64 / 2 - 1;
    of_bytes(digits) ^ first as u64
}

/// Returns the digits of a decimal number, without its sign, as a column keeps them, and how many stand behind the point.
fn rounded(unscaled: i64, scale: u8, kept: Option<i16>) -> (u64, u8) {
    let digits = unscaled.unsigned_abs();
    let Some(beyond) = kept.and_then(|kept| u32::try_from(i16::from(scale) - kept).ok()) else {
        return (digits, scale);
    };
    // Half of a unit is rounded away from zero.
    match 10u64.checked_pow(beyond) {
        Some(unit) => {
            ((digits / unit + u64::from(digits % unit >= unit.div_ceil(2))) * unit, scale)
        }
        None => (0, scale),
    }
}

fn of_padded(text: &str) -> u64 {
    of_bytes(text.trim_end_matches(' ').as_bytes())
}

fn of_days(days: i32) -> u64 {
    of_word(days.wrapping_sub(DAYS_TO_2000) as u32)
}

/// Hashes a point in time as a column rounds it; half of a unit is rounded away from 2000.
fn of_instant(micros: i64, unit: i64) -> Option<u64> {
    let since_2000 = micros.checked_sub(i64::from(DAYS_TO_2000) * MICROS_PER_DAY)?;
    let (size, half) = (since_2000.checked_abs()?, unit / 2);
    let rounded = size.checked_add(half)? / unit * unit;
    Some(of_int(rounded * since_2000.signum()))
}

/// Hashes an IP address or network: its family, how many bits count, and its bytes.
fn of_inet(text: &str) -> Option<u64> {
    /// PostgreSQL's numbers of the two families.
    const V4: u8 = 2;
    const V6: u8 = 3;
    let (address, bits) = match text.split_once('/') {
        Some((address, bits)) => (address, Some(bits.parse::<u8>().ok()?)),
        None => (text, None),
    };
    let mut bytes = Vec::with_capacity(18);
    match address.parse().ok()? {
        IpAddr::V4(address) => {
            bytes.extend([V4, bits.unwrap_or(32)]);
            bytes.extend(address.octets());
        }
        IpAddr::V6(address) => {
            bytes.extend([V6, bits.unwrap_or(128)]);
            bytes.extend(address.octets());
        }
    }
    Some(of_bytes(&bytes))
}

#[cfg(test)]
mod tests {
    use super::super::hash::{joined, shard_of};
    use super::*;

    /// Hashes as PostgreSQL 15 tells them, such as `hashint8extended(-42, 8816678312871386365)`.
    #[test]
    fn values_are_hashed_as_postgresql_does() {
        let text = |text: &str| Value::Text(text.to_owned());
        let decimal = |unscaled, scale| Value::Decimal { unscaled, scale };
        let at = |at: &str| Value::Timestamp(at.parse().unwrap());
        for (sql_type, value, hash) in [
            ("integer", Value::Int(42), 7_363_975_540_656_877_951_i64),
            ("boolean", Value::Bool(true), 5_968_994_663_651_403_477),
            ("boolean", Value::Bool(false), -4_403_592_609_991_167_795),
            ("smallint", Value::Int(-7), -7_298_374_200_968_567_817),
            ("bigint", Value::Int(-42), 6_660_635_123_915_733_087),
            ("bigint", Value::Int(i64::MAX), 4_938_542_303_000_433_043),
            ("bigint", Value::Int(-9_000_000_000), -3_065_023_499_747_399_874),
            ("text", text(""), -5_700_645_584_453_517_373),
            ("varchar(9)", text("tdata"), 4_626_708_797_672_105_852),
            ("text", text("grüße an alle"), -3_943_946_172_036_579_280),
            ("text", text("exactly 12 b"), 3_367_039_547_082_052_597),
            ("char(4)", text("ab  "), 596_009_030_900_183_869),
            ("text", text("ab"), 596_009_030_900_183_869),
            ("numeric", decimal(0, 2), 8_816_678_312_871_386_364),
            ("numeric", decimal(120_500, 2), 5_161_363_749_301_812_847),
            ("numeric", decimal(-1205, 2), -4_597_790_437_800_258_100),
            ("numeric(9,2)", decimal(-120_499, 4), -4_597_790_437_800_258_100),
            ("numeric", decimal(5, 3), 1_595_039_525_895_296_799),
            ("numeric", decimal(i64::MAX, 2), -6_370_463_460_770_344_945),
            ("numeric", Value::Int(10_000), -3_231_555_093_127_941_537),
            ("numeric", decimal(12, 11), -6_472_439_568_759_528_936),
            ("double precision", decimal(15, 1), -2_826_383_321_045_882_978),
            ("float8", Value::Float(-0.0), 8_816_678_312_871_386_365),
            ("float8", Value::Float(f64::NAN), -6_475_869_854_796_787_835),
            ("real", decimal(1, 1), -6_747_671_251_798_447_639),
            ("date", Value::Date(19_782), -7_425_094_147_693_931_516),
            ("date", at("2024-02-29T23:00:00Z"), -7_425_094_147_693_931_516),
            ("timestamptz", at("2024-02-29T03:04:05.000007Z"), -8_081_028_903_780_429_612),
            ("timestamp(0)", at("1999-12-31T23:59:59.5Z"), 3_831_587_772_431_092_047),
            ("timestamp(0)", at("1999-12-31T23:59:57.5Z"), 7_835_725_924_033_894_696),
            (
                "uuid",
                Value::Uuid(0x0123_4567_89ab_4def_8123_4567_89ab_cdef),
                1_852_835_214_659_356_922,
            ),
            ("inet", text("10.1.2.3"), -6_525_495_643_535_463_377),
            ("inet", text("10.1.2.3/8"), -4_436_950_161_078_454_001),
            ("cidr", text("2001:db8::1"), -8_118_293_289_677_678_482),
        ] {
            let form = HashForm::of(&sql_type.parse().unwrap()).unwrap();
            let found = form.hash(&value).map(|hash| hash as i64);
            assert_eq!(found, Some(hash), "{sql_type} {value}");
        }
    }

    #[test]
    fn columns_are_joined_and_nulls_left_out() {
        let form = |sql_type: &str| HashForm::of(&sql_type.parse().unwrap()).unwrap();
        let number = joined(0, form("integer").hash(&Value::Int(42)).unwrap());
        let text = form("text").hash(&Value::Text("tdata".to_owned())).unwrap();
        assert_eq!((shard_of(number, 7), shard_of(joined(number, text), 7)), (0, 2));
        assert_eq!(form("integer").hash(&Value::Null), None);
    }

    #[test]
    fn what_differs_from_database_to_database_has_no_hash() {
        for sql_type in ["json", "jsonb", "text[]", "money", "interval", "citext", "int4range"] {
            assert_eq!(HashForm::of(&sql_type.parse().unwrap()), None, "{sql_type}");
        }
        let days = HashForm::of(&"timestamptz".parse().unwrap()).unwrap();
        assert!(!days.takes(ValueKind::Date), "the session's time zone decides when a day begins");
    }
}
