//! PostgreSQL's types and names.

mod sql_kind;
mod sql_type;
mod table;

pub use sql_kind::{SqlKind, SqlKinds};
pub use sql_type::{SqlType, SqlTypeError};
pub(crate) use table::is_identifier;
pub use table::{TableName, quote_identifier, quote_literal};
