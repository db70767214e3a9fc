//! Locks by name that the lease of a session has in the control database.

use std::collections::BTreeSet;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use parking_lot::{Condvar, Mutex};
use tdata_postgres::Refusal;

use super::patience::Patience;
use crate::server::Server;

/// The pause between two attempts: the lease waits for nobody, since it has other work.
const PAUSE: Duration = Duration::from_millis(20);

/// The names that threads of this session have locks of: to the server all of them are one.
#[derive(Debug, Default)]
pub(super) struct Names {
    taken: Mutex<BTreeSet<String>>,
    freed: Condvar,
}

/// A lock that no other session, and no other thread of this one, has.
pub(crate) struct SessionLock {
    name: String,
    names: Arc<Names>,
    server: Arc<Server>,
}

impl SessionLock {
    /// Waits for a lock, and takes it. `is_free` takes it for the session, if no other session has it.
    pub(super) fn take(
        name: &str,
        names: &Arc<Names>,
        server: &Arc<Server>,
        is_free: impl Fn() -> Result<bool, Refusal>,
    ) -> Result<Self, Refusal> {
        let mut taken = names.taken.lock();
        while !taken.insert(name.to_owned()) {
            names.freed.wait(&mut taken);
        }
        drop(taken);
        let (name, names, server) = (name.to_owned(), Arc::clone(names), Arc::clone(server));
        // From here on other threads get it when this one is dropped.
        let lock = Self { name, names, server };
        let notices = lock.server.notices();
        Patience { pause: PAUSE, ..Patience::USUAL }.wait(&lock.name, notices, is_free)?;
        Ok(lock)
    }
}

impl Drop for SessionLock {
    fn drop(&mut self) {
        if let Some(lease) = &mut *self.server.lease.lock() {
            // One that was lost has no locks any more; one that was never taken is none to give back.
            let sql = "SELECT pg_advisory_unlock(hashtextextended($1, 0))";
            let _ = lease.execute(sql, &[&self.name]);
        }
        self.names.taken.lock().remove(&self.name);
        self.names.freed.notify_all();
    }
}

impl fmt::Debug for SessionLock {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SessionLock({})", self.name)
    }
}
