//! Templates: data built once for a fingerprint, cloned for use.

use std::collections::HashMap;
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use parking_lot::Mutex;
use postgres::Client;
use tdata_core::contract::Contract;
use tdata_core::definition::Library;
use tdata_core::mask::MaskKey;
use tdata_core::plan::{self, Catalog, Fingerprint, Plan};

use super::error::IsolateError;
use super::reuse::Shape;
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
}

/// A database built once, cloned for use.
#[derive(Debug)]
pub(crate) struct Template {
    pub(crate) database: String,
    pub(crate) plan: Arc<Plan>,
    /// What building it took, until that was told.
    timings: Mutex<Timings>,
    /// What all clones have in common, once one of them was looked into.
    shape: Mutex<Option<Arc<Shape>>>,
}

impl Template {
    /// Returns what building it took to the first who asks: for others it was there already.
    pub(crate) fn timings_once(&self) -> Timings {
        std::mem::take(&mut *self.timings.lock())
    }

    /// Returns what all clones have in common; `client` is connected to one that is as it was made, if
    /// nobody has asked before.
    pub(super) fn shape(&self, client: &mut Client) -> Result<Arc<Shape>, Error> {
        let mut shape = self.shape.lock();
        if let Some(shape) = &*shape {
            return Ok(Arc::clone(shape));
        }
        let read = Arc::new(Shape::read(client, &self.plan)?);
        *shape = Some(Arc::clone(&read));
        Ok(read)
    }
}

type Slot = Arc<OnceLock<Result<Arc<Template>, Error>>>;

/// The templates of this process, by server and fingerprint.
static TEMPLATES: OnceLock<Mutex<HashMap<(String, Fingerprint), Slot>>> = OnceLock::new();

impl Recipe {
    /// Returns the template, and builds it when nobody has yet. Others who ask in the meantime wait;
    /// a failure is told to all of them, not tried again.
    pub(crate) fn template(&self) -> Result<Arc<Template>, Error> {
        let slot = {
            let mut templates = TEMPLATES.get_or_init(Mutex::default).lock();
            let key = (self.server.run().to_string(), self.fingerprint);
            Arc::clone(templates.entry(key).or_default())
        };
        slot.get_or_init(|| self.build().map(Arc::new)).clone()
    }

    fn build(&self) -> Result<Template, Error> {
        // Without migrations planning needs no database: mistakes show before one is made.
        let early = match self.migrations.is_empty() {
            true => Some(plan_for(self, &Catalog::default())?),
            false => None,
        };
        let database = self.server.run().name('t');
        let not_made = |refusal: Refusal| IsolateError::not_made("database", refusal);
        let create = format!("CREATE DATABASE {database} TEMPLATE template0");
        self.server.maintain(|client| client.batch_execute(&create)).map_err(not_made)?;
        let built = self.fill(&database, early);
        if built.is_err() {
            let drop = format!("DROP DATABASE IF EXISTS {database} WITH (FORCE)");
            // The first error is the one to tell; the end of the run drops what stays.
            let _ = self.server.maintain(|client| client.batch_execute(&drop));
        }
        let (plan, timings) = built?;
        self.close(&database).map_err(not_made)?;
        Ok(Template {
            database,
            plan: Arc::new(plan),
            timings: Mutex::new(timings),
            shape: Mutex::default(),
        })
    }

    fn fill(&self, database: &str, early: Option<Plan>) -> Result<(Plan, Timings), Error> {
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
        Ok((plan, stopwatch.timings()))
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
