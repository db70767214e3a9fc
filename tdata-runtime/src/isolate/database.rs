//! `full`: a database of its own, cloned from the template.

use std::sync::Arc;

use super::error::IsolateError;
use super::instance::{Instance, InstanceKind};
use super::reuse::{self, Idle};
use super::template::Recipe;
use crate::error::Error;
use crate::server::Server;

/// Takes a clone of the template; one that tests share is new, and nobody's behind them.
pub(super) fn acquire(recipe: &Recipe) -> Result<Instance, Error> {
    let template = recipe.template()?;
    let (server, fingerprint) = (&recipe.server, recipe.fingerprint);
    if recipe.contract.scope.is_shared() {
        let database = server.run().name('d');
        clone(server, &database, &template.database)?;
        let plan = template.plan(recipe, || server.endpoint().connect(&database))?;
        let kind = InstanceKind::Database { database };
        return Ok(Instance::new(Arc::clone(server), template.outline(), plan, kind));
    }
    let Idle { database, session, mark } = reuse::take(server, fingerprint, &template)?;
    let plan = template.plan(recipe, || server.endpoint().connect(&database))?;
    let kind = InstanceKind::Database { database };
    let instance = Instance::new(Arc::clone(server), template.outline(), plan, kind);
    Ok(instance.reusable(template, fingerprint, session, mark))
}

/// The first version in which a clone can be a copy of files.
const FILE_COPY_SINCE: u32 = 150_000;

/// Makes a database as a copy of another.
///
/// Copying files costs two checkpoints, and those cost nothing where nothing is synced: on servers of
/// ours it takes a third of the time. Elsewhere the copy goes through the log.
pub(super) fn clone(server: &Server, database: &str, template: &str) -> Result<(), IsolateError> {
    let file_copy = server.is_owned() && server.version() >= FILE_COPY_SINCE;
    let strategy = if file_copy { " STRATEGY FILE_COPY" } else { "" };
    let sql = format!("CREATE DATABASE {database} TEMPLATE {template}{strategy}");
    server
        .maintain(|client| client.batch_execute(&sql))
        .map_err(|refusal| IsolateError::not_made("database", refusal))
}
