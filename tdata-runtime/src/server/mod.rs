//! Servers: where the PostgreSQL in use comes from.

mod account;
mod cluster;
#[cfg_attr(not(feature = "container"), path = "container_absent.rs")]
mod container;
mod databases;
mod detached;
mod election;
mod error;
mod files;
mod local;
mod own_session;
mod programs;
mod queue;
mod ready;
mod rights;
mod role;
mod room;
mod running;
mod secret;
mod server_source;
mod session_id;
mod settings;
mod shared;
mod shortage;
mod sources;
mod sweep;
mod tuning;
mod url;

pub(crate) use cluster::{Cluster, View};
pub use error::ServerError;
pub use running::Server;
pub(crate) use secret::generate as random;
pub use server_source::ServerSource;
pub(crate) use session_id::{PREFIX, SessionId};
pub use settings::ServerSettings;
pub(crate) use sources::Servers;
pub use tdata_postgres::Endpoint;
