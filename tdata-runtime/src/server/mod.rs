//! Servers: where the PostgreSQL in use comes from.

#[cfg(feature = "container")]
mod container;
mod endpoint;
mod error;
mod local;
mod ready;
mod settings;
mod source;
mod tuning;
mod url;

pub use endpoint::Endpoint;
pub use error::ServerError;
pub use settings::ServerSettings;
pub use source::{Server, ServerSource};
pub(crate) use source::server;
