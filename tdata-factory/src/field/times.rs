//! Points in time, in types that need no other crate.

use std::time::{Duration, SystemTime};

use tdata_core::definition::Instant;
use tdata_core::sql::{SqlKind, SqlKinds};
use tdata_core::value::Value;

use super::field_type::{FieldType, Mismatch};

const INSTANTS: SqlKinds = SqlKinds::of(&[SqlKind::Timestamp, SqlKind::TimestampTz]);

impl FieldType for Instant {
    const HOLDS: SqlKinds = INSTANTS;

    #[inline]
    fn from_value(value: Value) -> Result<Self, Mismatch> {
        match &value {
            Value::Timestamp(instant) => Ok(*instant),
            Value::Text(text) => text.parse().map_err(|_| Mismatch::of(&value)),
            _ => Err(Mismatch::of(&value)),
        }
    }

    fn to_value(&self) -> Value {
        Value::Timestamp(*self)
    }
}

impl FieldType for SystemTime {
    const HOLDS: SqlKinds = INSTANTS;

    #[inline]
    fn from_value(value: Value) -> Result<Self, Mismatch> {
        let micros = Instant::from_value(value)?.micros();
        let span = Duration::from_micros(micros.unsigned_abs());
        Ok(if micros < 0 { Self::UNIX_EPOCH - span } else { Self::UNIX_EPOCH + span })
    }

    fn to_value(&self) -> Value {
        let micros = |span: Duration| i64::try_from(span.as_micros()).unwrap_or(i64::MAX);
        Value::Timestamp(Instant::from_micros(match self.duration_since(Self::UNIX_EPOCH) {
            Ok(since) => micros(since),
            Err(before) => -micros(before.duration()),
        }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_before_1970_go_there_and_back() {
        for micros in [-1, 0, 1_700_000_000_000_001] {
            let value = Value::Timestamp(Instant::from_micros(micros));
            assert_eq!(SystemTime::from_value(value.clone()).unwrap().to_value(), value);
        }
    }
}
