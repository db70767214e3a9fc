//! Why a row is no record.

use crate::field::Mismatch;

/// A value of a row does not fit its record's field. The value itself is not told.
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
