//! `full`: a database of its own, cloned from the template.

use std::sync::Arc;

use super::error::IsolateError;
use super::instance::{Instance, InstanceKind};
use super::reuse::{self, Idle, Session};
use super::template::{Recipe, Template};
use crate::error::Error;
use crate::server::Server;

/// Takes a clone of the template that waits, or makes one.
pub(super) fn acquire(recipe: &Recipe) -> Result<Instance, Error> {
    let template = recipe.template()?;
    let (server, fingerprint) = (&recipe.server, recipe.fingerprint);
    if !recipe.contract.scope.is_shared()
        && let Some(Idle { database, session, mark }) = reuse::take(server, fingerprint)
    {
        let instance = instance(recipe, &template, database);
        return Ok(instance.reusable(template, fingerprint, session, mark));
    }
    let database = server.run().name('d');
    clone(server, &database, &template.database)?;
    let instance = instance(recipe, &template, database);
    if recipe.contract.scope.is_shared() {
        return Ok(instance);
    }
    let refused = |refusal| IsolateError::not_made("database", refusal);
    let mut session = Session::new(instance.connect(SESSION).map_err(refused)?);
    Ok(match reuse::mark(server, &template, &mut session)? {
        Some(mark) => instance.reusable(template, fingerprint, session, mark),
        None => instance,
    })
}

/// The application name of connections to data.
const SESSION: &str = "tdata test";

fn instance(recipe: &Recipe, template: &Template, database: String) -> Instance {
    let kind = InstanceKind::Database { database };
    Instance::new(Arc::clone(&recipe.server), Arc::clone(&template.plan), kind)
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
