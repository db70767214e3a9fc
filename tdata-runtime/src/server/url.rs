//! `url`: a server that runs already. It is never reconfigured.

use tdata_postgres::Endpoint;

use super::error::ServerError;
use super::ready;
use super::running::Server;
use super::server_source::ServerSource;
use super::settings::ServerSettings;
use crate::notice::Notices;

/// Reaches the server that the settings name.
pub(super) fn reach(settings: &ServerSettings, notices: &Notices) -> Result<Server, ServerError> {
    let url = settings.url.as_deref().ok_or(ServerError::NoUrl)?;
    let endpoint = Endpoint::parse(url).map_err(ServerError::MalformedUrl)?;
    let ready = ready::connect(&endpoint, notices)?;
    Ok(Server::alone(ServerSource::Url, endpoint, ready, settings.keep_alive, notices))
}
