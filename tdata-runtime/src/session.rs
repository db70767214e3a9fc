//! A session: one process's use of a server.

use std::sync::Arc;

use parking_lot::Mutex;
use tdata_postgres::Refusal;

use crate::background::Background;
use crate::registry::{self, Abandoned, Claim, Kind, Registry};
use crate::server::{Server, ServerError, SessionId};

/// One process's use of a server. It enters every database into the server's [`Registry`] before it makes it, so that a
/// killed process leaves nothing unknown.
#[derive(Debug)]
pub(crate) struct Session {
    pub(crate) server: Arc<Server>,
    pub(crate) registry: Box<dyn Registry>,
    pub(crate) id: SessionId,
    pub(crate) background: Background,
    /// The databases that end with the session.
    own: Mutex<Vec<Claim>>,
}

impl Session {
    /// Begins a session.
    pub(crate) fn begin(server: Server) -> Result<Self, ServerError> {
        let (server, id) = (Arc::new(server), SessionId::generate());
        let registry = registry::open(&server, &id)?;
        Ok(Self { server, registry, id, background: Background::default(), own: Mutex::default() })
    }

    /// Enters a database that is yet to be made.
    pub(crate) fn enter(&self, kind: Kind, key: &str) -> Result<Claim, Refusal> {
        self.registry.enter(kind, key, &self.id.name(kind.word()))
    }

    /// Drops a database that this session has a claim on.
    pub(crate) fn drop_claimed(&self, claim: Claim) -> Result<(), Refusal> {
        self.server.drop_database(&claim.database)?;
        self.registry.remove(claim)
    }

    /// Lets a database end with the session.
    pub(crate) fn own(&self, claim: Claim) {
        self.own.lock().push(claim);
    }

    /// Drops what ended sessions left, unless another session has just looked for it.
    pub(crate) fn sweep(&self) {
        if !self.registry.is_time_to_look() {
            return;
        }
        // One that cannot be dropped does not stand in the way of the others.
        let swept = self.registry.abandoned().and_then(|abandoned| {
            let dropped = abandoned.into_iter().map(|one| self.drop_abandoned(one));
            dropped.fold(Ok(()), Result::and)
        });
        if let Err(refusal) = swept {
            let notices = self.server.notices();
            notices.say(format_args!("could not look for what other processes left: {refusal}"));
        }
    }

    fn drop_abandoned(&self, abandoned: Abandoned) -> Result<(), Refusal> {
        let Abandoned { claim, is_overdue } = abandoned;
        // Somebody may be looking at what a test left. A later sweep finds it again.
        if !is_overdue && self.server.is_connected_to(&claim.database)? {
            return Ok(());
        }
        self.drop_claimed(claim)
    }

    /// Ends the session. Drops the databases that only this session uses. On a server that is not ours, the last session
    /// also drops everything else of tdata's.
    pub(crate) fn end(&self) {
        let own = std::mem::take(&mut *self.own.lock());
        // Whatever fails, the rest is done: others wait for this session's lease.
        let own = self.drop_all(own);
        let left = self.registry.leave().and_then(|left| self.drop_all(left));
        let closed = self.registry.close();
        match own.and(left).and(closed) {
            // If a server of ours is gone, so are its databases.
            Err(refusal) if self.server.is_owned() && refusal.is_connection() => {}
            Err(refusal) => {
                let notices = self.server.notices();
                notices
                    .say(format_args!("could not drop all databases of this process: {refusal}"));
            }
            Ok(()) => {}
        }
    }

    fn drop_all(&self, claims: Vec<Claim>) -> Result<(), Refusal> {
        claims.into_iter().map(|claim| self.drop_claimed(claim)).fold(Ok(()), Result::and)
    }
}
