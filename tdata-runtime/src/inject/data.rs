//! A test's data.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, OnceLock};
use std::thread::ThreadId;
use std::time::{Duration, SystemTime};

use parking_lot::{Mutex, MutexGuard};
use postgres::Client;
use postgres::error::SqlState;
use tdata_core::contract::{Contract, Isolation, Volume, Volumes};
use tdata_core::definition::Instant;
use tdata_core::diagnostic::{nearest, or_list};
use tdata_core::plan::Plan;
use tdata_factory::Context;

use super::all_rows;
use super::client::DataClient;
use super::dataset::Dataset;
use super::error::ReadError;
use super::kept::Kept;
use super::row::Row;
use crate::error::Error;
use crate::isolate::{
    self, DatasetOutline, Instance, InstanceKind, IsolateError, LazyPlan, Loan, Outline, Recipe,
    Stock, TableChanges,
};
use crate::off_runtime::off_runtime;
use crate::server::Server;
use crate::timings::Timings;

/// The longest time that data are kept for: a hundred years. Neither the clock nor PostgreSQL knows all times beyond.
const LONGEST: Duration = Duration::from_secs(100 * 365 * 24 * 60 * 60);

/// How long the end of a test waits for a thread that still uses its connection.
const PATIENCE: Duration = Duration::from_secs(1);

/// The data that a test declared: loaded, checked, and gone when the test ends.
///
/// Clones are handles to the same data, and do not keep them: the data of one test go when the test ends. Data that tests
/// share stay while a process uses them.
#[derive(Clone)]
pub struct TestData(Arc<Inner>);

struct Inner {
    /// `None` once the test has ended.
    instance: Mutex<Option<Arc<Instance>>>,
    url: String,
    database: String,
    outline: Arc<Outline>,
    plan: LazyPlan,
    recipe: Recipe,
    /// Whether they were kept, or could not be.
    is_kept: AtomicBool,
    /// What the test's factories start from.
    context: Context,
    stock: Arc<Stock>,
    timings: Timings,
    /// Under transaction isolation, the connection whose transaction holds the data.
    transaction: Mutex<Option<Client>>,
    /// The number of that connection's backend.
    backend: Option<i32>,
    /// The thread that has that connection in use.
    holder: Mutex<Option<ThreadId>>,
    datasets: BTreeMap<String, OnceLock<Dataset>>,
}

impl TestData {
    pub(crate) fn new(
        instance: Arc<Instance>,
        stock: &Arc<Stock>,
        recipe: Recipe,
        test: String,
        timings: Timings,
    ) -> Result<Self, Error> {
        let transaction = match &instance.kind {
            InstanceKind::Transactions { .. } => Some(begin(&instance)?),
            _ => None,
        };
        let (transaction, backend) = transaction.unzip();
        let rows = |dataset: &DatasetOutline| (dataset.name.clone(), Volume::Rows(dataset.rows));
        let by_dataset = instance.outline.datasets.iter().map(rows).collect();
        let volumes = Volumes { every: None, by_dataset };
        let names = instance.outline.datasets.iter().map(|dataset| dataset.name.clone());
        Ok(Self(Arc::new(Inner {
            url: instance.url(),
            database: instance.database().to_owned(),
            outline: Arc::clone(&instance.outline),
            plan: instance.plan.clone(),
            stock: Arc::clone(stock),
            datasets: names.map(|name| (name, OnceLock::new())).collect(),
            instance: Mutex::new(Some(instance)),
            context: Context::new(test, recipe.contract.seed, recipe.contract.as_of, volumes),
            recipe,
            is_kept: AtomicBool::new(false),
            timings,
            transaction: Mutex::new(transaction),
            backend,
            holder: Mutex::default(),
        })))
    }

    /// Returns a dataset's rows as they are in the database when first asked for.
    ///
    /// Datasets that relationships brought along can be asked for as well.
    ///
    /// # Panics
    ///
    /// When the contract does not provision the dataset, or the database refuses.
    /// [`TestData::try_dataset`] returns the error instead.
    #[track_caller]
    pub fn dataset(&self, name: &str) -> &Dataset {
        match self.try_dataset(name) {
            Ok(dataset) => dataset,
            Err(error) => panic!("{error}"),
        }
    }

