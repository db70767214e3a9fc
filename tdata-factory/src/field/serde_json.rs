//! JSON of the crate `serde_json`.

use serde_json::Value as Json;
use tdata_core::sql::{SqlKind, SqlKinds};
use tdata_core::value::Value;

use super::field_type::{FieldType, Mismatch};

impl FieldType for Json {
    const HOLDS: SqlKinds = SqlKinds::of(&[SqlKind::Json]);

    #[inline]
    fn from_value(value: Value) -> Result<Self, Mismatch> {
        let Value::Text(text) = &value else { return Err(Mismatch::of(&value)) };
        serde_json::from_str(text).map_err(|_| Mismatch::of(&value))
    }

    fn to_value(&self) -> Value {
        Value::Text(self.to_string())
    }
}
