//! Why a row is no record.

use crate::field::Mismatch;

/// A value of a row does not fit its record's field. The value itself is not told.
///
/// ```
/// use tdata::record::Values;
/// use tdata::{Record, Value};
///
/// #[derive(Debug, Record)]
/// struct Point {
///     x: i32,
/// }
///
/// let mut row = [Value::Null];
/// let error = Point::from_values(&mut Values::new(Point::DESCRIPTOR, &mut row)).unwrap_err();
/// assert_eq!(error.to_string(), "the field `x` of `Point` is `i32`, and the row has null there");
/// ```
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the field `{field}` of `{record}` is `{rust_type}`, and the row has {found} there")]
pub struct RecordError {
    /// The record.
    pub record: &'static str,
    /// The column.
    pub field: &'static str,
    /// The field's Rust type.
    pub rust_type: &'static str,
    /// What the row has.
    pub found: Mismatch,
}