    /// Returns a dataset's rows as they are in the database when first asked for.
    ///
    /// # Errors
    ///
    /// When the contract does not provision the dataset, or the database refuses.
    pub fn try_dataset(&self, name: &str) -> Result<&Dataset, Error> {
        let (Some(cell), Some(dataset)) = (self.0.datasets.get(name), self.0.outline.dataset(name))
        else {
            return Err(self.unknown(name).into());
        };
        if let Some(dataset) = cell.get() {
            return Ok(dataset);
        }
        let rows = off_runtime(|| self.read(dataset))?;
        Ok(cell.get_or_init(|| Dataset::new(name.to_owned(), rows)))
    }

    /// Connects to the data. Under transaction isolation this is the connection whose transaction
    /// holds them; the call waits while another [`DataClient`] is in use.
    ///
    /// # Panics
    ///
    /// When the database refuses. [`TestData::try_client`] returns the error instead.
    #[track_caller]
    pub fn client(&self) -> DataClient<'_> {
        match self.try_client() {
            Ok(client) => client,
            Err(error) => panic!("{error}"),
        }
    }

    /// Connects to the data.
    ///
    /// # Errors
    ///
    /// When the database refuses.
    pub fn try_client(&self) -> Result<DataClient<'_>, Error> {
        if self.0.instance.lock().is_none() {
            return Err(ReadError::Released.into());
        }
        if !self.in_transaction() {
            return self.lend().map(DataClient::own);
        }
        if *self.0.holder.lock() == Some(std::thread::current().id()) {
            return Err(ReadError::ClientInUse.into());
        }
        let guard = self.0.transaction.lock();
        match MutexGuard::try_map(guard, Option::as_mut) {
            Ok(client) => Ok(DataClient::in_transaction(client, &self.0.holder)),
            Err(_) => Err(ReadError::Released.into()),
        }
    }

    /// Returns the URL whose connections see the data, password included: for pools and clients of
    /// the test's own, and for the program under test.
    ///
    /// Under transaction isolation such connections see the data as they were loaded, and only read.
    pub fn url(&self) -> &str {
        &self.0.url
    }

    /// Returns the name of the database that the data are in. Under schema isolation other tests have their schemas there,
    /// too.
    pub fn database(&self) -> &str {
        &self.0.database
    }

    /// Returns how many rows of each dataset were loaded.
    pub fn counts(&self) -> BTreeMap<&str, u64> {
        let datasets = self.0.outline.datasets.iter();
        datasets.map(|dataset| (dataset.name.as_str(), dataset.rows)).collect()
    }

    /// Returns the seed.
    pub fn seed(&self) -> u64 {
        self.0.recipe.contract.seed
    }

    /// Returns the as-of time.
    pub fn as_of(&self) -> Instant {
        self.0.recipe.contract.as_of
    }

    /// Returns the contract.
    pub fn contract(&self) -> &Contract {
        &self.0.recipe.contract
    }

    /// Returns what the test's factories start from. Give it to threads and tasks of the test that build records, too.
    pub fn context(&self) -> &Context {
        &self.0.context
    }

    /// Returns the plan of the data: tables, fields, generators and masks.
    pub fn plan(&self) -> &Plan {
        self.0.plan.get()
    }

    /// Returns the server the data are on.
    pub fn server(&self) -> &Server {
        &self.0.stock.session.server
    }

    /// Returns how long each stage took, until the data were handed out.
    pub fn timings(&self) -> &Timings {
        &self.0.timings
    }

    /// Keeps the data for a time from now on, even after this handle and the process are gone. A server that tdata booted
    /// stays up until then. After that time, the next process that uses the server drops the data. More than a hundred
    /// years count as a hundred.
    ///
    /// # Errors
    ///
    /// If the data were released, if other tests use them too, if they are rolled back, or if they were given a time
    /// before.
    ///
    /// ```no_run
    /// # use tdata_runtime as tdata;
    /// use std::time::Duration;
    /// use tdata::TestData;
    ///
    /// let data = TestData::request(["users"]).provision()?;
    /// data.keep_for(Duration::from_secs(2 * 60 * 60))?;
    /// println!("for two hours: {}", data.url());
    /// # Ok::<(), tdata::Error>(())
    /// ```
    pub fn keep_for(&self, time: Duration) -> Result<(), Error> {
        let instance = self.instance().ok_or(ReadError::Released)?;
        let until = SystemTime::now() + time.min(LONGEST);
        match off_runtime(|| instance.keep_until(until)).map_err(IsolateError::Registry)? {
            true => Ok(()),
            false if instance.has_time() => Err(ReadError::HasTime.into()),
            false => Err(ReadError::NotAlone.into()),
        }
    }

    /// Ends the data's life now, as the end of the test would: rolls back, and drops what belongs to
    /// nobody else and is not to be kept. Handles are of no use afterwards.
    pub fn release(&self) {
        self.0.keep_and_notice();
        let instance = self.0.instance.lock().take();
        off_runtime(|| {
            let client = match self.0.transaction.try_lock_for(PATIENCE) {
                Some(mut client) => client.take(),
                // Another thread still has the connection: its end rolls back as well.
                None => {
                    self.terminate();
                    None
                }
            };
            self.0.end(client, instance);
        });
    }

    pub(crate) fn in_transaction(&self) -> bool {
        self.0.recipe.contract.isolation == Isolation::Transaction
    }

    pub(crate) fn connect(&self) -> Result<Client, Error> {
        let instance = self.0.instance.lock().clone().ok_or(ReadError::Released)?;
        let connected = off_runtime(|| instance.connect("tdata test"));
        Ok(connected.map_err(ReadError::Refused)?)
    }

    fn lend(&self) -> Result<Loan, Error> {
        let instance = self.0.instance.lock().clone().ok_or(ReadError::Released)?;
        let lent = off_runtime(|| instance.lend("tdata test"));
        Ok(lent.map_err(ReadError::Refused)?)
    }

    fn terminate(&self) {
        let Some(backend) = self.0.backend else { return };
        // A connection that has ended by itself is all the better.
        let _ = self
            .0
            .stock
            .session
            .server
            .maintain(|client| client.execute("SELECT pg_terminate_backend($1)", &[&backend]));
    }

    fn read(&self, dataset: &DatasetOutline) -> Result<Vec<Row>, Error> {
        let sql = format!("SELECT * FROM {} ORDER BY {}", dataset.own_rows, dataset.order);
        let table = dataset.table.to_string();
        let rows = self.look(|client, in_transaction| {
            let rows = all_rows::query(client, &sql, &table, in_transaction);
            rows.map_err(|error| ReadError::Refused(error.into()))
        })?;
        let name: Arc<str> = dataset.name.as_str().into();
        let rows = rows.into_iter().enumerate();
        Ok(rows.map(|(index, row)| Row::new(Arc::clone(&name), index, row)).collect())
    }

    /// Looks at rows over the test's connection. `look` is told whether a transaction is open on it.
    pub(super) fn look<T: Send>(
        &self,
        look: impl Fn(&mut Client, bool) -> Result<T, ReadError> + Sync,
    ) -> Result<T, Error> {
        let mut client = self.try_client()?;
        let client: &mut Client = client.inner();
        match off_runtime(|| look(client, self.in_transaction())) {
            // Migrations may have given the table to a role of their own. A server of ours has somebody who sees it.
            Err(ReadError::Refused(refusal))
                if refusal.is(SqlState::INSUFFICIENT_PRIVILEGE.code())
                    && self.has_another_eye() =>
            {
                let instance = self.instance().ok_or(ReadError::Released)?;
                let seeing = off_runtime(|| instance.connect_to_see("tdata test"));
                let mut seeing = seeing.map_err(ReadError::Refused)?;
                Ok(off_runtime(|| look(&mut seeing, false))?)
            }
            looked => Ok(looked?),
        }
    }

    /// Tells whether a superuser may look where the role of tests may not. Nobody else sees what a transaction does.
    fn has_another_eye(&self) -> bool {
        self.server().gives_ordinary_role() && !self.in_transaction()
    }

    /// Lists what the test did to rows so far, where that is known.
    pub(crate) fn changes(&self) -> Option<Vec<TableChanges>> {
        let instance = self.0.instance.lock().clone()?;
        off_runtime(|| instance.changes())
    }

    /// Returns where the data are, until they are released.
    pub(crate) fn instance(&self) -> Option<Arc<Instance>> {
        self.0.instance.lock().clone()
    }

    /// Lets the data stay, if they are to, behind a test that has failed, or has not.
    pub(crate) fn keep(&self, failed: bool) -> Kept {
        self.0.keep(failed)
    }

    /// Returns what is ready on their server.
    pub(crate) fn stock(&self) -> &Stock {
        &self.0.stock
    }

    /// Returns what the data were built from.
    pub(crate) fn recipe(&self) -> &Recipe {
        &self.0.recipe
    }

    /// Works over the connection whose transaction holds the data; `None` where somebody still has it, or there
    /// is none.
    pub(crate) fn in_its_transaction<T>(&self, work: impl FnOnce(&mut Client) -> T) -> Option<T> {
        self.0.transaction.try_lock_for(PATIENCE)?.as_mut().map(work)
    }

    pub(super) fn outline(&self) -> &Outline {
        &self.0.outline
    }

    pub(super) fn has_dataset(&self, name: &str) -> bool {
        self.0.datasets.contains_key(name)
    }

    pub(super) fn unknown(&self, name: &str) -> ReadError {
        let names = || self.0.datasets.keys().map(String::as_str);
        let help = nearest(name, names()).map(|name| format!("\nDid you mean `{name}`?"));
        ReadError::UnknownDataset {
            dataset: name.to_owned(),
            declared: or_list(names()).replace(" or ", " and "),
            help: help.unwrap_or_default(),
        }
    }
}

