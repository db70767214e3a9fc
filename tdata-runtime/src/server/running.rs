//! A server in use.

use std::fmt;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use parking_lot::Mutex;
use postgres::error::SqlState;
use postgres::types::Type;
use postgres::{Client, SimpleQueryMessage};
use tdata_core::definition::quote_identifier;

use super::control;
use super::endpoint::Endpoint;
use super::error::ServerError;
use super::ready::{self, Ready};
use super::run_id::{LEASE, RunId, is_drawn};
use super::shared::{self, Announcement, Entry, Hold};
use super::shortage;
use tdata_factory::store::Refusal;

/// Where a server comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ServerSource {
    /// It ran already; a URL named it.
    Url,
    /// tdata booted it in a container.
    Container,
    /// tdata booted it from this machine's programs.
    Local,
}

impl fmt::Display for ServerSource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Url => "url",
            Self::Container => "container",
            Self::Local => "local",
        })
    }
}

/// A PostgreSQL server in use.
pub struct Server {
    source: ServerSource,
    endpoint: Endpoint,
    version: u32,
    identity: Option<String>,
    /// The folder of a server that all processes of a workspace share.
    folder: Option<PathBuf>,
    keep_alive: Duration,
    /// The process that took it up: one that it forked has no say in its end.
    process: u32,
    run: RunId,
    /// Whether it has said that it is the one that was announced.
    is_proved: AtomicBool,
    /// A connection to the control database whose name says that the run is alive, from the first time that
    /// the control database is needed.
    lease: Mutex<Option<Client>>,
    /// On a server with a folder, this run's place on the roll, from then on as well.
    entry: Mutex<Option<Entry>>,
    is_to_sweep: AtomicBool,
    idle: Mutex<Vec<Client>>,
    /// What else gives up connections that nobody uses just now.
    relief: OnceLock<fn(&Self)>,
    _keeper: Keeper,
}

/// How often a control database is made that others drop.
const ATTEMPTS: u32 = 5;

/// The pause between two looks at whether something has ended.
const PAUSE: Duration = Duration::from_millis(5);

/// What a connection to a database that is not there is told.
const NO_DATABASE: &str = "3D000";

/// A lock that no other process of a server has.
pub(crate) struct Locked {
    _client: Client,
}

/// What holds a server up.
pub(super) enum Keeper {
    /// Nothing: it is not ours.
    None,
    /// The hold of this process on a server that others may use as well.
    Shared { _hold: Hold },
}

impl fmt::Debug for Server {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Server({} at {})", self.source, self.endpoint.place())
    }
}

impl Server {
    /// Takes up a server that was announced. It is not asked for anything yet: whoever finds what it needs in the
    /// server's folder has no use for the control database.
    pub(super) fn announced(
        announcement: Announcement,
        folder: &Path,
        keep_alive: Duration,
        hold: Hold,
    ) -> Self {
        let endpoint = announcement.endpoint(folder);
        let Announcement { source, identity, version, .. } = announcement;
        let keeper = Keeper::Shared { _hold: hold };
        let mut server = Self::new(source, endpoint, version, keep_alive, keeper);
        server.identity = Some(identity);
        server.folder = Some(folder.to_owned());
        server.is_proved = AtomicBool::new(false);
        server
    }

    /// Takes up a server that answers and is nobody else's.
    pub(super) fn alone(
        source: ServerSource,
        endpoint: Endpoint,
        ready: Ready,
        keep_alive: Duration,
    ) -> Self {
        let server = Self::new(source, endpoint, ready.version, keep_alive, Keeper::None);
        server.idle.lock().push(ready.client);
        server
    }

    fn new(
        source: ServerSource,
        endpoint: Endpoint,
        version: u32,
        keep_alive: Duration,
        keeper: Keeper,
    ) -> Self {
        Self {
            source,
            endpoint,
            version,
            identity: None,
            folder: None,
            keep_alive,
            process: std::process::id(),
            run: RunId::generate(),
            is_proved: AtomicBool::new(true),
            lease: Mutex::default(),
            entry: Mutex::default(),
            is_to_sweep: AtomicBool::new(false),
            idle: Mutex::default(),
            relief: OnceLock::new(),
            _keeper: keeper,
        }
    }

