//! How the server of a folder is reached.

use std::io::{self, Write as _};
use std::time::{Duration, Instant};

use tdata_postgres::Endpoint;

use super::folder;
use crate::notation::{Noted as _, noted, noted_variants};
use crate::open_folder::OpenFolder;
use crate::server::account::Account;
use crate::server::role::SUPERUSER;
use crate::server::server_source::ServerSource;

/// The file of the announcement. The watcher renames it before it ends the server, and back when
/// somebody took hold of the server in the meantime.
const FILE: &str = "endpoint";

/// What the watcher renames it to.
const WITHDRAWN: &str = "endpoint.withdrawn";

/// What it is renamed to when the server has ended.
const GONE: &str = "endpoint.gone";

/// How a shared server is reached.
pub(in crate::server) struct Announcement {
    pub(in crate::server) source: ServerSource,
    /// What the server must say that it is.
    pub(in crate::server) identity: String,
    pub(in crate::server) host: String,
    pub(in crate::server) port: u16,
    /// The role of tests.
    pub(in crate::server) user: String,
    pub(in crate::server) password: String,
    pub(in crate::server) superuser_password: String,
    /// The version in PostgreSQL's numbering.
    pub(in crate::server) version: u32,
}

noted! {
    Announcement { source, identity, host, port, user, password, superuser_password, version }
}

noted_variants! { ServerSource { Url, Container, Local, Embedded } }

impl Announcement {
    /// Announces a server whose superuser is the role of tests.
    pub(in crate::server) fn of_superuser(
        source: ServerSource,
        identity: String,
        (host, port): (String, u16),
        password: String,
    ) -> Self {
        let user = SUPERUSER.to_owned();
        let superuser_password = password.clone();
        Self { source, identity, host, port, user, password, superuser_password, version: 0 }
    }

    pub(in crate::server) fn endpoint(&self) -> Endpoint {
        Endpoint::new(&self.host, self.port, &self.user, &self.password)
    }

    /// Returns how the superuser reaches the server.
    pub(in crate::server) fn superuser(&self) -> Endpoint {
        Endpoint::new(&self.host, self.port, SUPERUSER, &self.superuser_password)
    }

    /// Writes the announcement: it is there as a whole or not at all, and its owner alone may read it.
    pub(super) fn write(&self, folder: &OpenFolder, account: Option<Account>) -> io::Result<()> {
        const DRAFT: &str = "endpoint.draft";
        let mut file = folder.create_new(DRAFT)?;
        file.write_all(self.to_notes().as_bytes())?;
        folder::give(&file, account)?;
        folder.rename(DRAFT, FILE)
    }

    /// Reads the announcement of a server that this process holds; `None` where there is none, or the
    /// server is about to end.
    pub(in crate::server) fn read(folder: &OpenFolder) -> Option<Self> {
        /// By far longer than a watcher needs to see who holds the server.
        const PATIENCE: Duration = Duration::from_secs(2);
        const PAUSE: Duration = Duration::from_millis(5);
        let start = Instant::now();
        let mut missed = false;
        loop {
            if let Ok(text) = folder.read(FILE) {
                return Self::of_notes(&text);
            }
            // A file that was renamed between two looks is neither; the next look finds it.
            if !folder.has(WITHDRAWN) && std::mem::replace(&mut missed, true) {
                return None;
            }
            if start.elapsed() > PATIENCE {
                return None;
            }
            // It comes back, or the folder goes.
            std::thread::sleep(PAUSE);
        }
    }

    /// Reads the announcement of a server that nobody watches.
    pub(in crate::server) fn read_left_behind(folder: &OpenFolder) -> Option<Self> {
        let files = [FILE, WITHDRAWN, GONE];
        let text = files.iter().find_map(|file| folder.read(file).ok())?;
        Self::of_notes(&text)
    }
}

/// Lets nobody find the server of a folder any more. Whoever uses it goes on.
pub(in crate::server) fn give_up(folder: &OpenFolder) {
    // It may be renamed, and back, in between.
    for file in [FILE, WITHDRAWN, FILE] {
        let _ = folder.rename(file, GONE);
    }
}

/// Tells whether the server of a folder that this process holds is announced still: it is no more once it has ended.
pub(in crate::server) fn is_announced(folder: &OpenFolder) -> bool {
    // It may be renamed, and back, between two looks.
    [FILE, WITHDRAWN, FILE].iter().any(|file| folder.has(file))
}
