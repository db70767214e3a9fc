//! Injection: what a test gets its data through.

mod client;
mod current;
mod data;
mod dataset;
mod error;
mod from_test_data;
mod records;
mod row;
#[cfg(feature = "sqlx")]
mod sqlx_pool;

pub use client::DataClient;
pub(crate) use current::{Current, WithCurrent};
pub use data::TestData;
pub use dataset::Dataset;
pub(crate) use error::ReadError;
pub use from_test_data::{DatabaseUrl, FromTestData, Parameter};
pub use row::Row;
