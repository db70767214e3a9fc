//! A template, and how it is found.

use std::collections::HashMap;
use std::sync::{Arc, OnceLock};

use parking_lot::Mutex;
use tdata_core::plan::{Catalog, Fingerprint, Plan};

use super::build::{Built, build};
use super::contents::Contents;
use super::evict;
use super::records::{self, Kind};
use crate::error::Error;
use crate::isolate::error::IsolateError;
use crate::isolate::outline::{LazyPlan, Outline};
use crate::isolate::recipe::Recipe;
use crate::isolate::reuse::Shape;
use crate::server::Server;
use crate::timings::Timings;

/// A database built once, cloned for use.
#[derive(Debug)]
pub(crate) struct Template {
    pub(crate) database: String,
    contents: Contents,
    /// The plan of its data, once this process knows it.
    plan: Arc<OnceLock<Arc<Plan>>>,
    /// What building it took, until that was told.
    timings: Mutex<Timings>,
}

impl Template {
    fn new(database: String, contents: Contents) -> Self {
        Self { database, contents, plan: Arc::default(), timings: Mutex::default() }
    }

    /// Returns what building it took to the first who asks: for others it was there already.
    pub(crate) fn timings_once(&self) -> Timings {
        std::mem::take(&mut *self.timings.lock())
    }

    /// Returns what can be said of its data.
    pub(in crate::isolate) fn outline(&self) -> Arc<Outline> {
        Arc::clone(&self.contents.outline)
    }

    /// Returns the tables and sequences of its clones.
    pub(in crate::isolate) fn shape(&self) -> &Shape {
        &self.contents.shape
    }

    /// Returns the plan of its data.
    pub(in crate::isolate) fn plan(&self, recipe: &Recipe) -> LazyPlan {
        LazyPlan::of(recipe, &self.contents.catalog, &self.plan)
    }
}

type Slot = Arc<OnceLock<Result<Arc<Template>, Error>>>;

/// The templates that this process knows, by run and fingerprint.
static TEMPLATES: OnceLock<Mutex<HashMap<(String, Fingerprint), Slot>>> = OnceLock::new();

/// Forgets a template that is not there any more: who asks next finds or builds another.
pub(crate) fn forget_template(server: &Server, fingerprint: Fingerprint) {
    let Some(templates) = TEMPLATES.get() else { return };
    let forgotten = templates.lock().remove(&(server.run().to_string(), fingerprint));
    if let Some(Ok(template)) = forgotten.as_ref().and_then(|slot| slot.get()) {
        records::withdraw_file(server, &fingerprint.to_string(), &template.database);
    }
}

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
        let (server, fingerprint) = (&self.server, self.fingerprint);
        let found = records::find_template(server, fingerprint).map_err(IsolateError::Registry)?;
        if let Some((database, contents)) = found {
            return Ok(Template::new(database, contents));
        }
        // Without migrations planning needs no database: mistakes show before one is made.
        let early = match self.migrations.is_empty() {
            true => Some(self.plan(&Catalog::default())?),
            false => None,
        };
        let mut built = None;
        let make = |database: &str| {
            evict::make_room(server).map_err(IsolateError::Drop)?;
            let Built { plan, contents, timings } = build(self, database, early)?;
            built = Some((plan, timings));
            Ok(contents)
        };
        let (database, contents) =
            records::find_or_make(server, Kind::Template, fingerprint, make)?;
        let template = Template::new(database, contents);
        if let Some((plan, timings)) = built {
            let _known = template.plan.set(Arc::new(plan));
            *template.timings.lock() = timings;
        }
        Ok(template)
    }
}
