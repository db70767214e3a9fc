//! Running a project's migrations in a database or a schema.

use std::io;

use tdata_core::plan;
use tdata_postgres::Refusal;
use tdata_postgres::migrate::{self, MigrateError, Program, Ran, ServerDeeds, Work};

use super::error::IsolateError;
use super::recipe::{Programs, Recipe};
use crate::error::Error;
use crate::program::{self, ProgramError, Target};
use crate::server::Server;
use crate::session::Session;

/// What the registry tells of migrations on a server that is for them alone.
const BEGUN: &str = "begun";
const DONE: &str = "done";
const UNDONE: &str = "undone";

/// Runs the migrations of a recipe in a database, over a connection with options that lead to a schema of it, if there is
/// one. They find the settings that their own tool finds.
///
/// A server of ours is for these migrations alone if they do something to it as a whole. If another process was killed in
/// the middle of that, it is given up.
pub(super) fn migrate(
    recipe: &Recipe,
    database: &str,
    options: &str,
    schema: Option<&str>,
) -> Result<(), Error> {
    let session = &recipe.session;
    let server = &session.server;
    let name = format!("migrated_{}", plan::schema_fingerprint(&recipe.schema));
    let roles = roles(server)?;
    let run = || -> Result<Ran, Error> {
        let told = match server.is_owned() && recipe.touches_server {
            true => session.registry.told(&name),
            false => None,
        };
        let deeds = match (server.is_owned(), told.as_deref()) {
            (false, _) => ServerDeeds::DoneUnlessRolesExist,
            (true, Some(BEGUN)) => return Err(torn(server)),
            (true, Some(DONE)) => ServerDeeds::Repeated,
            (true, _) => ServerDeeds::Done,
        };
        let is_first = recipe.touches_server && deeds == ServerDeeds::Done;
        if is_first {
            session.registry.tell(&name, BEGUN);
        }
        let ran = turns(recipe, database, options, schema, deeds);
        if is_first {
            session.registry.tell(&name, if ran.is_ok() { DONE } else { UNDONE });
        }
        ran
    };
    let ran = session.with_cluster(run).map_err(IsolateError::Inspect)??;
    tell(session, &ran);
    let made = made(recipe, &roles)?;
    if session.is_news(&made) {
        server.notices().say(format_args!(
            "migrations made roles on the server at {} ({}): they stay there",
            server.endpoint().place(),
            made.join(", ")
        ));
    }
    Ok(())
}

/// Lets all that migrates take its turn, scripts over a connection of their own.
fn turns(
    recipe: &Recipe,
    database: &str,
    options: &str,
    schema: Option<&str>,
    deeds: ServerDeeds,
) -> Result<Ran, Error> {
    let (server, migrations) = (&recipe.session.server, &*recipe.migrations);
    let mut ran = Ran::default();
    for turn in &migrations.turns {
        match &turn.work {
            Work::Scripts(scripts) => {
                let client = server.connect_with(database, options, "tdata");
                let mut client = client.map_err(IsolateError::Connect)?;
                let done = migrate::run(&mut client, migrations, scripts.clone(), schema, deeds);
                ran.extend(done.map_err(|error| explained(server, error))?);
            }
            Work::Program(program) => {
                let endpoint = server.endpoint();
                let target = Target { endpoint, database, options, limit: migrations.limit };
                run_program(recipe, program, &target).map_err(|error| {
                    error.with_advice(schema.is_some(), deeds == ServerDeeds::Repeated)
                })?;
            }
        }
    }
    Ok(ran)
}

fn run_program(
    recipe: &Recipe,
    program: &Program,
    target: &Target<'_>,
) -> Result<(), ProgramError> {
    let Programs { folder, function } = &recipe.programs;
    match (program, function) {
        (Program::Command(command), _) => program::run(command, folder, target),
        (Program::Function(_), Some(function)) => function.run(target),
        (Program::Function(version), None) => Err(ProgramError::Function {
            version: version.clone(),
            reason: "this configuration has none".to_owned(),
        }),
    }
}

/// Tells what migrations did otherwise than they say.
fn tell(session: &Session, Ran { existing_roles, made_roles, passed_over }: &Ran) {
    let server = &session.server;
    if session.is_news(existing_roles) {
        server.notices().say(format_args!(
            "migrations make roles that are on the server at {} already ({}): they stay as they are",
            server.endpoint().place(),
            existing_roles.join(", ")
        ));
    }
    if session.is_news(made_roles) {
        server.notices().say(format_args!(
            "migrations name roles that none of them makes ({}): they were made for them, without LOGIN",
            made_roles.join(", ")
        ));
    }
    if session.is_news(passed_over) {
        passed_over.iter().for_each(|line| server.notices().say(line));
    }
}

/// Gives up a server on which a process was killed while it migrated.
fn torn(server: &Server) -> Error {
    server.give_up();
    let killed = io::Error::other("a process was killed there while it migrated");
    IsolateError::Connect(Refusal::on_the_way(&killed)).into()
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

/// Lists the roles that migrations made on a server that is not ours.
fn made(recipe: &Recipe, before: &[String]) -> Result<Vec<String>, Error> {
    let mut made = roles(&recipe.session.server)?;
    let names = |role: &String| recipe.migrations.texts().any(|text| text.contains(role));
    // Nobody knows which roles a program makes.
    let has_program = recipe.migrations.has_program();
    made.retain(|role| !before.contains(role) && (has_program || names(role)));
    Ok(made)
}
