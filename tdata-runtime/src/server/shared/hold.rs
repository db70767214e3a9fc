//! A process's hold on a shared server.

use std::fs::File;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use rustix::fs::{Mode, OFlags, open};

use super::folder;
use crate::server::account::Account;

/// The pipe in a server's folder whose other end the watcher reads.
const PIPE: &str = "alive";

/// A process's hold on a shared server: while any process has one, the watcher keeps the server up.
#[derive(Debug)]
pub(in crate::server) struct Hold {
    _pipe: File,
}

impl Hold {
    /// Takes hold of the server of a folder; it is to stay up for `keep_alive` after its last process.
    /// `None` where nobody watches it any more.
    pub(super) fn take(folder: &Path, keep_alive: Duration) -> Option<Self> {
        let flags = OFlags::WRONLY | OFlags::NONBLOCK | OFlags::CLOEXEC;
        // Refused while nobody has the pipe open for reading.
        let mut pipe = File::from(open(folder.join(PIPE), flags, Mode::empty()).ok()?);
        // Few bytes are written at once or not at all.
        let line = format!("user {}\n", keep_alive.as_secs_f64());
        pipe.write_all(line.as_bytes()).ok()?;
        Some(Self { _pipe: pipe })
    }
}

/// The pipe of a server that is being booted: held for reading as well, until a watcher does.
#[derive(Debug)]
pub(super) struct NewPipe {
    folder: PathBuf,
    _reader: File,
}

impl NewPipe {
    pub(super) fn make(folder: &Path, account: Option<Account>) -> io::Result<Self> {
        let path = folder.join(PIPE);
        // The system call is not everywhere, the program is.
        let made = Command::new("mkfifo").arg("-m600").arg(&path).status()?;
        if !made.success() {
            return Err(io::Error::other("mkfifo cannot make a named pipe there"));
        }
        folder::give(&path, account)?;
        let flags = OFlags::RDONLY | OFlags::NONBLOCK | OFlags::CLOEXEC;
        let reader = File::from(open(&path, flags, Mode::empty())?);
        Ok(Self { folder: folder.to_owned(), _reader: reader })
    }

    pub(super) fn hold(&self, keep_alive: Duration) -> io::Result<Hold> {
        let gone = || io::Error::other("the pipe of its watcher cannot be opened");
        Hold::take(&self.folder, keep_alive).ok_or_else(gone)
    }
}

/// Tells whether somebody watches the server of a folder.
pub(super) fn is_watched(folder: &Path) -> bool {
    let flags = OFlags::WRONLY | OFlags::NONBLOCK | OFlags::CLOEXEC;
    open(folder.join(PIPE), flags, Mode::empty()).is_ok()
}
