//! Building a template.

use std::sync::Arc;

use tdata_core::plan::{Catalog, Plan};
use tdata_core::sql::TableName;
use tdata_postgres::validate;

use super::contents::Contents;
use super::layers;
use crate::error::{Error, Stage};
use crate::isolate::error::IsolateError;
use crate::isolate::outline::Outline;
use crate::isolate::recipe::Recipe;
use crate::isolate::shape::Shape;
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
    recipe.tell_made(&plan);
    stopwatch.lap("plan");
    let layer = match layers::of_plan(recipe, &plan, &catalog, &schema) {
        // What migrations let wait for rows of other datasets holds in one transaction only.
        Err(error) if error.stage() == Stage::Load => schema,
        layer => layer?,
    };
    server.copy_database(database, &layer.database).map_err(IsolateError::MakeDatabase)?;
    let client = recipe.connect(database, "")?;
    let datasets = layer.datasets..plan.datasets.len();
    let mut client = recipe.load(client, (database, ""), &plan, datasets, &catalog)?;
    stopwatch.lap("generate, mask and load");
    validate::validate(&mut client, &plan)?;
    stopwatch.lap("validate");
    recipe.prove_session(database)?;
    let shape =
        Arc::new(Shape::read(&mut client, &plan, server.view(), recipe.surroundings.triggers)?);
    let outline = Arc::new(Outline::of(&plan));
    let catalog = Arc::new(known_to(&plan, &catalog));
    let contents = Contents { catalog, shape, outline };
    Ok(Built { plan, contents, timings: stopwatch.timings() })
}

/// Leaves of a catalog the rows that planning needs: all clones carry them.
fn known_to(plan: &Plan, catalog: &Catalog) -> Catalog {
    let tables = plan.datasets.iter().filter_map(|dataset| catalog.table(&dataset.table));
    let keys = || plan.datasets.iter().filter_map(|dataset| catalog.table(&dataset.table));
    let referenced = keys().flat_map(|table| &table.foreign_keys).map(|key| &key.references);
    let needed: Vec<&TableName> = tables.map(|table| &table.name).chain(referenced).collect();
    let mut known = catalog.clone();
    known.rows.retain(|rows| needed.contains(&&rows.table));
    known
}
