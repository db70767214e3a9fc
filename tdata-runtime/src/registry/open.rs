//! Which registry a server has.

use std::sync::Arc;

use postgres::error::SqlState;
use tdata_postgres::Refusal;

use super::files::Files;
use super::record::Registry;
use super::rows::Rows;
use crate::server::{Server, ServerError, SessionId};

/// Opens the registry of a server, for a session.
pub(crate) fn open(server: &Arc<Server>, id: &SessionId) -> Result<Box<dyn Registry>, ServerError> {
    if let Some(folder) = server.folder() {
        return Ok(Box::new(Files::open(folder, server.notices())));
    }
    let rows = Rows::open(server, id);
    let rows = rows.map_err(|refusal| not_prepared(server, refusal))?;
    Ok(Box::new(rows))
}

/// Explains why a server is not prepared for a session.
pub(crate) fn not_prepared(server: &Server, refusal: Refusal) -> ServerError {
    let place = server.endpoint().place();
    if !refusal.is(SqlState::INSUFFICIENT_PRIVILEGE.code()) {
        return ServerError::NotPrepared { place, refusal };
    }
    let rights =
        "SELECT rolcreatedb OR rolsuper, rolinherit FROM pg_roles WHERE rolname = current_user";
    let rights = server.maintain(|client| client.query_one(rights, &[]));
    match rights.map(|row| (row.get(0), row.get(1))) {
        Ok((true, true)) => ServerError::NotPrepared { place, refusal },
        // In PostgreSQL 15 the owner of a database may make tables in it as a member of pg_database_owner, and not even so
        // if the role inherits nothing.
        Ok((true, false)) => {
            let advice = "The role does not inherit what the owner of a database may do: ALTER ROLE name INHERIT";
            ServerError::NotPrepared { place, refusal: refusal.with_advice(advice) }
        }
        _ => ServerError::MayNotCreate { refusal },
    }
}
