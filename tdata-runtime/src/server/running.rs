//! A server in use.

use std::fmt;

use parking_lot::Mutex;
use postgres::Client;

use super::endpoint::Endpoint;
use super::error::ServerError;
use super::run_id::RunId;
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
    /// The process that took it up: one that it forked has no say in its end.
    process: u32,
    run: RunId,
    /// An idle connection whose name says that the run is alive.
    pub(super) lease: Mutex<Client>,
    idle: Mutex<Vec<Client>>,
    /// Holds an owned server up: it goes when the process does.
    pub(super) keeper: Keeper,
}

/// What holds a server up.
pub(super) enum Keeper {
    /// Nothing: it is not ours.
    None,
    /// A watcher process that stops the server when our end of its pipe closes.
    Watcher { _pipe: std::process::ChildStdin },
    /// The container: dropping its handle would remove it at once.
    #[cfg_attr(not(feature = "container"), expect(dead_code, reason = "it makes none"))]
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
        let lease =
            lease(&endpoint, &run, version).map_err(|refusal| ServerError::Unreachable {
                demands_tls: endpoint.demands_tls(),
                place: endpoint.place(),
                refusal,
            })?;
        let (lease, idle) = (Mutex::new(lease), Mutex::new(vec![client]));
        let process = std::process::id();
        Ok(Self { source, endpoint, version, process, run, lease, idle, keeper })
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
    ///
    /// The server may have closed a kept connection meanwhile, so that a first failure of one says
    /// nothing: the work is done again over a new one.
    pub(crate) fn maintain<T>(
        &self,
        mut work: impl FnMut(&mut Client) -> Result<T, postgres::Error>,
    ) -> Result<T, Refusal> {
        let kept = self.idle.lock().pop();
        if let Some(mut client) = kept {
            match work(&mut client).map_err(Refusal::from) {
                Err(refusal) if refusal.is_connection() => {}
                result => {
                    self.idle.lock().push(client);
                    return result;
                }
            }
        }
        let mut client = self.endpoint.connect(self.endpoint.maintenance())?;
        let result = work(&mut client).map_err(Refusal::from);
        if !result.as_ref().is_err_and(Refusal::is_connection) {
            self.idle.lock().push(client);
        }
        result
    }
}

/// Takes the lease: an idle connection that says by its name that the run is alive.
fn lease(endpoint: &Endpoint, run: &RunId, version: u32) -> Result<Client, Refusal> {
    let mut lease = endpoint.connect_with(endpoint.maintenance(), "", &run.lease_name())?;
    if version >= IDLE_TIMEOUT_SINCE {
        lease.batch_execute("SET idle_session_timeout = 0")?;
    }
    Ok(lease)
}

/// The first version that can end sessions for being idle.
const IDLE_TIMEOUT_SINCE: u32 = 140_000;
