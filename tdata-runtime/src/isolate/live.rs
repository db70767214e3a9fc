//! Instances that are alive: those of wider scopes are found again.

use std::collections::HashMap;
use std::sync::{Arc, OnceLock};

use parking_lot::Mutex;
use tdata_core::contract::{Isolation, Scope};
use tdata_core::plan::Fingerprint;

use super::error::IsolateError;
use super::instance::{Instance, InstanceKind};
use super::read_only::protect;
use super::recipe::Recipe;
use super::registry::acquire;
use super::schema::{self, SchemaNotes};
use super::shared;
use crate::error::Error;

/// What identifies live data that several tests may hold: what a contract's hash is made of.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct LiveKey {
    run: String,
    fingerprint: Fingerprint,
    isolation: Isolation,
    scope: Scope,
    scope_key: String,
    writable: bool,
}

impl LiveKey {
    /// Returns what all processes of a workspace's run call it. Data that only are read serve later runs as
    /// well; what tests write is seen by their own run alone.
    fn of_workspace(&self, recipe: &Recipe) -> String {
        let Self { fingerprint, isolation, scope, scope_key, writable, .. } = self;
        let run = if *writable { recipe.workspace_run.as_str() } else { "" };
        format!("{fingerprint} {isolation} {scope} {writable} {run} {scope_key}")
    }
}

type Slot = Arc<OnceLock<Result<Arc<Instance>, Error>>>;

/// The instances that several tests may hold. They live until the process ends: nobody knows which test
/// is the last to ask.
static SHARED: OnceLock<Mutex<HashMap<LiveKey, Slot>>> = OnceLock::new();

/// Returns the instance for a recipe: a new one for one test, else that of its scope, which another process
/// may have made.
///
/// `scope_key` names the scope: the module or the test binary.
pub(crate) fn instance(recipe: &Recipe, scope_key: &str) -> Result<Arc<Instance>, Error> {
    let contract = &recipe.contract;
    let rolled_back = contract.isolation == Isolation::Transaction;
    // Transactions over the same data share a database whatever the scope: each undoes its own.
    if !contract.scope.is_shared() && !rolled_back {
        return acquire(recipe).map(Arc::new);
    }
    let key = LiveKey {
        run: recipe.server.run().to_string(),
        fingerprint: recipe.fingerprint,
        isolation: contract.isolation,
        scope: if rolled_back { Scope::Shared } else { contract.scope },
        scope_key: if rolled_back { String::new() } else { scope_key.to_owned() },
        writable: contract.writable && !rolled_back,
    };
    let slot =
        Arc::clone(SHARED.get_or_init(Mutex::default).lock().entry(key.clone()).or_default());
    let make = || -> Result<Instance, Error> {
        let instance = acquire(recipe)?;
        if !contract.writable && !rolled_back {
            protect(&instance)?;
        }
        Ok(instance)
    };
    slot.get_or_init(|| find_or_make(recipe, &key.of_workspace(recipe), make).map(Arc::new)).clone()
}

/// Forgets the instances that could not be had, because of what was there a moment before: who asks next tries again.
pub(crate) fn forget_failures() {
    if let Some(shared) = SHARED.get() {
        shared.lock().retain(|_, slot| !slot.get().is_some_and(Result::is_err));
    }
}

/// Finds the instance of another process, or makes it and lets others find it.
fn find_or_make(
    recipe: &Recipe,
    key: &str,
    make: impl FnOnce() -> Result<Instance, Error>,
) -> Result<Instance, Error> {
    let server = &recipe.server;
    let found = || -> Result<Option<Instance>, Error> {
        let found = shared::join(server, key).map_err(IsolateError::Registry)?;
        found.map(|(database, schema)| attach(recipe, database, schema)).transpose()
    };
    if let Some(instance) = found()? {
        return Ok(instance);
    }
    let _making = server.lock(key).map_err(IsolateError::Registry)?;
    if let Some(instance) = found()? {
        return Ok(instance);
    }
    let mut instance = make()?;
    shared::enter(server, key, instance.database(), instance.schema_notes())
        .map_err(IsolateError::Registry)?;
    instance.is_shared = true;
    Ok(instance)
}

/// Takes up an instance that another process made.
fn attach(
    recipe: &Recipe,
    database: String,
    schema: Option<SchemaNotes>,
) -> Result<Instance, Error> {
    let mut instance = match schema {
        Some(notes) => schema::attach(recipe, database, notes),
        None => {
            let template = recipe.template()?;
            let kind = match recipe.contract.isolation {
                Isolation::Transaction => InstanceKind::Transactions { database },
                Isolation::Full | Isolation::Schema => InstanceKind::Database { database },
            };
            let (server, plan) = (Arc::clone(&recipe.server), template.plan(recipe));
            Instance::new(server, template.outline(), plan, kind)
        }
    };
    instance.is_shared = true;
    Ok(instance)
}
