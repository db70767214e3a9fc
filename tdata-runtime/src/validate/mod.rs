//! Validation: what must hold for the rows, asked of the database in one scan per table.

mod error;
mod scan;

pub(crate) use error::ValidateError;
pub(crate) use scan::validate;
