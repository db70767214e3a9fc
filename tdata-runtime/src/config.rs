//! What an engine works with.

use std::error::Error;
use std::fmt;
use std::path::{Path, PathBuf};
use std::str::FromStr;
use std::sync::Arc;
use std::time::Duration;

use tdata_core::contract::Keep;
use tdata_core::definition::Instant;
use tdata_core::diagnostic::{Diagnostics, Located, Origin};
use tdata_core::mask::MaskKey;
use tdata_core::project::{
    Command, Project, ServerChoice, Settings, Surroundings, TimeSpan, Triggers,
};
use tdata_factory::environment::{
    DATABASE_URLS, MASK_KEY, Start, package, parsed, secret, variable, workspace,
};
use tdata_postgres::migrate::Asked;

use crate::notice::Notices;
use crate::program::Function;
use crate::server::{GivenUrl, ServerSettings};

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
    url: Option<GivenUrl>,
    image: Option<String>,
    container_engine: Option<String>,
    programs: Option<PathBuf>,
    workspace: Option<PathBuf>,
    superuser: Option<bool>,
    triggers: Option<Triggers>,
    session_settings: Vec<(String, String)>,
    keep_alive: Option<Duration>,
    mask_key: Option<MaskKey>,
    seed: Option<u64>,
    as_of: Option<Instant>,
    keep: Option<Keep>,
    migrate: Option<Migrate>,
    migrate_inputs: Option<Vec<Located<String>>>,
    notices: Notices,
    pub(crate) test_run: TestRun,
}

/// How a project migrates, in place of what its settings say.
#[derive(Clone)]
enum Migrate {
    Command(Located<Command>),
    Function(Function),
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
    pub(crate) surroundings: Arc<Surroundings>,
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
        let choice = parsed("TDATA_SERVER", ServerChoice::EXPECTED, &mut diagnostics);
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
            url: DATABASE_URLS.into_iter().find_map(|origin| {
                let text = variable(origin)?;
                Some(GivenUrl { text, origin })
            }),
            image: variable("TDATA_POSTGRES_IMAGE"),
            container_engine: variable("DOCKER_HOST"),
            programs: variable("TDATA_PG_BIN").map(PathBuf::from),
            superuser: None,
            triggers: None,
            session_settings: Vec::new(),
            keep_alive: keep_alive.map(TimeSpan::duration),
            mask_key: mask_key.map(|secret| MaskKey::new(secret.into_bytes())),
            seed,
            as_of,
            keep,
            migrate: variable(MIGRATE_COMMAND).map(|line| {
                Migrate::Command(Located::new(line.into(), Origin::named(MIGRATE_COMMAND)))
            }),
            migrate_inputs: None,
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
        self.url = Some(GivenUrl { text: url.into(), origin: "Config::database_url" });
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

    /// Sets whether triggers fire while tdata loads rows. By default they do. With [`Triggers::Off`] they rest, and are as
    /// they were once the rows are there. What tests and factories store fires them in any case.
    #[must_use]
    pub fn triggers(mut self, triggers: Triggers) -> Self {
        self.triggers = Some(triggers);
        self
    }

