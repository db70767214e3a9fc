//! Lending a clone's session to its user.

use std::ops::{Deref, DerefMut};
use std::sync::Arc;

use parking_lot::Mutex;
use postgres::Client;
use tdata_postgres::Refusal;

use super::session::Session;

/// Where a clone's session is.
pub(in crate::isolate) struct Slot(Mutex<Place>);

enum Place {
    /// Here; `used` once it was lent.
    Here { session: Box<Session>, used: bool },
    /// With the clone's user.
    Lent,
    /// The user gave the clone back.
    Over,
}

impl Slot {
    pub(in crate::isolate) fn new(session: Session) -> Arc<Self> {
        Arc::new(Self(Mutex::new(Place::Here { session: Box::new(session), used: false })))
    }

    /// Lends the session, as it was when it began; where it is lent already, or is closed, one of
    /// `connect`.
    pub(in crate::isolate) fn lend(
        self: &Arc<Self>,
        connect: impl FnOnce() -> Result<Client, Refusal>,
    ) -> Result<Loan, Refusal> {
        let mut place = self.0.lock();
        let (mut session, used) = match std::mem::replace(&mut *place, Place::Lent) {
            Place::Here { session, used } => (session, used),
            other => {
                *place = other;
                drop(place);
                return Ok(Loan::of(connect()?));
            }
        };
        drop(place);
        let clean = !session.client.is_closed() && (!used || session.clean().unwrap_or(false));
        if !clean {
            *session = Session::new(connect()?);
        }
        Ok(Loan { session: Some(session), slot: Some(Arc::clone(self)) })
    }

    /// Works with the session, if nobody has it; what its last user left open is undone.
    pub(in crate::isolate) fn work<T>(&self, work: impl FnOnce(&mut Session) -> T) -> Option<T> {
        let mut place = self.0.lock();
        let Place::Here { session, used } = &mut *place else { return None };
        if *used && !session.clean().unwrap_or(false) {
            return None;
        }
        Some(work(session))
    }

    /// Takes the session for good; `None` where the user still has it.
    pub(in crate::isolate) fn close(&self) -> Option<Session> {
        match std::mem::replace(&mut *self.0.lock(), Place::Over) {
            Place::Here { session, .. } => Some(*session),
            Place::Lent | Place::Over => None,
        }
    }
}

impl std::fmt::Debug for Slot {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Slot")
    }
}

/// A connection for a test; when it is dropped it goes back to where it came from.
pub(crate) struct Loan {
    /// `None` only while it is dropped.
    session: Option<Box<Session>>,
    slot: Option<Arc<Slot>>,
}

impl Loan {
    /// Makes one of a connection that ends with it.
    pub(crate) fn of(client: Client) -> Self {
        Self { session: Some(Box::new(Session::new(client))), slot: None }
    }
}

impl Deref for Loan {
    type Target = Client;

    fn deref(&self) -> &Client {
        match &self.session {
            Some(session) => &session.client,
            None => unreachable!("taken only by drop"),
        }
    }
}

impl DerefMut for Loan {
    fn deref_mut(&mut self) -> &mut Client {
        match &mut self.session {
            Some(session) => &mut session.client,
            None => unreachable!("taken only by drop"),
        }
    }
}

impl Drop for Loan {
    fn drop(&mut self) {
        let (Some(session), Some(slot)) = (self.session.take(), &self.slot) else { return };
        let mut place = slot.0.lock();
        if matches!(*place, Place::Lent) {
            *place = Place::Here { session, used: true };
        }
    }
}
