//! tdata for tests: from a contract to rows in a database, and to their end.
//!
//! The modules are the stages of a row's way: `server`, `registry`, `session`, `isolate`, `inject`, `post_mortem`. Each uses
//! only those before it. `engine` holds what they work with, `provision` puts them in order, and `harness` wraps them around
//! a test.

mod background;
mod config;
mod engine;
mod error;
pub mod harness;
mod history;
mod inject;
mod isolate;
mod keyed;
mod notation;
mod notice;
mod off_runtime;
mod open_folder;
mod panics;
mod post_mortem;
mod program;
mod provision;
mod read_files;
mod registry;
mod request;
mod resolution;
pub mod server;
mod session;
mod timings;

pub use config::Config;
pub use engine::Engine;
pub use error::{Error, Stage};
pub use inject::{
    DataClient, DatabaseUrl, Dataset, FromTestData, FromTestDataAsync, Parameter, Row, TestData,
};
pub use notice::Notices;
pub use request::Request;
pub use resolution::{Checked, Resolved};
pub use timings::Timings;
