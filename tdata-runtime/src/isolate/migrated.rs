//! Running a project's migrations in a database or a schema.

use tdata_core::plan;
use tdata_postgres::migrate::{self, MigrateError, Ran, ServerDeeds};

use super::error::IsolateError;
use super::recipe::Recipe;
use crate::error::Error;
use crate::server::Server;

/// Runs the migrations of a recipe in a database, over a connection with options. They find the settings that their own tool
/// finds.
///
/// What they do to the server as a whole they do once: on a server of ours that is for these migrations alone, whoever runs
/// them again passes it over.
pub(super) fn migrate(recipe: &Recipe, database: &str, options: &str) -> Result<(), Error> {
    let session = &recipe.session;
    let server = &session.server;
    let name = format!("migrated_{}", plan::schema_fingerprint(&recipe.schema));
    let client = server.connect_with(database, options, "tdata");
    let mut client = client.map_err(IsolateError::Connect)?;
    let roles = roles(server)?;
    let run = || {
        let deeds = match (server.is_owned(), session.registry.told(&name)) {
            (true, None) => ServerDeeds::Done,
            (true, Some(_)) => ServerDeeds::PassedOver,
            (false, _) => ServerDeeds::DoneUnlessRolesExist,
        };
        let ran = migrate::run(&mut client, &recipe.migrations, deeds)?;
        if deeds == ServerDeeds::Done {
            session.registry.tell(&name, "");
        }
        Ok(ran)
    };
    let ran = session.with_cluster(run).map_err(IsolateError::Inspect)?;
    tell(server, &ran.map_err(|error| explained(server, error))?);
    tell_new(server, &roles)
}

/// Tells what migrations did otherwise than they say.
fn tell(server: &Server, ran: &Ran) {
    if !ran.existing_roles.is_empty() {
        server.notices().say(format_args!(
            "migrations make roles that are on the server at {} already ({}): they stay as they are",
            server.endpoint().place(),
            ran.existing_roles.join(", ")
        ));
    }
    if !ran.made_roles.is_empty() {
        server.notices().say(format_args!(
            "migrations name roles that none of them makes ({}): they were made for them, without LOGIN",
            ran.made_roles.join(", ")
        ));
    }
    for line in &ran.passed_over {
        server.notices().say(line);
    }
}

fn explained(server: &Server, error: MigrateError) -> MigrateError {
    match error {
        MigrateError::Failed { place, refusal } => {
            MigrateError::Failed { place, refusal: server.explain(refusal) }
        }
        error => error,
    }
}

/// Lists the roles of a server that is not ours, where nothing of the server is taken back.
fn roles(server: &Server) -> Result<Vec<String>, Error> {
    if server.is_owned() {
        return Ok(Vec::new());
    }
    let list = "SELECT rolname::text FROM pg_roles";
    let rows = server.maintain(|client| client.query_typed(list, &[]));
    Ok(rows.map_err(IsolateError::Inspect)?.iter().map(|row| row.get(0)).collect())
}

/// Tells the roles that migrations made on a server that is not ours.
fn tell_new(server: &Server, before: &[String]) -> Result<(), Error> {
    let mut made = roles(server)?;
    made.retain(|role| !before.contains(role));
    if !made.is_empty() {
        server.notices().say(format_args!(
            "migrations made roles on the server at {} ({}): they stay there",
            server.endpoint().place(),
            made.join(", ")
        ));
    }
    Ok(())
}
