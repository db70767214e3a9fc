//! From a contract to data: the stages in their order.

use std::path::PathBuf;
use std::sync::Arc;

use tdata_core::contract::{Contract, Isolation, Keep, Scope, VersionChoice, Volume};
use tdata_core::definition::Instant;
use tdata_core::plan::{self, Fingerprint};
use tdata_core::project::Project;
use tdata_factory::context::test_of_this_thread;
use tdata_postgres::migrate;

use crate::environment::Environment;
use crate::error::Error;
use crate::inject::TestData;
use crate::isolate::{self, Recipe};
use crate::off_runtime::off_runtime;
use crate::post_mortem::{Replay, TestId, replay};
use crate::server::ServerSettings;
use crate::timings::{Stopwatch, Timings};
use crate::{clean, files_cache, history, server};

/// A request for test data, without a macro.
///
/// ```no_run
/// # use tdata_runtime as tdata;
/// use tdata::TestData;
///
/// let data = TestData::request(["users", "orders"]).volume("users", 50).provision()?;
/// assert_eq!(data.dataset("users").len(), 50);
/// data.release();
/// # Ok::<(), tdata::Error>(())
/// ```
#[derive(Clone, Debug)]
pub struct Request {
    contract: Contract,
    seed: Option<u64>,
    as_of: Option<Instant>,
    keep: Option<Keep>,
    project: Option<PathBuf>,
    scope_key: String,
    /// The test that asks, as its factories know it.
    test: String,
    /// Which test it is, where the harness knows it.
    id: Option<TestId>,
}

impl TestData {
    /// Starts a request for datasets; relationships bring others along.
    pub fn request<S: Into<String>>(datasets: impl IntoIterator<Item = S>) -> Request {
        Request {
            // Seed and as-of time come from the environment unless the request names them.
            contract: Contract::new(datasets, Instant::from_micros(0)),
            seed: None,
            as_of: None,
            keep: None,
            project: None,
            scope_key: String::new(),
            test: test_of_this_thread(),
            id: None,
        }
    }
}

impl Request {
    /// Sets the rows of a dataset: a number, or [`Volume::Full`].
    #[must_use]
    pub fn volume(mut self, dataset: impl Into<String>, volume: impl Into<Volume>) -> Self {
        self.contract.volumes.by_dataset.insert(dataset.into(), volume.into());
        self
    }

    /// Sets the rows of every dataset not named itself.
    #[must_use]
    pub fn every_volume(mut self, volume: impl Into<Volume>) -> Self {
        self.contract.volumes.every = Some(volume.into());
        self
    }

    /// Sets the scope. `key` names what shares the data: the module, the binary, or nothing.
    #[must_use]
    pub fn scope(mut self, scope: Scope, key: impl Into<String>) -> Self {
        self.contract.scope = scope;
        self.scope_key = key.into();
        self
    }

    /// Sets the isolation.
    #[must_use]
    pub fn isolation(mut self, isolation: Isolation) -> Self {
        self.contract.isolation = isolation;
        self
    }

    /// Sets whether personal data is masked; by default it is.
    #[must_use]
    pub fn apply_masking(mut self, apply: bool) -> Self {
        self.contract.apply_masking = apply;
        self
    }

    /// Sets the version of the definitions; by default that of the working tree.
    #[must_use]
    pub fn version(mut self, version: VersionChoice) -> Self {
        self.contract.version = version;
        self
    }

    /// Sets the seed; by default `TDATA_SEED`, else that of `tdata.toml`, else 42.
    #[must_use]
    pub fn seed(mut self, seed: u64) -> Self {
        self.seed = Some(seed);
        self
    }

    /// Sets the as-of time; by default `TDATA_AS_OF`, else that of `tdata.toml`, else 00:00 UTC of
    /// the day.
    #[must_use]
    pub fn as_of(mut self, as_of: Instant) -> Self {
        self.as_of = Some(as_of);
        self
    }

    /// Sets whether tests may write to data they share; by default not.
    #[must_use]
    pub fn writable(mut self, writable: bool) -> Self {
        self.contract.writable = writable;
        self
    }

