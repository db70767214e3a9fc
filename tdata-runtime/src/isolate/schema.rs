//! `schema`: a schema of its own in a database that the session's schemas share, if nothing of them is outside of it.

use std::collections::HashSet;
use std::sync::Arc;

use postgres::Client;
use tdata_core::plan::{Catalog, CatalogTable, CatalogType, Plan};
use tdata_core::sql::TableName;
use tdata_postgres::{catalog, migrate, validate};

use super::definitions::{Outside, outside_of_schemas};
use super::error::IsolateError;
use super::event_triggers;
use super::instance::{Instance, InstanceKind, schema_options};
use super::migrated;
use super::outline::{LazyPlan, Outline};
use super::recipe::Recipe;
use super::stock::Stock;
use crate::error::Error;
use crate::notation::noted;
use crate::registry::{Claim, Kind};

/// Makes a schema and loads the data into it. One that tests share, under a key, has a database for itself, which other
/// processes may use as well.
pub(super) fn acquire(stock: &Stock, recipe: &Recipe, key: &str) -> Result<Instance, Error> {
    let session = &stock.session;
    let (database, claim) = match recipe.contract.scope.is_shared() {
        true => {
            let claim = make_database(stock, Kind::Instance, key)?;
            (claim.database.clone(), Some(claim))
        }
        // Two schemas would meet in what migrations make beside them.
        false if migrate::touch_database(&recipe.migrations) => {
            let claim = make_database(stock, Kind::Schemas, "")?;
            (claim.database.clone(), Some(claim))
        }
        false => (database_of_session(stock, recipe)?, None),
    };
    let schema = session.id.name("s");
    // From here on the database or the schema goes with the instance, also when filling it fails.
    let notes = SchemaNotes { schema, catalog: Arc::default(), outline: Arc::default() };
    let mut instance = attach(recipe, database, notes, claim);
    let InstanceKind::Schema { database, schema } = &instance.kind else {
        unreachable!("it was made as one")
    };
    let options = schema_options(schema);
    let connect = || recipe.connect(database, &options);
    let mut client = connect()?;
    // As in `public`, the roles of migrations may look for what they have rights to.
    let sql = format!(
        "{}CREATE SCHEMA {schema}; GRANT USAGE ON SCHEMA {schema} TO PUBLIC",
        event_triggers::REST
    );
    client.batch_execute(&sql).map_err(|error| IsolateError::MakeSchema(error.into()))?;
    let found = outside_of_schemas(&mut client).map_err(IsolateError::Inspect)?;
    instance.outside = Some(Outside { found, is_handed_out: false });
    if !recipe.migrations.is_empty() {
        // Nobody holds a connection while it waits for another.
        drop(client);
        migrated::migrate(recipe, database, &options, Some(schema))?;
        client = connect()?;
    }
    let catalog = Arc::new(read_catalog(&mut client, recipe, schema)?);
    instance.plan = LazyPlan::in_schema(recipe, &catalog, schema);
    let plan = instance.plan.make()?;
    check_names(&plan)?;
    recipe.tell_made(&plan);
    let datasets = 0..plan.datasets.len();
    client = recipe.load(client, (database, &options), &plan, datasets, &catalog)?;
    validate::validate(&mut client, &plan)?;
    recipe.prove_session(database)?;
    instance.outline = Arc::new(Outline::of(&plan));
    let found = outside_of_schemas(&mut client).map_err(IsolateError::Inspect)?;
    instance.outside = Some(Outside { found, is_handed_out: true });
    Ok(instance)
}

/// What other processes need to know of a schema that tests share.
#[derive(Debug)]
pub(super) struct SchemaNotes {
    pub(super) schema: String,
    pub(super) catalog: Arc<Catalog>,
    pub(super) outline: Arc<Outline>,
}

noted! {
    SchemaNotes { schema, catalog, outline }
}

/// Takes up a schema that is there.
pub(super) fn attach(
    recipe: &Recipe,
    database: String,
    notes: SchemaNotes,
    claim: Option<Claim>,
) -> Instance {
    let SchemaNotes { schema, catalog, outline } = notes;
    let plan = LazyPlan::in_schema(recipe, &catalog, &schema);
    let kind = InstanceKind::Schema { database, schema };
    let options = recipe.session_options();
    Instance::new(Arc::clone(&recipe.session), outline, plan, kind, options, claim)
}

