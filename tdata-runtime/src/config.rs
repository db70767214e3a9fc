//! What an engine works with.

use std::fmt;
use std::path::{Path, PathBuf};
use std::str::FromStr;
use std::time::Duration;

use tdata_core::contract::Keep;
use tdata_core::definition::Instant;
use tdata_core::diagnostic::Diagnostics;
use tdata_core::mask::MaskKey;
use tdata_core::project::{Project, ServerChoice, TimeSpan};
use tdata_factory::environment::{
    DATABASE_URLS, MASK_KEY, Start, package, parsed, secret, variable, workspace,
};

use crate::notice::Notices;
use crate::server::ServerSettings;

/// The container image where nothing names one: the current major version's.
const DEFAULT_IMAGE: &str = "postgres:18-alpine";

/// How long a server stays up behind its last user where nothing else is said: longer than the pause between two test
/// binaries of a test run.
const KEEP_ALIVE: Duration = Duration::from_secs(5);

/// What an engine works with: project, server, seed and the rest.
///
/// What a configuration does not set, the project's `tdata.toml` sets. Otherwise the default holds.
///
/// ```
/// use tdata_runtime::Config;
///
/// let config = Config::new().project("shop").database_url("postgres://app@db/postgres").seed(7);
/// # let _ = config;
/// ```
#[derive(Clone, Default)]
pub struct Config {
    project: Option<PathBuf>,
    choice: Option<ServerChoice>,
    url: Option<String>,
    image: Option<String>,
    container_engine: Option<String>,
    programs: Option<PathBuf>,
    workspace: Option<PathBuf>,
    superuser: Option<bool>,
    keep_alive: Option<Duration>,
    mask_key: Option<MaskKey>,
    seed: Option<u64>,
    as_of: Option<Instant>,
    keep: Option<Keep>,
    notices: Notices,
    pub(crate) test_run: TestRun,
}

/// What a test runner says about the process.
#[derive(Clone, Debug, Default)]
pub(crate) struct TestRun {
    /// Names the test run: data that tests write to are shared within it.
    pub(crate) name: String,
    /// Which of the tests that run at once this process is, where nextest says so.
    pub(crate) slot: usize,
    /// Which attempt at the test this process is, where nextest says so.
    pub(crate) attempt: Option<u32>,
    /// The bundle that holds the data of its test.
    pub(crate) replay: Option<PathBuf>,
}

/// A configuration over a project's settings.
#[derive(Clone, Debug)]
pub(crate) struct Settled {
    pub(crate) server: ServerSettings,
    pub(crate) start: Start,
    pub(crate) keep: Keep,
    pub(crate) mask_key: MaskKey,
}

impl Config {
    /// Makes a configuration that sets nothing: `tdata.toml` and the defaults hold.
    pub fn new() -> Self {
        Self::default()
    }

    /// Reads the environment: `TDATA_SERVER`, `TDATA_DATABASE_URL` and the other variables of the README. The project is
    /// that of the package that runs.
    ///
    /// # Errors
    ///
    /// If variables have wrong values. All of them are reported at once.
    pub fn from_environment() -> Result<Self, Diagnostics> {
        let mut diagnostics = Diagnostics::new();
        let choice = parsed("TDATA_SERVER", "auto, url, container or local", &mut diagnostics);
        let keep_alive: Option<TimeSpan> =
            parsed("TDATA_KEEP_ALIVE", TimeSpan::EXPECTED, &mut diagnostics);
        let keep = parsed("TDATA_KEEP", Keep::EXPECTED, &mut diagnostics);
        let (seed, as_of) = Start::variables(&mut diagnostics);
        let without = "mask with the development key";
        let mask_key = secret(MASK_KEY, without, &mut diagnostics);
        let package = package(None);
        let workspace = workspace(&package);
        let config = Self {
            choice,
            url: DATABASE_URLS.into_iter().find_map(variable),
            image: variable("TDATA_POSTGRES_IMAGE"),
            container_engine: variable("DOCKER_HOST"),
            programs: variable("TDATA_PG_BIN").map(PathBuf::from),
            superuser: None,
            keep_alive: keep_alive.map(TimeSpan::duration),
            mask_key: mask_key.map(|secret| MaskKey::new(secret.into_bytes())),
            seed,
            as_of,
            keep,
            notices: Notices::default(),
            test_run: TestRun {
                name: test_run(),
                slot: number("NEXTEST_TEST_GLOBAL_SLOT").unwrap_or(0),
                attempt: number("NEXTEST_ATTEMPT"),
                replay: variable("TDATA_REPLAY")
                    .map(|path| from_here(Path::new(&path), &workspace)),
            },
            project: Some(package),
            workspace: Some(workspace),
        };
        diagnostics.into_result(config)
    }

