//! Finding a shared server, and electing the one process that boots it.

use std::fs::{File, TryLockError};
use std::path::Path;
use std::time::{Duration, Instant};

use super::running::Server;
use super::server_source::ServerSource;
use super::settings::ServerSettings;
use super::shared::{Announcement, Hold, Key, folders_with_key};
use crate::notice::Notices;

/// Takes up the server that other processes use already; `None` where there is none. `is_doubted` tells, by identity,
/// which servers were announced before and did not answer.
pub(super) fn find(
    settings: &ServerSettings,
    notices: &Notices,
    is_doubted: impl Fn(&str) -> bool,
) -> Option<Server> {
    let mut doubted = Vec::new();
    for folder in folders_with_key(&Key::of(settings)) {
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
        ServerSource::Local => Duration::from_secs(30),
        ServerSource::Container | ServerSource::Url => Duration::from_secs(2),
    }
}

/// The pause between two attempts.
const PAUSE: Duration = Duration::from_millis(20);

/// The right to boot servers for a workspace; the kernel takes it back when its process ends.
#[derive(Debug)]
pub(super) struct Elected {
    _lock: Option<File>,
}

/// The outcome of waiting for a server.
#[derive(Debug)]
pub(super) enum Election {
    /// Another process has booted one.
    Found(Box<Server>),
    /// This process is to boot one.
    Elected(Elected),
}

/// Waits until another process has booted a server, which `find` finds, or for the right to boot one for a workspace.
///
/// The right is a lock on the workspace's folder itself, so that no file stays. Everybody who may read the folder can
/// lock it, other users too, so it is not waited for without an end. Then, and where the file system has no locks, more
/// than one process may boot a server.
pub(super) fn elect(
    workspace: &Path,
    patience: Patience,
    notices: &Notices,
    find: impl Fn() -> Option<Server>,
) -> Election {
    let folder = File::open(workspace).ok();
    let start = Instant::now();
    let mut is_told = false;
    loop {
        let lock = folder.as_ref().map(File::try_lock);
        let is_over = start.elapsed() > patience.end;
        let is_decided = is_over || !matches!(lock, Some(Err(TryLockError::WouldBlock)));
        // Whoever had the right before has booted one.
        if let Some(server) = find() {
            return Election::Found(Box::new(server));
        }
        if is_decided {
            return Election::Elected(Elected { _lock: folder });
        }
        if start.elapsed() > patience.notice && !std::mem::replace(&mut is_told, true) {
            let folder = workspace.display();
            notices.say(format_args!("waits for another process, which has locked {folder}"));
        }
        std::thread::sleep(PAUSE);
    }
}

/// How long a process waits while another has the right to boot servers.
#[derive(Clone, Copy, Debug)]
pub(super) struct Patience {
    /// Until it says so.
    notice: Duration,
    /// Until it goes on without: longer than a boot takes, and than fetching an image usually does.
    end: Duration,
}

impl Default for Patience {
    fn default() -> Self {
        Self { notice: Duration::from_secs(20), end: Duration::from_secs(300) }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc::channel;

    use super::*;

    #[test]
    fn nobody_holds_up_a_boot_for_good() {
        let folder = tempfile::tempdir().unwrap();
        // As any user can who may read the folder.
        let held = File::open(folder.path()).unwrap();
        held.lock().unwrap();
        let (sender, notices) = channel();
        let sink = Notices::to(move |text| sender.send(text.to_owned()).unwrap());
        let patience = Patience { notice: Duration::ZERO, end: Duration::from_millis(100) };
        let elected = elect(folder.path(), patience, &sink, || None);
        assert!(matches!(elected, Election::Elected(_)));
        let told: Vec<String> = notices.try_iter().collect();
        assert!(told.len() == 1 && told[0].contains("has locked"), "{told:?}");
    }

    #[test]
    fn one_process_at_a_time_is_elected() {
        let folder = tempfile::tempdir().unwrap();
        let elect = || elect(folder.path(), Patience::default(), &Notices::none(), || None);
        let first = elect();
        let other = File::open(folder.path()).unwrap();
        assert!(matches!(other.try_lock(), Err(TryLockError::WouldBlock)));
        drop(first);
        other.try_lock().unwrap();
        drop(other);
        assert!(matches!(elect(), Election::Elected(_)));
    }
}
