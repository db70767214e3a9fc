//! What every type of a record's field is.

use tdata_core::sql::SqlKinds;
use tdata_core::value::Value;

use super::cells::Cells;

/// A Rust type that holds the values of columns: the type of a record's field.
///
/// `#[derive(FieldType)]` makes one of an enum (a variant for each choice) and of a struct around
/// one field (such as `struct UserId(i32)`). By hand:
///
/// ```
/// use tdata_core::sql::{SqlKind, SqlKinds};
/// use tdata_core::value::Value;
/// use tdata_factory::{FieldType, Mismatch};
///
/// /// An amount of money in cents, of a column such as `decimal(10,2)`.
/// struct Cents(i64);
///
/// impl FieldType for Cents {
///     const HOLDS: SqlKinds = SqlKinds::of(&[SqlKind::Decimal15]);
///
///     fn from_value(value: Value) -> Result<Self, Mismatch> {
///         match value {
///             Value::Decimal { unscaled, scale: 2 } => Ok(Self(unscaled)),
///             other => Err(Mismatch::of(&other)),
///         }
///     }
///
///     fn to_value(&self) -> Value {
///         Value::Decimal { unscaled: self.0, scale: 2 }
///     }
/// }
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be the type of a record's field",
    label = "no column's values are known to fit",
    note = "types of chrono, jiff, rust_decimal, serde_json and uuid need tdata's feature of that name",
    note = "for a type of your own: `#[derive(tdata::FieldType)]`, or leave the field out with `#[record(skip)]`"
)]
pub trait FieldType: Sized {
    /// The kinds of columns whose values all fit.
    const HOLDS: SqlKinds;

    /// Whether null fits: whether it is an `Option`.
    const NULLABLE: bool = false;

    /// The texts there are, where the type is an enum.
    const CHOICES: Option<&'static [&'static str]> = None;

    /// Takes a value out of a row.
    ///
    /// # Errors
    ///
    /// When the value does not fit.
    fn from_value(value: Value) -> Result<Self, Mismatch>;

    /// Returns the value to be put into a row.
    fn to_value(&self) -> Value;

    /// Fills the next cell of a row with that value.
    #[inline]
    fn fill_cell(&self, cells: &mut Cells<'_>) {
        cells.push(self.to_value());
    }
}

/// A value that does not fit the type of its field. It says what kind of value, and never which.
///
/// ```
/// use tdata_core::value::Value;
/// use tdata_factory::{FieldType, Mismatch};
///
/// let mismatch = i16::from_value(Value::Text("secret".to_owned())).unwrap_err();
/// assert_eq!(mismatch.to_string(), "a text");
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct Mismatch(&'static str);

impl Mismatch {
    /// Tells of an array whose elements are arrays.
    pub(super) const NESTED: Self = Self("an array of more than one dimension");

    /// Tells of a value that does not fit.
    pub fn of(value: &Value) -> Self {
        Self(match value {
            Value::Null => "null",
            Value::Bool(_) => "a truth value",
            Value::Int(_) => "a whole number",
            Value::Decimal { .. } => "a decimal number",
            Value::Float(_) => "a floating-point number",
            Value::Text(_) => "a text",
            Value::Date(_) => "a date",
            Value::Timestamp(_) => "a point in time",
            Value::Uuid(_) => "a UUID",
        })
    }
}