    /// Sets the folder of the project whose definitions are used, or a folder below it. By default it is the working
    /// directory.
    #[must_use]
    pub fn project(mut self, folder: impl Into<PathBuf>) -> Self {
        self.project = Some(folder.into());
        self
    }

    /// Sets where servers come from.
    #[must_use]
    pub fn server(mut self, choice: ServerChoice) -> Self {
        self.choice = Some(choice);
        self
    }

    /// Sets the URL of a server that runs already, such as `postgres://user:password@host:5432/postgres`.
    #[must_use]
    pub fn database_url(mut self, url: impl Into<String>) -> Self {
        self.url = Some(url.into());
        self
    }

    /// Sets the container image. By default it is `postgres:18-alpine`.
    #[must_use]
    pub fn postgres_image(mut self, image: impl Into<String>) -> Self {
        self.image = Some(image.into());
        self
    }

    /// Sets the folder of PostgreSQL's server programs. By default tdata searches for them.
    #[must_use]
    pub fn programs(mut self, folder: impl Into<PathBuf>) -> Self {
        self.programs = Some(folder.into());
        self
    }

    /// Sets the folder of the workspace. All processes of a workspace share the servers that they boot. By default it is
    /// the project's workspace.
    #[must_use]
    pub fn workspace(mut self, folder: impl Into<PathBuf>) -> Self {
        self.workspace = Some(folder.into());
        self
    }

    /// Sets whether the role of tests is a superuser on servers that tdata boots. By default it is. Otherwise it may create
    /// databases and roles, as the first role of a managed server may.
    #[must_use]
    pub fn superuser(mut self, is_superuser: bool) -> Self {
        self.superuser = Some(is_superuser);
        self
    }

    /// Sets how long a server that tdata booted stays up after the last process that used it. By default it is five
    /// seconds.
    #[must_use]
    pub fn keep_alive(mut self, time: Duration) -> Self {
        self.keep_alive = Some(time);
        self
    }

    /// Sets the masking key. By default it is the development key, which is for synthetic data only.
    #[must_use]
    pub fn mask_key(mut self, key: MaskKey) -> Self {
        self.mask_key = Some(key);
        self
    }

    /// Sets the seed. By default it is 42.
    #[must_use]
    pub fn seed(mut self, seed: u64) -> Self {
        self.seed = Some(seed);
        self
    }

    /// Sets the as-of time. By default it is 00:00 UTC of the day.
    #[must_use]
    pub fn as_of(mut self, as_of: Instant) -> Self {
        self.as_of = Some(as_of);
        self
    }

    /// Sets whether data stay after their last handle is dropped. By default they do not.
    #[must_use]
    pub fn keep(mut self, keep: Keep) -> Self {
        self.keep = Some(keep);
        self
    }

    /// Sets where notices go. By default they go to standard error.
    #[must_use]
    pub fn notices(mut self, notices: Notices) -> Self {
        self.notices = notices;
        self
    }

    /// Returns where notices go.
    pub(crate) fn notices_sink(&self) -> &Notices {
        &self.notices
    }

    /// Returns the folder whose project the definitions are of.
    pub(crate) fn project_folder(&self) -> PathBuf {
        let folder = self.project.clone().unwrap_or_else(|| ".".into());
        std::path::absolute(&folder).unwrap_or(folder)
    }