/// Returns what other processes need to know of a schema; `None` for instances of other kinds.
pub(super) fn notes(instance: &Instance) -> Option<SchemaNotes> {
    let InstanceKind::Schema { schema, .. } = &instance.kind else { return None };
    let (catalog, outline) = (instance.plan.catalog(), Arc::clone(&instance.outline));
    Some(SchemaNotes { schema: schema.clone(), catalog, outline })
}

/// Reads what tables are there for the data.
fn read_catalog(client: &mut Client, recipe: &Recipe, schema: &str) -> Result<Catalog, Error> {
    let mut catalog = Catalog {
        search_path: vec![schema.to_owned()],
        // All tables are in one schema, whatever schema a definition names.
        ignore_schemas: true,
        ..Catalog::default()
    };
    if !recipe.migrations.is_empty() {
        let refused = |error: postgres::Error| migrate::MigrateError::Catalog(error.into());
        let all = catalog::read(client).map_err(refused)?;
        let is_ours = |table: &CatalogTable| table.name.schema.as_deref() == Some(schema);
        // Those of other schemas that tdata made may have the same names.
        let is_known =
            |known: &CatalogType| known.schema == schema || !recipe.session.id.made(&known.schema);
        catalog.types = all.types.into_iter().filter(is_known).collect();
        let is_here = |(name, _): &(TableName, TableName)| name.schema.as_deref() == Some(schema);
        catalog.partitions = all.partitions.into_iter().filter(is_here).collect();
        catalog.others = all.others;
        catalog.others.retain(|other| other.name.schema.as_deref() == Some(schema));
        let (ours, others): (Vec<_>, Vec<_>) = all.tables.into_iter().partition(is_ours);
        catalog.tables = ours;
        check_places(recipe, &catalog, &others)?;
        catalog::read_rows(client, &mut catalog).map_err(refused)?;
    }
    Ok(catalog)
}

/// Finds tables that migrations put beside the schema, because they name another.
fn check_places(
    recipe: &Recipe,
    ours: &Catalog,
    others: &[CatalogTable],
) -> Result<(), IsolateError> {
    let specs = recipe.library().closure(recipe.contract.datasets.iter().map(String::as_str));
    for spec in specs.unwrap_or_default() {
        let table = &spec.table.value;
        let elsewhere = others.iter().any(|other| {
            let schema = other.name.schema.as_deref().unwrap_or_default();
            other.name.name == table.name && !recipe.session.id.made(schema)
        });
        if elsewhere && ours.table(table).is_none() {
            let dataset = spec.name.value.clone();
            return Err(IsolateError::Elsewhere { dataset, table: table.name.clone() });
        }
    }
    Ok(())
}

fn check_names(plan: &Plan) -> Result<(), IsolateError> {
    let mut seen = HashSet::new();
    for dataset in &plan.datasets {
        if !seen.insert(&dataset.table.name) {
            return Err(IsolateError::SameTable { table: dataset.table.name.clone() });
        }
    }
    Ok(())
}

/// The database that the schemas of the same migrations share, in this session.
fn database_of_session(stock: &Stock, recipe: &Recipe) -> Result<String, Error> {
    // One that a test left something in serves no other.
    let is_spoilt = |database: &String| stock.session.is_spoilt(database);
    stock.schemas.retain(|database| !database.as_ref().is_ok_and(is_spoilt));
    stock.schemas.get_or_make(Arc::clone(&recipe.schema), || {
        let claim = make_database(stock, Kind::Schemas, "")?;
        let database = claim.database.clone();
        stock.session.own(claim);
        Ok(database)
    })
}

fn make_database(stock: &Stock, kind: Kind, key: &str) -> Result<Claim, Error> {
    let session = &stock.session;
    let claim = session.enter(kind, key).map_err(IsolateError::Registry)?;
    match session.server.copy_database(&claim.database, "template0") {
        Ok(()) => Ok(claim),
        Err(refusal) => {
            // The first error is the one to tell; what stays is swept.
            let _ = session.drop_claimed(claim);
            Err(IsolateError::MakeDatabase(refusal).into())
        }
    }
}
