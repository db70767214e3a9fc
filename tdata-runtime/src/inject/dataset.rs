//! The rows of a dataset.

use super::row::Row;

/// The rows of a dataset, in the order they were generated: untyped ones, or records.
pub type Dataset<T = Row> = tdata_factory::Dataset<T>;
