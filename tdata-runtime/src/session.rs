//! A session: one process's use of a server.

use std::collections::HashSet;
use std::sync::Arc;

use parking_lot::Mutex;
use tdata_postgres::Refusal;

use crate::background::Background;
use crate::notation::Noted as _;
use crate::registry::{self, Abandoned, Claim, Kind, Registry};
use crate::server::{Cluster, Server, ServerError, SessionId};

/// The name of the lock on what all databases of a server have in common, and under which it is told.
const CLUSTER: &str = "cluster";

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
    /// The databases of schemas that a test left something in beside its schema.
    spoilt: Mutex<HashSet<String>>,
    /// What was said once, and is not said again.
    said: Mutex<HashSet<String>>,
    /// The signal of what all databases have in common, as it was when that was proved last.
    cluster_signal: Mutex<String>,
}

impl Session {
    /// Begins a session.
    pub(crate) fn begin(server: Server) -> Result<Self, ServerError> {
        let (server, id) = (Arc::new(server), SessionId::generate());
        let registry = registry::open(&server, &id)?;
        let background = Background::default();
        let (own, spoilt, said, cluster_signal) =
            <(Mutex<_>, Mutex<_>, Mutex<_>, Mutex<_>)>::default();
        let session = Self { server, registry, id, background, own, spoilt, said, cluster_signal };
        if session.server.is_owned() && session.registry.told(CLUSTER).is_none() {
            session
                .tell_cluster()
                .map_err(|refusal| registry::not_prepared(&session.server, refusal))?;
        }
        Ok(session)
    }

    /// Tells all sessions what the databases of a new server have in common, unless another has.
    fn tell_cluster(&self) -> Result<(), Refusal> {
        let _telling = self.registry.lock(CLUSTER)?;
        if self.registry.told(CLUSTER).is_none() {
            self.registry.tell(CLUSTER, &self.server.cluster()?.to_notes());
        }
        Ok(())
    }

    /// Does work that may change what all databases of the server have in common, as migrations may. If it fails midway, a
    /// server of ours is given up: the work could not be done again there.
    pub(crate) fn with_cluster<T, E>(
        &self,
        work: impl FnOnce() -> Result<T, E>,
    ) -> Result<Result<T, E>, Refusal> {
        if !self.server.is_owned() {
            return Ok(work());
        }
        // Who finds a change in the meantime waits, and then knows whose it is.
        let _changing = self.registry.lock(CLUSTER)?;
        let before = self.server.cluster()?;
        let done = work();
        let after = self.server.cluster()?;
        if before != after && done.is_err() {
            self.server.give_up();
        } else if before != after {
            let mut known = self.known_cluster();
            known.follow(&before, &after);
            self.registry.tell(CLUSTER, &known.to_notes());
        }
        Ok(done)
    }

    fn known_cluster(&self) -> Cluster {
        self.registry.told(CLUSTER).and_then(|notes| Cluster::of_notes(&notes)).unwrap_or_default()
    }

    /// Looks whether what all databases of a server of ours have in common may have changed, and proves then that it has
    /// not. For what is not proved unchanged by itself.
    pub(crate) fn look_at_cluster(&self) {
        if !self.server.is_owned() || !self.server.is_usable() {
            return;
        }
        let look = || -> Result<(), Refusal> {
            let signal = self.server.signal()?;
            if *self.cluster_signal.lock() != signal && self.prove_cluster()? {
                *self.cluster_signal.lock() = signal;
            }
            Ok(())
        };
        // A server that does not answer serves nobody.
        if let Err(refusal) = look()
            && !refusal.is_connection()
        {
            let notices = self.server.notices();
            notices.say(format_args!("could not look at what databases have in common: {refusal}"));
        }
    }

    /// Proves that what all databases of a server of ours have in common is as it was. Otherwise a test has changed it, for all
    /// others as well: then nobody finds the server any more, and the next request gets another.
    pub(crate) fn prove_cluster(&self) -> Result<bool, Refusal> {
        if !self.server.is_owned() {
            return Ok(true);
        }
        let _nobody_changes_it = self.registry.lock(CLUSTER)?;
        // Nobody else finds a server of which nothing is told.
        let Some(known) = self.registry.told(CLUSTER) else { return Ok(true) };
        let known = Cluster::of_notes(&known).unwrap_or_default();
        let changes = known.changes(&self.server.cluster()?);
        if changes.is_empty() {
            return Ok(true);
        }
        if self.server.is_usable() {
            self.server.give_up();
            let shown = changes.join(", ");
            self.server.notices().say(format_args!(
                "a test changed what all databases of a server have in common ({shown}): the next tests get another server"
            ));
        }
        Ok(false)
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

    /// Lets no other test have a schema in a database, since one may have left something there. Tells whether any could so
    /// far.
    pub(crate) fn spoil(&self, database: &str) -> bool {
        self.spoilt.lock().insert(database.to_owned())
    }

    /// Tells whether any of some names has not been said yet, and remembers that they are.
    pub(crate) fn is_news(&self, names: &[String]) -> bool {
        let mut said = self.said.lock();
        names.iter().filter(|name| said.insert((*name).clone())).count() > 0
    }

    /// Tells whether a test left something in a database beside its schema.
    pub(crate) fn is_spoilt(&self, database: &str) -> bool {
        self.spoilt.lock().contains(database)
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
