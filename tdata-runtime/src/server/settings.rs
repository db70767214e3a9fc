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
    /// The URL of a server that runs already.
    pub url: Option<GivenUrl>,
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

/// The URL of a server that runs already.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct GivenUrl {
    /// The URL, password included.
    pub text: String,
    /// What gave it, for messages: a variable such as `TDATA_DATABASE_URL`.
    pub origin: &'static str,
}

/// Leaves out what may hold passwords.
impl fmt::Debug for GivenUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the URL of {}", self.origin)
    }
}

/// Leaves out what may hold passwords.
impl fmt::Debug for ServerSettings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ServerSettings")
            .field("choice", &self.choice)
            .field("url", &self.url)
            .field("image", &self.image)
            .finish_non_exhaustive()
    }
}
