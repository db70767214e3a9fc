//! What every record is.

use std::hash::Hash;

use tdata_core::generate::Value;

use super::descriptor::Descriptor;
use super::error::RecordError;
use super::values::Values;
use crate::field::FieldType;

/// A row as a struct. `#[derive(Record)]` implements it.
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

    /// Returns the row's values, in the order of the columns.
    fn to_values(&self) -> Vec<Value>;
}

/// A record with a primary key. `#[derive(Record)]` implements it where there is one.
#[diagnostic::on_unimplemented(
    message = "the record `{Self}` has no primary key",
    note = "mark the field with `#[record(key)]`"
)]
pub trait Keyed: Record {
    /// The key's type.
    type Key: FieldType + Clone + Eq + Hash;

    /// Returns the key.
    fn key(&self) -> &Self::Key;
}
