//! A server in use.

use std::fmt;
use std::io;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, OnceLock};
use std::time::{Duration, SystemTime};

use parking_lot::Mutex;
use postgres::Client;
use tdata_postgres::Endpoint;
use tdata_postgres::Refusal;

use super::ready::{self, Ready};
use super::server_source::ServerSource;
use super::session_id::is_drawn;
use super::shared::{self, Announcement, Hold};
use super::shortage::{self, Turn};
use crate::notice::Notices;
use crate::open_folder::OpenFolder;

/// A PostgreSQL server in use.
pub struct Server {
    source: ServerSource,
    endpoint: Endpoint,
    version: u32,
    identity: Option<String>,
    /// The folder of a server that all processes of a workspace share.
    folder: Option<Arc<OpenFolder>>,
    keep_alive: Duration,
    notices: Notices,
    /// The process that took it up: one that it forked has no say in its end.
    process: u32,
    /// Whether it has said that it is the one that was announced.
    is_proved: AtomicBool,
    /// Whether it was found to be gone.
    is_gone: AtomicBool,
    /// Connections to the maintenance database that nobody uses just now.
    pub(super) idle: Mutex<Vec<Client>>,
    /// Who waits for a connection, where the server has none to spare.
    turn: Turn,
    /// What else gives up connections that nobody uses just now.
    relief: OnceLock<Box<dyn Fn() + Send + Sync>>,
    /// What holds up a server that others may use as well.
    _hold: Option<Hold>,
}

impl fmt::Debug for Server {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Server({} at {})", self.source, self.endpoint.place())
    }
}

impl Server {
    /// Takes up a server that was announced. It is not asked for anything yet: whoever finds what it needs in the
    /// server's folder has no use for another connection.
    pub(super) fn announced(
        announcement: Announcement,
        folder: OpenFolder,
        keep_alive: Duration,
        hold: Hold,
        notices: &Notices,
    ) -> Self {
        let endpoint = announcement.endpoint(&folder);
        let Announcement { source, identity, version, .. } = announcement;
        let mut server = Self::new(source, endpoint, version, keep_alive, notices);
        server._hold = Some(hold);
        server.identity = Some(identity);
        server.folder = Some(Arc::new(folder));
        server.is_proved = AtomicBool::new(false);
        server
    }

    /// Takes up a server that answers, and that nobody finds in a folder.
    pub(super) fn alone(
        source: ServerSource,
        endpoint: Endpoint,
        ready: Ready,
        keep_alive: Duration,
        notices: &Notices,
    ) -> Self {
        let server = Self::new(source, endpoint, ready.version, keep_alive, notices);
        server.idle.lock().push(ready.client);
        server
    }

    fn new(
        source: ServerSource,
        endpoint: Endpoint,
        version: u32,
        keep_alive: Duration,
        notices: &Notices,
    ) -> Self {
        Self {
            source,
            endpoint,
            version,
            identity: None,
            folder: None,
            keep_alive,
            notices: notices.clone(),
            process: std::process::id(),
            is_proved: AtomicBool::new(true),
            is_gone: AtomicBool::new(false),
            idle: Mutex::default(),
            turn: Turn::default(),
            relief: OnceLock::new(),
            _hold: None,
        }
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
                relief();
            }
        };
        let connect = || self.endpoint.connect_with(database, options, application);
        let (turn, place) = (&self.turn, self.endpoint.place());
        let connected = shortage::wait(connect, turn, application, &place, &self.notices, relieve);
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
    pub(crate) fn when_short(&self, relief: impl Fn() + Send + Sync + 'static) {
        // Whoever says so first holds.
        let _ = self.relief.set(Box::new(relief));
    }

    /// Lets a server that tdata booted stay up until a time, whatever becomes of this process.
    pub(crate) fn stay_until(&self, until: SystemTime) {
        if let Some(folder) = &self.folder {
            // A server that nobody watches stays anyhow, until the next boot looks for it.
            let _ = shared::stay_until(folder, until);
        }
    }

    /// Lets no process of the workspace find a server of ours any more. Who uses it goes on, and the next request gets
    /// another server.
    pub(crate) fn give_up(&self) {
        if let Some(folder) = &self.folder {
            shared::give_up(folder);
        }
        self.set_gone();
    }

    /// Remembers that the server went away.
    pub(crate) fn set_gone(&self) {
        self.is_gone.store(true, Ordering::Relaxed);
    }

    /// Tells whether a server is there to be used: one that went away, or that is announced no more, is not.
    pub(crate) fn is_usable(&self) -> bool {
        let is_announced = || self.folder.as_deref().is_none_or(shared::is_announced);
        !self.is_gone.load(Ordering::Relaxed) && is_announced()
    }

    /// Says something to the person who waits.
    pub(crate) fn notices(&self) -> &Notices {
        &self.notices
    }

    /// Tells whether the server has answered, as the one that it was announced to be.
    pub(crate) fn is_proved(&self) -> bool {
        self.is_proved.load(Ordering::Relaxed)
    }

    /// Returns the folder in which all processes that share the server find what there is.
    pub(crate) fn folder(&self) -> Option<&Arc<OpenFolder>> {
        self.folder.as_ref()
    }

    /// Returns what a server that was announced must say that it is.
    pub(super) fn identity(&self) -> Option<&str> {
        self.identity.as_deref()
    }

    /// Tells whether this process, rather than one that forked it, uses the server.
    pub(crate) fn is_of_this_process(&self) -> bool {
        self.process == std::process::id()
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
