//! Where servers come from, and the order in which sources are tried.

use parking_lot::Mutex;
use tdata_core::project::ServerChoice;

use super::error::ServerError;
use super::queue::Patience;
use super::running::Server;
use super::server_source::ServerSource;
use super::settings::ServerSettings;
use super::{container, election, embedded, files, local, queue, sweep, url};
use crate::notice::Notices;

/// Where an engine gets its servers.
#[derive(Debug)]
pub(crate) struct Servers {
    notices: Notices,
    /// The servers that were announced and did not answer, by identity.
    doubted: Mutex<Vec<String>>,
}

impl Servers {
    pub(crate) fn new(notices: Notices) -> Self {
        Self { notices, doubted: Mutex::default() }
    }

    /// Takes up the server for these settings: the one that a URL names, one that other processes use already, else a
    /// new one.
    pub(crate) fn open(&self, settings: &ServerSettings) -> Result<Server, ServerError> {
        files::raise_limit();
        let forced = forced(settings);
        if forced == Some(ServerSource::Url) {
            return url::reach(settings, &self.notices);
        }
        if let Some(server) = self.find(settings) {
            return Ok(server);
        }
        let mut found = None;
        let _front = queue::wait(&settings.workspace, Patience::default(), &self.notices, || {
            found = self.find(settings);
            found.is_some()
        });
        if let Some(server) = found {
            return Ok(server);
        }
        sweep::sweep(&self.notices);
        boot(settings, forced, &self.notices)
    }

    /// Takes up the server for these settings if other processes use it already.
    pub(crate) fn find(&self, settings: &ServerSettings) -> Option<Server> {
        if forced(settings) == Some(ServerSource::Url) {
            return None;
        }
        let is_doubted = |identity: &str| self.doubted.lock().iter().any(|one| one == identity);
        election::find(settings, &self.notices, is_doubted)
    }

    /// Remembers that a server that was announced went away, or did not answer.
    pub(crate) fn doubt(&self, server: &Server) {
        server.set_gone();
        self.doubted.lock().extend(server.identity().map(str::to_owned));
    }
}

/// A source of servers: how `auto` and messages call it, and how it is asked for one.
struct Source {
    source: ServerSource,
    open: fn(&ServerSettings, &Notices) -> Result<Server, ServerError>,
}

/// All sources, in the order in which `auto` asks them.
const SOURCES: &[Source] = &[
    Source { source: ServerSource::Url, open: url::reach },
    Source { source: ServerSource::Container, open: container::boot },
    Source { source: ServerSource::Local, open: local::boot },
    Source { source: ServerSource::Embedded, open: embedded::boot },
];

/// The one source that is to be asked, if not all are.
fn forced(settings: &ServerSettings) -> Option<ServerSource> {
    match settings.choice {
        // A URL that is set is meant: when it does not answer, nothing else is.
        ServerChoice::Auto => settings.url.as_ref().map(|_| ServerSource::Url),
        ServerChoice::Url => Some(ServerSource::Url),
        ServerChoice::Container => Some(ServerSource::Container),
        ServerChoice::Local => Some(ServerSource::Local),
        ServerChoice::Embedded => Some(ServerSource::Embedded),
    }
}

fn boot(
    settings: &ServerSettings,
    forced: Option<ServerSource>,
    notices: &Notices,
) -> Result<Server, ServerError> {
    let mut reasons = Vec::new();
    for Source { source, open } in SOURCES {
        if forced.is_some_and(|forced| forced != *source) {
            continue;
        }
        match open(settings, notices) {
            Ok(server) => {
                // That no URL is set is how it usually is.
                let reasons = reasons.get(1..).unwrap_or_default();
                if !reasons.is_empty() {
                    let used = match source {
                        ServerSource::Embedded => "PostgreSQL that Cargo has brought",
                        _ => "the PostgreSQL of this machine",
                    };
                    notices.say(format_args!("no {}; using {used}", reasons.join("; no ")));
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
