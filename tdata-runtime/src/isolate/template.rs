//! Templates: data built once for a fingerprint, cloned for use.

use std::collections::HashMap;
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use parking_lot::Mutex;
use postgres::Client;
use postgres::types::{ToSql, Type};
use tdata_core::contract::Contract;
use tdata_core::definition::{Library, TableName};
use tdata_core::mask::MaskKey;
use tdata_core::plan::{self, Catalog, Fingerprint, Plan};

use super::error::IsolateError;
use super::outline::{self, LazyPlan, Outline};
use super::reuse::{COLUMNS, Shape};
use crate::error::Error;
use crate::migrate::{self, MigrateError, Migration};
use crate::server::Server;
use crate::timings::{Stopwatch, Timings};
use crate::{catalog, load, validate};
use tdata_factory::store::Refusal;

/// Everything that data are built from.
#[derive(Clone, Debug)]
pub(crate) struct Recipe {
    pub(crate) server: Arc<Server>,
    pub(crate) contract: Contract,
    pub(crate) library: Arc<Library>,
    pub(crate) migrations: Arc<Vec<Migration>>,
    pub(crate) mask_key: MaskKey,
    pub(crate) fingerprint: Fingerprint,
    /// What tells the runs of a workspace apart.
    pub(crate) workspace_run: String,
}

/// A database built once, cloned for use.
#[derive(Debug)]
pub(crate) struct Template {
    pub(crate) database: String,
    /// The tables that were made from definitions, where migrations made others.
    made: Vec<String>,
    /// The plan of its data, once this process knows it.
    plan: Arc<OnceLock<Arc<Plan>>>,
    /// What building it took, until that was told.
    timings: Mutex<Timings>,
    /// What all clones have in common.
    pub(super) shape: Shape,
    outline: Arc<Outline>,
}

impl Template {
    fn new(database: String, made: Vec<String>, shape: Shape, outline: Outline) -> Self {
        let (plan, timings) = (Arc::default(), Mutex::default());
        Self { database, made, plan, timings, shape, outline: Arc::new(outline) }
    }

    /// Returns what building it took to the first who asks: for others it was there already.
    pub(crate) fn timings_once(&self) -> Timings {
        std::mem::take(&mut *self.timings.lock())
    }

    /// Returns what can be said of its data.
    pub(super) fn outline(&self) -> Arc<Outline> {
        Arc::clone(&self.outline)
    }

    /// Returns the plan of its data; `client` is connected to a clone, against whose tables it is made where
    /// there are migrations.
    pub(super) fn plan(
        &self,
        recipe: &Recipe,
        client: impl FnOnce() -> Result<Client, Refusal>,
    ) -> Result<LazyPlan, Error> {
        if let Some(plan) = self.plan.get() {
            return Ok(LazyPlan::known(Arc::clone(plan)));
        }
        if recipe.migrations.is_empty() {
            return Ok(LazyPlan::of(recipe, &self.plan));
        }
        let not_made = |refusal| IsolateError::not_made("database", refusal);
        let mut client = client().map_err(not_made)?;
        let refused = |error: postgres::Error| MigrateError::Catalog(error.into());
        let mut catalog = catalog::read(&mut client).map_err(refused)?;
        // Tables that were made from definitions were not there when the data were planned.
        catalog.tables.retain(|table| !self.made.contains(&table.name.to_string()));
        self.plan_against(recipe, &catalog).map(LazyPlan::known)
    }

    fn plan_against(&self, recipe: &Recipe, catalog: &Catalog) -> Result<Arc<Plan>, Error> {
        let plan = Arc::new(plan_for(recipe, catalog)?);
        Ok(Arc::clone(self.plan.get_or_init(|| plan)))
    }
}

/// What is in a template once it is filled.
struct Filled {
    plan: Plan,
    made: Vec<String>,
    shape: Shape,
    timings: Timings,
}

