//! `embedded` where tdata was compiled without it.

use super::error::ServerError;
use super::running::Server;
use super::settings::ServerSettings;
use crate::notice::Notices;

/// Says how to get the programs.
pub(super) fn boot(_settings: &ServerSettings, _notices: &Notices) -> Result<Server, ServerError> {
    let reason = "tdata was compiled without its feature `embedded`".to_owned();
    Err(ServerError::Embedded { reason })
}
