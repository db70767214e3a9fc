//! Test data for PostgreSQL: a test declares the rows it needs, and has them.

pub use tdata_core::contract::{Isolation, Scope, VersionChoice, Volume};
pub use tdata_core::definition::Instant;
pub use tdata_macros::requires_test_data;
pub use tdata_runtime::{
    DataClient, DatabaseUrl, Dataset, Error, FromTestData, Parameter, Record, Request, Stage,
    TestData, Timings,
};

/// What the macros expand to. Not for use by hand: it changes without notice.
#[doc(hidden)]
pub mod __private {
    pub use tdata_core::contract::{Isolation, Scope, Volume};
    pub use tdata_runtime::harness::{Declaration, Outcome, Test, run, run_async};
}
