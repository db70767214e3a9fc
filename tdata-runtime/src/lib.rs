//! tdata for tests: from a contract to rows in a database, and to their end.
//!
//! The modules are the stages of a row's way, each using only those before it: `server`, `isolate`, `inject`,
//! `post_mortem`, `clean`; `provision` puts them in order and `harness`
//! wraps them around a test.

mod clean;
mod environment;
mod error;
mod files_cache;
pub mod harness;
mod history;
mod inject;
mod isolate;
mod notice;
mod off_runtime;
mod post_mortem;
mod provision;
pub mod server;
mod timings;

pub use error::{Error, Stage};
pub use inject::{
    DataClient, DatabaseUrl, Dataset, FromTestData, FromTestDataAsync, Parameter, Row, TestData,
};
pub(crate) use notice::notice;
pub use provision::Request;
pub use timings::Timings;
