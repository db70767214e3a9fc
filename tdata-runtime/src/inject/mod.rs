//! Injection: what a test gets its data through.

mod all_rows;
mod client;
mod current;
mod data;
mod dataset;
#[cfg(feature = "deadpool")]
mod deadpool_pool;
#[cfg(feature = "diesel")]
mod diesel_connection;
mod error;
mod from_test_data;
mod from_test_data_async;
mod kept;
#[cfg(any(
    feature = "deadpool",
    feature = "sea-orm",
    feature = "sea-orm-1",
    feature = "sqlx",
    feature = "sqlx-0_8",
    feature = "tokio-postgres"
))]
mod on_tokio;
mod records;
mod row;
#[cfg(any(feature = "sea-orm", feature = "sea-orm-1"))]
mod sea_orm_connection;
#[cfg(any(feature = "sqlx", feature = "sqlx-0_8"))]
mod sqlx_pool;
#[cfg(feature = "tokio-postgres")]
mod tokio_postgres_client;

pub use client::DataClient;
pub(crate) use current::Current;
pub use data::TestData;
pub use dataset::Dataset;
pub(crate) use error::ReadError;
pub use from_test_data::{DatabaseUrl, FromTestData, Parameter};
pub use from_test_data_async::FromTestDataAsync;
pub use row::Row;
