//! A server in use.

use std::fmt;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use parking_lot::Mutex;
use postgres::Client;
use tdata_postgres::Endpoint;
use tdata_postgres::Refusal;

use super::control;
use super::error::ServerError;
use super::ready::{self, Ready};
use super::run_id::{RunId, is_drawn};
use super::shared::{self, Announcement, Entry, Hold};
use super::shortage;

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
    pub(super) endpoint: Endpoint,
    pub(super) version: u32,
    identity: Option<String>,
    /// The folder of a server that all processes of a workspace share.
    pub(super) folder: Option<PathBuf>,
    keep_alive: Duration,
    /// The process that took it up: one that it forked has no say in its end.
    process: u32,
    pub(super) run: RunId,
    /// Whether it has said that it is the one that was announced.
    is_proved: AtomicBool,
    /// A connection to the control database whose name says that the run is alive, from the first time that
    /// the control database is needed.
    pub(super) lease: Mutex<Option<Client>>,
    /// On a server with a folder, this run's place on the roll, from then on as well.
    pub(super) entry: Mutex<Option<Entry>>,
    pub(super) is_to_sweep: AtomicBool,
    pub(super) idle: Mutex<Vec<Client>>,
    /// What else gives up connections that nobody uses just now.
    relief: OnceLock<fn(&Self)>,
    _keeper: Keeper,
}

/// How often a control database is made that others drop.
const ATTEMPTS: u32 = 5;

/// What a connection to a database that is not there is told.
const NO_DATABASE: &str = "3D000";

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

    /// Returns the folder in which all processes that share the server find what there is.
    pub(crate) fn folder(&self) -> Option<&Path> {
        self.folder.as_deref()
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
}

/// Tells a server that tdata booted to stop at once.
pub(super) fn stop(client: &mut Client) {
    // The answer is the end of the connection.
    let _ =
        client.batch_execute("COPY (SELECT) TO PROGRAM 'kill -QUIT $(head -n 1 postmaster.pid)'");
}
