//! Rows, wherever they come from: generators, a store, or one behind the other.

mod chained;
mod source;
mod stored;
mod written;

pub(crate) use chained::{ChainedColumn, Indices};
pub use source::RowSource;
pub(crate) use stored::StoredColumn;
pub use stored::{Stored, StoredRows, StoredRowsError};
pub(crate) use written::WrittenColumn;
