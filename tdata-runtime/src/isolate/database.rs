//! `full`: a database of its own, cloned from the template.

use std::sync::Arc;

use tdata_core::contract::Isolation;

use super::error::IsolateError;
use super::instance::{Instance, InstanceKind};
use super::recipe::Recipe;
use super::reuse;
use super::template::create;
use crate::error::Error;

/// Takes a clone of the template; one that tests share is new, and nobody's behind them.
pub(super) fn acquire(recipe: &Recipe) -> Result<Instance, Error> {
    let template = recipe.template()?;
    let server = &recipe.server;
    if recipe.contract.scope.is_shared() {
        let database = server.name('d').map_err(IsolateError::Registry)?;
        create(server, &database, &template.database)?;
        let kind = InstanceKind::Database { database };
        let plan = template.plan(recipe);
        return Ok(Instance::new(Arc::clone(server), template.outline(), plan, kind));
    }
    let idle = reuse::take(server, &template, recipe.slot)?;
    let kind = InstanceKind::Database { database: idle.database.clone() };
    let plan = template.plan(recipe);
    let instance = Instance::new(Arc::clone(server), template.outline(), plan, kind);
    Ok(instance.reusable(template, idle))
}

/// Builds the template, and lets clones of it wait.
pub(crate) fn prepare_clones(recipe: &Recipe, clones: usize) -> Result<(), Error> {
    if recipe.contract.isolation == Isolation::Schema {
        return Ok(());
    }
    let template = recipe.template()?;
    let is_cloned = recipe.contract.isolation == Isolation::Full;
    if is_cloned && !recipe.contract.scope.is_shared() {
        reuse::prepare(&recipe.server, &template, clones)?;
    }
    Ok(())
}
