//! A process's hold on a shared server.

use std::fs::File;
use std::io::{self, Write as _};
use std::time::{Duration, SystemTime};

use rustix::io::Errno;

use crate::open_folder::OpenFolder;

/// The pipe in a server's folder whose other end the watcher reads.
const PIPE: &str = "alive";

/// The pipe that all programs of a server of this machine have open.
const LIFE: &str = "life";

/// A process's hold on a shared server: while any process has one, the watcher keeps the server up.
#[derive(Debug)]
pub(in crate::server) struct Hold {
    _pipe: File,
}

impl Hold {
    /// Takes hold of the server of a folder; it is to stay up for `keep_alive` after its last process.
    /// `None` where nobody watches it any more.
    pub(in crate::server) fn take(folder: &OpenFolder, keep_alive: Duration) -> Option<Self> {
        let mut pipe = folder.pipe(PIPE).ok()?;
        // So few bytes are written in one piece or not at all. The watcher sees the line even if this process ends at
        // once: so it knows that somebody came.
        let line = format!("user {}\n", keep_alive.as_secs_f64());
        pipe.write_all(line.as_bytes()).ok()?;
        Some(Self { _pipe: pipe })
    }
}

/// Lets the server of a folder stay up until a time, even if nobody uses it.
pub(in crate::server) fn stay_until(folder: &OpenFolder, until: SystemTime) -> io::Result<()> {
    let seconds = until.duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default().as_secs();
    let gone = |_| io::Error::other("nobody watches the server any more");
    let mut pipe = folder.pipe(PIPE).map_err(gone)?;
    pipe.write_all(format!("until {seconds}\n").as_bytes())
}

/// Tells whether somebody watches the server of a folder.
pub(in crate::server) fn is_watched(folder: &OpenFolder) -> bool {
    is_read(folder, PIPE)
}

/// Tells whether a folder has come so far that somebody watched it. Before, its watcher may be about to.
pub(in crate::server) fn was_watched(folder: &OpenFolder) -> bool {
    folder.has(PIPE)
}

/// Tells whether any program of a server of this machine lives: from the watcher's word that it is ready on, one does,
/// or has left word how it ended.
pub(in crate::server) fn is_alive(folder: &OpenFolder) -> bool {
    is_read(folder, LIFE)
}

/// Tells whether anybody has a pipe open for reading. Who has no file left to find out takes it for so.
fn is_read(folder: &OpenFolder, pipe: &str) -> bool {
    let is_unknown =
        |error| matches!(Errno::from_io_error(&error), Some(Errno::MFILE | Errno::NFILE));
    folder.pipe(pipe).map_or_else(is_unknown, |_| true)
}
