//! Clones that wait for their next user.

use std::fmt;
use std::sync::Arc;

use parking_lot::Mutex;
use tdata_postgres::Refusal;

use super::connection::Connection;
use super::mark::Mark;
use crate::error::Error;
use crate::isolate::error::IsolateError;
use crate::isolate::template::Template;
use crate::notation::Noted;
use crate::registry::{Claim, Kind};
use crate::session::Session;

/// The application name of connections to data.
const APPLICATION: &str = "tdata test";

/// The first version whose counts are published before their session is gone.
const COUNTED_SINCE: u32 = 150_000;

/// More clones than these do not wait in a process: a suite that goes from one template to the next would fill the
/// server's memory with clones that nobody asks for again.
const MOST: usize = 32;

/// More clones than these do not wait on a server: each takes some megabytes, of memory as a rule.
const MOST_ON_A_SERVER: usize = 64;

/// A clone that nobody uses: its contents are the template's.
pub(in crate::isolate) struct Idle {
    /// The template's database: one that is built again has other object ids.
    pub(in crate::isolate) template: String,
    pub(in crate::isolate) claim: Claim,
    pub(in crate::isolate) connection: Connection,
    /// `None` where it can be used once only.
    pub(in crate::isolate) mark: Option<Mark>,
}

/// A clone in the pool; without a connection, where that was given up.
struct Waiting {
    template: String,
    claim: Claim,
    connection: Option<Connection>,
    mark: Option<Mark>,
}

/// The clones of a session that wait for their next user; those that were given back last are behind the others.
pub(in crate::isolate) struct Pool {
    session: Arc<Session>,
    waiting: Mutex<Vec<Waiting>>,
}

impl Pool {
    pub(in crate::isolate) fn new(session: &Arc<Session>) -> Arc<Self> {
        let pool = Arc::new(Self { session: Arc::clone(session), waiting: Mutex::default() });
        let short = Arc::downgrade(&pool);
        session.server.when_short(move || {
            if let Some(pool) = short.upgrade() {
                pool.give_up_connections();
            }
        });
        pool
    }

    /// Returns the session whose clones these are.
    pub(in crate::isolate) fn session(&self) -> &Arc<Session> {
        &self.session
    }

    /// Takes the clone of a template out of the pool that was given back last.
    fn pick(&self, template: &Template) -> Option<Waiting> {
        let mut waiting = self.waiting.lock();
        let place = waiting.iter().rposition(|one| one.template == template.database)?;
        Some(waiting.remove(place))
    }

    /// Puts a clone into the pool. Returns the claim on the one that waited longest, where they are too many.
    pub(in crate::isolate) fn put(&self, idle: Idle) -> Option<Claim> {
        let Idle { template, claim, connection, mark } = idle;
        // Where connections are few, others want this one.
        let connection = (!self.session.server.is_thrifty()).then_some(connection);
        let mut waiting = self.waiting.lock();
        waiting.push(Waiting { template, claim, connection, mark });
        (waiting.len() > MOST).then(|| waiting.remove(0).claim)
    }

    /// Gives up the connections to clones that wait: the clones stay.
    fn give_up_connections(&self) {
        let mut waiting = self.waiting.lock();
        // They end outside the lock.
        let connections: Vec<_> = waiting.iter_mut().map(|one| one.connection.take()).collect();
        drop(waiting);
        drop(connections);
    }

    /// Makes a clone for the next user of a template, if none waits.
    pub(in crate::isolate) fn succeed(&self, template: &Template) -> Result<(), Error> {
        let waits = self.waiting.lock().iter().any(|one| one.template == template.database);
        if waits || !self.is_counted() {
            return Ok(());
        }
        self.put_or_drop(self.make(template)?)
    }

    /// Lets as many clones of a template wait as are asked for, those included that wait already.
    pub(in crate::isolate) fn prepare(
        &self,
        template: &Template,
        clones: usize,
    ) -> Result<(), Error> {
        if !self.is_counted() {
            return Ok(());
        }
        // Those that wait are taken before others are made.
        let taken: Result<Vec<Idle>, Error> =
            (0..clones.min(MOST)).map(|_| self.take(template, 0)).collect();
        taken?.into_iter().try_for_each(|idle| self.put_or_drop(idle))
    }

