//! The server in use, and the order in which sources are tried.

use std::collections::HashMap;
use std::fmt;
use std::sync::{Arc, OnceLock};

use parking_lot::Mutex;
use postgres::Client;
use tdata_core::project::ServerChoice;

use super::endpoint::Endpoint;
use super::error::ServerError;
use super::run_id::RunId;
use super::settings::ServerSettings;
use super::{local, url};
use crate::error::Error;
use crate::refusal::Refusal;

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
    run: RunId,
    /// An idle connection whose name says that the run is alive.
    lease: Mutex<Client>,
    idle: Mutex<Vec<Client>>,
    /// Holds an owned server up: it goes when the process does.
    keeper: Keeper,
}

/// What holds a server up.
pub(super) enum Keeper {
    /// Nothing: it is not ours.
    None,
    /// A watcher process that stops the server when our end of its pipe closes.
    Watcher { _pipe: std::process::ChildStdin },
    /// The container: dropping its handle would remove it at once.
    #[cfg(feature = "container")]
    Container { _handle: Box<dyn std::any::Any + Send + Sync> },
}

impl fmt::Debug for Server {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Server({} at {})", self.source, self.endpoint.place())
    }
}

impl Server {
    /// Takes up a server that answers: from here on its lease says that this run is alive.
    pub(super) fn take_up(
        source: ServerSource,
        endpoint: Endpoint,
        version: u32,
        client: Client,
        keeper: Keeper,
    ) -> Result<Self, ServerError> {
        let run = RunId::generate();
        let lease = Endpoint::connect_to(&endpoint.url(endpoint.maintenance()), &run.lease_name());
        let lease = lease.map_err(|refusal| ServerError::Unreachable {
            place: endpoint.place().to_owned(),
            refusal,
        })?;
        let (lease, idle) = (Mutex::new(lease), Mutex::new(vec![client]));
        Ok(Self { source, endpoint, version, run, lease, idle, keeper })
    }

    /// Returns what names this run on the server.
    pub(crate) fn run(&self) -> &RunId {
        &self.run
    }

    /// Returns where the server comes from.
    pub fn source(&self) -> ServerSource {
        self.source
    }

    /// Tells whether tdata booted the server, for this run alone.
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

    /// Does work over a connection to the maintenance database; connections are kept for others.
    pub(crate) fn maintain<T>(
        &self,
        work: impl FnOnce(&mut Client) -> Result<T, postgres::Error>,
    ) -> Result<T, Refusal> {
        let idle = self.idle.lock().pop();
        let mut client = match idle {
            Some(client) if !client.is_closed() => client,
            _ => self.endpoint.connect(self.endpoint.maintenance())?,
        };
        let result = work(&mut client);
        self.idle.lock().push(client);
        Ok(result?)
    }
}

type Slot = Arc<OnceLock<Result<Arc<Server>, Error>>>;

/// The servers of this process, by their settings. They stay until it ends.
static SERVERS: OnceLock<Mutex<HashMap<ServerSettings, Slot>>> = OnceLock::new();

/// Returns the server for these settings, and boots it when nobody has yet. Others who ask in the
/// meantime wait; a failure is told to all of them, not tried again.
pub(crate) fn server(settings: &ServerSettings) -> Result<Arc<Server>, Error> {
    let slot = {
        let mut servers = SERVERS.get_or_init(Mutex::default).lock();
        Arc::clone(servers.entry(settings.clone()).or_default())
    };
    slot.get_or_init(|| open(settings).map(Arc::new).map_err(Error::from)).clone()
}

/// Stops the containers of this process now that it ends: their watchers would only later.
pub(crate) fn stop_containers() {
    let Some(servers) = SERVERS.get() else { return };
    for slot in servers.lock().values() {
        #[cfg(feature = "container")]
        if let Some(Ok(server)) = slot.get()
            && matches!(server.keeper, Keeper::Container { .. })
        {
            super::container::stop(&mut server.lease.lock());
        }
        #[cfg(not(feature = "container"))]
        let _ = slot;
    }
}

/// Returns the servers of this process that are not its own.
pub(crate) fn foreign_servers() -> Vec<Arc<Server>> {
    let Some(servers) = SERVERS.get() else { return Vec::new() };
    let servers = servers.lock();
    let opened = servers.values().filter_map(|slot| slot.get()?.as_ref().ok());
    opened.filter(|server| !server.is_owned()).cloned().collect()
}

fn open(settings: &ServerSettings) -> Result<Server, ServerError> {
    match settings.choice {
        ServerChoice::Url => url::reach(settings),
        ServerChoice::Container => boot_container(settings),
        ServerChoice::Local => local::boot(settings),
        // A URL that is set is meant: when it does not answer, nothing else is.
        ServerChoice::Auto if settings.url.is_some() => url::reach(settings),
        ServerChoice::Auto => {
            let container = match boot_container(settings) {
                Ok(server) => return Ok(server),
                Err(error) => error,
            };
            let first_line = container.to_string().lines().next().unwrap_or_default().to_owned();
            match local::boot(settings) {
                Ok(server) => {
                    crate::notice!(
                        "no container ({first_line}); using the PostgreSQL of this machine"
                    );
                    Ok(server)
                }
                Err(local) => Err(ServerError::Nowhere {
                    reasons: vec![
                        "url: TDATA_DATABASE_URL and TEST_DATABASE_URL are not set".to_owned(),
                        format!("container: {first_line}"),
                        format!("local: {}", local.to_string().lines().next().unwrap_or_default()),
                    ],
                    image: settings.image.clone(),
                }),
            }
        }
    }
}

#[cfg(feature = "container")]
fn boot_container(settings: &ServerSettings) -> Result<Server, ServerError> {
    super::container::boot(settings)
}

#[cfg(not(feature = "container"))]
fn boot_container(_settings: &ServerSettings) -> Result<Server, ServerError> {
    Err(ServerError::Container {
        reason: "tdata was compiled without its feature `container`".to_owned(),
        help: "Enable it: tdata = { version = \"0.1\", features = [\"container\"] }".to_owned(),
    })
}
