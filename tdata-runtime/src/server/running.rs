//! A server in use.

use std::fmt;
use std::time::Duration;

use parking_lot::Mutex;
use postgres::Client;

use super::endpoint::Endpoint;
use super::error::ServerError;
use super::ready::Ready;
use super::run_id::RunId;
use super::shared::Hold;
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
    _lease: Mutex<Client>,
    idle: Mutex<Vec<Client>>,
    _keeper: Keeper,
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
    /// Takes up a server that answers: from here on its lease says that this run is alive.
    pub(super) fn take_up(
        source: ServerSource,
        endpoint: Endpoint,
        ready: Ready,
        keep_alive: Duration,
        keeper: Keeper,
    ) -> Result<Self, ServerError> {
        let Ready { client, version, .. } = ready;
        let run = RunId::generate();
        let lease = lease(&endpoint, &run.lease_name(keep_alive), version).map_err(|refusal| {
            ServerError::Unreachable {
                demands_tls: endpoint.demands_tls(),
                place: endpoint.place(),
                refusal,
            }
        })?;
        let (lease, idle) = (Mutex::new(lease), Mutex::new(vec![client]));
        let process = std::process::id();
        Ok(Self { source, endpoint, version, process, run, _lease: lease, idle, _keeper: keeper })
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
fn lease(endpoint: &Endpoint, name: &str, version: u32) -> Result<Client, Refusal> {
    let mut lease = endpoint.connect_with(endpoint.maintenance(), "", name)?;
    if version >= IDLE_TIMEOUT_SINCE {
        lease.batch_execute("SET idle_session_timeout = 0")?;
    }
    Ok(lease)
}

/// Tells a server that tdata booted to stop at once.
pub(super) fn stop(client: &mut Client) {
    // The answer is the end of the connection.
    let _ =
        client.batch_execute("COPY (SELECT) TO PROGRAM 'kill -QUIT $(head -n 1 postmaster.pid)'");
}

/// The first version that can end sessions for being idle.
const IDLE_TIMEOUT_SINCE: u32 = 140_000;
