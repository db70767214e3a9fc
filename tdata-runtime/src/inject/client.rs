//! Connections for tests.

use std::ops::{Deref, DerefMut};
use std::thread::ThreadId;

use parking_lot::{MappedMutexGuard, Mutex};
use postgres::Client;

use tdata_factory::{CopyRows, Store, StoreError};

use super::error::ReadError;
use crate::isolate::Loan;
use crate::off_runtime::{may_block, off_runtime};

/// A connection to a test's data; it derefs to [`postgres::Client`].
///
/// It is synchronous, and panics in async code. An async test takes an async client or a pool as a parameter, connects
/// one to [`TestData::url`], or uses this one within `spawn_blocking`.
///
/// [`TestData::url`]: crate::TestData::url
///
/// Under transaction isolation it is the one connection whose transaction holds the test's data, and
/// only one can be in use at a time.
pub struct DataClient<'a>(Inner<'a>);

enum Inner<'a> {
    /// `None` only while it is dropped.
    Own(Option<Loan>),
    InTransaction {
        client: MappedMutexGuard<'a, Client>,
        holder: &'a Mutex<Option<ThreadId>>,
    },
}

impl<'a> DataClient<'a> {
    pub(super) fn own(loan: Loan) -> Self {
        Self(Inner::Own(Some(loan)))
    }

    /// Takes the one connection of a transaction; `holder` tells which thread has it.
    pub(super) fn in_transaction(
        client: MappedMutexGuard<'a, Client>,
        holder: &'a Mutex<Option<ThreadId>>,
    ) -> Self {
        *holder.lock() = Some(std::thread::current().id());
        Self(Inner::InTransaction { client, holder })
    }

    /// Returns the client for work that is done off any runtime.
    pub(super) fn inner(&mut self) -> &mut Client {
        match &mut self.0 {
            Inner::Own(Some(client)) => client,
            Inner::Own(None) => unreachable!("taken only by drop"),
            Inner::InTransaction { client, .. } => client,
        }
    }
}

/// Refuses to lend a client where each of its calls would panic, in words that say nothing of tests.
#[track_caller]
fn check() {
    if !may_block() {
        panic!("{}", ReadError::DataClientInAsync);
    }
}

impl Deref for DataClient<'_> {
    type Target = Client;

    #[track_caller]
    fn deref(&self) -> &Client {
        check();
        match &self.0 {
            Inner::Own(Some(client)) => client,
            Inner::Own(None) => unreachable!("taken only by drop"),
            Inner::InTransaction { client, .. } => client,
        }
    }
}

impl DerefMut for DataClient<'_> {
    #[track_caller]
    fn deref_mut(&mut self) -> &mut Client {
        check();
        self.inner()
    }
}

/// Stores what factories make.
impl Store for DataClient<'_> {
    fn query(&mut self, sql: &str) -> Result<Vec<Option<String>>, StoreError> {
        Store::query(&mut **self, sql)
    }

    fn execute(&mut self, sql: &str) -> Result<(), StoreError> {
        Store::execute(&mut **self, sql)
    }

    fn copy(&mut self, sql: &str, rows: &mut CopyRows<'_>) -> Result<(), StoreError> {
        Store::copy(&mut **self, sql, rows)
    }
}

impl Drop for DataClient<'_> {
    fn drop(&mut self) {
        match &mut self.0 {
            Inner::Own(client) => {
                let client = client.take();
                off_runtime(|| drop(client));
            }
            Inner::InTransaction { holder, .. } => *holder.lock() = None,
        }
    }
}

impl std::fmt::Debug for DataClient<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("DataClient")
    }
}
