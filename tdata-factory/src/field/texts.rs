//! Texts, and what has no type of its own: the text form of everything but numbers that computers
//! count with.

use tdata_core::sql::{SqlKind, SqlKinds};
use tdata_core::value::Value;

use super::cells::Cells;
use super::field_type::{FieldType, Mismatch};

/// Holds texts, and the text form of decimals, dates, times, UUIDs, addresses, JSON and of types by
/// name.
impl FieldType for String {
    const HOLDS: SqlKinds = SqlKinds::of(&[
        SqlKind::Whole9,
        SqlKind::Whole18,
        SqlKind::Decimal15,
        SqlKind::Numeric,
        SqlKind::Text,
        SqlKind::Date,
        SqlKind::Timestamp,
        SqlKind::TimestampTz,
        SqlKind::Time,
        SqlKind::Uuid,
        SqlKind::Inet,
        SqlKind::Json,
        SqlKind::Array,
        SqlKind::Other,
    ]);

    #[inline]
    fn from_value(value: Value) -> Result<Self, Mismatch> {
        match value {
            Value::Text(text) => Ok(text),
            Value::Null | Value::Bool(_) => Err(Mismatch::of(&value)),
            other => Ok(other.to_string()),
        }
    }

    fn to_value(&self) -> Value {
        Value::Text(self.clone())
    }

    #[inline]
    fn fill_cell(&self, cells: &mut Cells<'_>) {
        cells.push_text(self);
    }
}

/// Holds the bytes of `bytea`.
impl FieldType for Vec<u8> {
    const HOLDS: SqlKinds = SqlKinds::of(&[SqlKind::Bytes]);

    #[inline]
    fn from_value(value: Value) -> Result<Self, Mismatch> {
        let Value::Text(text) = &value else { return Err(Mismatch::of(&value)) };
        match text.strip_prefix("\\x") {
            Some(digits) => from_hex(digits).ok_or_else(|| Mismatch::of(&value)),
            None => Ok(text.clone().into_bytes()),
        }
    }

    fn to_value(&self) -> Value {
        let digits = self.iter().map(|byte| format!("{byte:02x}"));
        Value::Text(std::iter::once("\\x".to_owned()).chain(digits).collect())
    }
}

fn from_hex(digits: &str) -> Option<Vec<u8>> {
    let digits: Vec<u8> =
        digits.chars().map(|digit| Some(digit.to_digit(16)? as u8)).collect::<Option<_>>()?;
    let pairs = digits.chunks(2);
    pairs.map(|pair| Some(pair.first()? << 4 | pair.get(1)?)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_go_there_and_back() {
        let bytes = vec![0, 255, 16];
        assert_eq!(bytes.to_value(), Value::Text("\\x00ff10".to_owned()));
        assert_eq!(Vec::<u8>::from_value(bytes.to_value()), Ok(bytes));
        assert!(Vec::<u8>::from_value(Value::Text("\\x0".to_owned())).is_err());
    }
}
