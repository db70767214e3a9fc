//! Validation: what must hold for the rows, asked of the database in one scan per table.

mod error;
mod scan;

pub use error::{Finding, ValidateError, Violation};
pub use scan::validate;
