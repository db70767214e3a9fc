//! Instances that are alive: those of wider scopes are found again.

use std::collections::HashMap;
use std::sync::{Arc, OnceLock};

use parking_lot::Mutex;
use tdata_core::contract::{Isolation, Scope};
use tdata_core::plan::Fingerprint;

use super::instance::Instance;
use super::read_only::protect;
use super::registry::acquire;
use super::template::Recipe;
use crate::error::Error;

/// What identifies live data that several tests may hold: what a contract's hash is made of.
///
/// Between processes, the same key would be looked up in the server's own registry.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct LiveKey {
    run: String,
    fingerprint: Fingerprint,
    isolation: Isolation,
    scope: Scope,
    scope_key: String,
    writable: bool,
}

type Slot = Arc<OnceLock<Result<Arc<Instance>, Error>>>;

/// The instances that several tests may hold. They live until the run ends: nobody knows which test
/// is the last to ask.
static SHARED: OnceLock<Mutex<HashMap<LiveKey, Slot>>> = OnceLock::new();

/// Returns the instance for a recipe: a new one for one test, else that of its scope.
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
    let slot = Arc::clone(SHARED.get_or_init(Mutex::default).lock().entry(key).or_default());
    slot.get_or_init(|| {
        let instance = acquire(recipe)?;
        if !contract.writable && !rolled_back {
            protect(&instance)?;
        }
        Ok(Arc::new(instance))
    })
    .clone()
}
