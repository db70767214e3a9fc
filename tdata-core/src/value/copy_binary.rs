//! Blocks in COPY's binary format, for types whose values we have as the server has them.
//!
//! The format is described in PostgreSQL's documentation of `COPY`, the form of each type in the type's `recv` function.

use std::fmt::Write as _;
use std::net::IpAddr;

use super::block::{Block, Data, text};
use super::certain;
use super::single::{Value, ValueKind};
use super::slot::Slot;
use super::utf8::utf8;
use crate::definition::{Instant, MICROS_PER_DAY};
use crate::sql::{Scalar, SqlType};

/// Begins every stream: the signature, no flags, and no header extension.
pub const BINARY_HEADER: &[u8] = b"PGCOPY\n\xff\r\n\0\0\0\0\0\0\0\0\0";

/// Ends every stream.
pub const BINARY_TRAILER: &[u8] = &(-1i16).to_be_bytes();

/// The days from 1970-01-01, where ours begin, to 2000-01-01, where PostgreSQL's do.
const DAYS_TO_2000: i32 = 10_957;

/// How a column's values are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Form {
    Bool,
    Int2,
    Int4,
    Int8,
    Float4,
    Float8,
    Numeric,
    Text,
    Jsonb,
    Date,
    Timestamp,
    Uuid,
    Inet,
    Bytes,
}

impl Form {
    /// Finds the form that a function of PostgreSQL sends; each type receives what it sends. `None` where there is none
    /// here.
    fn sent_by(function: &str) -> Option<Self> {
        Some(match function {
            "boolsend" => Self::Bool,
            "int2send" => Self::Int2,
            "int4send" => Self::Int4,
            "int8send" => Self::Int8,
            "float4send" => Self::Float4,
            "float8send" => Self::Float8,
            "numeric_send" => Self::Numeric,
            "textsend" | "varcharsend" | "bpcharsend" | "enum_send" | "json_send" => Self::Text,
            "jsonb_send" => Self::Jsonb,
            "date_send" => Self::Date,
            "timestamp_send" | "timestamptz_send" => Self::Timestamp,
            "uuid_send" => Self::Uuid,
            "inet_send" => Self::Inet,
            "byteasend" => Self::Bytes,
            _ => return None,
        })
    }

    /// Finds the form in which values of a kind get into a column of a type; `None` where there is none here.
    fn of(kind: ValueKind, sql_type: &SqlType) -> Option<Self> {
        let is_number = matches!(kind, ValueKind::Int | ValueKind::Decimal);
        if let SqlType::Enum(_) = sql_type.base() {
            return (kind == ValueKind::Text).then_some(Self::Text);
        }
        Some(match (sql_type.scalar()?, kind) {
            (Scalar::Boolean, ValueKind::Bool) => Self::Bool,
            (Scalar::SmallInt, ValueKind::Int) => Self::Int2,
            (Scalar::Integer, ValueKind::Int) => Self::Int4,
            (Scalar::BigInt, ValueKind::Int) => Self::Int8,
            (Scalar::Real, _) if is_number => Self::Float4,
            (Scalar::Double, _) if is_number => Self::Float8,
            (Scalar::Numeric(_), _) if is_number => Self::Numeric,
            (
                Scalar::Text | Scalar::Varchar(_) | Scalar::Char(_) | Scalar::Citext | Scalar::Json,
                ValueKind::Text | ValueKind::Inet,
            ) => Self::Text,
            (Scalar::Jsonb, ValueKind::Text) => Self::Jsonb,
            (Scalar::Date, ValueKind::Date) => Self::Date,
            (Scalar::Timestamp(_) | Scalar::TimestampTz(_), ValueKind::Timestamp) => {
                Self::Timestamp
            }
            (Scalar::Uuid, ValueKind::Uuid) => Self::Uuid,
            (Scalar::Inet, ValueKind::Inet) => Self::Inet,
            _ => return None,
        })
    }
}

