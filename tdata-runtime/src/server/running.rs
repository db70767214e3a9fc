//! A server in use.

use std::fmt;
use std::io;
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, OnceLock};
use std::time::{Duration, SystemTime};

use parking_lot::Mutex;
use postgres::Client;
use tdata_postgres::Endpoint;
use tdata_postgres::Refusal;

use super::own_session;
use super::queue::{self, Front, Patience};
use super::ready::{self, PER_SESSION, Ready};
use super::server_source::ServerSource;
use super::session_id::is_drawn;
use super::settings::ServerSettings;
use super::shared::{self, Announcement, Hold};
use super::shortage::{self, Turn};
use crate::notice::Notices;
use crate::open_folder::OpenFolder;

/// From so many connections on, some may be kept that nobody uses just now.
const PLENTY: u32 = 64;

/// A PostgreSQL server in use.
pub struct Server {
    source: ServerSource,
    endpoint: Endpoint,
    /// How the superuser reaches a server of ours.
    superuser: Option<Endpoint>,
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
    /// How many sessions have connections enough at once.
    sessions: u32,
    /// The workspace whose processes wait for each other on a server that is not ours.
    workspace: PathBuf,
    /// Whether connections that nobody uses just now are not kept.
    is_thrifty: AtomicBool,
    /// Connections to the maintenance database that nobody uses just now.
    pub(super) idle: Mutex<Vec<Client>>,
    /// The one connection that says that this session lives, where the registry needs one: it does other work as well.
    pub(crate) lease: Mutex<Option<Client>>,
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
        let endpoint = announcement.endpoint().with_socket_in(folder.path());
        let superuser = announcement.superuser();
        let Announcement { source, identity, version, .. } = announcement;
        let mut server = Self::new(source, endpoint, version, keep_alive, notices);
        server.superuser = Some(superuser.with_socket_in(folder.path()));
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
        superuser: Option<Endpoint>,
        ready: Ready,
        settings: &ServerSettings,
        notices: &Notices,
    ) -> Self {
        let mut server = Self::new(source, endpoint, ready.version, settings.keep_alive, notices);
        server.superuser = superuser;
        let allowed = ready.connections.allowed;
        server.sessions = allowed / PER_SESSION;
        server.workspace = settings.workspace.clone();
        *server.is_thrifty.get_mut() = allowed < PLENTY;
        if !server.is_thrifty() {
            server.idle.get_mut().push(ready.client);
        }
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
            superuser: None,
            version,
            identity: None,
            folder: None,
            keep_alive,
            notices: notices.clone(),
            process: std::process::id(),
            is_proved: AtomicBool::new(true),
            is_gone: AtomicBool::new(false),
            sessions: u32::MAX,
            workspace: PathBuf::new(),
            is_thrifty: AtomicBool::new(false),
            idle: Mutex::default(),
            lease: Mutex::default(),
            turn: Turn::default(),
            relief: OnceLock::new(),
            _hold: None,
        }
    }

    /// Connects to a database for work of tdata's own.
    pub(crate) fn connect(&self, database: &str) -> Result<Client, Refusal> {
        self.connect_own(database, "", "tdata")
    }

    /// Connects to a database for work of tdata's own, with options, under an application's name. Nothing that the role,
    /// the database or the URL sets changes what is done, but for the `search_path` where `options` do not set it.
    pub(crate) fn connect_own(
        &self,
        database: &str,
        options: &str,
        application: &str,
    ) -> Result<Client, Refusal> {
        let own = own_session::options(self.version);
        self.connect_with(database, &format!("{own} {options}"), application)
    }

    /// Connects to a database for work that must see all rows, with options, under an application's name: on a server of ours
    /// as a superuser, else as tdata's own sessions do.
    pub(crate) fn connect_to_see(
        &self,
        database: &str,
        options: &str,
        application: &str,
    ) -> Result<Client, Refusal> {
        let own = own_session::options(self.version);
        let endpoint = self.superuser.as_ref().unwrap_or(&self.endpoint);
        self.connect_as(endpoint, database, &format!("{own} {options}"), application)
    }

    /// Connects to a database as tests do, with options, under an application's name.
    pub(crate) fn connect_with(
        &self,
        database: &str,
        options: &str,
        application: &str,
    ) -> Result<Client, Refusal> {
        self.connect_as(&self.endpoint, database, options, application)
    }

    /// Connects as a role. Where connections are short, it waits in order. A server that was announced must say that it is
    /// the one.
    fn connect_as(
        &self,
        endpoint: &Endpoint,
        database: &str,
        options: &str,
        application: &str,
    ) -> Result<Client, Refusal> {
        let relieve = || {
            self.is_thrifty.store(true, Ordering::Relaxed);
            self.idle.lock().clear();
            if let Some(relief) = self.relief.get() {
                relief();
            }
        };
        let connect = || endpoint.connect_with(database, options, application);
        let (turn, place) = (&self.turn, endpoint.place());
        let connected = shortage::wait(connect, turn, application, &place, &self.notices, relieve);
        self.prove(connected, database)
    }

    /// Does work on a server of ours as a superuser.
    pub(crate) fn as_superuser<T, E: Into<Refusal>>(
        &self,
        mut work: impl FnMut(&mut Client) -> Result<T, E>,
    ) -> Result<T, Refusal> {
        let Some(superuser) = self.superuser.as_ref().filter(|_| !self.has_superuser()) else {
            return self.maintain(work);
        };
        let options = own_session::options(self.version);
        let mut client = self.connect_as(superuser, superuser.maintenance(), &options, "tdata")?;
        work(&mut client).map_err(Into::into)
    }

    /// Tells whether the server is still there. One that refuses is, too: it may have no connection to spare.
    pub(crate) fn answers(&self) -> bool {
        let database = self.endpoint.maintenance();
        let connect = || self.endpoint.connect_with(database, "", "tdata");
        match shortage::attempt(connect) {
            Ok(Ok(client)) => self.prove(Ok(client), database).is_ok(),
            Ok(Err(_)) => true,
            Err(refusal) => {
                self.prove(Err(refusal), database).is_err_and(|refusal| !refusal.is_connection())
            }
        }
    }

    /// Checks that a server that was announced is the one that a connection was made to.
    fn prove(&self, connected: Result<Client, Refusal>, database: &str) -> Result<Client, Refusal> {
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

    /// Returns how many sessions have connections enough at once.
    pub(crate) fn sessions(&self) -> u32 {
        self.sessions
    }

    /// Waits until no other process of the workspace is first of those that want to begin.
    pub(crate) fn wait_for_front(&self) -> Front {
        queue::wait(&self.workspace, Patience::default(), &self.notices, || false)
    }

    /// Tells whether connections are so few that none is kept for later.
    pub(crate) fn is_thrifty(&self) -> bool {
        self.is_thrifty.load(Ordering::Relaxed)
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