    /// Takes up a server that runs without a control database of ours.
    pub(super) fn take_up_new(
        source: ServerSource,
        endpoint: Endpoint,
        ready: Ready,
        keep_alive: Duration,
    ) -> Result<Self, ServerError> {
        let server = Self::alone(source, endpoint, ready, keep_alive);
        let made = || {
            server.maintain(|client| control::make(client, &server.endpoint))?;
            server.control(|_| Ok(()))
        };
        let mut result = made();
        for _attempt in 1..ATTEMPTS {
            match &result {
                // The last process of another run has just dropped it.
                Err(refusal) if refusal.is(NO_DATABASE) => result = made(),
                _ => break,
            }
        }
        result.map_err(|refusal| ServerError::not_prepared(&server.endpoint, refusal))?;
        Ok(server)
    }

    /// Connects to a database, as all of tdata's connections are made. A server that was announced must say that
    /// it is the one.
    pub(crate) fn connect(&self, database: &str) -> Result<Client, Refusal> {
        self.connect_with(database, "", "tdata")
    }

    /// Connects to a database with options, under an application's name.
    pub(crate) fn connect_with(
        &self,
        database: &str,
        options: &str,
        application: &str,
    ) -> Result<Client, Refusal> {
        let relieve = || {
            self.idle.lock().clear();
            if let Some(relief) = self.relief.get() {
                relief(self);
            }
        };
        let connected = shortage::connect(&self.endpoint, database, options, application, relieve);
        let another = || {
            let place = self.endpoint.place();
            let another = format!("another server than the one announced answers at {place}");
            Refusal::on_the_way(&io::Error::other(another))
        };
        let mut client = match connected {
            // Ours knows the password.
            Err(refusal) if !self.is_proved() && refusal.is_authorization() => {
                return Err(another());
            }
            connected => connected?,
        };
        if !self.is_proved.load(Ordering::Relaxed) {
            // No other server has a database of a name that was drawn at random for this one.
            let says_so = is_drawn(database) || ready::identity(&mut client)? == self.identity;
            if !says_so {
                return Err(another());
            }
            self.is_proved.store(true, Ordering::Relaxed);
        }
        Ok(client)
    }

    /// Lets `relief` give up connections that nobody uses, whenever the server has none to spare.
    pub(crate) fn when_short(&self, relief: fn(&Self)) {
        // All who say so say the same.
        let _ = self.relief.set(relief);
    }

    /// Tells whether the server has answered, as the one that it was announced to be.
    pub(crate) fn is_proved(&self) -> bool {
        self.is_proved.load(Ordering::Relaxed)
    }

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

    /// Returns the folder in which all processes that share the server find what there is.
    pub(crate) fn folder(&self) -> Option<&Path> {
        self.folder.as_deref()
    }

    /// Takes the control database away from a server that is not ours, with all that it knows, if no other
    /// process uses it.
    pub(crate) fn leave(&self) -> Result<(), Refusal> {
        let is_last = self.control(|client| {
            client.batch_execute("SELECT pg_advisory_unlock_shared(2)")?;
            Ok(client.query_one("SELECT pg_try_advisory_lock(2)", &[])?.get::<_, bool>(0))
        })?;
        if !is_last {
            return Ok(());
        }
        let all: Vec<String> = self.control(|client| {
            let sql = "SELECT database FROM instance UNION ALL SELECT database FROM clone \
                       UNION ALL SELECT database FROM template";
            Ok(client.query(sql, &[])?.iter().map(|row| row.get(0)).collect())
        })?;
        // Should this be cut off, the next run finds nothing that it takes for usable.
        let run = self.run.to_string();
        self.control(|client| {
            client.query_typed("UPDATE clone SET holder = $1", &[(&run, Type::TEXT)])?;
            client.batch_execute(
                "UPDATE template SET ready = false; DELETE FROM instance_user; DELETE FROM instance",
            )
        })?;
        for database in all {
            self.drop_database(&database)?;
        }
        self.control(|client| client.batch_execute("DELETE FROM clone; DELETE FROM template"))?;
        let control = control::database(&self.endpoint);
        let lease = format!("{LEASE}{} %", self.run);
        let end = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity \
                   WHERE datname = $1 AND application_name LIKE $2";
        self.maintain(|client| client.execute(end, &[&control, &lease]))?;
        // Whoever came in the meantime keeps it.
        let drop = format!("DROP DATABASE IF EXISTS {}", quote_identifier(&control));
        match self.maintain(|client| client.batch_execute(&drop)) {
            Err(refusal) if refusal.is(SqlState::OBJECT_IN_USE.code()) => Ok(()),
            dropped => dropped,
        }
    }

