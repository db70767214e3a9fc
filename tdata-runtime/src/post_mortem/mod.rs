//! The post-mortem of a failed test: what it changed, and a bundle to look at and to run it again from.
//!
//! Whatever goes wrong here is told in a line; the test's own failure stays what is seen.

mod binary;
mod bundle;
mod changes;
mod command;
mod compare;
mod console;
mod contract_file;
mod differences;
mod dump;
mod examine;
mod failure;
mod hidden;
mod html;
mod json;
mod merge;
mod message;
mod page;
mod plan_file;
mod project_files;
mod reader;
mod replay;
mod script;
mod test_id;
mod trouble;

pub use binary::Binary;
pub(crate) use console::changes_text;
pub(crate) use examine::{PostMortem, examine};
pub(crate) use failure::Failure;
pub(crate) use replay::replay;
pub(crate) use test_id::TestId;
