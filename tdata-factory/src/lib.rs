//! tdata's records and factories: rows as structs, built in memory or stored.
//!
//! Nothing here boots a server. Each module uses only those before it:
//!
//! 1. [`environment`]: what environment variables and the clock say.
//! 2. [`field`]: the Rust types that hold columns' values.
//! 3. [`record`]: rows as structs.
//! 4. [`context`]: which test asks, and what its values start from.
//! 5. [`factory`]: single records in code, each made from what a test says and defaults.
//! 6. [`store`]: the clients through which rows get into a database.
//! 7. [`create`]: records made, then stored.

pub mod context;
pub mod create;
pub mod environment;
pub mod factory;
pub mod field;
pub mod record;
pub mod store;

pub use context::Context;
pub use factory::{Factory, FactoryBuilder, IntoField};
pub use field::{FieldType, Mismatch};
pub use record::{Dataset, Keyed, Record, RecordError};
pub use store::{AsyncStore, CopyRows, Store, StoreError};

/// Types of other crates that macros name.
#[doc(hidden)]
pub mod types {
    #[cfg(feature = "chrono")]
    pub use chrono;
    #[cfg(feature = "jiff")]
    pub use jiff;
    #[cfg(feature = "rust_decimal")]
    pub use rust_decimal;
    #[cfg(feature = "serde_json")]
    pub use serde_json;
    #[cfg(feature = "uuid")]
    pub use uuid;
}
