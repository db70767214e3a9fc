//! Rows as Apache Parquet, by the arrow project's crates.

mod arrays;
mod columns;
mod elements;

pub(crate) use columns::Columns;
