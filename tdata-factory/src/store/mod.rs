//! Stores: the clients through which rows get into a database.

mod async_store;
mod error;
#[cfg(feature = "postgres")]
mod postgres;
#[cfg(any(feature = "sqlx", feature = "sqlx-0_8"))]
mod sqlx;
mod step;
mod sync_store;
#[cfg(feature = "postgres")]
mod tokio_postgres;

pub use async_store::AsyncStore;
pub use error::StoreError;
pub use step::{Answer, Step, Steps};
pub use sync_store::{CopyRows, Store, run};
