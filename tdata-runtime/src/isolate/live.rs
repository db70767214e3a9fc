//! Instances that are alive: those of wider scopes are found again.

use std::sync::Arc;

use tdata_core::contract::{Isolation, Scope};

use super::acquire::acquire;
use super::error::IsolateError;
use super::instance::{Instance, InstanceKind};
use super::read_only::protect;
use super::recipe::Recipe;
use super::schema::{self, SchemaNotes};
use super::stock::{LiveKey, Stock};
use crate::error::Error;
use crate::notation::{Noted as _, noted};

impl LiveKey {
    fn of(recipe: &Recipe, scope_key: &str) -> Self {
        let contract = &recipe.contract;
        // Transactions over the same data share a database whatever the scope: each undoes its own.
        let rolled_back = contract.isolation == Isolation::Transaction;
        Self {
            fingerprint: recipe.fingerprint,
            isolation: contract.isolation,
            scope: if rolled_back { Scope::Shared } else { contract.scope },
            scope_key: if rolled_back { String::new() } else { scope_key.to_owned() },
            writable: contract.writable && !rolled_back,
        }
    }

    /// Returns what all processes of a workspace call it. Data that only are read serve later test runs as well; what
    /// tests write is seen by their own test run alone.
    fn of_workspace(&self, recipe: &Recipe) -> String {
        let Self { fingerprint, isolation, scope, scope_key, writable } = self;
        let run = if *writable { recipe.test_run.as_str() } else { "" };
        format!("{fingerprint} {isolation} {scope} {writable} {run} {scope_key}")
    }
}

/// What other processes need to know of an instance that they join.
struct InstanceNotes {
    /// Its schema, where it is one.
    schema: Option<SchemaNotes>,
    /// What was found once its guard was set up.
    found: Option<String>,
}

noted! { InstanceNotes { schema, found } }

/// Returns the instance for a recipe: a new one for one test, else that of its scope, which another process
/// may have made.
///
/// `scope_key` names the scope: the module or the test binary.
pub(crate) fn instance(
    stock: &Stock,
    recipe: &Recipe,
    scope_key: &str,
) -> Result<Arc<Instance>, Error> {
    let contract = &recipe.contract;
    if !contract.scope.is_shared() && contract.isolation != Isolation::Transaction {
        return acquire(stock, recipe, "").map(Arc::new);
    }
    let key = LiveKey::of(recipe, scope_key);
    let name = key.of_workspace(recipe);
    stock.live.get_or_make(key, || find_or_make(stock, recipe, &name).map(Arc::new))
}

/// Finds the instance of another process, or makes it and lets others find it.
fn find_or_make(stock: &Stock, recipe: &Recipe, key: &str) -> Result<Instance, Error> {
    if let Some(instance) = join(stock, recipe, key)? {
        return Ok(instance);
    }
    let registry = &stock.session.registry;
    let _making = registry.lock(key).map_err(IsolateError::Registry)?;
    if let Some(instance) = join(stock, recipe, key)? {
        return Ok(instance);
    }
    let mut instance = acquire(stock, recipe, key)?;
    let contract = &recipe.contract;
    let is_rolled_back = contract.isolation == Isolation::Transaction;
    if !contract.writable && !is_rolled_back {
        protect(&instance)?;
    }
    if !contract.writable || is_rolled_back {
        instance.prove_by(key, None).map_err(IsolateError::Inspect)?;
    }
    if let Some(claim) = instance.leave() {
        let notes = InstanceNotes {
            schema: schema::notes(&instance),
            found: instance.found().map(str::to_owned),
        };
        let notes = notes.to_notes();
        registry.publish(claim, &notes).map_err(IsolateError::Registry)?;
    }
    Ok(instance)
}

/// Takes up the instance that another process made, if there is one.
fn join(stock: &Stock, recipe: &Recipe, key: &str) -> Result<Option<Instance>, Error> {
    let joined = stock.session.registry.join(key).map_err(IsolateError::Registry)?;
    let found =
        joined.and_then(|found| Some((found.database, InstanceNotes::of_notes(&found.notes)?)));
    let Some((database, notes)) = found else { return Ok(None) };
    let mut instance = match notes.schema {
        Some(notes) => schema::attach(recipe, database, notes, None),
        None => {
            let template = stock.template(recipe)?;
            let kind = match recipe.contract.isolation {
                Isolation::Transaction => InstanceKind::Transactions { database },
                Isolation::Full | Isolation::Schema => InstanceKind::Database { database },
            };
            let (session, plan) = (Arc::clone(&stock.session), template.plan(recipe));
            Instance::new(session, template.outline(), plan, kind, recipe.session_options(), None)
        }
    };
    if notes.found.is_some() {
        instance.prove_by(key, notes.found).map_err(IsolateError::Inspect)?;
    }
    instance.leave();
    Ok(Some(instance))
}