    /// Sets whether the data stay behind their last handle, to be looked at; by default `TDATA_KEEP`, else what
    /// `tdata.toml` says, else never. With [`Keep::OnFailure`] they stay when that goes because of a panic.
    #[must_use]
    pub fn keep(mut self, keep: Keep) -> Self {
        self.keep = Some(keep);
        self
    }

    /// Sets the folder whose project the definitions are of, or a folder below it; by default that
    /// of the package, as Cargo tells it, else the working directory.
    #[must_use]
    pub fn project(mut self, folder: impl Into<PathBuf>) -> Self {
        self.project = Some(folder.into());
        self
    }

    /// Provisions the data: finds or boots the server, builds what is not built yet, and hands out an
    /// instance.
    ///
    /// # Errors
    ///
    /// Whatever stands in the way; nothing is left behind then.
    pub fn provision(self) -> Result<TestData, Error> {
        off_runtime(|| provision(self))
    }

    /// Makes ready what tests with this request will ask for: boots the server, builds the template, and lets as
    /// many clones of it wait as `clones` says, 32 at most, for tests of any process. For a set-up step before a suite.
    ///
    /// Under other isolations than `full`, and on servers before PostgreSQL 15, no clone waits. A server that a URL
    /// names loses all of it with the last process, so that there it is of use within one process only.
    ///
    /// ```no_run
    /// # use tdata_runtime as tdata;
    /// use tdata::TestData;
    ///
    /// TestData::request(["users", "orders"]).volume("users", 50).prewarm(4)?;
    /// # Ok::<(), tdata::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// As [`Request::provision`].
    pub fn prewarm(self, clones: usize) -> Result<(), Error> {
        off_runtime(|| prewarm(&self, clones))
    }
}

pub(crate) fn provision(request: Request) -> Result<TestData, Error> {
    let mut stopwatch = Stopwatch::start();
    let resolved = Resolved::of(&request, &mut stopwatch)?;
    let timings = stopwatch.timings();
    let Request { scope_key, test, .. } = &request;
    let keep = resolved.keep;
    resolved.work(|recipe| hand_out(recipe, scope_key, test.clone(), keep, timings.clone()))
}

fn prewarm(request: &Request, clones: usize) -> Result<(), Error> {
    let resolved = Resolved::of(request, &mut Stopwatch::start())?;
    resolved.work(|recipe| isolate::prepare_clones(recipe, clones))
}

/// A request, resolved as far as it takes to find its data.
struct Resolved {
    recipe: Recipe,
    settings: ServerSettings,
    keep: Keep,
    /// What stands for the fingerprint where no process of the server knows that yet.
    coarse: Option<Fingerprint>,
}

