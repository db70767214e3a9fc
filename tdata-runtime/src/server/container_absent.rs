//! `container` where tdata was compiled without it.

use super::error::ServerError;
use super::running::Server;
use super::settings::ServerSettings;
use crate::notice::Notices;

/// Says how to get containers.
pub(super) fn boot(_settings: &ServerSettings, _notices: &Notices) -> Result<Server, ServerError> {
    Err(ServerError::Container {
        reason: "tdata was compiled without its feature `container`".to_owned(),
        help: "Enable it: tdata = { version = \"0.1\", features = [\"container\"] }".to_owned(),
    })
}
