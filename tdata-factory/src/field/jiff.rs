//! Dates and times of the crate jiff.

use jiff::civil::{Date, DateTime, Time};
use jiff::tz::TimeZone;
use jiff::{Timestamp, Zoned};
use tdata_core::definition::Instant;
use tdata_core::sql::{SqlKind, SqlKinds};
use tdata_core::value::Value;

use super::field_type::{FieldType, Mismatch};

const SECONDS_PER_DAY: i64 = 86_400;

impl FieldType for Timestamp {
    const HOLDS: SqlKinds = SqlKinds::of(&[SqlKind::TimestampTz]);

    #[inline]
    fn from_value(value: Value) -> Result<Self, Mismatch> {
        let mismatch = Mismatch::of(&value);
        Self::from_microsecond(Instant::from_value(value)?.micros()).map_err(|_| mismatch)
    }

    fn to_value(&self) -> Value {
        Value::Timestamp(Instant::from_micros(self.as_microsecond()))
    }
}

/// In UTC, whatever the zone of what is stored.
impl FieldType for Zoned {
    const HOLDS: SqlKinds = SqlKinds::of(&[SqlKind::TimestampTz]);

    #[inline]
    fn from_value(value: Value) -> Result<Self, Mismatch> {
        Ok(Timestamp::from_value(value)?.to_zoned(TimeZone::UTC))
    }

    fn to_value(&self) -> Value {
        self.timestamp().to_value()
    }
}

impl FieldType for DateTime {
    const HOLDS: SqlKinds = SqlKinds::of(&[SqlKind::Timestamp]);

    #[inline]
    fn from_value(value: Value) -> Result<Self, Mismatch> {
        Ok(Timestamp::from_value(value)?.to_zoned(TimeZone::UTC).datetime())
    }

    fn to_value(&self) -> Value {
        match self.to_zoned(TimeZone::UTC) {
            Ok(zoned) => zoned.timestamp().to_value(),
            Err(_) => Value::Text(self.to_string()),
        }
    }
}

impl FieldType for Date {
    const HOLDS: SqlKinds = SqlKinds::of(&[SqlKind::Date]);

    #[inline]
    fn from_value(value: Value) -> Result<Self, Mismatch> {
        let mismatch = Mismatch::of(&value);
        match value {
            Value::Date(days) => Timestamp::from_second(i64::from(days) * SECONDS_PER_DAY)
                .map(|midnight| midnight.to_zoned(TimeZone::UTC).date())
                .map_err(|_| mismatch),
            Value::Text(text) => text.parse().map_err(|_| mismatch),
            _ => Err(mismatch),
        }
    }

    fn to_value(&self) -> Value {
        match self.to_zoned(TimeZone::UTC) {
            Ok(midnight) => {
                let days = midnight.timestamp().as_second().div_euclid(SECONDS_PER_DAY);
                Value::Date(days as i32)
            }
            Err(_) => Value::Text(self.to_string()),
        }
    }
}

impl FieldType for Time {
    const HOLDS: SqlKinds = SqlKinds::of(&[SqlKind::Time]);

    #[inline]
    fn from_value(value: Value) -> Result<Self, Mismatch> {
        let Value::Text(text) = &value else { return Err(Mismatch::of(&value)) };
        text.parse().map_err(|_| Mismatch::of(&value))
    }

    fn to_value(&self) -> Value {
        Value::Text(self.to_string())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_go_there_and_back() {
        for days in [-1, 0, 19_782] {
            assert_eq!(Date::from_value(Value::Date(days)).unwrap().to_value(), Value::Date(days));
        }
        let micros = Value::Timestamp(Instant::from_micros(-1));
        assert_eq!(DateTime::from_value(micros.clone()).unwrap().to_value(), micros);
    }
}
