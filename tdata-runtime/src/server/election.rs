//! Finding a shared server.

use std::time::{Duration, Instant};

use super::running::Server;
use super::server_source::ServerSource;
use super::settings::ServerSettings;
use super::shared::{Announcement, Hold, Key, folders_with_key, is_full};
use crate::notice::Notices;

/// Takes up the server that other processes use already; `None` where there is none. `is_doubted` tells, by identity,
/// which servers were announced before and did not answer.
pub(super) fn find(
    settings: &ServerSettings,
    notices: &Notices,
    is_doubted: impl Fn(&str) -> bool,
) -> Option<Server> {
    let mut doubted = Vec::new();
    let folders = folders_with_key(&Key::of(settings));
    // Those that have no room left are only for who uses them already.
    for folder in folders.into_iter().filter(|folder| !is_full(folder)) {
        // The hold comes first. The watcher withdraws the announcement before it stops a server, and brings it back if
        // somebody holds the server. So an announcement that is read under a hold stays true.
        let Some(hold) = Hold::take(&folder, settings.keep_alive) else { continue };
        let Some(announcement) = Announcement::read(&folder) else { continue };
        let is_doubted = is_doubted(&announcement.identity);
        let server = Server::announced(announcement, folder, settings.keep_alive, hold, notices);
        if !is_doubted {
            return Some(server);
        }
        doubted.push(server);
    }
    // Doubted servers come last, because each of them may take long to answer.
    doubted.into_iter().find(answers)
}

/// Waits for a server that did not answer before: one that has much to do may take a while.
fn answers(server: &Server) -> bool {
    let start = Instant::now();
    loop {
        if server.answers() {
            return true;
        }
        // The announcement goes with the server.
        let is_announced =
            || server.folder().is_some_and(|folder| Announcement::read(folder).is_some());
        if start.elapsed() > patience(server.source()) || !is_announced() {
            return false;
        }
        std::thread::sleep(PAUSE);
    }
}

/// How long a server that is announced is waited for. That a container has ended its watcher outside does
/// not know.
fn patience(source: ServerSource) -> Duration {
    match source {
        ServerSource::Local | ServerSource::Embedded => Duration::from_secs(30),
        ServerSource::Container | ServerSource::Url => Duration::from_secs(2),
    }
}

/// The pause between two attempts.
const PAUSE: Duration = Duration::from_millis(20);
