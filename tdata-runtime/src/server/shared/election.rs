//! Finding a shared server, and electing the one process that boots it.

use std::fs::File;
use std::path::Path;
use std::time::{Duration, Instant};

use parking_lot::Mutex;

use super::announcement::Announcement;
use super::folder;
use super::hold::Hold;
use super::key::Key;
use crate::server::running::{Server, ServerSource};
use crate::server::settings::ServerSettings;

/// The servers that were announced and did not answer to this process, by identity.
static DOUBTED: Mutex<Vec<String>> = Mutex::new(Vec::new());

/// Takes up the server that other processes use already; `None` where there is none.
pub(in crate::server) fn find(settings: &ServerSettings) -> Option<Server> {
    let mut doubted = Vec::new();
    for folder in folder::with_key(&Key::of(settings)) {
        // Held first: what is announced from here on stays.
        let Some(hold) = Hold::take(&folder, settings.keep_alive) else { continue };
        let Some(announcement) = Announcement::read(&folder) else { continue };
        let is_doubted = DOUBTED.lock().contains(&announcement.identity);
        let server = Server::announced(announcement, &folder, settings.keep_alive, hold);
        if !is_doubted {
            return Some(server);
        }
        doubted.push((server, folder));
    }
    // They are waited for, so others come first.
    doubted.into_iter().find_map(|(server, folder)| answers(&server, &folder).then_some(server))
}

/// Remembers that a server was announced and did not answer.
pub(in crate::server) fn doubt(server: &Server) {
    DOUBTED.lock().extend(server.identity().map(str::to_owned));
}

/// Waits for a server that did not answer before: one that has much to do may take a while.
fn answers(server: &Server, folder: &Path) -> bool {
    let start = Instant::now();
    loop {
        if server.answers() {
            return true;
        }
        // The announcement goes with the server.
        if start.elapsed() > patience(server.source()) || Announcement::read(folder).is_none() {
            return false;
        }
        std::thread::sleep(PAUSE);
    }
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
