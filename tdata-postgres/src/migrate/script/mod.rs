//! Runs a script as `psql` does: its statements, the rows behind a `COPY`, its commands and the files that it includes.

mod commands;
mod ran;
mod rows;
mod running;
mod source;

pub use ran::Ran;
pub(super) use rows::Rows;
pub(super) use running::Script;
pub(super) use source::Source;
