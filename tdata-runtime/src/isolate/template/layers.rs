//! What templates have in common: tables that migrations made, and the rows of many-celled datasets behind them.
//!
//! A template is built upon the longest of its layers, and leaves those it had to make for others. Contracts that
//! differ in one dataset share those before it.

use std::ops::Range;
use std::sync::Arc;

use tdata_core::plan::{self, Catalog, Plan};
use tdata_core::rows::Stored;
use tdata_postgres::catalog;
use tdata_postgres::migrate::MigrateError;

use super::contents::Contents;
use super::publish::{find, find_or_make};
use crate::error::Error;
use crate::isolate::error::IsolateError;
use crate::isolate::migrated::migrate;
use crate::isolate::recipe::Recipe;
use crate::registry::Kind;
use crate::timings::Stopwatch;

/// The cells from which on rows are kept as a layer: to generate and to store them takes several times what a
/// clone does, which costs as much whatever is in it.
const WORTH_KEEPING: u64 = 100_000;

/// A database that templates are built upon.
#[derive(Clone, Debug)]
pub(super) struct Layer {
    pub(super) database: String,
    /// How many of a plan's datasets, from the first on, are in it.
    pub(super) datasets: usize,
}

impl Layer {
    /// PostgreSQL's own beginning of databases.
    pub(super) fn empty() -> Self {
        Self { database: "template0".to_owned(), datasets: 0 }
    }
}

/// Returns the layer with the tables that migrations make, and these tables. Where there are no migrations it is
/// empty.
pub(super) fn of_migrations(
    recipe: &Recipe,
    stopwatch: &mut Stopwatch,
) -> Result<(Layer, Arc<Catalog>), Error> {
    if recipe.migrations.is_empty() {
        return Ok((Layer::empty(), Arc::default()));
    }
    let key = recipe.catalog_fingerprint();
    let server = &recipe.session.server;
    let (database, catalog) = find_or_make(&recipe.session, Kind::Layer, key, |database| {
        let empty = Layer::empty().database;
        server.copy_database(database, &empty).map_err(IsolateError::MakeDatabase)?;
        migrate(recipe, database, "", None)?;
        let mut client = recipe.connect(database, "")?;
        let refused = |error: postgres::Error| MigrateError::Catalog(error.into());
        let mut catalog = catalog::read(&mut client).map_err(refused)?;
        catalog::read_rows(&mut client, &mut catalog).map_err(refused)?;
        Ok(catalog)
    })?;
    stopwatch.lap("migrate");
    Ok((Layer { database, datasets: 0 }, Arc::new(catalog)))
}

/// Returns the longest layer of a plan whose datasets are worth keeping, upon that of the migrations.
pub(super) fn of_plan(
    recipe: &Recipe,
    plan: &Plan,
    catalog: &Catalog,
    schema: &Layer,
) -> Result<Layer, Error> {
    upon(recipe, plan, catalog, schema, &cuts(plan))
}

/// Makes a layer for the last of some cuts, upon that for those before.
fn upon(
    recipe: &Recipe,
    plan: &Plan,
    catalog: &Catalog,
    schema: &Layer,
    cuts: &[usize],
) -> Result<Layer, Error> {
    let Some((&datasets, before)) = cuts.split_last() else { return Ok(schema.clone()) };
    let specs: Vec<_> =
        plan.datasets[..datasets].iter().map(|dataset| Arc::clone(&dataset.spec)).collect();
    let Recipe { contract, mask_key, schema: migrations, .. } = recipe;
    let key =
        plan::fingerprint(contract, &specs, recipe.library(), &Stored::new(), mask_key, migrations)
            .within(&recipe.surroundings);
    let session = &recipe.session;
    if let Some((database, _)) = find::<Contents>(session, Kind::Template, key)? {
        // Tests have asked for just these datasets.
        return Ok(Layer { database, datasets });
    }
    let (database, datasets) = find_or_make(session, Kind::Layer, key, |database| {
        let base = upon(recipe, plan, catalog, schema, before)?;
        let rows = base.datasets..datasets;
        fill(recipe, database, &base, plan, rows, catalog)?;
        Ok(datasets)
    })?;
    Ok(Layer { database, datasets })
}

/// Makes a database upon a layer, and loads some of a plan's datasets into it.
fn fill(
    recipe: &Recipe,
    database: &str,
    base: &Layer,
    plan: &Plan,
    datasets: Range<usize>,
    catalog: &Catalog,
) -> Result<(), Error> {
    let server = &recipe.session.server;
    server.copy_database(database, &base.database).map_err(IsolateError::MakeDatabase)?;
    let client = recipe.connect(database, "")?;
    recipe.load(client, (database, ""), plan, datasets, catalog).map(drop)
}

/// Tells behind how many datasets of a plan a layer is kept: where as many cells as are worth it came since the
/// last one, more datasets come, and no key references one of these.
fn cuts(plan: &Plan) -> Vec<usize> {
    let (mut cuts, mut cells) = (Vec::new(), 0_u64);
    for (place, dataset) in plan.datasets.iter().enumerate() {
        cells = cells.saturating_add(dataset.rows.saturating_mul(dataset.fields.len() as u64));
        let (before, behind) = plan.datasets.split_at(place + 1);
        let is_closed = before.iter().all(|dataset| {
            let mut keys = dataset.foreign_keys.iter();
            keys.all(|key| behind.iter().all(|other| other.name != key.dataset))
        });
        if cells >= WORTH_KEEPING && is_closed && !behind.is_empty() {
            cuts.push(place + 1);
            cells = 0;
        }
    }
    cuts
}
