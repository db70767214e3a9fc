//! The registry: who holds which database of a server, known to all processes that use the server.

mod control;
mod files;
mod locked_file;
mod open;
mod patience;
mod record;
mod rows;
mod session_lock;

pub(crate) use open::{not_prepared, open};
pub(crate) use record::{Abandoned, Claim, Kind, Registry};
