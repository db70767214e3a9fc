//! Lending a clone's connection to its user.

use std::ops::{Deref, DerefMut};
use std::sync::Arc;

use parking_lot::Mutex;
use postgres::Client;
use tdata_postgres::Refusal;

use super::connection::Connection;

/// Where a clone's connection is.
pub(in crate::isolate) struct Slot(Mutex<Place>);

enum Place {
    /// Here; `used` once it was lent.
    Here { connection: Box<Connection>, used: bool },
    /// With the clone's user.
    Lent,
    /// The user gave the clone back.
    Over,
}

impl Slot {
    pub(in crate::isolate) fn new(connection: Connection) -> Arc<Self> {
        Arc::new(Self(Mutex::new(Place::Here { connection: Box::new(connection), used: false })))
    }

    /// Lends the connection, as it was when it began; where it is lent already, or is closed, one of
    /// `connect`.
    pub(in crate::isolate) fn lend(
        self: &Arc<Self>,
        connect: impl FnOnce() -> Result<Client, Refusal>,
    ) -> Result<Loan, Refusal> {
        let mut place = self.0.lock();
        let (mut connection, used) = match std::mem::replace(&mut *place, Place::Lent) {
            Place::Here { connection, used } => (connection, used),
            other => {
                *place = other;
                drop(place);
                return Ok(Loan::of(connect()?));
            }
        };
        drop(place);
        let clean =
            !connection.client.is_closed() && (!used || connection.clean().unwrap_or(false));
        if !clean || connection.act_as_tests().is_err() {
            *connection = Connection::new(connect()?);
        }
        Ok(Loan { connection: Some(connection), slot: Some(Arc::clone(self)) })
    }

    /// Works with the connection, if nobody has it; what its last user left open is undone.
    pub(in crate::isolate) fn work<T>(&self, work: impl FnOnce(&mut Connection) -> T) -> Option<T> {
        let mut place = self.0.lock();
        let Place::Here { connection, used } = &mut *place else { return None };
        if *used && !connection.clean().unwrap_or(false) {
            return None;
        }
        Some(work(connection))
    }

    /// Takes the connection for good; `None` where the user still has it.
    pub(in crate::isolate) fn close(&self) -> Option<Connection> {
        match std::mem::replace(&mut *self.0.lock(), Place::Over) {
            Place::Here { connection, .. } => Some(*connection),
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
    connection: Option<Box<Connection>>,
    slot: Option<Arc<Slot>>,
}

impl Loan {
    /// Makes one of a connection that ends with it.
    pub(crate) fn of(client: Client) -> Self {
        Self { connection: Some(Box::new(Connection::new(client))), slot: None }
    }
}

impl Deref for Loan {
    type Target = Client;

    fn deref(&self) -> &Client {
        match &self.connection {
            Some(connection) => &connection.client,
            None => unreachable!("taken only by drop"),
        }
    }
}

impl DerefMut for Loan {
    fn deref_mut(&mut self) -> &mut Client {
        match &mut self.connection {
            Some(connection) => &mut connection.client,
            None => unreachable!("taken only by drop"),
        }
    }
}

impl Drop for Loan {
    fn drop(&mut self) {
        let (Some(connection), Some(slot)) = (self.connection.take(), &self.slot) else { return };
        let mut place = slot.0.lock();
        if matches!(*place, Place::Lent) {
            *place = Place::Here { connection, used: true };
        }
    }
}
