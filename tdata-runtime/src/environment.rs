//! What the environment says about servers and masking; with what it and the clock say about where
//! values start, the only place that asks them.

use std::env::VarError;
use std::path::{Path, PathBuf};
use std::str::FromStr;

use tdata_core::contract::Keep;
use tdata_core::definition::Instant;
use tdata_core::diagnostic::{Diagnostic, Diagnostics};
use tdata_core::mask::MaskKey;
use tdata_core::project::{KeepAlive, Project, ServerChoice};
use tdata_factory::context::{Start, parsed, variable};

use crate::server::ServerSettings;

/// The container image where nothing names one: the current major version's.
const DEFAULT_IMAGE: &str = "postgres:18-alpine";

/// Everything that is set outside a contract: the project's settings, with the environment's over
/// them.
#[derive(Clone, Debug)]
pub(crate) struct Environment {
    pub(crate) server: ServerSettings,
    pub(crate) seed: u64,
    pub(crate) as_of: Instant,
    pub(crate) mask_key: MaskKey,
    /// Whether tests' data stay behind them.
    pub(crate) keep: Keep,
    /// The bundle that holds the data of its test.
    pub(crate) replay: Option<PathBuf>,
    /// What tells the runs of a workspace apart, which data that tests write to are shared within.
    pub(crate) workspace_run: String,
    /// Which of the tests that run at once this process is, where nextest says so.
    pub(crate) slot: usize,
    /// Which attempt at the test this process is, where nextest says so.
    pub(crate) attempt: Option<u32>,
}

impl Environment {
    /// Reads the environment over a project's settings.
    pub(crate) fn read(project: &Project) -> Result<Self, Diagnostics> {
        let mut diagnostics = Diagnostics::new();
        let settings = project.settings();
        let choice: Option<ServerChoice> =
            parsed("TDATA_SERVER", "auto, url, container or local", &mut diagnostics);
        let keep_alive: Option<KeepAlive> =
            parsed("TDATA_KEEP_ALIVE", KeepAlive::EXPECTED, &mut diagnostics);
        let keep: Option<Keep> = parsed("TDATA_KEEP", Keep::EXPECTED, &mut diagnostics);
        let Start { seed, as_of } = Start::read(settings, &mut diagnostics);
        let image = variable("TDATA_POSTGRES_IMAGE").or_else(|| settings.postgres_image.clone());
        let environment = Self {
            server: ServerSettings {
                choice: choice.or(settings.server).unwrap_or_default(),
                url: variable("TDATA_DATABASE_URL").or_else(|| variable("TEST_DATABASE_URL")),
                image: image.unwrap_or_else(|| DEFAULT_IMAGE.to_owned()),
                engine: variable("DOCKER_HOST"),
                binaries: variable("TDATA_PG_BIN").map(PathBuf::from),
                workspace: workspace(),
                keep_alive: keep_alive.or(settings.keep_alive).unwrap_or_default().duration(),
            },
            seed,
            as_of,
            mask_key: mask_key(&mut diagnostics),
            keep: keep.or(settings.keep).unwrap_or_default(),
            replay: variable("TDATA_REPLAY").map(|folder| from_here(Path::new(&folder))),
            workspace_run: workspace_run(),
            slot: number("NEXTEST_TEST_GLOBAL_SLOT").unwrap_or(0),
            attempt: number("NEXTEST_ATTEMPT"),
        };
        diagnostics.into_result(environment)
    }
}

/// A number that the test runner says; what is none counts as not said.
fn number<T: FromStr>(name: &str) -> Option<T> {
    variable(name)?.parse().ok()
}

/// The folder of the workspace that this process is of: the nearest with a `Cargo.lock`, from that of the
/// package on, as Cargo tells it, else from the working directory.
fn workspace() -> PathBuf {
    let package = variable("CARGO_MANIFEST_DIR").map(PathBuf::from).filter(|path| path.is_dir());
    let folder = package.or_else(|| std::env::current_dir().ok()).unwrap_or_else(|| "/".into());
    let folder = std::fs::canonicalize(&folder).unwrap_or(folder);
    let locked = folder.ancestors().find(|folder| folder.join("Cargo.lock").is_file());
    locked.map(Path::to_owned).unwrap_or(folder)
}

/// Returns a path as whoever runs the tests means it: from where a test runs, which is its package's folder, else
/// from the workspace's.
fn from_here(path: &Path) -> PathBuf {
    let here = std::path::absolute(path).unwrap_or_else(|_| path.to_owned());
    if here.exists() { here } else { workspace().join(path) }
}

/// Returns the folder that Cargo builds into: that of this program, else what Cargo is told, else the workspace's.
pub(crate) fn target_folder() -> PathBuf {
    let program = std::env::current_exe().unwrap_or_default();
    let marked = program.ancestors().find(|folder| folder.join("CACHEDIR.TAG").is_file());
    marked
        .map(Path::to_owned)
        .or_else(|| std::path::absolute(variable("CARGO_TARGET_DIR")?).ok())
        .unwrap_or_else(|| workspace().join("target"))
}

/// Names the run of a workspace: nextest says so, else it is that of the process that started this one,
/// which is cargo.
fn workspace_run() -> String {
    variable("NEXTEST_RUN_ID").unwrap_or_else(|| {
        let parent = std::os::unix::process::parent_id();
        // The number of a process comes again, its start does not. Linux only; elsewhere the number must do.
        let status = std::fs::read_to_string(format!("/proc/{parent}/stat")).unwrap_or_default();
        let start = status.rsplit(')').next().and_then(|rest| rest.split_whitespace().nth(19));
        format!("{parent} {}", start.unwrap_or_default())
    })
}

/// The masking key. One that is set and empty, as when a secret is missing, must not become the key
/// that everybody knows.
fn mask_key(diagnostics: &mut Diagnostics) -> MaskKey {
    match std::env::var("TDATA_MASK_KEY") {
        Err(VarError::NotPresent) => MaskKey::development(),
        Ok(secret) if !secret.is_empty() => MaskKey::new(secret.into_bytes()),
        Ok(_) | Err(VarError::NotUnicode(_)) => {
            let message = "the environment sets TDATA_MASK_KEY to nothing, or to what is no text";
            let help = "set it to the secret, or unset it to mask with the development key";
            diagnostics.push(Diagnostic::new("environment::value", message).help(help));
            MaskKey::development()
        }
    }
}
