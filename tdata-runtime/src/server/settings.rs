//! Which server is wanted.

use std::fmt;
use std::path::PathBuf;
use std::time::Duration;

use tdata_core::plan::Fingerprint;
use tdata_core::project::ServerChoice;

/// Which server is wanted. Equal settings share one server.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct ServerSettings {
    /// Where it comes from.
    pub choice: ServerChoice,
    /// The URL of a server that runs already: `TDATA_DATABASE_URL` or `TEST_DATABASE_URL`.
    pub url: Option<String>,
    /// The container image.
    pub image: String,
    /// The container engine's address, `DOCKER_HOST`; where unset, that of this machine's engine.
    pub engine: Option<String>,
    /// The folder of the server's programs, `TDATA_PG_BIN`; where unset they are searched for.
    pub binaries: Option<PathBuf>,
    /// The folder of the workspace, whose processes share a server.
    pub workspace: PathBuf,
    /// Whether the role of tests is a superuser, where tdata boots the server.
    pub superuser: bool,
    /// The migrations that the server is for alone, because they do something to the server as a whole.
    pub migrations: Option<Fingerprint>,
    /// How long the server stays after the last of them, `TDATA_KEEP_ALIVE`.
    pub keep_alive: Duration,
}

/// Leaves out what may hold passwords.
impl fmt::Debug for ServerSettings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ServerSettings")
            .field("choice", &self.choice)
            .field("url", &self.url.as_ref().map(|_| ".."))
            .field("image", &self.image)
            .finish_non_exhaustive()
    }
}
