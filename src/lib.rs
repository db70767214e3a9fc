//! Test data for PostgreSQL.

pub use tdata_macros::requires_test_data;

/// What the macros expand to. Not for use by hand: it changes without notice.
#[doc(hidden)]
pub mod __private {
    pub use tdata_core::contract::{Isolation, Scope, Volume};
    pub use tdata_runtime::harness::Declaration;
}
