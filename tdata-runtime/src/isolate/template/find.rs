//! A template, and how it is found.

use std::sync::{Arc, OnceLock};

use parking_lot::Mutex;
use tdata_core::plan::{Catalog, Fingerprint, Plan};

use super::build::{Built, build};
use super::contents::Contents;
use super::evict;
use super::publish::{find, find_or_make};
use crate::error::Error;
use crate::isolate::error::IsolateError;
use crate::isolate::outline::{LazyPlan, Outline};
use crate::isolate::recipe::Recipe;
use crate::isolate::session_options::SessionOptions;
use crate::isolate::shape::Shape;
use crate::registry::Kind;
use crate::session::Session;
use crate::timings::Timings;

/// A database built once, cloned for use.
#[derive(Debug)]
pub(crate) struct Template {
    pub(crate) database: String,
    contents: Contents,
    /// What the project sets for sessions.
    session_options: SessionOptions,
    /// The plan of its data, once this process knows it.
    plan: Arc<OnceLock<Arc<Plan>>>,
    /// What building it took, until that was told.
    timings: Mutex<Timings>,
}

impl Template {
    fn new(recipe: &Recipe, database: String, contents: Contents) -> Self {
        let session_options = recipe.session_options();
        Self {
            database,
            contents,
            session_options,
            plan: Arc::default(),
            timings: Mutex::default(),
        }
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

    /// Returns what the project sets for sessions.
    pub(in crate::isolate) fn session_options(&self) -> &SessionOptions {
        &self.session_options
    }

    /// Returns the plan of its data.
    pub(in crate::isolate) fn plan(&self, recipe: &Recipe) -> LazyPlan {
        LazyPlan::of(recipe, &self.contents.catalog, &self.plan)
    }
}

/// Finds the template of a recipe, and builds it when no session has yet. Others who ask in the meantime wait.
pub(in crate::isolate) fn find_or_build(recipe: &Recipe) -> Result<Template, Error> {
    let (session, fingerprint) = (&recipe.session, recipe.fingerprint);
    if let Some((database, contents)) = find(session, Kind::Template, fingerprint)? {
        return Ok(Template::new(recipe, database, contents));
    }
    // Without migrations planning needs no database: mistakes show before one is made.
    let early = match recipe.migrations.is_empty() {
        true => Some(recipe.plan(&Catalog::default())?),
        false => None,
    };
    let mut built = None;
    let make = |database: &str| {
        evict::make_room(session).map_err(IsolateError::Drop)?;
        let Built { plan, contents, timings } = build(recipe, database, early)?;
        built = Some((plan, timings));
        Ok(contents)
    };
    let (database, contents) = find_or_make(session, Kind::Template, fingerprint, make)?;
    let template = Template::new(recipe, database, contents);
    if let Some((plan, timings)) = built {
        let _known = template.plan.set(Arc::new(plan));
        *template.timings.lock() = timings;
    }
    Ok(template)
}

/// Lets nobody find a template that is not there any more; one that was built in its place stays.
pub(in crate::isolate) fn withdraw(
    session: &Session,
    template: &Template,
    fingerprint: Fingerprint,
) {
    let found = session.registry.find(Kind::Template, &fingerprint.to_string());
    if found.is_ok_and(|found| found.is_some_and(|found| found.database == template.database))
        && let Ok(Some((claim, _))) =
            session.registry.claim(Kind::Template, &fingerprint.to_string(), 0)
    {
        // Who asks next builds another; what stays is swept.
        let _ = session.drop_claimed(claim);
    }
}