    /// Sets a setting of PostgreSQL for sessions: while rows load, and in every connection of tests, such as `app.tenant`
    /// or `timezone`. Those of `tdata.toml` hold besides, unless they have the same name. A name or a value that PostgreSQL
    /// does not take is told when data are asked for.
    #[must_use]
    pub fn session_setting(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.session_settings.push((name.into(), value.into()));
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

    /// Sets the command that migrates: a line for the shell, or the words of a program and its arguments. It runs in the
    /// project's folder, and finds the database by `DATABASE_URL`, `PGHOST` and the like. By default it is that of
    /// `tdata.toml`; `migrations` there do not count beside it.
    ///
    /// The files that decide what it does are said by [`Config::migrate_inputs`], or `migrate_inputs` of `tdata.toml`.
    ///
    /// ```
    /// use tdata_runtime::Config;
    ///
    /// let line = Config::new().migrate_command("cargo run --bin migrate").migrate_inputs(["migration/src"]);
    /// let words = Config::new().migrate_command(["./migrate", "--fast"]).migrate_inputs(["migrate"]);
    /// # let _ = (line, words);
    /// ```
    #[must_use]
    pub fn migrate_command(mut self, command: impl Into<Command>) -> Self {
        let origin = Origin::named("Config::migrate_command");
        self.migrate = Some(Migrate::Command(Located::new(command.into(), origin)));
        self
    }

    /// Sets the files that decide what commands and functions do when they migrate: files, folders with all below them,
    /// or patterns such as `migration/src/**/*.rs`, from the project's folder on. If one changes, data are made anew. By
    /// default they are those of `tdata.toml`.
    #[must_use]
    pub fn migrate_inputs<S: Into<String>>(mut self, inputs: impl IntoIterator<Item = S>) -> Self {
        let origin = Origin::named("Config::migrate_inputs");
        let inputs = inputs.into_iter().map(|input| Located::new(input.into(), origin.clone()));
        self.migrate_inputs = Some(inputs.collect());
        self
    }

    /// Sets the function that migrates the database of a URL, for migrations that are Rust. By default none does;
    /// `migrations` and `migrate_command` of `tdata.toml` do not count beside it.
    ///
    /// Nobody sees what a function does: `version` is a text that changes with it. Data are made anew if it changes, or
    /// one of [`Config::migrate_inputs`].
    ///
    /// The function runs on a thread of its own, with the time of `migration_timeout`. It must not use this engine.
    ///
    /// ```no_run
    /// use postgres::{Client, NoTls};
    /// use tdata_runtime::{Config, Engine};
    ///
    /// let config = Config::new().migrate_with("3", |url| {
    ///     Client::connect(url, NoTls)?.batch_execute("CREATE TABLE users (id int)")
    /// });
    /// let engine = Engine::new(config);
    /// # let _ = engine;
    /// ```
    #[must_use]
    pub fn migrate_with<E: Into<Box<dyn Error + Send + Sync>>>(
        mut self,
        version: impl Into<String>,
        migrate: impl Fn(&str) -> Result<(), E> + Send + Sync + 'static,
    ) -> Self {
        self.migrate = Some(Migrate::Function(Function::new(version.into(), migrate)));
        self
    }

    /// Does the same as [`Config::migrate_with`] with an async function. It has a tokio runtime for itself.
    ///
    /// ```
    /// use tdata_runtime::Config;
    ///
    /// async fn migrate(url: String) -> Result<(), std::io::Error> {
    ///     // Migrator::up(&Database::connect(url).await?, None).await
    ///     # let _ = url;
    ///     Ok(())
    /// }
    ///
    /// let config = Config::new().migrate_with_async("3", migrate);
    /// # let _ = config;
    /// ```
    #[must_use]
    pub fn migrate_with_async<E, T>(
        mut self,
        version: impl Into<String>,
        migrate: impl Fn(String) -> T + Send + Sync + 'static,
    ) -> Self
    where
        E: Into<Box<dyn Error + Send + Sync>>,
        T: Future<Output = Result<(), E>>,
    {
        self.migrate = Some(Migrate::Function(Function::new_async(version.into(), migrate)));
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

    /// Returns what is asked of a project's migrations. `home` is the folder of its programs, where the project is a copy.
    pub(crate) fn migrations(&self, project: &Project, home: &Path) -> Asked {
        let mut settings = project.settings().clone();
        let mut function = None;
        match &self.migrate {
            Some(Migrate::Command(command)) => {
                settings.migrations.clear();
                settings.migrate_command = Some(command.clone());
            }
            Some(Migrate::Function(own)) => {
                settings.migrations.clear();
                settings.migrate_command = None;
                function = Some(own.version.clone());
            }
            None => {}
        }
        if let Some(inputs) = &self.migrate_inputs {
            settings.migrate_inputs = Some(inputs.clone());
        }
        Asked { root: project.root().to_owned(), home: home.to_owned(), settings, function }
    }

    /// Tells whether something makes a project's tables beside its definitions.
    pub(crate) fn migrates(&self, project: &Project) -> bool {
        self.migrate.is_some() || project.settings().migrates()
    }

    /// Returns the function that migrates.
    pub(crate) fn function(&self) -> Option<&Function> {
        match &self.migrate {
            Some(Migrate::Function(function)) => Some(function),
            _ => None,
        }
    }

    /// Returns the folder whose project the definitions are of.
    pub(crate) fn project_folder(&self) -> PathBuf {
        let folder = self.project.clone().unwrap_or_else(|| ".".into());
        std::path::absolute(&folder).unwrap_or(folder)
    }

    /// Takes it over the settings of a project.
    ///
    /// # Errors
    ///
    /// If session settings have names that PostgreSQL cannot know.
    pub(crate) fn over(&self, project: &Project) -> Result<Settled, Diagnostics> {
        let settings = project.settings();
        let surroundings = Arc::new(self.surroundings(settings)?);
        let image = self.image.clone().or_else(|| settings.postgres_image.clone());
        let keep_alive = settings.keep_alive.map_or(KEEP_ALIVE, TimeSpan::duration);
        Ok(Settled {
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
            surroundings,
        })
    }

    fn surroundings(&self, settings: &Settings) -> Result<Surroundings, Diagnostics> {
        let mut diagnostics = Diagnostics::new();
        let mut session = settings.session_settings.clone();
        for (name, value) in &self.session_settings {
            let origin = Origin::named("Config::session_setting");
            if let Err(mistake) = session.set(name, value, origin) {
                diagnostics.push(mistake);
            }
        }
        let triggers = self.triggers.or(settings.triggers).unwrap_or_default();
        diagnostics.into_result(Surroundings { triggers, session })
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

/// The variable of the command that migrates.
const MIGRATE_COMMAND: &str = "TDATA_MIGRATE_COMMAND";

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
        let settled = Config::new().over(&project).unwrap();
        assert_eq!((settled.start.seed, settled.keep), (5, Keep::Always));
        assert_eq!(settled.server.choice, ServerChoice::Local);
        let config = Config::new().seed(6).server(ServerChoice::Url).keep(Keep::Never);
        let settled = config.over(&project).unwrap();
        assert_eq!((settled.start.seed, settled.keep), (6, Keep::Never));
        assert_eq!(settled.server.choice, ServerChoice::Url);
    }

    #[test]
    fn session_settings_of_both_hold() {
        let text = "triggers = \"off\"\n[session_settings]\na.b = \"1\"\na.c = \"1\"\n";
        let (_folder, project) = project(text);
        let config = Config::new().session_setting("A.B", "2").triggers(Triggers::On);
        let surroundings = config.over(&project).unwrap().surroundings;
        assert_eq!(surroundings.triggers, Triggers::On);
        let settings: Vec<_> = surroundings.session.iter().collect();
        assert_eq!(settings, [("a.b", "2"), ("a.c", "1")]);
        let wrong = Config::new().session_setting("a b", "1").session_setting("", "1");
        assert_eq!(wrong.over(&project).unwrap_err().len(), 2);
    }

    #[test]
    fn nothing_of_it_tells_a_secret() {
        let key = MaskKey::new("very secret");
        let config = Config::new().database_url("postgres://u:very-secret@h/db").mask_key(key);
        assert!(!format!("{config:?}").contains("secret"));
    }
}
