//! Truth values.

use tdata_core::sql::{SqlKind, SqlKinds};
use tdata_core::value::Value;

use super::field_type::{FieldType, Mismatch};

impl FieldType for bool {
    const HOLDS: SqlKinds = SqlKinds::of(&[SqlKind::Boolean]);

    #[inline]
    fn from_value(value: Value) -> Result<Self, Mismatch> {
        match value {
            Value::Bool(value) => Ok(value),
            other => Err(Mismatch::of(&other)),
        }
    }

    fn to_value(&self) -> Value {
        Value::Bool(*self)
    }
}
