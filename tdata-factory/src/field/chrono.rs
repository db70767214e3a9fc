//! Dates and times of the crate chrono.

use chrono::{DateTime, FixedOffset, NaiveDate, NaiveDateTime, NaiveTime, Utc};
use tdata_core::definition::Instant;
use tdata_core::sql::{SqlKind, SqlKinds};
use tdata_core::value::Value;

use super::field_type::{FieldType, Mismatch};

impl FieldType for DateTime<Utc> {
    const HOLDS: SqlKinds = SqlKinds::of(&[SqlKind::TimestampTz]);

    #[inline]
    fn from_value(value: Value) -> Result<Self, Mismatch> {
        let mismatch = Mismatch::of(&value);
        Self::from_timestamp_micros(Instant::from_value(value)?.micros()).ok_or(mismatch)
    }

    fn to_value(&self) -> Value {
        Value::Timestamp(Instant::from_micros(self.timestamp_micros()))
    }
}

/// In UTC, whatever the offset of what is stored.
impl FieldType for DateTime<FixedOffset> {
    const HOLDS: SqlKinds = SqlKinds::of(&[SqlKind::TimestampTz]);

    #[inline]
    fn from_value(value: Value) -> Result<Self, Mismatch> {
        DateTime::<Utc>::from_value(value).map(|time| time.fixed_offset())
    }

    fn to_value(&self) -> Value {
        self.to_utc().to_value()
    }
}

impl FieldType for NaiveDateTime {
    const HOLDS: SqlKinds = SqlKinds::of(&[SqlKind::Timestamp]);

    #[inline]
    fn from_value(value: Value) -> Result<Self, Mismatch> {
        DateTime::<Utc>::from_value(value).map(|time| time.naive_utc())
    }

    fn to_value(&self) -> Value {
        self.and_utc().to_value()
    }
}

impl FieldType for NaiveDate {
    const HOLDS: SqlKinds = SqlKinds::of(&[SqlKind::Date]);

    #[inline]
    fn from_value(value: Value) -> Result<Self, Mismatch> {
        let mismatch = Mismatch::of(&value);
        match value {
            Value::Date(days) => Self::from_epoch_days(days).ok_or(mismatch),
            Value::Text(text) => text.parse().map_err(|_| mismatch),
            _ => Err(mismatch),
        }
    }

    fn to_value(&self) -> Value {
        Value::Date(self.to_epoch_days())
    }
}

impl FieldType for NaiveTime {
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
            let date = NaiveDate::from_value(Value::Date(days)).unwrap();
            assert_eq!(date.to_value(), Value::Date(days));
        }
        let micros = Value::Timestamp(Instant::from_micros(-1));
        assert_eq!(NaiveDateTime::from_value(micros.clone()).unwrap().to_value(), micros);
    }
}
