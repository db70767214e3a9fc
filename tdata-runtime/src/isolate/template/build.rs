//! Building a template.

use std::sync::Arc;
use std::time::Duration;

use tdata_core::plan::Plan;
use tdata_postgres::Refusal;
use tdata_postgres::{load, validate};

use super::contents::Contents;
use super::layers;
use crate::error::{Error, Stage};
use crate::isolate::error::IsolateError;
use crate::isolate::outline::Outline;
use crate::isolate::recipe::Recipe;
use crate::isolate::shape::Shape;
use crate::server::Server;
use crate::timings::{Stopwatch, Timings};

/// A template that is complete.
pub(super) struct Built {
    pub(super) plan: Plan,
    pub(super) contents: Contents,
    pub(super) timings: Timings,
}

/// Makes a database with all the data of a recipe, upon the layers that there are or that are worth making, and
/// checks them. `early` is the plan, where it was made already.
pub(super) fn build(recipe: &Recipe, database: &str, early: Option<Plan>) -> Result<Built, Error> {
    let mut stopwatch = Stopwatch::start();
    let server = &recipe.session.server;
    let (schema, catalog) = layers::of_migrations(recipe, &mut stopwatch)?;
    let plan = match early {
        Some(plan) => plan,
        None => recipe.plan(&catalog)?,
    };
    stopwatch.lap("plan");
    let layer = match layers::of_plan(recipe, &plan, &catalog, &schema) {
        // What migrations let wait for rows of other datasets holds in one transaction only.
        Err(error) if error.stage() == Stage::Load => schema,
        layer => layer?,
    };
    server.copy_database(database, &layer.database).map_err(IsolateError::MakeDatabase)?;
    let mut client = server.connect(database).map_err(IsolateError::Connect)?;
    load::load(&mut client, &plan, layer.datasets..plan.datasets.len(), &catalog)?;
    stopwatch.lap("generate, mask and load");
    validate::validate(&mut client, &plan)?;
    stopwatch.lap("validate");
    let shape = Arc::new(Shape::read(&mut client, &plan)?);
    let outline = Arc::new(Outline::of(&plan));
    let contents = Contents { catalog, shape, outline };
    Ok(Built { plan, contents, timings: stopwatch.timings() })
}

/// A database can be cloned only while nobody is connected to it: the loader's connection ends a
/// moment after it was closed, and no other is let in.
pub(super) fn close(server: &Server, database: &str) -> Result<(), Refusal> {
    let shut = format!("ALTER DATABASE {database} WITH ALLOW_CONNECTIONS false");
    server.maintain(|client| client.batch_execute(&shut))?;
    for pause in 0..CLOSING_PAUSES {
        let used: bool = server.maintain(|client| {
            // Whoever is left after a while looks in from outside, as monitoring does.
            let sql = "SELECT count(*) > 0 FROM pg_stat_activity WHERE datname = $1 \
                       AND ($2 OR pg_terminate_backend(pid) OR true)";
            let is_early = pause < CLOSING_PAUSES / 10;
            client.query_one(sql, &[&database, &is_early]).map(|row| row.get(0))
        })?;
        if !used {
            break;
        }
        std::thread::sleep(PAUSE);
    }
    Ok(())
}

/// The pause between two looks at who is still connected.
const PAUSE: Duration = Duration::from_millis(1);

/// The most pauses: should somebody stay on for so long, cloning says so.
const CLOSING_PAUSES: u32 = 5_000;
