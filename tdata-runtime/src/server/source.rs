//! The server in use, and the order in which sources are tried.

use std::collections::HashMap;
use std::fmt;
use std::sync::{Arc, OnceLock};

use parking_lot::Mutex;
use postgres::Client;
use tdata_core::project::ServerChoice;

use super::endpoint::Endpoint;
use super::error::ServerError;
use super::settings::ServerSettings;
use super::{local, url};
use crate::error::{Error, Refusal};

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
#[derive(Debug)]
pub struct Server {
    source: ServerSource,
    endpoint: Endpoint,
    version: u32,
    idle: Mutex<Vec<Client>>,
    /// Holds an owned server up: it goes when the process does.
    _keeper: Keeper,
}

/// What holds a server up.
pub(super) enum Keeper {
    /// Nothing: it is not ours.
    None,
    /// A watcher process that stops the server when our end of its pipe closes.
    #[cfg_attr(not(unix), expect(dead_code, reason = "local servers need Unix"))]
    Watcher { _pipe: std::process::ChildStdin },
    /// A connection that the container's watcher looks for.
    #[cfg(feature = "container")]
    Lease { _connection: Mutex<Client> },
}

impl fmt::Debug for Keeper {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Keeper")
    }
}

impl Server {
    pub(super) fn new(
        source: ServerSource,
        endpoint: Endpoint,
        version: u32,
        client: Client,
        keeper: Keeper,
    ) -> Self {
        Self { source, endpoint, version, idle: Mutex::new(vec![client]), _keeper: keeper }
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
                    crate::notice!("no container ({first_line}); using the PostgreSQL of this machine");
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
