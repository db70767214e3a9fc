//! Building a template.

use std::sync::Arc;

use tdata_core::plan::Plan;
use tdata_postgres::{load, validate};

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
    let mut client = server.connect(database).map_err(IsolateError::Connect)?;
    load::load(&mut client, &plan, layer.datasets..plan.datasets.len(), &catalog)?;
    stopwatch.lap("generate, mask and load");
    validate::validate(&mut client, &plan)?;
    stopwatch.lap("validate");
    let shape = Arc::new(Shape::read(&mut client, &plan, server.view())?);
    let outline = Arc::new(Outline::of(&plan));
    let contents = Contents { catalog, shape, outline };
    Ok(Built { plan, contents, timings: stopwatch.timings() })
}
