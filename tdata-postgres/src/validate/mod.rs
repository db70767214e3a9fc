//! Validation: what must hold for the rows, asked of the database.

mod checks;
mod condition;
mod error;
mod judge;
mod reader;
mod scan;

pub use error::{Finding, ValidateError, Violation};
pub use judge::{queries, validate};
