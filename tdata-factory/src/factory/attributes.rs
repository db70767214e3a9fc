//! Records as JSON.

use serde_json::{Map, Number, Value as Json};
use tdata_core::sql::{SqlKind, SqlKinds};
use tdata_core::value::Value;

use super::build::build;
use super::builder::FactoryBuilder;
use super::demand::Demand;
use crate::record::Record;

/// Builds a record and returns its fields as JSON: as a form would send them, without the key and
/// the foreign keys that the database and parents give, unless the test does.
///
/// # Panics
///
/// When nothing makes one of its values.
#[track_caller]
pub fn attributes<B: FactoryBuilder>(builder: &B) -> Map<String, Json> {
    let mut demand = Demand::default();
    let record = build(builder);
    demand.of(builder, 1);
    let columns = B::Record::DESCRIPTOR.columns.iter().enumerate();
    let fields = columns.zip(record.to_values());
    fields
        .filter(|((at, _), _)| !demand.implied().contains(at))
        .map(|((_, column), value)| (column.name.to_owned(), json(&value, is_json(column.holds))))
        .collect()
}

/// Returns a record's fields as JSON.
pub fn to_json<R: Record>(record: &R) -> Json {
    let columns = R::DESCRIPTOR.columns.iter().zip(record.to_values());
    let fields = columns
        .map(|(column, value)| (column.name.to_owned(), json(&value, is_json(column.holds))));
    Json::Object(fields.collect())
}

/// Tells whether a column's texts are JSON. A text's own type holds texts as well; that of JSON holds
/// nothing else.
fn is_json(holds: SqlKinds) -> bool {
    holds.contains(SqlKind::Json) && !holds.contains(SqlKind::Text)
}

fn json(value: &Value, is_json: bool) -> Json {
    let number = |text: String| match text.parse::<f64>().ok().and_then(Number::from_f64) {
        Some(number) => Json::Number(number),
        None => Json::String(text),
    };
    match value {
        Value::Null => Json::Null,
        Value::Bool(value) => Json::Bool(*value),
        Value::Int(number) => Json::Number((*number).into()),
        Value::Decimal { unscaled, scale: 0 } => Json::Number((*unscaled).into()),
        Value::Decimal { .. } | Value::Float(_) => number(value.to_string()),
        Value::Text(text) if is_json => {
            serde_json::from_str(text).unwrap_or_else(|_| Json::String(text.clone()))
        }
        Value::Text(text) => Json::String(text.clone()),
        Value::Timestamp(instant) => Json::String(instant.to_string()),
        Value::Date(_) | Value::Uuid(_) => Json::String(value.to_string()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::field::FieldType as _;

    #[test]
    fn texts_that_look_like_json_stay_texts() {
        assert!(!is_json(String::HOLDS));
        assert!(!is_json(Option::<String>::HOLDS));
        assert!(is_json(Json::HOLDS));
        assert_eq!(json(&Value::Text("12345".to_owned()), false), Json::from("12345"));
        assert_eq!(json(&Value::Text("[1]".to_owned()), true), Json::from(vec![1]));
    }
}