type Slot = Arc<OnceLock<Result<Arc<Template>, Error>>>;

/// The templates that this process knows, by run and fingerprint.
static TEMPLATES: OnceLock<Mutex<HashMap<(String, Fingerprint), Slot>>> = OnceLock::new();

impl Recipe {
    /// Returns the template, and builds it when no process has yet. Others who ask in the meantime wait;
    /// a failure is told to all of this process, not tried again.
    pub(crate) fn template(&self) -> Result<Arc<Template>, Error> {
        let slot = {
            let mut templates = TEMPLATES.get_or_init(Mutex::default).lock();
            let key = (self.server.run().to_string(), self.fingerprint);
            Arc::clone(templates.entry(key).or_default())
        };
        slot.get_or_init(|| self.find_or_build().map(Arc::new)).clone()
    }

    fn find_or_build(&self) -> Result<Template, Error> {
        let refused = |refusal: Refusal| IsolateError::not_made("database", refusal);
        if let Some(template) = self.find().map_err(refused)? {
            return Ok(template);
        }
        // Without migrations planning needs no database: mistakes show before one is made.
        let early = match self.migrations.is_empty() {
            true => Some(plan_for(self, &Catalog::default())?),
            false => None,
        };
        // The lock goes with its process: who comes next finds a template that is not ready.
        let _building = self.server.lock(&self.fingerprint.to_string()).map_err(refused)?;
        if let Some(template) = self.find().map_err(refused)? {
            return Ok(template);
        }
        let database = self.enter().map_err(refused)?;
        match self.build(&database, early) {
            Ok(template) => Ok(template),
            Err(error) => {
                // The first error is the one to tell; what stays the next builder drops.
                let _ = self.leave(&database);
                Err(error)
            }
        }
    }

    /// Finds the template that another process has built.
    fn find(&self) -> Result<Option<Template>, Refusal> {
        self.server.control(|client| {
            let sql = "SELECT * FROM template WHERE fingerprint = $1 AND ready";
            let fingerprint = self.fingerprint.to_string();
            let rows = client.query_typed(sql, &[(&fingerprint, Type::TEXT)])?;
            Ok(rows.first().map(|row| {
                let (shape, outline) = (Shape::from_columns(row), Outline::from_columns(row));
                Template::new(row.get("database"), row.get("made"), shape, outline)
            }))
        })
    }

    /// Enters a template that is yet to be built, in place of one whose builder did not come to its end.
    /// Returns its name.
    fn enter(&self) -> Result<String, Refusal> {
        let fingerprint = self.fingerprint.to_string();
        let unfinished: Option<String> = self.server.control(|client| {
            let sql = "SELECT database FROM template WHERE fingerprint = $1";
            Ok(client.query_opt(sql, &[&fingerprint])?.map(|row| row.get(0)))
        })?;
        if let Some(database) = unfinished {
            self.leave(&database)?;
        }
        let database = self.server.run().shared_name("template");
        self.server.control(|client| {
            let sql = "INSERT INTO template (fingerprint, database) VALUES ($1, $2)";
            client.execute(sql, &[&fingerprint, &database])
        })?;
        Ok(database)
    }

    /// Drops a template that is not ready.
    fn leave(&self, database: &str) -> Result<(), Refusal> {
        self.server.drop_database(database)?;
        self.server.control(|client| {
            client.execute("DELETE FROM template WHERE database = $1", &[&database])?;
            Ok(())
        })
    }

