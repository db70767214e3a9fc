//! Decimal numbers of the crate `rust_decimal`.

use rust_decimal::Decimal;
use tdata_core::sql::{SqlKind, SqlKinds};
use tdata_core::value::Value;

use super::field_type::{FieldType, Mismatch};

/// Holds up to 28 digits; more of a `numeric` without precision do not fit.
impl FieldType for Decimal {
    const HOLDS: SqlKinds =
        SqlKinds::of(&[SqlKind::Whole9, SqlKind::Whole18, SqlKind::Decimal15, SqlKind::Numeric]);

    #[inline]
    fn from_value(value: Value) -> Result<Self, Mismatch> {
        match &value {
            Value::Int(number) => Ok(Self::from(*number)),
            Value::Decimal { unscaled, scale } => {
                Self::try_new(*unscaled, (*scale).into()).map_err(|_| Mismatch::of(&value))
            }
            Value::Text(text) => text.parse().map_err(|_| Mismatch::of(&value)),
            _ => Err(Mismatch::of(&value)),
        }
    }

    fn to_value(&self) -> Value {
        match (i64::try_from(self.mantissa()), u8::try_from(self.scale())) {
            (Ok(unscaled), Ok(scale)) => Value::Decimal { unscaled, scale },
            _ => Value::Text(self.to_string()),
        }
    }
}