impl Resolved {
    fn of(request: &Request, stopwatch: &mut Stopwatch) -> Result<Self, Error> {
        let folder = match &request.project {
            Some(folder) => folder.clone(),
            None => {
                std::env::var_os("CARGO_MANIFEST_DIR").map_or_else(|| ".".into(), PathBuf::from)
            }
        };
        let folder = std::path::absolute(&folder).unwrap_or(folder);
        let mut project = Project::discover(&folder)?;
        let environment = Environment::read(&project)?;
        let mut contract = request.contract.clone();
        contract.seed = request.seed.unwrap_or(environment.seed);
        contract.as_of = request.as_of.unwrap_or(environment.as_of);
        let replay = match (&environment.replay, &request.id) {
            (Some(bundle), Some(id)) => replay(bundle, id)?,
            _ => None,
        };
        if let Some(replay) = &replay {
            // Servers are still those of the test's own project.
            project = Project::at(&replay.bundle)?;
            replay.put_into(&mut contract);
        }
        let files = match contract.version {
            VersionChoice::Latest => files_cache::files(&project)?,
            VersionChoice::Exact(version) => {
                Arc::new(history::library(&project, &contract.datasets, version)?.into())
            }
        };
        let migrations = match project.migrations_folder() {
            Some(folder) => migrate::read(&folder)?,
            None => Vec::new(),
        };
        let schema: String = migrations
            .iter()
            .map(|migration| format!("{}\0{}\0", migration.name, migration.sql))
            .collect();
        let mask_key = environment.mask_key;
        // The library of an earlier version has no files that tell it from others.
        let coarse = (contract.version == VersionChoice::Latest)
            .then(|| plan::coarse_fingerprint(&contract, &files, &mask_key, &schema));
        let known = coarse.and_then(|coarse| {
            let server = server::running(&environment.server)?;
            isolate::known_fingerprint(&server, coarse)
        });
        let fingerprint = match known {
            Some(fingerprint) => fingerprint,
            None => {
                // Mistakes are told before a server is booted.
                let datasets = contract.datasets.iter().map(String::as_str);
                let specs = files.library().closure(datasets)?;
                plan::check_volumes(&contract, &specs)?;
                plan::fingerprint(&contract, &specs, &mask_key, &schema)
            }
        };
        let differs = |replay: &Replay| replay.difference(&fingerprint, &mask_key.id());
        if let Some(difference) = replay.as_ref().and_then(differs) {
            crate::notice!("{difference}");
        }
        stopwatch.lap("resolve");
        let recipe = Recipe {
            server: server::server(&environment.server)?,
            contract,
            files,
            migrations: Arc::new(migrations),
            schema: schema.into(),
            mask_key,
            fingerprint,
            workspace_run: environment.workspace_run,
            slot: environment.slot,
            attempt: environment.attempt,
        };
        stopwatch.lap("server");
        let coarse = coarse.filter(|_| known.is_none());
        let keep = request.keep.unwrap_or(environment.keep);
        Ok(Self { recipe, settings: environment.server, keep, coarse })
    }

    /// Does what takes a server and templates, again where others took them away just now.
    fn work<T>(mut self, work: impl Fn(&Recipe) -> Result<T, Error>) -> Result<T, Error> {
        let mut attempt = 1;
        loop {
            let Recipe { server, fingerprint, .. } = &self.recipe;
            match work(&self.recipe) {
                Ok(done) => {
                    if let Some(coarse) = self.coarse {
                        isolate::remember_fingerprint(server, coarse, *fingerprint);
                    }
                    clean::sweep(server);
                    return Ok(done);
                }
                Err(error) if error.is_connection() => {
                    server::forget(server);
                    // One that went away before it was asked for anything has harmed nobody yet.
                    if server.is_proved() || attempt == ATTEMPTS {
                        return Err(error);
                    }
                    self.recipe.server = server::server(&self.settings)?;
                }
                // Its template made room for others just now.
                Err(error) if error.sqlstate() == Some(NO_DATABASE) && attempt < ATTEMPTS => {
                    isolate::forget_template(server, *fingerprint);
                    isolate::forget_failures();
                }
                Err(error) => return Err(error),
            }
            attempt += 1;
        }
    }
}

/// How often data are tried to be had from what others may take away.
const ATTEMPTS: u32 = 3;

/// What is said of a database that is not there.
const NO_DATABASE: &str = "3D000";

fn hand_out(
    recipe: &Recipe,
    scope_key: &str,
    test: String,
    keep: Keep,
    mut timings: Timings,
) -> Result<TestData, Error> {
    if recipe.contract.isolation != Isolation::Schema {
        timings.extend(&recipe.template()?.timings_once());
    }
    let mut stopwatch = Stopwatch::start();
    let instance = isolate::instance(recipe, scope_key)?;
    stopwatch.lap("isolate");
    timings.extend(&stopwatch.timings());
    TestData::new(instance, recipe.clone(), test, keep, timings)
}

impl Request {
    pub(crate) fn for_contract(
        contract: Contract,
        seed: Option<u64>,
        as_of: Option<Instant>,
        keep: Option<Keep>,
        project: PathBuf,
        scope_key: String,
        id: TestId,
    ) -> Self {
        let test = format!("{}::{}", id.target, id.test);
        let (project, id) = (Some(project), Some(id));
        Self { contract, seed, as_of, keep, project, scope_key, test, id }
    }
}