    /// Takes it over the settings of a project.
    pub(crate) fn over(&self, project: &Project) -> Settled {
        let settings = project.settings();
        let image = self.image.clone().or_else(|| settings.postgres_image.clone());
        let keep_alive = settings.keep_alive.map_or(KEEP_ALIVE, TimeSpan::duration);
        Settled {
            server: ServerSettings {
                choice: self.choice.or(settings.server).unwrap_or_default(),
                url: self.url.clone(),
                image: image.unwrap_or_else(|| DEFAULT_IMAGE.to_owned()),
                engine: self.container_engine.clone(),
                binaries: self.programs.clone(),
                workspace: self.workspace.clone().unwrap_or_else(|| workspace(project.root())),
                migrations: None,
                superuser: self.superuser.or(settings.superuser).unwrap_or(true),
                keep_alive: self.keep_alive.unwrap_or(keep_alive),
            },
            start: Start::over(self.seed, self.as_of, settings),
            keep: self.keep.or(settings.keep).unwrap_or_default(),
            mask_key: self.mask_key.clone().unwrap_or_else(MaskKey::development),
        }
    }
}

/// Leaves out what may hold passwords.
impl fmt::Debug for Config {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Config")
            .field("project", &self.project)
            .field("server", &self.choice)
            .field("seed", &self.seed)
            .field("as_of", &self.as_of)
            .finish_non_exhaustive()
    }
}

/// A number that the test runner says; what is none counts as not said.
fn number<T: FromStr>(name: &str) -> Option<T> {
    variable(name)?.parse().ok()
}

/// Returns a path as whoever runs the tests means it: from where a test runs, which is its package's folder, else
/// from the workspace's.
fn from_here(path: &Path, workspace: &Path) -> PathBuf {
    let here = std::path::absolute(path).unwrap_or_else(|_| path.to_owned());
    if here.exists() { here } else { workspace.join(path) }
}

/// Returns the folder that Cargo builds into: that of this program, else what Cargo is told, else the workspace's.
pub(crate) fn target_folder() -> PathBuf {
    let program = std::env::current_exe().unwrap_or_default();
    let marked = program.ancestors().find(|folder| folder.join("CACHEDIR.TAG").is_file());
    marked
        .map(Path::to_owned)
        .or_else(|| std::path::absolute(variable("CARGO_TARGET_DIR")?).ok())
        .unwrap_or_else(|| workspace(&package(None)).join("target"))
}

/// Names the test run that this process is of: nextest says so, else it is that of the process that started this one,
/// which is cargo.
fn test_run() -> String {
    variable("NEXTEST_RUN_ID").unwrap_or_else(|| {
        let parent = std::os::unix::process::parent_id();
        // The number of a process comes again, its start does not. Linux only; elsewhere the number must do.
        let status = std::fs::read_to_string(format!("/proc/{parent}/stat")).unwrap_or_default();
        let start = status.rsplit(')').next().and_then(|rest| rest.split_whitespace().nth(19));
        format!("{parent} {}", start.unwrap_or_default())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn project(settings: &str) -> (tempfile::TempDir, Project) {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("tdata.toml"), settings).unwrap();
        let project = Project::at(folder.path()).unwrap();
        (folder, project)
    }

    #[test]
    fn what_it_says_goes_before_what_the_project_says() {
        let (_folder, project) = project("seed = 5\nserver = \"local\"\nkeep = \"always\"\n");
        let settled = Config::new().over(&project);
        assert_eq!((settled.start.seed, settled.keep), (5, Keep::Always));
        assert_eq!(settled.server.choice, ServerChoice::Local);
        let config = Config::new().seed(6).server(ServerChoice::Url).keep(Keep::Never);
        let settled = config.over(&project);
        assert_eq!((settled.start.seed, settled.keep), (6, Keep::Never));
        assert_eq!(settled.server.choice, ServerChoice::Url);
    }

    #[test]
    fn nothing_of_it_tells_a_secret() {
        let key = MaskKey::new("very secret");
        let config = Config::new().database_url("postgres://u:very-secret@h/db").mask_key(key);
        assert!(!format!("{config:?}").contains("secret"));
    }
}
