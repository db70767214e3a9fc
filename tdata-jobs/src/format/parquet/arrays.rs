//! Blocks as arrays of Arrow.

use std::sync::Arc;

use arrow_array::builder::{BinaryBuilder, StringBuilder};
use arrow_array::types::{
    ArrowPrimitiveType, Date32Type, Decimal128Type, Float32Type, Float64Type, Int16Type, Int32Type,
    Int64Type, TimestampMicrosecondType,
};
use arrow_array::{ArrayRef, BooleanArray, FixedSizeBinaryArray, PrimitiveArray};
use arrow_buffer::NullBuffer;
use arrow_schema::DataType;
use tdata_core::value::{Block, Data, Value};

use super::elements;

/// Returns the values of a block as an array of a type; `None` where one is of another kind.
pub(super) fn array(data_type: &DataType, block: &Block) -> Option<ArrayRef> {
    Some(match data_type {
        DataType::Boolean => booleans(block)?,
        DataType::Int16 => Arc::new(integers::<Int16Type>(block)?),
        DataType::Int32 => Arc::new(integers::<Int32Type>(block)?),
        DataType::Int64 => Arc::new(integers::<Int64Type>(block)?),
        DataType::Float32 => {
            Arc::new(each::<Float32Type>(block, |value| text(value).parse().ok())?)
        }
        DataType::Float64 => {
            Arc::new(each::<Float64Type>(block, |value| text(value).parse().ok())?)
        }
        DataType::Decimal128(_, scale) => {
            let scale = u8::try_from(*scale).ok()?;
            let decimals = each::<Decimal128Type>(block, |value| decimal(value, scale))?;
            Arc::new(decimals.with_data_type(data_type.clone()))
        }
        DataType::Date32 => Arc::new(each::<Date32Type>(block, |value| match value {
            Value::Date(days) => Some(*days),
            // As the server does, which leaves the time of day out.
            Value::Timestamp(instant) => {
                let days = instant.start_of_day().micros() / tdata_core::definition::MICROS_PER_DAY;
                i32::try_from(days).ok()
            }
            _ => None,
        })?),
        DataType::Timestamp(..) => {
            let instants = each::<TimestampMicrosecondType>(block, |value| match value {
                Value::Timestamp(instant) => Some(instant.micros()),
                Value::Date(days) => {
                    Some(i64::from(*days) * tdata_core::definition::MICROS_PER_DAY)
                }
                _ => None,
            })?;
            Arc::new(instants.with_data_type(data_type.clone()))
        }
        DataType::FixedSizeBinary(_) => uuids(block)?,
        DataType::Binary => binaries(block)?,
        DataType::List(element) => elements::lists(element.data_type(), block)?,
        _ => strings(block),
    })
}

/// Which values are not null, where some are.
fn valid(block: &Block) -> Option<NullBuffer> {
    block.has_nulls().then(|| (0..block.len()).map(|at| !block.is_null(at)).collect())
}

fn booleans(block: &Block) -> Option<ArrayRef> {
    let truths: Option<Vec<Option<bool>>> = (0..block.len())
        .map(|at| match block.value(at) {
            Value::Null => Some(None),
            Value::Bool(truth) => Some(Some(truth)),
            _ => None,
        })
        .collect();
    Some(Arc::new(BooleanArray::from(truths?)))
}

/// Takes whole numbers as they are.
fn integers<T: ArrowPrimitiveType>(block: &Block) -> Option<PrimitiveArray<T>>
where
    T::Native: TryFrom<i64> + Default,
{
    if let Data::Int(numbers) = block.data() {
        // What stands for a null may be any number.
        let native = |(at, number): (usize, &i64)| match T::Native::try_from(*number) {
            Ok(native) => Some(native),
            Err(_) => block.is_null(at).then(T::Native::default),
        };
        let numbers: Option<Vec<T::Native>> = numbers.iter().enumerate().map(native).collect();
        return Some(PrimitiveArray::new(numbers?.into(), valid(block)));
    }
    each::<T>(block, |value| match value {
        Value::Int(number) => T::Native::try_from(*number).ok(),
        _ => None,
    })
}

