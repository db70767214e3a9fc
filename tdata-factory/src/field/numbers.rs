//! Numbers, in types that hold every value of their columns.

use tdata_core::definition::{SqlKind, SqlKinds};
use tdata_core::generate::Value;

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

macro_rules! float {
    ($type:ty, $($kind:ident)+) => {
        impl FieldType for $type {
            const HOLDS: SqlKinds = SqlKinds::of(&[$(SqlKind::$kind),+]);

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
    };
}

float!(f32, Real);
float!(f64, SmallInt Integer Real Double Whole9 Decimal15);

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
