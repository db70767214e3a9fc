//! What is asked for without a macro.

use std::path::PathBuf;

use tdata_core::contract::{Isolation, Keep, PartialContract, Scope, VersionChoice, Volume};
use tdata_core::definition::Instant;
use tdata_factory::context::test_of_this_thread;

use crate::engine::Engine;
use crate::error::Error;
use crate::inject::TestData;
use crate::off_runtime::off_runtime;
use crate::post_mortem::TestId;
use crate::provision::{self, Holder};
use crate::resolution::Resolution;
use crate::timings::Stopwatch;

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
    /// Who does the work; `Err` where it could not be made.
    engine: Result<Engine, Error>,
    contract: PartialContract,
    project: Option<PathBuf>,
    holder: Holder,
    /// Which test it is, where the harness knows it.
    id: Option<TestId>,
}

impl Engine {
    /// Starts a request for datasets; relationships bring others along.
    pub fn request<S: Into<String>>(&self, datasets: impl IntoIterator<Item = S>) -> Request {
        Request::of(Ok(self.clone()), PartialContract::of(datasets))
    }
}

impl Request {
    /// Asks an engine for data.
    pub(crate) fn of(engine: Result<Engine, Error>, contract: PartialContract) -> Self {
        let holder = Holder { test: test_of_this_thread(), scope_key: String::new() };
        Self { engine, contract, project: None, holder, id: None }
    }

    /// Asks an engine for what a test declares, of the project of a folder.
    pub(crate) fn of_test(
        engine: Result<Engine, Error>,
        contract: PartialContract,
        project: PathBuf,
        scope_key: String,
        id: TestId,
    ) -> Self {
        let holder = Holder { test: format!("{}::{}", id.target, id.test), scope_key };
        Self { engine, contract, project: Some(project), holder, id: Some(id) }
    }

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
        self.contract.scope = Some(scope);
        self.holder.scope_key = key.into();
        self
    }

    /// Sets the isolation.
    #[must_use]
    pub fn isolation(mut self, isolation: Isolation) -> Self {
        self.contract.isolation = Some(isolation);
        self
    }

    /// Sets whether personal data is masked; by default it is.
    #[must_use]
    pub fn apply_masking(mut self, apply: bool) -> Self {
        self.contract.apply_masking = Some(apply);
        self
    }

    /// Sets the version of the definitions; by default that of the working tree.
    #[must_use]
    pub fn version(mut self, version: VersionChoice) -> Self {
        self.contract.version = Some(version);
        self
    }

    /// Sets the seed; by default `TDATA_SEED`, else that of `tdata.toml`, else 42.
    #[must_use]
    pub fn seed(mut self, seed: u64) -> Self {
        self.contract.seed = Some(seed);
        self
    }

    /// Sets the as-of time; by default `TDATA_AS_OF`, else that of `tdata.toml`, else 00:00 UTC of
    /// the day.
    #[must_use]
    pub fn as_of(mut self, as_of: Instant) -> Self {
        self.contract.as_of = Some(as_of);
        self
    }

    /// Sets whether tests may write to data they share; by default not.
    #[must_use]
    pub fn writable(mut self, writable: bool) -> Self {
        self.contract.writable = Some(writable);
        self
    }

    /// Sets whether the data stay behind their last handle, to be looked at; by default `TDATA_KEEP`, else what
    /// `tdata.toml` says, else never. With [`Keep::OnFailure`] they stay when that goes because of a panic.
    #[must_use]
    pub fn keep(mut self, keep: Keep) -> Self {
        self.contract.keep = Some(keep);
        self
    }

    /// Sets the folder whose project the definitions are of, or a folder below it; by default the engine's: for tests
    /// that of the package, as Cargo tells it, else the working directory.
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
        off_runtime(|| self.provision_here())
    }

    /// Does the same on a thread that no async runtime drives.
    pub(crate) fn provision_here(self) -> Result<TestData, Error> {
        let stopwatch = Stopwatch::start();
        let engine = self.engine.clone()?;
        provision::provision(&engine, self.resolve(&engine)?, &self.holder, stopwatch)
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
        off_runtime(|| {
            let engine = self.engine.clone()?;
            provision::prewarm(&engine, self.resolve(&engine)?, clones)
        })
    }

    fn resolve(&self, engine: &Engine) -> Result<Resolution, Error> {
        let folder = match &self.project {
            Some(folder) => std::path::absolute(folder).unwrap_or_else(|_| folder.clone()),
            None => engine.config().project_folder(),
        };
        Resolution::of(engine, self.contract.clone(), &folder, self.id.as_ref())
    }
}
