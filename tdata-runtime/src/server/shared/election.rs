//! Finding a shared server, and electing the one process that boots it.

use std::fs::File;
use std::path::Path;
use std::time::{Duration, Instant};

use super::announcement::Announcement;
use super::folder;
use super::hold::Hold;
use super::key::Key;
use crate::server::running::{Keeper, Server, ServerSource};
use crate::server::settings::ServerSettings;

/// Takes up the server that other processes use already; `None` where there is none.
pub(in crate::server) fn find(settings: &ServerSettings) -> Option<Server> {
    folder::with_key(&Key::of(settings)).iter().find_map(|folder| {
        let start = Instant::now();
        loop {
            // Held first: what is announced from here on stays.
            let hold = Hold::take(folder, settings.keep_alive)?;
            let announcement = Announcement::read(folder)?;
            let (source, endpoint) = (announcement.source, announcement.endpoint());
            let keeper = Keeper::Shared { _hold: hold };
            match Server::take_up(source, endpoint, settings.keep_alive, keeper) {
                // Another server may listen there by now.
                Ok(server) => {
                    return (server.identity() == Some(&announcement.identity)).then_some(server);
                }
                // The announcement goes with the server: one that does not answer yet has much to do.
                Err(_) if start.elapsed() < patience(source) => std::thread::sleep(PAUSE),
                Err(_) => return None,
            }
        }
    })
}

/// How long a server that is announced is waited for. That a container has ended its watcher outside does
/// not know.
fn patience(source: ServerSource) -> Duration {
    match source {
        ServerSource::Local => Duration::from_secs(30),
        ServerSource::Container | ServerSource::Url => Duration::from_secs(2),
    }
}

/// The pause between two attempts.
const PAUSE: Duration = Duration::from_millis(20);

/// The right to boot servers for a workspace; the kernel takes it back when its process ends.
#[derive(Debug)]
pub(in crate::server) struct Elected {
    _lock: Option<File>,
}

/// Waits for the right to boot servers for a workspace.
///
/// It is a lock on the workspace's folder itself, so that no file stays. Where the file system has no
/// locks, more than one process may boot one.
pub(in crate::server) fn elect(workspace: &Path) -> Elected {
    let lock = File::open(workspace).ok().filter(|folder| folder.lock().is_ok());
    Elected { _lock: lock }
}