    fn build(&self, database: &str, early: Option<Plan>) -> Result<Template, Error> {
        let not_made = |refusal: Refusal| IsolateError::not_made("database", refusal);
        let create = format!("CREATE DATABASE {database} TEMPLATE template0");
        self.server.maintain(|client| client.batch_execute(&create)).map_err(not_made)?;
        let Filled { plan, made, shape, timings } = self.fill(database, early)?;
        let outline = Outline::of(&plan);
        self.close(database).map_err(not_made)?;
        self.server
            .control(|client| {
                let columns = || COLUMNS.iter().chain(outline::COLUMNS);
                let set: String = (columns().zip(3..))
                    .map(|((column, _), at)| format!(", {column} = ${at}"))
                    .collect();
                let sql =
                    format!("UPDATE template SET ready = true, made = $2{set} WHERE database = $1");
                let contents = shape.to_columns().into_iter().chain(outline.to_columns());
                let contents: Vec<_> = contents.collect();
                let types = columns().map(|(_, kind)| kind.clone());
                let mut values: Vec<(&(dyn ToSql + Sync), Type)> =
                    vec![(&database, Type::TEXT), (&made, Type::TEXT_ARRAY)];
                values.extend(contents.iter().map(|value| &**value).zip(types));
                client.query_typed(&sql, &values)
            })
            .map_err(not_made)?;
        let template = Template::new(database.to_owned(), made, shape, outline);
        *template.timings.lock() = timings;
        let _known = template.plan.set(Arc::new(plan));
        Ok(template)
    }

    fn fill(&self, database: &str, early: Option<Plan>) -> Result<Filled, Error> {
        let mut stopwatch = Stopwatch::start();
        let not_made = |refusal: Refusal| IsolateError::not_made("database", refusal);
        let mut client = self.server.endpoint().connect(database).map_err(not_made)?;
        migrate::run(&mut client, &self.migrations)?;
        stopwatch.lap("migrate");
        let (plan, catalog) = match early {
            Some(plan) => (plan, Catalog::default()),
            None => {
                let refused = |error: postgres::Error| MigrateError::Catalog(error.into());
                let catalog = catalog::read(&mut client).map_err(refused)?;
                (plan_for(self, &catalog)?, catalog)
            }
        };
        stopwatch.lap("plan");
        load::load(&mut client, &plan, &catalog)?;
        stopwatch.lap("generate, mask and load");
        validate::validate(&mut client, &plan)?;
        stopwatch.lap("validate");
        let made = plan.datasets.iter().filter(|dataset| !dataset.table_exists);
        let made = made.map(|dataset| {
            let schema = dataset.table.schema.as_ref().unwrap_or(&catalog.default_schema).clone();
            TableName { schema: Some(schema), name: dataset.table.name.clone() }.to_string()
        });
        let made = made.collect();
        let shape = Shape::read(&mut client, &plan)?;
        Ok(Filled { plan, made, shape, timings: stopwatch.timings() })
    }

    /// A database can be cloned only while nobody is connected to it: the loader's connection ends a
    /// moment after it was closed, and no other is let in.
    fn close(&self, database: &str) -> Result<(), Refusal> {
        let shut = format!("ALTER DATABASE {database} WITH ALLOW_CONNECTIONS false");
        self.server.maintain(|client| client.batch_execute(&shut))?;
        for pause in 0..CLOSING_PAUSES {
            let used: bool = self.server.maintain(|client| {
                // Whoever is left after a while looks in from outside, as monitoring does.
                let sql = "SELECT count(*) > 0 FROM pg_stat_activity WHERE datname = $1 \
                           AND ($2 OR pg_terminate_backend(pid) OR true)";
                Ok(client.query_one(sql, &[&database, &(pause < CLOSING_PAUSES / 10)])?.get(0))
            })?;
            if !used {
                break;
            }
            std::thread::sleep(PAUSE);
        }
        Ok(())
    }
}

/// The pause between two looks at who is still connected.
const PAUSE: Duration = Duration::from_millis(1);

/// The most pauses: should somebody stay on for so long, cloning says so.
const CLOSING_PAUSES: u32 = 5_000;

/// Plans a recipe against the tables there are.
pub(super) fn plan_for(recipe: &Recipe, catalog: &Catalog) -> Result<Plan, Error> {
    Ok(plan::plan(&recipe.contract, &recipe.library, &recipe.mask_key, catalog)?)
}
