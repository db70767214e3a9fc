//! Addresses of networks.

use std::net::IpAddr;

use tdata_core::sql::{SqlKind, SqlKinds};
use tdata_core::value::Value;

use super::field_type::{FieldType, Mismatch};

impl FieldType for IpAddr {
    const HOLDS: SqlKinds = SqlKinds::of(&[SqlKind::Inet]);

    #[inline]
    fn from_value(value: Value) -> Result<Self, Mismatch> {
        let Value::Text(text) = &value else { return Err(Mismatch::of(&value)) };
        let (address, prefix) = text.split_once('/').map_or((&**text, None), |(a, b)| (a, Some(b)));
        match (address.parse(), prefix) {
            // A host's prefix is as long as its address.
            (Ok(address @ Self::V4(_)), None | Some("32")) => Ok(address),
            (Ok(address @ Self::V6(_)), None | Some("128")) => Ok(address),
            _ => Err(Mismatch::of(&value)),
        }
    }

    fn to_value(&self) -> Value {
        Value::Text(self.to_string())
    }
}