/// Writes blocks in COPY's binary format.
#[derive(Clone, Debug)]
pub struct CopyBinary {
    forms: Vec<Form>,
}

impl CopyBinary {
    /// Returns what writes columns of some types with values of some kinds; `None` where a type has values that have to be
    /// sent as text.
    pub fn new<'a>(columns: impl IntoIterator<Item = (ValueKind, &'a SqlType)>) -> Option<Self> {
        let forms = columns.into_iter().map(|(kind, sql_type)| Form::of(kind, sql_type));
        Some(Self { forms: forms.collect::<Option<_>>()? })
    }

    /// Returns what writes columns whose types' values are sent by some functions of PostgreSQL, such as `int4send`: those
    /// that `pg_type.typsend` names, for a domain that of its base type. `None` where a type has no form here.
    ///
    /// A text may be for a column of another type, such as `uuid`, if there is no doubt what PostgreSQL reads it as.
    pub fn sent_by<'a>(functions: impl IntoIterator<Item = &'a str>) -> Option<Self> {
        let forms = functions.into_iter().map(Form::sent_by);
        Some(Self { forms: forms.collect::<Option<_>>()? })
    }

    /// Returns how many columns there are.
    pub fn columns(&self) -> usize {
        self.forms.len()
    }

    /// Appends all rows of some blocks, one for each column.
    ///
    /// # Errors
    ///
    /// The place of the first column with a value of another kind than was said. What was appended is of no use then.
    pub fn append(&self, blocks: &[Block], out: &mut Vec<u8>) -> Result<(), OtherKind> {
        let rows = blocks.first().map_or(0, Block::len);
        let parts = self.forms.iter().zip(blocks).enumerate();
        let columns: Result<Vec<Column<'_>>, OtherKind> = parts
            .map(|(place, (form, block))| Column::of(*form, block).ok_or(OtherKind(place)))
            .collect();
        let columns = columns?;
        // PostgreSQL's tables have at most 1600 columns.
        let count = (columns.len() as i16).to_be_bytes();
        for at in 0..rows {
            out.extend_from_slice(&count);
            for (place, (column, block)) in columns.iter().zip(blocks).enumerate() {
                if block.is_null(at) {
                    out.extend_from_slice(&NULL);
                } else {
                    column.append(at, out).ok_or(OtherKind(place))?;
                }
            }
        }
        Ok(())
    }
}

/// The place of a column that has a value of another kind than its column was said to have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OtherKind(pub usize);

/// The length that stands for a null.
const NULL: [u8; 4] = (-1i32).to_be_bytes();

