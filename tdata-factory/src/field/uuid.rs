//! UUIDs of the crate uuid.

use tdata_core::sql::{SqlKind, SqlKinds};
use tdata_core::value::Value;
use uuid::Uuid;

use super::field_type::{FieldType, Mismatch};

impl FieldType for Uuid {
    const HOLDS: SqlKinds = SqlKinds::of(&[SqlKind::Uuid]);

    #[inline]
    fn from_value(value: Value) -> Result<Self, Mismatch> {
        match &value {
            Value::Uuid(uuid) => Ok(Self::from_u128(*uuid)),
            Value::Text(text) => text.parse().map_err(|_| Mismatch::of(&value)),
            _ => Err(Mismatch::of(&value)),
        }
    }

    fn to_value(&self) -> Value {
        Value::Uuid(self.as_u128())
    }
}
