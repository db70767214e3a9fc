//! What every record is.

use tdata_core::value::Value;

use super::descriptor::Descriptor;
use super::error::RecordError;
use super::values::Values;
use crate::field::{Cells, FieldType};

/// A row as a struct. `#[derive(Record)]` implements it.
///
/// ```
/// use tdata::Record;
///
/// #[derive(Record)]
/// #[record(dataset = "accounts", partial)]
/// struct Account {
///     id: i32,
///     plan: String,
/// }
///
/// assert_eq!(Account::DESCRIPTOR.dataset(), Some("accounts"));
/// let account = Account { id: 5, plan: "pro".to_owned() };
/// assert_eq!(account.to_values()[1].to_string(), "pro");
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` is no record",
    note = "add `#[derive(tdata::Record)]` and `#[record(dataset = \"..\")]` to it"
)]
pub trait Record: Sized + 'static {
    /// What is known of the record while compiling.
    const DESCRIPTOR: &'static Descriptor;

    /// Makes a record of a row, whose values are in the order of the columns.
    ///
    /// # Errors
    ///
    /// When a value does not fit its field.
    fn from_values(row: &mut Values<'_>) -> Result<Self, RecordError>;

    /// Fills the cells of a row with the fields, in the order of the columns.
    fn fill_cells(&self, cells: &mut Cells<'_>);

    /// Returns the row's values, in the order of the columns.
    fn to_values(&self) -> Vec<Value> {
        let mut row = Vec::with_capacity(Self::DESCRIPTOR.columns.len());
        self.fill_cells(&mut Cells::of_row(&mut row));
        row
    }
}

/// A record with a primary key. `#[derive(Record)]` implements it where there is one.
///
/// ```
/// use tdata::{Keyed, Record};
///
/// #[derive(Record)]
/// #[record(table = "visits")]
/// struct Visit {
///     #[record(key)]
///     number: i64,
///     page: String,
/// }
///
/// assert_eq!(*Visit { number: 7, page: "/".to_owned() }.key(), 7);
/// ```
#[diagnostic::on_unimplemented(
    message = "the record `{Self}` has no primary key",
    note = "mark the field with `#[record(key)]`"
)]
pub trait Keyed: Record {
    /// The key's type.
    type Key: FieldType + Clone;

    /// Returns the key.
    fn key(&self) -> &Self::Key;
}