fn each<T: ArrowPrimitiveType>(
    block: &Block,
    read: impl Fn(&Value) -> Option<T::Native>,
) -> Option<PrimitiveArray<T>> {
    let value = |at| match block.value(at) {
        Value::Null => Some(None),
        value => read(&value).map(Some),
    };
    (0..block.len()).map(value).collect::<Option<PrimitiveArray<T>>>()
}

fn text(value: &Value) -> String {
    value.to_string()
}

/// Returns a number's digits up to so many behind the point.
fn decimal(value: &Value, scale: u8) -> Option<i128> {
    let (unscaled, own) = match value {
        Value::Int(number) => (*number, 0),
        Value::Decimal { unscaled, scale } => (*unscaled, *scale),
        _ => return None,
    };
    let more = scale.checked_sub(own)?;
    i128::from(unscaled).checked_mul(10i128.checked_pow(more.into())?)
}

fn uuids(block: &Block) -> Option<ArrayRef> {
    let uuids: Option<Vec<Option<[u8; 16]>>> = (0..block.len())
        .map(|at| match block.value(at) {
            Value::Null => Some(None),
            Value::Uuid(uuid) => Some(Some(uuid.to_be_bytes())),
            _ => None,
        })
        .collect();
    let array = FixedSizeBinaryArray::try_from_sparse_iter_with_size(uuids?.into_iter(), 16);
    Some(Arc::new(array.ok()?))
}

/// Reads the hexadecimal form of bytes; another text is its own bytes.
fn binaries(block: &Block) -> Option<ArrayRef> {
    let mut builder = BinaryBuilder::new();
    for at in 0..block.len() {
        match block.value(at) {
            Value::Null => builder.append_null(),
            Value::Text(text) => builder.append_value(bytes(&text)?),
            _ => return None,
        }
    }
    Some(Arc::new(builder.finish()))
}

/// Reads bytes as PostgreSQL does: in hexadecimal digits, or with escapes.
fn bytes(text: &str) -> Option<Vec<u8>> {
    if let Some(digits) = text.strip_prefix("\\x") {
        let digits: Vec<u8> = digits.bytes().filter(|byte| !byte.is_ascii_whitespace()).collect();
        let byte = |two: &[u8]| u8::from_str_radix(str::from_utf8(two).ok()?, 16).ok();
        return digits.chunks(2).map(byte).collect();
    }
    let mut out = Vec::new();
    let mut rest = text.as_bytes();
    while let Some((first, behind)) = rest.split_first() {
        rest = match (first, behind) {
            (b'\\', [b'\\', behind @ ..]) => {
                out.push(b'\\');
                behind
            }
            (b'\\', [a, b, c, behind @ ..]) => {
                let octal = str::from_utf8(&[*a, *b, *c]).ok().map(str::to_owned)?;
                out.push(u8::from_str_radix(&octal, 8).ok()?);
                behind
            }
            (b'\\', _) => return None,
            (other, behind) => {
                out.push(*other);
                behind
            }
        };
    }
    Some(out)
}

fn strings(block: &Block) -> ArrayRef {
    let mut builder = StringBuilder::new();
    if let (Some((texts, ends)), false) = (block.texts(), block.has_nulls()) {
        let mut start = 0;
        for end in ends {
            builder.append_value(&texts[start..*end]);
            start = *end;
        }
        return Arc::new(builder.finish());
    }
    for at in 0..block.len() {
        match block.value(at) {
            Value::Null => builder.append_null(),
            Value::Text(text) => builder.append_value(text),
            value => builder.append_value(text(&value)),
        }
    }
    Arc::new(builder.finish())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_are_read_in_both_forms() {
        assert_eq!(bytes("\\x00fF"), Some(vec![0, 255]));
        assert_eq!(bytes("a\\\\b\\001"), Some(b"a\\b\x01".to_vec()));
        assert_eq!(bytes(""), Some(vec![]));
        assert_eq!(bytes("\\x0g"), None);
        assert_eq!(bytes("\\9"), None);
    }

    #[test]
    fn decimals_take_the_scale_of_their_column() {
        assert_eq!(decimal(&Value::Decimal { unscaled: -1205, scale: 2 }, 4), Some(-120_500));
        assert_eq!(decimal(&Value::Int(7), 2), Some(700));
        assert_eq!(decimal(&Value::Decimal { unscaled: 5, scale: 3 }, 2), None);
    }
}