impl Inner {
    /// Ends the life of the data. A clone of one test is looked at when it is taken back; behind all others it is looked
    /// here what the test did to the server.
    fn end(&self, client: Option<Client>, instance: Option<Arc<Instance>>) {
        let contract = &self.recipe.contract;
        let is_taken_back = contract.isolation == Isolation::Full && !contract.scope.is_shared();
        let Some(instance) = instance else { return };
        if !instance.prove(client) {
            self.stock.forget_live(&instance);
        }
        drop(instance);
        if !is_taken_back {
            self.stock.session.look_at_cluster();
        }
    }

    /// Lets the data stay, if they are to, behind a test that has failed, or has not. It is told once.
    fn keep(&self, failed: bool) -> Kept {
        let Some(instance) = self.instance.lock().clone() else { return Kept::Untold };
        let is_wanted = self.recipe.contract.keep.applies(failed);
        if !is_wanted || self.is_kept.swap(true, Ordering::Relaxed) {
            return Kept::Untold;
        }
        Kept::of(&instance)
    }

    /// Lets the data stay, if they are to, of a test that tells nothing itself.
    fn keep_and_notice(&self) {
        let kept = self.keep(std::thread::panicking());
        let notice = || self.stock.session.server.notices().say(kept.message());
        match &kept {
            Kept::Untold | Kept::Stays { before: true, .. } => {}
            // All tests on the server have this in common.
            Kept::RolledBack => self.stock.told_rolled_back.call_once(notice),
            Kept::Stays { .. } | Kept::Refused(_) => notice(),
        }
    }
}

impl Drop for Inner {
    fn drop(&mut self) {
        self.keep_and_notice();
        let (client, instance) =
            (self.transaction.get_mut().take(), self.instance.get_mut().take());
        off_runtime(|| {
            self.end(client, instance);
        });
    }
}

impl fmt::Debug for TestData {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "TestData({})", self.0.recipe.contract)
    }
}

fn begin(instance: &Instance) -> Result<(Client, i32), Error> {
    let mut client = instance.connect("tdata test").map_err(IsolateError::Connect)?;
    let backend = isolate::begin(&mut client).map_err(|error| IsolateError::Begin(error.into()))?;
    Ok((client, backend))
}
