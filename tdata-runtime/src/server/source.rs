//! Where servers come from, and the order in which sources are tried.

use std::collections::HashMap;
use std::sync::{Arc, OnceLock};

use parking_lot::Mutex;
use tdata_core::project::ServerChoice;

use super::error::ServerError;
use super::running::{Server, ServerSource};
use super::settings::ServerSettings;
use super::{container, local, shared, url};
use crate::error::Error;

type Slot = Arc<OnceLock<Result<Arc<Server>, Error>>>;

/// The servers of this process, by their settings. They stay until it ends.
static SERVERS: OnceLock<Mutex<HashMap<ServerSettings, Slot>>> = OnceLock::new();

/// Returns the server for these settings, and boots it when nobody has yet. Others who ask in the
/// meantime wait; a failure is told to all of them, not tried again.
pub(crate) fn server(settings: &ServerSettings) -> Result<Arc<Server>, Error> {
    let slot = slot(settings);
    slot.get_or_init(|| open(settings).map(Arc::new).map_err(Error::from)).clone()
}

/// Returns the server for these settings if there is one already: this process's, or one that others booted.
pub(crate) fn running(settings: &ServerSettings) -> Option<Arc<Server>> {
    let slot = slot(settings);
    if slot.get().is_none() && forced(settings) != Some(ServerSource::Url) {
        // Should another thread have opened one in the meantime, that is the one.
        let _ = slot.set(Ok(Arc::new(shared::find(settings)?)));
    }
    slot.get()?.as_ref().ok().cloned()
}

/// Returns the place of the server for these settings. One that has ended since gives it up.
fn slot(settings: &ServerSettings) -> Slot {
    let find = || {
        let mut servers = SERVERS.get_or_init(Mutex::default).lock();
        Arc::clone(servers.entry(settings.clone()).or_default())
    };
    let slot = find();
    match slot.get() {
        Some(Ok(server)) if !server.is_announced() => {
            forget(server);
            find()
        }
        _ => slot,
    }
}

/// Forgets a server that went away: who asks next gets another.
pub(crate) fn forget(server: &Arc<Server>) {
    shared::doubt(server);
    let Some(servers) = SERVERS.get() else { return };
    servers.lock().retain(|_, slot| {
        let known = slot.get().and_then(|known| known.as_ref().ok());
        !known.is_some_and(|known| Arc::ptr_eq(known, server))
    });
}

/// Returns the servers that this process uses.
pub(crate) fn servers() -> Vec<Arc<Server>> {
    let Some(servers) = SERVERS.get() else { return Vec::new() };
    let servers = servers.lock();
    let opened = servers.values().filter_map(|slot| slot.get()?.as_ref().ok());
    opened.filter(|server| server.is_of_this_process()).cloned().collect()
}

/// A source of servers: how `auto` and messages call it, and how it is asked for one.
struct Source {
    source: ServerSource,
    open: fn(&ServerSettings) -> Result<Server, ServerError>,
}

/// All sources, in the order in which `auto` asks them.
const SOURCES: &[Source] = &[
    Source { source: ServerSource::Url, open: url::reach },
    Source { source: ServerSource::Container, open: container::boot },
    Source { source: ServerSource::Local, open: local::boot },
];

fn open(settings: &ServerSettings) -> Result<Server, ServerError> {
    let forced = forced(settings);
    if forced == Some(ServerSource::Url) {
        return url::reach(settings);
    }
    if let Some(server) = shared::find(settings) {
        return Ok(server);
    }
    let _elected = shared::elect(&settings.workspace);
    // Whoever was elected before has booted one.
    if let Some(server) = shared::find(settings) {
        return Ok(server);
    }
    shared::sweep();
    boot(settings, forced)
}

/// The one source that is to be asked, if not all are.
fn forced(settings: &ServerSettings) -> Option<ServerSource> {
    match settings.choice {
        // A URL that is set is meant: when it does not answer, nothing else is.
        ServerChoice::Auto => settings.url.as_ref().map(|_| ServerSource::Url),
        ServerChoice::Url => Some(ServerSource::Url),
        ServerChoice::Container => Some(ServerSource::Container),
        ServerChoice::Local => Some(ServerSource::Local),
    }
}

fn boot(settings: &ServerSettings, forced: Option<ServerSource>) -> Result<Server, ServerError> {
    let mut reasons = Vec::new();
    for Source { source, open } in SOURCES {
        if forced.is_some_and(|forced| forced != *source) {
            continue;
        }
        match open(settings) {
            Ok(server) => {
                // That no URL is set is how it usually is.
                if let [_, reason, ..] = reasons.as_slice() {
                    crate::notice!("no {reason}; using the PostgreSQL of this machine");
                }
                return Ok(server);
            }
            Err(error) if forced.is_some() => return Err(error),
            Err(error) => {
                let reason = error.to_string();
                reasons.push(format!("{source}: {}", reason.lines().next().unwrap_or_default()));
            }
        }
    }
    Err(ServerError::Nowhere { reasons, image: settings.image.clone() })
}
