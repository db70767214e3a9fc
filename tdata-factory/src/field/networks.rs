//! Addresses of networks.

use std::net::IpAddr;

use tdata_core::definition::{SqlKind, SqlKinds};
use tdata_core::generate::Value;

use super::field_type::{FieldType, Mismatch};

impl FieldType for IpAddr {
    const HOLDS: SqlKinds = SqlKinds::of(&[SqlKind::Inet]);

    #[inline]
    fn from_value(value: Value) -> Result<Self, Mismatch> {
        let Value::Text(text) = &value else { return Err(Mismatch::of(&value)) };
        // A host's prefix is as long as its address.
        let address = text.strip_suffix("/32").or_else(|| text.strip_suffix("/128"));
        address.unwrap_or(text).parse().map_err(|_| Mismatch::of(&value))
    }

    fn to_value(&self) -> Value {
        Value::Text(self.to_string())
    }
}
