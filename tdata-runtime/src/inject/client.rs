//! Connections for tests.

use std::ops::{Deref, DerefMut};

use parking_lot::MappedMutexGuard;
use postgres::Client;

use crate::off_runtime::off_runtime;

/// A connection to a test's data; it derefs to [`postgres::Client`].
///
/// Under transaction isolation it is the one connection whose transaction holds the test's data, and
/// only one can be in use at a time.
pub struct DataClient<'a>(Inner<'a>);

enum Inner<'a> {
    /// `None` only while it is dropped.
    Own(Option<Box<Client>>),
    InTransaction(MappedMutexGuard<'a, Client>),
}

impl<'a> DataClient<'a> {
    pub(super) fn own(client: Client) -> Self {
        Self(Inner::Own(Some(Box::new(client))))
    }

    pub(super) fn in_transaction(client: MappedMutexGuard<'a, Client>) -> Self {
        Self(Inner::InTransaction(client))
    }
}

impl Deref for DataClient<'_> {
    type Target = Client;

    #[track_caller]
    fn deref(&self) -> &Client {
        match &self.0 {
            Inner::Own(Some(client)) => client,
            Inner::Own(None) => unreachable!("taken only by drop"),
            Inner::InTransaction(client) => client,
        }
    }
}

impl DerefMut for DataClient<'_> {
    #[track_caller]
    fn deref_mut(&mut self) -> &mut Client {
        assert!(
            tokio::runtime::Handle::try_current().is_err(),
            "this is the synchronous client, which cannot be used in async code: connect an async \
             one to `data.url()`"
        );
        match &mut self.0 {
            Inner::Own(Some(client)) => client,
            Inner::Own(None) => unreachable!("taken only by drop"),
            Inner::InTransaction(client) => client,
        }
    }
}

impl Drop for DataClient<'_> {
    fn drop(&mut self) {
        if let Inner::Own(client) = &mut self.0 {
            let client = client.take();
            off_runtime(|| drop(client));
        }
    }
}

impl std::fmt::Debug for DataClient<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("DataClient")
    }
}
