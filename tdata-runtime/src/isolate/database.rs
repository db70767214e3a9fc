//! `full`: a database of its own, cloned from the template.

use std::sync::Arc;

use tdata_core::contract::Isolation;

use super::error::IsolateError;
use super::instance::{Instance, InstanceKind};
use super::recipe::Recipe;
use super::stock::Stock;
use crate::error::Error;
use crate::registry::Kind;

/// Takes a clone of the template. For data that tests share, under a key, it is a new copy.
pub(super) fn acquire(stock: &Stock, recipe: &Recipe, key: &str) -> Result<Instance, Error> {
    let template = stock.template(recipe)?;
    let plan = template.plan(recipe);
    if !recipe.contract.scope.is_shared() {
        let idle = stock.pool.take(&template, recipe.slot)?;
        return Ok(Instance::of_clone(&stock.pool, template, plan, idle));
    }
    shared_copy(stock, recipe, key, |database| InstanceKind::Database { database })
}

/// Copies the template for data that several tests use, under a key.
pub(super) fn shared_copy(
    stock: &Stock,
    recipe: &Recipe,
    key: &str,
    kind: impl FnOnce(String) -> InstanceKind,
) -> Result<Instance, Error> {
    let (session, template) = (&stock.session, stock.template(recipe)?);
    let claim = session.enter(Kind::Instance, key).map_err(IsolateError::Registry)?;
    let (database, plan) = (claim.database.clone(), template.plan(recipe));
    // From here on the database goes with the instance, also when it cannot be made.
    let kind = kind(database.clone());
    let (session_of, options) = (Arc::clone(session), recipe.session_options());
    let instance = Instance::new(session_of, template.outline(), plan, kind, options, Some(claim));
    let copied = session.server.copy_database(&database, &template.database);
    copied.map_err(IsolateError::MakeDatabase)?;
    Ok(instance)
}

/// Builds the template, and lets clones of it wait.
pub(crate) fn prepare_clones(stock: &Stock, recipe: &Recipe, clones: usize) -> Result<(), Error> {
    if recipe.contract.isolation == Isolation::Schema {
        return Ok(());
    }
    let template = stock.template(recipe)?;
    let is_cloned = recipe.contract.isolation == Isolation::Full;
    if is_cloned && !recipe.contract.scope.is_shared() {
        stock.pool.prepare(&template, clones)?;
    }
    Ok(())
}