/// The values of a column, and how they are written.
enum Column<'a> {
    Bool(&'a [bool]),
    Int2(&'a [i64]),
    Int4(&'a [i64]),
    Int8(&'a [i64]),
    Float4(&'a [i64], u8),
    Float8(&'a [i64], u8),
    Numeric(&'a [i64], u8),
    /// Floating-point numbers, for a column of this form.
    Float(Form, &'a [f64]),
    Text(&'a [u8], &'a [usize]),
    Jsonb(&'a [u8], &'a [usize]),
    Date(&'a [i32]),
    Timestamp(&'a [Instant]),
    Uuid(&'a [u128]),
    Inet(&'a [u8], &'a [usize]),
    Bytes(&'a [u8], &'a [usize]),
    /// Texts that are read first, for a column of this form.
    Read(Form, &'a [u8], &'a [usize]),
    /// Values that no typed block holds together, such as decimal numbers with different digits behind the point.
    Mixed(Form, &'a [Value]),
}

impl<'a> Column<'a> {
    fn of(form: Form, block: &'a Block) -> Option<Self> {
        Some(match (form, block.data()) {
            (Form::Bool, Data::Bool(values)) => Self::Bool(values),
            (Form::Int2, Data::Int(values)) => Self::Int2(values),
            (Form::Int4, Data::Int(values)) => Self::Int4(values),
            (Form::Int8, Data::Int(values)) => Self::Int8(values),
            (Form::Float4, Data::Int(values)) => Self::Float4(values, 0),
            (Form::Float8, Data::Int(values)) => Self::Float8(values, 0),
            (Form::Numeric, Data::Int(values)) => Self::Numeric(values, 0),
            (Form::Float4, Data::Decimal { unscaled, scale }) => Self::Float4(unscaled, *scale),
            (Form::Float8, Data::Decimal { unscaled, scale }) => Self::Float8(unscaled, *scale),
            (Form::Numeric, Data::Decimal { unscaled, scale }) => Self::Numeric(unscaled, *scale),
            (Form::Float4 | Form::Float8 | Form::Numeric, Data::Float(values)) => {
                Self::Float(form, values)
            }
            (Form::Text, Data::Text { texts, ends }) => Self::Text(texts, ends),
            (Form::Jsonb, Data::Text { texts, ends }) => Self::Jsonb(texts, ends),
            (Form::Inet, Data::Text { texts, ends }) => Self::Inet(texts, ends),
            (Form::Bytes, Data::Text { texts, ends }) => Self::Bytes(texts, ends),
            (Form::Numeric | Form::Date | Form::Uuid, Data::Text { texts, ends }) => {
                Self::Read(form, texts, ends)
            }
            (Form::Date, Data::Date(days)) => Self::Date(days),
            (Form::Timestamp, Data::Timestamp(instants)) => Self::Timestamp(instants),
            (Form::Uuid, Data::Uuid(uuids)) => Self::Uuid(uuids),
            (form, Data::Mixed(values)) => Self::Mixed(form, values),
            _ => return None,
        })
    }

    #[inline]
    fn append(&self, at: usize, out: &mut Vec<u8>) -> Option<()> {
        match self {
            Self::Bool(values) => sized(out, [u8::from(values[at])]),
            Self::Int2(values) => sized(out, i16::try_from(values[at]).ok()?.to_be_bytes()),
            Self::Int4(values) => sized(out, i32::try_from(values[at]).ok()?.to_be_bytes()),
            Self::Int8(values) => sized(out, values[at].to_be_bytes()),
            Self::Float4(values, scale) => {
                sized(out, decimal(values[at], *scale).parse::<f32>().ok()?.to_be_bytes());
            }
            Self::Float8(values, scale) => sized(out, double(values[at], *scale)?.to_be_bytes()),
            Self::Numeric(values, scale) => numeric(values[at], *scale, out),
            Self::Text(texts, ends) => {
                let text = text(texts, ends, at);
                out.extend_from_slice(&length(text.len())?);
                copy(texts, ends[at] - text.len(), text.len(), out);
            }
            Self::Jsonb(texts, ends) => {
                let text = text(texts, ends, at);
                out.extend_from_slice(&length(text.len() + 1)?);
                // The version of the form.
                out.push(1);
                out.extend_from_slice(text);
            }
            Self::Float(form, values) => float(*form, values[at], out)?,
            Self::Date(days) => date(days[at], out)?,
            Self::Timestamp(instants) => {
                let start = i64::from(DAYS_TO_2000) * MICROS_PER_DAY;
                let micros = instants[at].micros().checked_sub(start)?;
                // The least number stands for minus infinity.
                sized(out, (micros > i64::MIN).then_some(micros)?.to_be_bytes());
            }
            Self::Uuid(uuids) => sized(out, uuids[at].to_be_bytes()),
            Self::Inet(texts, ends) => inet(utf8(text(texts, ends, at)), out)?,
            Self::Bytes(texts, ends) => bytes(utf8(text(texts, ends, at)), out)?,
            Self::Read(form, texts, ends) => read(*form, text(texts, ends, at), out)?,
            Self::Mixed(form, values) => {
                let mut alone = Block::new();
                alone.copy((&values[at]).into());
                match Column::of(*form, &alone)? {
                    Column::Mixed(..) => return None,
                    column => column.append(0, out)?,
                }
            }
        }
        Some(())
    }
}

/// Returns the number next to a decimal one.
fn double(unscaled: i64, scale: u8) -> Option<f64> {
    // Both of them are exact, and so their quotient is rounded once.
    let exact = 1 << f64::MANTISSA_DIGITS;
    if unscaled.unsigned_abs() <= exact && scale <= 22 {
        return Some(unscaled as f64 / 10f64.powi(scale.into()));
    }
    decimal(unscaled, scale).parse().ok()
}

/// Returns a decimal number as it is written.
fn decimal(unscaled: i64, scale: u8) -> String {
    Value::Decimal { unscaled, scale }.to_string()
}

fn length(bytes: usize) -> Option<[u8; 4]> {
    i32::try_from(bytes).ok().map(i32::to_be_bytes)
}

/// Appends some bytes of others. If they are few, so many are copied as fit registers, and those behind them cut off: to copy
/// just as many takes a call.
#[inline]
fn copy(bytes: &[u8], start: usize, length: usize, out: &mut Vec<u8>) {
    const FEW: usize = 32;
    const MORE: usize = 64;
    let (rest, end) = (&bytes[start..], out.len() + length);
    if length <= FEW
        && let Some(few) = rest.first_chunk::<FEW>()
    {
        out.extend_from_slice(few);
        out.truncate(end);
    } else if length <= MORE
        && let Some(more) = rest.first_chunk::<MORE>()
    {
        out.extend_from_slice(more);
        out.truncate(end);
    } else {
        out.extend_from_slice(&rest[..length]);
    }
}

/// Appends a value of so many bytes behind its length.
#[inline]
fn sized<const N: usize>(out: &mut Vec<u8>, value: [u8; N]) {
    // Both in one piece of memory that is of the length of values or longer.
    let mut both = [0; 4 + 16];
    both[..4].copy_from_slice(&(N as i32).to_be_bytes());
    both[4..4 + N].copy_from_slice(&value);
    let end = out.len() + 4 + N;
    out.extend_from_slice(&both);
    out.truncate(end);
}

/// Appends a decimal number: its digits in base 10,000, from the first to the last that is not 0, the place of the first,
/// the sign, and how many decimal digits are shown behind the point.
fn numeric(unscaled: i64, scale: u8, out: &mut Vec<u8>) {
    const BASE: u128 = 10_000;
    const NEGATIVE: u16 = 0x4000;
    // Whole digits of the base stand behind the point.
    let behind = usize::from(scale).div_ceil(4);
    let fill = 10u128.pow((4 * behind - usize::from(scale)) as u32);
    let mut rest = u128::from(unscaled.unsigned_abs()) * fill;
    // 64 bits are 20 decimal digits at the most, and 3 more fill up.
    let mut digits = [0u16; 6];
    let mut count = 0;
    while rest > 0 {
        digits[count] = (rest % BASE) as u16;
        rest /= BASE;
        count += 1;
    }
    let zeros = digits[..count].iter().take_while(|digit| **digit == 0).count();
    let weight = if count == 0 { 0 } else { count as i16 - behind as i16 - 1 };
    let shown = &digits[zeros.min(count)..count];
    out.extend_from_slice(&(8 + 2 * shown.len() as i32).to_be_bytes());
    out.extend_from_slice(&(shown.len() as i16).to_be_bytes());
    out.extend_from_slice(&weight.to_be_bytes());
    out.extend_from_slice(&(if unscaled < 0 { NEGATIVE } else { 0 }).to_be_bytes());
    out.extend_from_slice(&u16::from(scale).to_be_bytes());
    shown.iter().rev().for_each(|digit| out.extend_from_slice(&digit.to_be_bytes()));
}

/// Appends a date. The least number stands for minus infinity.
fn date(days: i32, out: &mut Vec<u8>) -> Option<()> {
    let days = days.checked_sub(DAYS_TO_2000)?;
    sized(out, (days > i32::MIN).then_some(days)?.to_be_bytes());
    Some(())
}

/// Appends a floating-point number, or `None` where the column's type has none like it.
fn float(form: Form, number: f64, out: &mut Vec<u8>) -> Option<()> {
    if form == Form::Float8 {
        sized(out, number.to_be_bytes());
        return Some(());
    }
    if form == Form::Numeric {
        let (unscaled, scale) = certain::shortest(number)?;
        numeric(unscaled, scale, out);
        return Some(());
    }
    let mut text = ShortText::default();
    write!(text, "{number}").ok()?;
    // By way of the text, so that 0.1 stays 0.1.
    let single: f32 = text.as_str().parse().ok()?;
    let is_kept = single.is_finite() == number.is_finite() && (single == 0.0) == (number == 0.0);
    sized(out, is_kept.then_some(single)?.to_be_bytes());
    Some(())
}

/// A text of few bytes: numbers that are longer have no form here.
#[derive(Default)]
struct ShortText {
    bytes: [u8; 24],
    length: usize,
}

impl ShortText {
    fn as_str(&self) -> &str {
        utf8(&self.bytes[..self.length])
    }
}

impl std::fmt::Write for ShortText {
    fn write_str(&mut self, text: &str) -> std::fmt::Result {
        let end = self.length + text.len();
        let free = self.bytes.get_mut(self.length..end).ok_or(std::fmt::Error)?;
        free.copy_from_slice(text.as_bytes());
        self.length = end;
        Ok(())
    }
}

/// Appends what a text is for a column of a form, or `None` where that is in doubt.
fn read(form: Form, text: &[u8], out: &mut Vec<u8>) -> Option<()> {
    match form {
        Form::Uuid => sized(out, certain::uuid(text)?.to_be_bytes()),
        Form::Date => date(certain::date(utf8(text))?, out)?,
        Form::Numeric => {
            let (unscaled, scale) = certain::decimal(utf8(text))?;
            numeric(unscaled, scale, out);
        }
        _ => return None,
    }
    Some(())
}

/// Appends the bytes that a text says in hexadecimal digits, or `None` where it says them in another way.
fn bytes(text: &str, out: &mut Vec<u8>) -> Option<()> {
    out.extend_from_slice(&length((text.len() / 2).checked_sub(1)?)?);
    certain::bytes(text, |byte| out.push(byte))
}

/// Appends an IP address, or `None` where it cannot be read.
fn inet(text: &str, out: &mut Vec<u8>) -> Option<()> {
    /// PostgreSQL's numbers of the two families.
    const V4: u8 = 2;
    const V6: u8 = 3;
    let (address, bits) = certain::address(text)?;
    match address {
        IpAddr::V4(address) => {
            out.extend_from_slice(&8i32.to_be_bytes());
            out.extend_from_slice(&[V4, bits.unwrap_or(32), 0, 4]);
            out.extend_from_slice(&address.octets());
        }
        IpAddr::V6(address) => {
            out.extend_from_slice(&20i32.to_be_bytes());
            out.extend_from_slice(&[V6, bits.unwrap_or(128), 0, 16]);
            out.extend_from_slice(&address.octets());
        }
    }
    Some(())
}

#[cfg(test)]
mod tests {
    use super::super::slot::Slot;
    use super::*;

    /// The bytes of a value behind its length.
    fn bytes(kind: ValueKind, sql_type: &str, write: impl FnOnce(&mut Block)) -> Vec<u8> {
        let sql_type = sql_type.parse().unwrap();
        let mut block = Block::new();
        write(&mut block);
        let mut out = Vec::new();
        CopyBinary::new([(kind, &sql_type)]).unwrap().append(&[block], &mut out).unwrap();
        assert_eq!(out[..2], [0, 1], "one column");
        let length = i32::from_be_bytes(out[2..6].try_into().unwrap());
        assert_eq!(out.len(), 6 + length as usize);
        out.split_off(6)
    }

    #[test]
    fn decimal_numbers_are_digits_of_base_10000() {
        for (unscaled, scale, expected) in [
            (0, 2, [0, 0, 0, 2].as_slice()),
            (5, 3, &[1, -1, 0, 3, 50]),
            (-1205, 2, &[2, 0, 0x4000, 2, 12, 500]),
            (100_000_000, 0, &[1, 2, 0, 0, 1]),
            (1_234_567_890, 5, &[3, 1, 0, 5, 1, 2345, 6789]),
            (i64::MIN, 19, &[5, -1, 0x4000, 19, 9223, 3720, 3685, 4775, 8080]),
        ] {
            let found =
                bytes(ValueKind::Decimal, "numeric", |block| block.decimal(unscaled, scale));
            let words: Vec<i16> =
                found.as_chunks::<2>().0.iter().map(|two| i16::from_be_bytes(*two)).collect();
            assert_eq!(words, expected, "{unscaled} {scale}");
        }
    }

    #[test]
    fn values_are_as_postgresql_receives_them() {
        let text =
            |text: &'static str| move |block: &mut Block| block.text(|out| out.push_str(text));
        assert_eq!(bytes(ValueKind::Bool, "boolean", |block| block.bool(true)), [1]);
        assert_eq!(bytes(ValueKind::Int, "smallint", |block| block.int(-2)), [255, 254]);
        assert_eq!(bytes(ValueKind::Date, "date", |block| block.date(10_958)), [0, 0, 0, 1]);
        let at = |micros| Instant::from_micros(10_957 * MICROS_PER_DAY + micros);
        let second = bytes(ValueKind::Timestamp, "timestamptz", |block| block.timestamp(at(258)));
        assert_eq!(second, [0, 0, 0, 0, 0, 0, 1, 2]);
        assert_eq!(bytes(ValueKind::Text, "varchar(9)", text("a\tb")), b"a\tb");
        assert_eq!(bytes(ValueKind::Text, "jsonb", text("[]")), b"\x01[]");
        assert_eq!(bytes(ValueKind::Inet, "inet", text("10.1.2.3")), [2, 32, 0, 4, 10, 1, 2, 3]);
        assert_eq!(bytes(ValueKind::Inet, "inet", text("10.1.0.0/16"))[..2], [2, 16]);
        assert_eq!(bytes(ValueKind::Inet, "inet", text("2001:db8::1"))[..4], [3, 128, 0, 16]);
        let half = bytes(ValueKind::Decimal, "double precision", |block| block.decimal(5, 1));
        assert_eq!(half, 0.5f64.to_be_bytes());
    }

    #[test]
    fn numbers_with_different_digits_behind_the_point_stand_side_by_side() {
        let numeric = "numeric".parse().unwrap();
        let binary = CopyBinary::new([(ValueKind::Decimal, &numeric)]).unwrap();
        let mut block = Block::new();
        let numbers = [(5, 1), (3, 0), (125, 2)];
        let mut expected = Vec::new();
        for (unscaled, scale) in numbers {
            block.decimal(unscaled, scale);
            let alone =
                bytes(ValueKind::Decimal, "numeric", |block| block.decimal(unscaled, scale));
            expected.extend_from_slice(&[0, 1]);
            expected.extend_from_slice(&(alone.len() as i32).to_be_bytes());
            expected.extend(alone);
        }
        block.null();
        expected.extend_from_slice(&[0, 1, 255, 255, 255, 255]);
        let mut out = Vec::new();
        binary.append(&[block], &mut out).unwrap();
        assert_eq!(out, expected);
    }

    #[test]
    fn nulls_have_no_bytes_and_other_kinds_are_told() {
        let integer = "integer".parse().unwrap();
        let binary = CopyBinary::new([(ValueKind::Int, &integer)]).unwrap();
        let mut block = Block::new();
        block.null();
        let mut out = Vec::new();
        binary.append(&[block.clone()], &mut out).unwrap();
        assert_eq!(out, [0, 1, 255, 255, 255, 255]);
        block.text(|out| out.push('a'));
        assert_eq!(binary.append(&[block], &mut out), Err(OtherKind(0)));
        let interval = "interval".parse().unwrap();
        assert!(CopyBinary::new([(ValueKind::Text, &interval)]).is_none());
    }
}
