//! A run's lease of a server: its connection to the control database, and what goes with it.

use std::sync::atomic::Ordering;

use postgres::{Client, SimpleQueryMessage};
use tdata_postgres::Refusal;

use super::control;
use super::running::Server;
use super::shared::{self, Entry};

/// A lock that no other process of a server has.
pub(crate) struct Locked {
    _client: Client,
}

impl Server {
    /// Takes a lease of the server: from here on it says that this run is alive.
    fn take_lease(&self) -> Result<Client, Refusal> {
        if let Some(folder) = &self.folder {
            let entry = Entry::enter(folder, &self.run.to_string());
            *self.entry.lock() = Some(entry.map_err(|error| Refusal::of_file(&error))?);
        }
        let database = control::database(&self.endpoint);
        let name = self.run.lease_name();
        let mut lease = self.connect_with(&database, "", &name)?;
        let enter = format!("{} {}", no_timeouts(self.version), control::ENTER);
        let messages = lease.simple_query(&enter)?;
        let rows = messages.iter().filter(|one| matches!(one, SimpleQueryMessage::Row(_))).count();
        // The first row is that of the lock.
        self.is_to_sweep.store(rows > 1, Ordering::Relaxed);
        Ok(lease)
    }

    /// Tells whether this run has a lease: whether it may have anything on the server that goes with it.
    pub(crate) fn is_leased(&self) -> bool {
        self.lease.lock().is_some()
    }

    /// Returns a name for something new that goes with this run; `kind` is one letter.
    pub(crate) fn name(&self, kind: char) -> Result<String, Refusal> {
        // What a run without a lease makes would be taken for left behind.
        self.control(|_| Ok(()))?;
        Ok(self.run.name(kind))
    }

    /// Does work in the control database.
    pub(crate) fn control<T>(
        &self,
        work: impl FnOnce(&mut Client) -> Result<T, postgres::Error>,
    ) -> Result<T, Refusal> {
        let mut lease = self.lease.lock();
        let client = match &mut *lease {
            Some(client) => client,
            none => none.insert(self.take_lease()?),
        };
        Ok(work(client)?)
    }

    /// Tells whether the server is still there.
    pub(crate) fn answers(&self) -> bool {
        self.control(|client| client.simple_query("").map(drop)).is_ok()
    }

    /// Waits for a lock that no other process of the server has, and takes it. It goes with the guard, or
    /// with the process.
    pub(crate) fn lock(&self, name: &str) -> Result<Locked, Refusal> {
        let mut client = self.connect(&control::database(&self.endpoint))?;
        client.batch_execute(&no_timeouts(self.version))?;
        client.execute("SELECT pg_advisory_lock(hashtextextended($1, 0))", &[&name])?;
        Ok(Locked { _client: client })
    }

    /// Tells whether this process is to look for what others left behind.
    pub(crate) fn is_time_to_look(&self) -> bool {
        match &self.folder {
            Some(folder) => shared::is_time_to_look(folder),
            None => self.is_to_sweep.swap(false, Ordering::Relaxed),
        }
    }

    /// Takes the entries of runs that ended without cleaning up; `None` where there is no roll of them.
    pub(crate) fn ended_runs(&self) -> Option<Vec<Entry>> {
        self.folder.as_deref().map(shared::ended)
    }

    /// Takes this run off the roll, once nothing is left of it.
    pub(crate) fn sign_off(&self) {
        if let Some(entry) = self.entry.lock().take() {
            entry.leave();
        }
    }
}

/// What lets a session wait, whatever the URL or the role says.
fn no_timeouts(version: u32) -> String {
    let idle = if version >= IDLE_TIMEOUT_SINCE { " SET idle_session_timeout = 0;" } else { "" };
    format!("SET statement_timeout = 0; SET lock_timeout = 0;{idle}")
}

/// The first version that can end sessions for being idle.
const IDLE_TIMEOUT_SINCE: u32 = 140_000;
