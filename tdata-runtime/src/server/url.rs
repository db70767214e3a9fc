//! `url`: a server that runs already. It is never reconfigured.

use tdata_postgres::Endpoint;

use super::error::ServerError;
use super::queue::{self, Patience};
use super::ready::{self, Connections, PER_SESSION};
use super::running::Server;
use super::server_source::ServerSource;
use super::settings::{GivenUrl, ServerSettings};
use crate::notice::Notices;

/// Reaches the server that the settings name.
pub(super) fn reach(settings: &ServerSettings, notices: &Notices) -> Result<Server, ServerError> {
    let GivenUrl { text, origin } = settings.url.as_ref().ok_or(ServerError::NoUrl)?;
    let malformed = |mistake| ServerError::MalformedUrl { origin, mistake };
    let endpoint = Endpoint::parse(text).map_err(malformed)?;
    let front = queue::wait(&settings.workspace, Patience::default(), notices, || false);
    let ready = ready::connect(&endpoint, notices).map_err(|error| error.of_url(origin))?;
    let endpoint = endpoint.or_user(&ready.user);
    drop(front);
    let Connections { allowed, reserved } = ready.connections;
    if allowed < PER_SESSION {
        let (place, needed) = (endpoint.place(), PER_SESSION);
        return Err(ServerError::TooFewConnections { place, allowed, needed, reserved });
    }
    Ok(Server::alone(ServerSource::Url, endpoint, None, ready, settings, notices))
}