    fn put_or_drop(&self, idle: Idle) -> Result<(), Error> {
        let Some(surplus) = self.put(idle) else { return Ok(()) };
        Ok(self.session.drop_claimed(surplus).map_err(IsolateError::Drop)?)
    }

    /// Takes a clone that waits, in this process or for any; else makes one. It has a mark where it can be used
    /// again. Tests of other slots reach for other clones first.
    pub(in crate::isolate) fn take(&self, template: &Template, slot: usize) -> Result<Idle, Error> {
        let found = match self.pick(template) {
            None if self.is_counted() => self.claim(template, slot)?,
            found => found,
        };
        let Some(Waiting { template: database, claim, connection, mark }) = found else {
            return self.make(template);
        };
        let connection = match connection {
            Some(connection) => connection,
            None => match self.connect(template, &claim.database) {
                Ok(connection) => connection,
                Err(refusal) if refusal.is_connection() => {
                    return Err(IsolateError::Connect(refusal).into());
                }
                // Somebody has dropped or locked it: only this clone is lost.
                Err(_) => {
                    let _ = self.session.drop_claimed(claim);
                    return self.make(template);
                }
            },
        };
        Ok(Idle { template: database, claim, connection, mark })
    }

    /// Claims a clone that waits for any process.
    fn claim(&self, template: &Template, slot: usize) -> Result<Option<Waiting>, IsolateError> {
        let claimed = self.session.registry.claim(Kind::Clone, &template.database, slot);
        let Some((claim, notes)) = claimed.map_err(IsolateError::Registry)? else {
            return Ok(None);
        };
        // One whose mark cannot be read is abandoned with its claim.
        Ok(Mark::of_notes(&notes).map(|mark| {
            let (template, mark) = (template.database.clone(), Some(mark));
            Waiting { template, claim, connection: None, mark }
        }))
    }

    fn connect(&self, template: &Template, database: &str) -> Result<Connection, Refusal> {
        let options = &template.session_options().of_tests;
        self.session.server.connect_with(database, options, APPLICATION).map(Connection::new)
    }

    /// Makes a clone.
    fn make(&self, template: &Template) -> Result<Idle, Error> {
        let claim = self.session.enter(Kind::Clone, &template.database);
        let claim = claim.map_err(IsolateError::Registry)?;
        let made = || -> Result<_, Error> {
            let copied = self.session.server.copy_database(&claim.database, &template.database);
            copied.map_err(IsolateError::MakeDatabase)?;
            let connected = self.connect(template, &claim.database);
            let mut connection = connected.map_err(IsolateError::Connect)?;
            if !self.is_counted() {
                return Ok((connection, None));
            }
            let found = connection.inspect(template.shape()).map_err(IsolateError::Inspect)?;
            Ok((connection, Mark::of(found)))
        };
        match made() {
            Ok((connection, mark)) => {
                Ok(Idle { template: template.database.clone(), claim, connection, mark })
            }
            Err(error) => {
                // The first error is the one to tell; what stays is swept.
                let _ = self.session.drop_claimed(claim);
                Err(error)
            }
        }
    }

    fn is_counted(&self) -> bool {
        self.session.server.version() >= COUNTED_SINCE
    }

    /// Lets all clones wait for any process, at the end of this one.
    pub(in crate::isolate) fn park(&self) {
        let waiting = std::mem::take(&mut *self.waiting.lock());
        let registry = &self.session.registry;
        for Waiting { claim, connection, mark, .. } in waiting {
            // Whoever takes it next is alone with it.
            drop(connection);
            // A clone that is not let go of is swept by others.
            let _ = match mark {
                Some(mark) => registry.publish(claim, &mark.to_notes()),
                None => self.session.drop_claimed(claim),
            };
        }
        for claim in registry.surplus(Kind::Clone, MOST_ON_A_SERVER).unwrap_or_default() {
            let _ = self.session.drop_claimed(claim);
        }
    }
}

impl fmt::Debug for Pool {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Pool of {}", self.session.id)
    }
}
