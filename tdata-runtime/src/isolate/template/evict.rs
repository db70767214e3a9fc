//! Templates that make room for others: each takes some megabytes, on most servers of memory.

use tdata_postgres::Refusal;

use crate::registry::Kind;
use crate::session::Session;

/// The most templates, and the most layers, that a server keeps. A suite that takes more of them builds the oldest
/// again when it comes back to them.
const MOST: usize = 100;

/// Drops the oldest templates and layers, so that another has room.
pub(super) fn make_room(session: &Session) -> Result<(), Refusal> {
    for kind in [Kind::Template, Kind::Layer] {
        // Nobody finds them any more; who has found one already builds it again.
        for claim in session.registry.surplus(kind, MOST - 1)? {
            drop_waiting(session, &claim.database)?;
            session.drop_claimed(claim)?;
        }
    }
    Ok(())
}

/// Drops the clones that wait for a template's next user.
pub(super) fn drop_waiting(session: &Session, template: &str) -> Result<(), Refusal> {
    while let Some((claim, _)) = session.registry.claim(Kind::Clone, template, 0)? {
        session.drop_claimed(claim)?;
    }
    Ok(())
}