    /// Returns what a server that was announced must say that it is.
    pub(super) fn identity(&self) -> Option<&str> {
        self.identity.as_deref()
    }

    /// Tells whether the server, if it was announced, is so still: that goes with its end.
    pub(super) fn is_announced(&self) -> bool {
        self.folder.as_deref().is_none_or(shared::is_announced)
    }

    /// Tells whether this process, rather than one that forked it, uses the server.
    pub(super) fn is_of_this_process(&self) -> bool {
        self.process == std::process::id()
    }

    /// Returns what names this run on the server.
    pub(crate) fn run(&self) -> &RunId {
        &self.run
    }

    /// Returns where the server comes from.
    pub fn source(&self) -> ServerSource {
        self.source
    }

    /// Tells whether tdata booted the server.
    pub fn is_owned(&self) -> bool {
        self.source != ServerSource::Url
    }

    /// Returns how the server is reached.
    pub fn endpoint(&self) -> &Endpoint {
        &self.endpoint
    }

    /// Returns the version in PostgreSQL's numbering, such as 150018 for 15.18.
    pub fn version(&self) -> u32 {
        self.version
    }

    /// Returns how long a server that tdata booted stays behind the last process that used it, if that is this one.
    pub(crate) fn keep_alive(&self) -> Duration {
        self.keep_alive
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

    /// Drops a database that tdata made, whoever is connected to it. One that is kept stays.
    pub(crate) fn drop_database(&self, database: &str) -> Result<(), Refusal> {
        // The server goes on making one for a process that was killed: it would be there afterwards.
        let making = format!("CREATE DATABASE {database} %");
        let end = "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity \
                   WHERE pid <> pg_backend_pid() AND state = 'active' AND query LIKE $1";
        let sql = format!("DROP DATABASE IF EXISTS {database} WITH (FORCE)");
        let dropped = self.maintain(|client| {
            while client.query_typed_one(end, &[(&making, Type::TEXT)])?.get::<_, i64>(0) > 0 {
                std::thread::sleep(PAUSE);
            }
            client.batch_execute(&sql)
        });
        match dropped {
            // PostgreSQL refuses before it ends anybody's session.
            Err(refusal) if refusal.is(SqlState::WRONG_OBJECT_TYPE.code()) => Ok(()),
            dropped => dropped,
        }
    }

    /// Keeps a database from being dropped, by whomever: PostgreSQL drops none that says it is a template.
    pub(crate) fn keep_database(&self, database: &str) -> Result<(), Refusal> {
        // A test that failed may have left it locked.
        let sql =
            format!("SET LOCAL lock_timeout = '5s'; ALTER DATABASE {database} IS_TEMPLATE true");
        self.maintain(|client| client.batch_execute(&sql))
    }

    /// Does work over a connection to the maintenance database; connections are kept for others.
    ///
    /// The server may have closed a kept connection meanwhile, so that a first failure of one says
    /// nothing: the work is done again over a new one.
    pub(crate) fn maintain<T, E: Into<Refusal>>(
        &self,
        mut work: impl FnMut(&mut Client) -> Result<T, E>,
    ) -> Result<T, Refusal> {
        let kept = self.idle.lock().pop();
        if let Some(mut client) = kept {
            match work(&mut client).map_err(Into::into) {
                Err(refusal) if refusal.is_connection() => {}
                result => {
                    self.idle.lock().push(client);
                    return result;
                }
            }
        }
        let mut client = self.connect(self.endpoint.maintenance())?;
        let result = work(&mut client).map_err(Into::into);
        if !result.as_ref().is_err_and(Refusal::is_connection) {
            self.idle.lock().push(client);
        }
        result
    }
}

/// Tells a server that tdata booted to stop at once.
pub(super) fn stop(client: &mut Client) {
    // The answer is the end of the connection.
    let _ =
        client.batch_execute("COPY (SELECT) TO PROGRAM 'kill -QUIT $(head -n 1 postmaster.pid)'");
}

/// What lets a session wait, whatever the URL or the role says.
fn no_timeouts(version: u32) -> String {
    let idle = if version >= IDLE_TIMEOUT_SINCE { " SET idle_session_timeout = 0;" } else { "" };
    format!("SET statement_timeout = 0; SET lock_timeout = 0;{idle}")
}

/// The first version that can end sessions for being idle.
const IDLE_TIMEOUT_SINCE: u32 = 140_000;
