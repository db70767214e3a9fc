//! Arrays of one dimension, of every type that holds a single value.

use tdata_core::definition::{Instant, MICROS_PER_DAY};
use tdata_core::sql::{SqlKind, SqlKinds, array_elements};
use tdata_core::value::Value;

use super::field_type::{FieldType, Mismatch};

/// A type of an array's elements: all types of fields but those of arrays themselves.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be the type of an array's elements",
    label = "no element's values are known to fit",
    note = "`Vec<u8>` holds `bytea`; an array of another type of yours is a `String`, or a `FieldType` of your own"
)]
pub trait ArrayElement: FieldType {}

/// Names the types of elements.
macro_rules! elements {
    ($($type:ty),+ $(,)?) => {$(impl ArrayElement for $type {})+};
}

elements! { i16, i32, i64, f32, f64, bool, String, Vec<u8>, Instant, std::time::SystemTime, std::net::IpAddr }

#[cfg(feature = "uuid")]
elements! { ::uuid::Uuid }

#[cfg(feature = "rust_decimal")]
elements! { ::rust_decimal::Decimal }

#[cfg(feature = "serde_json")]
elements! { ::serde_json::Value }

#[cfg(feature = "chrono")]
elements! {
    ::chrono::NaiveDate, ::chrono::NaiveTime, ::chrono::NaiveDateTime, ::chrono::DateTime<::chrono::Utc>
}

#[cfg(feature = "jiff")]
elements! { ::jiff::civil::Date, ::jiff::civil::Time, ::jiff::civil::DateTime, ::jiff::Timestamp }

/// Elements that can be null.
impl<T: ArrayElement> ArrayElement for Option<T> {}

/// Holds arrays of one dimension.
impl<T: ArrayElement> FieldType for Vec<T> {
    const HOLDS: SqlKinds = SqlKinds::of(&[SqlKind::Array]);

    fn from_value(value: Value) -> Result<Self, Mismatch> {
        let Value::Text(text) = &value else { return Err(Mismatch::of(&value)) };
        if is_nested(text) {
            return Err(Mismatch::NESTED);
        }
        let elements = array_elements(text).ok_or(Mismatch::of(&value))?;
        elements.into_iter().map(element).collect()
    }

    fn to_value(&self) -> Value {
        let mut text = String::from("{");
        for (at, element) in self.iter().enumerate() {
            if at > 0 {
                text.push(',');
            }
            match element.to_value() {
                Value::Null => text.push_str("NULL"),
                value => {
                    let written = value.to_string().replace('\\', "\\\\").replace('"', "\\\"");
                    text.push_str(&format!("\"{written}\""));
                }
            }
        }
        text.push('}');
        Value::Text(text)
    }
}

/// Tells whether an array has more than one dimension: then its elements are arrays themselves. Bounds may stand before
/// them, such as `[0:1][1:2]={{1,2},{3,4}}`, and blanks anywhere between.
fn is_nested(text: &str) -> bool {
    let text = text.trim_start();
    let elements = match text.starts_with('[') {
        true => text.split_once('=').map_or(text, |(_, elements)| elements.trim_start()),
        false => text,
    };
    elements.strip_prefix('{').is_some_and(|inner| inner.trim_start().starts_with('{'))
}

/// Reads an element in its text form: as a text, else as what its type has a form of its own for.
fn element<T: FieldType>(text: Option<String>) -> Result<T, Mismatch> {
    let Some(text) = text else { return T::from_value(Value::Null) };
    let mismatch = match T::from_value(Value::Text(text.clone())) {
        Ok(value) => return Ok(value),
        Err(mismatch) => mismatch,
    };
    let truth = match text.as_str() {
        "t" => Some(Value::Bool(true)),
        "f" => Some(Value::Bool(false)),
        _ => None,
    };
    // As PostgreSQL writes it: `2024-05-01 10:00:00+00`.
    let mut moment = text.replacen(' ', "T", 1);
    if let Some(short) = moment.strip_suffix("+00") {
        moment = format!("{short}Z");
    }
    let instant = moment.parse::<Instant>().ok();
    let days = instant.map(|instant| instant.micros().div_euclid(MICROS_PER_DAY));
    let day = days.and_then(|days| i32::try_from(days).ok());
    let others = [truth, day.map(Value::Date), instant.map(Value::Timestamp)];
    others.into_iter().flatten().find_map(|value| T::from_value(value).ok()).ok_or(mismatch)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn read<T: FieldType>(text: &str) -> Result<T, Mismatch> {
        T::from_value(Value::Text(text.to_owned()))
    }

    #[test]
    fn arrays_are_read_as_postgresql_writes_them() {
        assert_eq!(read::<Vec<i32>>("{1,-2}"), Ok(vec![1, -2]));
        assert_eq!(read::<Vec<i32>>("{}"), Ok(vec![]));
        assert_eq!(read::<Vec<bool>>("{t,f}"), Ok(vec![true, false]));
        assert_eq!(read::<Vec<Option<i16>>>("{7,NULL}"), Ok(vec![Some(7), None]));
        assert_eq!(read::<Vec<f64>>("{0.1,1e+300}"), Ok(vec![0.1, 1e300]));
        let texts = vec!["a,b".to_owned(), "c\"d\\e".to_owned(), String::new()];
        assert_eq!(read::<Vec<String>>(r#"{"a,b","c\"d\\e",""}"#), Ok(texts));
        let moments = read::<Vec<Instant>>(r#"{"2024-05-01 10:00:00+00"}"#).unwrap();
        assert_eq!(moments[0].to_string(), "2024-05-01T10:00:00Z");
        assert_eq!(read::<Option<Vec<i32>>>("{3}"), Ok(Some(vec![3])));
        assert_eq!(Option::<Vec<i32>>::from_value(Value::Null), Ok(None));
    }

    #[test]
    fn what_does_not_fit_is_told_and_not_guessed() {
        assert!(read::<Vec<i16>>("{70000}").is_err());
        assert!(read::<Vec<i32>>("{1,NULL}").is_err());
        assert!(read::<Vec<i32>>("1,2").is_err());
        assert!(read::<Vec<bool>>("{maybe}").is_err());
    }

    #[test]
    fn arrays_of_more_dimensions_are_not_flattened() {
        for nested in ["{{1,2},{3,4}}", "{{1}}", " { {1}, {2} }", "[0:1][1:1]={{1},{2}}", "{{{1}}}"]
        {
            assert_eq!(read::<Vec<i32>>(nested), Err(Mismatch::NESTED), "{nested}");
            assert_eq!(read::<Vec<Option<String>>>(nested), Err(Mismatch::NESTED), "{nested}");
        }
        // What looks like it within an element is none, and bounds alone make no dimension.
        assert_eq!(
            read::<Vec<String>>(r#"{"{a}","={{b}}"}"#),
            Ok(vec!["{a}".to_owned(), "={{b}}".to_owned()])
        );
        assert_eq!(read::<Vec<i32>>("[0:1]={1,2}"), Ok(vec![1, 2]));
    }

    proptest! {
        #[test]
        fn what_is_written_is_read_again(
            texts in proptest::collection::vec(proptest::option::of("\\PC{0,8}"), 0..5),
            numbers in proptest::collection::vec(any::<i64>(), 0..5),
        ) {
            prop_assert_eq!(Vec::<Option<String>>::from_value(texts.to_value()), Ok(texts));
            prop_assert_eq!(Vec::<i64>::from_value(numbers.to_value()), Ok(numbers));
        }
    }
}
