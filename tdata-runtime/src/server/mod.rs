//! Servers: where the PostgreSQL in use comes from.

mod account;
mod cache_folder;
mod cluster;
#[cfg_attr(not(feature = "container"), path = "container_absent.rs")]
mod container;
mod databases;
mod detached;
mod election;
#[cfg_attr(not(feature = "embedded"), path = "embedded_absent.rs")]
mod embedded;
mod error;
mod files;
mod kept_cluster;
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
pub(crate) use own_session::{in_transaction, keeps};
pub use running::Server;
pub(crate) use secret::generate as random;
pub use server_source::ServerSource;
pub(crate) use session_id::{PREFIX, SessionId};
pub use settings::{GivenUrl, ServerSettings};
pub(crate) use sources::Servers;
pub use tdata_postgres::Endpoint;
