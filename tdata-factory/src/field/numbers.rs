//! Numbers, in types that hold every value of their columns.

use tdata_core::sql::{SqlKind, SqlKinds};
use tdata_core::value::Value;

use super::field_type::{FieldType, Mismatch};

macro_rules! integer {
    ($type:ty, $($kind:ident)+) => {
        impl FieldType for $type {
            const HOLDS: SqlKinds = SqlKinds::of(&[$(SqlKind::$kind),+]);

            #[inline]
            fn from_value(value: Value) -> Result<Self, Mismatch> {
                match &value {
                    Value::Int(number) => Self::try_from(*number).map_err(|_| Mismatch::of(&value)),
                    Value::Decimal { unscaled, scale: 0 } => {
                        Self::try_from(*unscaled).map_err(|_| Mismatch::of(&value))
                    }
                    Value::Text(text) => text.parse().map_err(|_| Mismatch::of(&value)),
                    _ => Err(Mismatch::of(&value)),
                }
            }

            fn to_value(&self) -> Value {
                Value::Int((*self).into())
            }
        }
    };
}

integer!(i16, SmallInt);
integer!(i32, SmallInt Integer Whole9);
integer!(i64, SmallInt Integer BigInt Whole9 Whole18);

impl FieldType for f32 {
    const HOLDS: SqlKinds = SqlKinds::of(&[SqlKind::Real]);

    #[inline]
    fn from_value(value: Value) -> Result<Self, Mismatch> {
        match &value {
            Value::Float(number) => Ok(*number as Self),
            // Dividing would round a second time.
            Value::Decimal { .. } | Value::Int(_) => {
                value.to_string().parse().map_err(|_| Mismatch::of(&value))
            }
            Value::Text(text) => text.parse().map_err(|_| Mismatch::of(&value)),
            _ => Err(Mismatch::of(&value)),
        }
    }

    fn to_value(&self) -> Value {
        // By way of the text: 0.1 of 32 bits shall not become 0.10000000149.
        Value::Float(self.to_string().parse().unwrap_or_else(|_| f64::from(*self)))
    }
}

/// The whole numbers that floating point holds exactly, all of them up to here.
const EXACT: u64 = 1 << f64::MANTISSA_DIGITS;

/// The powers of ten that floating point holds exactly, and columns that fit it have.
const TENS: [f64; 16] =
    [1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15];

impl FieldType for f64 {
    const HOLDS: SqlKinds = SqlKinds::of(&[
        SqlKind::SmallInt,
        SqlKind::Integer,
        SqlKind::Real,
        SqlKind::Double,
        SqlKind::Whole9,
        SqlKind::Decimal15,
    ]);

    #[inline]
    fn from_value(value: Value) -> Result<Self, Mismatch> {
        match &value {
            Value::Float(number) => Ok(*number),
            // Of two numbers held exactly the quotient is rounded once, as the text would be.
            Value::Decimal { unscaled, scale }
                if unscaled.unsigned_abs() <= EXACT && usize::from(*scale) < TENS.len() =>
            {
                Ok(*unscaled as Self / TENS[usize::from(*scale)])
            }
            Value::Decimal { .. } | Value::Int(_) => {
                value.to_string().parse().map_err(|_| Mismatch::of(&value))
            }
            Value::Text(text) => text.parse().map_err(|_| Mismatch::of(&value)),
            _ => Err(Mismatch::of(&value)),
        }
    }

    fn to_value(&self) -> Value {
        Value::Float(*self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn decimals_keep_their_digits_in_floating_point() {
        let amount = Value::Decimal { unscaled: 123_456_789_012_345, scale: 2 };
        let number = f64::from_value(amount.clone()).unwrap();
        assert_eq!(number.to_value().to_string(), amount.to_string());
        assert_eq!(0.1f32.to_value(), Value::Float(0.1));
    }

    #[test]
    fn what_is_too_large_does_not_fit() {
        assert!(i16::from_value(Value::Int(40_000)).is_err());
        assert_eq!(i64::from_value(Value::Text("-7".to_owned())), Ok(-7));
    }
}
