//! What a session has ready: templates, clones that wait, and instances that tests share.

use std::collections::HashMap;
use std::sync::{Arc, Once};

use parking_lot::Mutex;
use tdata_core::contract::{Isolation, Scope};
use tdata_core::plan::Fingerprint;

use super::instance::Instance;
use super::recipe::Recipe;
use super::reuse::Pool;
use super::template::{self, Template};
use crate::error::Error;
use crate::keyed::Keyed;
use crate::session::Session;

/// What a session has ready.
#[derive(Debug)]
pub(crate) struct Stock {
    pub(crate) session: Arc<Session>,
    pub(super) pool: Arc<Pool>,
    templates: Keyed<Fingerprint, Result<Arc<Template>, Error>>,
    /// The instances that several tests may hold. They live until the session ends: nobody knows which test is the
    /// last to ask.
    pub(super) live: Keyed<LiveKey, Result<Arc<Instance>, Error>>,
    /// The databases that schemas of the same migrations share.
    pub(super) schemas: Keyed<Arc<str>, Result<String, Error>>,
    /// Done once somebody was told that what is rolled back cannot be kept.
    pub(crate) told_rolled_back: Once,
    /// The fingerprints that coarse ones stand for.
    fingerprints: Mutex<HashMap<Fingerprint, Fingerprint>>,
}

/// What identifies live data that several tests may hold: what a contract's hash is made of.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct LiveKey {
    pub(super) fingerprint: Fingerprint,
    pub(super) isolation: Isolation,
    pub(super) scope: Scope,
    pub(super) scope_key: String,
    pub(super) writable: bool,
}

impl Stock {
    pub(crate) fn new(session: Session) -> Self {
        let session = Arc::new(session);
        Self {
            pool: Pool::new(&session),
            session,
            templates: Keyed::default(),
            live: Keyed::default(),
            schemas: Keyed::default(),
            told_rolled_back: Once::new(),
            fingerprints: Mutex::default(),
        }
    }

    /// Returns the template of a recipe, and builds it when no session has yet. A failure is told to all who ask, not
    /// tried again.
    pub(crate) fn template(&self, recipe: &Recipe) -> Result<Arc<Template>, Error> {
        let make = || template::find_or_build(recipe).map(Arc::new);
        self.templates.get_or_make(recipe.fingerprint, make)
    }

    /// Forgets what could not be had because a template is not there any more: who asks next finds or builds another.
    pub(crate) fn forget_template(&self, fingerprint: Fingerprint) {
        if let Some(Ok(template)) = self.templates.remove(&fingerprint) {
            template::withdraw(&self.session, &template, fingerprint);
        }
        self.live.retain(|instance| instance.is_ok());
    }

    /// Forgets an instance that is not what it was: who asks next gets another.
    pub(crate) fn forget_live(&self, instance: &Arc<Instance>) {
        let is_it = |live: &Arc<Instance>| Arc::ptr_eq(live, instance);
        self.live.retain(|live| !live.as_ref().is_ok_and(is_it));
    }

    /// Forgets what could not be had: who asks next tries again.
    pub(crate) fn forget_failures(&self) {
        self.templates.retain(Result::is_ok);
        self.live.retain(Result::is_ok);
        self.schemas.retain(Result::is_ok);
    }

    /// Returns the fingerprint that a coarse one stands for, if any session of the server has computed it.
    pub(crate) fn fingerprint(&self, coarse: Fingerprint) -> Option<Fingerprint> {
        let mut known = self.fingerprints.lock();
        if let Some(fingerprint) = known.get(&coarse) {
            return Some(*fingerprint);
        }
        let told = self.session.registry.told(&coarse.to_string())?;
        let fingerprint = told.parse().ok()?;
        known.insert(coarse, fingerprint);
        Some(fingerprint)
    }

    /// Lets all sessions of the server know the fingerprint that a coarse one stands for.
    pub(crate) fn tell_fingerprint(&self, coarse: Fingerprint, fingerprint: Fingerprint) {
        self.fingerprints.lock().insert(coarse, fingerprint);
        self.session.registry.tell(&coarse.to_string(), &fingerprint.to_string());
    }

    /// Ends the session: clones wait for other processes, the rest that is its alone is dropped.
    pub(crate) fn end(&self) {
        self.session.background.finish();
        self.pool.park();
        self.session.end();
    }
}
