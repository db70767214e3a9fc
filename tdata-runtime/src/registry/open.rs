//! Which registry a server has.

use std::sync::Arc;

use super::files::Files;
use super::record::Registry;
use super::rows::Rows;
use crate::server::{Server, ServerError, SessionId};

/// Opens the registry of a server, for a session.
pub(crate) fn open(server: &Arc<Server>, id: &SessionId) -> Result<Box<dyn Registry>, ServerError> {
    if let Some(folder) = server.folder() {
        return Ok(Box::new(Files::open(folder)));
    }
    let rows = Rows::open(server, id);
    let rows = rows.map_err(|refusal| ServerError::not_prepared(server.endpoint(), refusal))?;
    Ok(Box::new(rows))
}
