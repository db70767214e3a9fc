//! Servers: where the PostgreSQL in use comes from.

mod account;
mod apart;
#[cfg_attr(not(feature = "container"), path = "container_absent.rs")]
mod container;
mod control;
mod databases;
mod error;
mod lease;
mod leave;
mod local;
mod ready;
mod run_id;
mod running;
mod secret;
mod settings;
mod shared;
mod shortage;
mod source;
mod tuning;
mod url;

pub use tdata_postgres::Endpoint;

pub use error::ServerError;
pub(crate) use run_id::{lease_of, pattern_of};
pub use running::{Server, ServerSource};
pub use settings::ServerSettings;
pub(crate) use shared::locked_file;
pub(crate) use source::{forget, running, server, servers};
