//! Live data: where they are, and how they go.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::SystemTime;

use parking_lot::Mutex;
use postgres::Client;
use tdata_postgres::{Refusal, without_password};

use super::definitions::Outside;
use super::outline::{LazyPlan, Outline};
use super::proof::{Look, Proof};
use super::remains::{self, Reuse};
use super::reuse::{Idle, Loan, Pool, Slot, TableChanges, changes, touched};
use super::session_options::SessionOptions;
use super::template::Template;
use crate::registry::{Claim, Kind};
use crate::session::Session;

/// Provisioned data, alive until dropped.
#[derive(Debug)]
pub(crate) struct Instance {
    pub(crate) session: Arc<Session>,
    pub(crate) outline: Arc<Outline>,
    pub(crate) plan: LazyPlan,
    pub(crate) kind: InstanceKind,
    /// What the project sets for sessions.
    options: SessionOptions,
    /// The claim on its database, while that is its alone.
    claim: Mutex<Option<Claim>>,
    /// What it needs to be used again.
    reuse: Option<Reuse>,
    /// What tells whether its users changed it, where a guard is to keep them from that.
    proof: Option<Proof>,
    /// What was outside of its schema, if it is one.
    pub(super) outside: Option<Outside>,
    /// Whether it is left to others when this handle goes: it is shared, or stays for somebody to look at.
    is_left: AtomicBool,
    /// Whether it stays for as long as the server.
    is_kept: AtomicBool,
    /// Whether it stays until a time.
    has_time: AtomicBool,
}

/// Where live data are.
#[derive(Clone, Debug)]
pub(crate) enum InstanceKind {
    /// In a database of their own.
    Database {
        /// The database.
        database: String,
    },
    /// In a schema of their own.
    Schema {
        /// The database that schemas share.
        database: String,
        /// The schema.
        schema: String,
    },
    /// In a database that transactions share; each is rolled back.
    Transactions {
        /// The database.
        database: String,
    },
}

impl Instance {
    /// Makes one of data in a database that others have, or are to have.
    pub(super) fn new(
        session: Arc<Session>,
        outline: Arc<Outline>,
        plan: LazyPlan,
        kind: InstanceKind,
        options: SessionOptions,
        claim: Option<Claim>,
    ) -> Self {
        let [is_left, is_kept, has_time] = [false; 3].map(AtomicBool::new);
        let claim = Mutex::new(claim);
        let (reuse, proof) = (None, None);
        let outside = None;
        Self {
            session,
            outline,
            plan,
            kind,
            options,
            claim,
            reuse,
            proof,
            outside,
            is_left,
            is_kept,
            has_time,
        }
    }

    /// Lets it be proved that its users do not change it; `found` is what was found once its guard was set up, or what is
    /// found now. Others find it under `key`.
    pub(super) fn prove_by(&mut self, key: &str, found: Option<String>) -> Result<(), Refusal> {
        let look = Look {
            at_sequences: !matches!(self.kind, InstanceKind::Transactions { .. }),
            at_definitions: !self.session.server.has_superuser(),
            at_large_objects: self.session.server.has_superuser(),
        };
        let found = match found {
            Some(found) => found,
            None => look.now(&mut self.connect_own("tdata")?)?,
        };
        self.proof = Some(Proof::new(look, found, key));
        Ok(())
    }

    /// Returns what was found once its guard was set up.
    pub(super) fn found(&self) -> Option<&str> {
        self.proof.as_ref().map(|proof| proof.found.as_str())
    }

    /// Proves that its users did not change it. If one did, nobody finds it any more. `client` is a connection to it that
    /// nobody uses any more.
    pub(crate) fn prove(&self, client: Option<Client>) -> bool {
        let Some(proof) = &self.proof else { return true };
        match proof.holds(client, || self.connect_own("tdata")) {
            Ok(true) => return true,
            // A server that went away serves nobody.
            Err(refusal) if refusal.is_connection() => return true,
            Ok(false) | Err(_) => {}
        }
        self.session.registry.withdraw(Kind::Instance, &proof.key, self.database());
        self.session.server.notices().say(
            "a test changed data that other tests use, behind the guard of their database: the next tests get them anew",
        );
        false
    }

    /// Makes one of a clone that is to be used again.
    pub(super) fn of_clone(
        pool: &Arc<Pool>,
        template: Arc<Template>,
        plan: LazyPlan,
        idle: Idle,
    ) -> Self {
        let Idle { claim, connection, mark, .. } = idle;
        let kind = InstanceKind::Database { database: claim.database.clone() };
        let (session, outline) = (Arc::clone(pool.session()), template.outline());
        let (pool, slot) = (Arc::clone(pool), Slot::new(connection));
        let options = template.session_options().clone();
        let mut instance = Self::new(session, outline, plan, kind, options, Some(claim));
        instance.reuse = Some(Reuse { pool, template, slot, mark });
        instance
    }

    /// Leaves it to others when this handle goes. Returns the claim on its database.
    pub(super) fn leave(&self) -> Option<Claim> {
        self.is_left.store(true, Ordering::Relaxed);
        self.claim.lock().take()
    }

    /// Lends a connection to the data.
    pub(crate) fn lend(&self, application: &str) -> Result<Loan, Refusal> {
        match &self.reuse {
            Some(reuse) => reuse.slot.lend(|| self.connect(application)),
            None => self.connect(application).map(Loan::of),
        }
    }

    /// Lists what its user did to its rows so far, where that is known.
    pub(crate) fn changes(&self) -> Option<Vec<TableChanges>> {
        let Reuse { template, slot, mark, .. } = self.reuse.as_ref()?;
        changes(template, slot, mark.as_ref())
    }

    /// Lists the tables whose rows its user may have changed so far, by object id; `None` where that may be any.
    pub(crate) fn touched(&self) -> Option<Vec<u32>> {
        let Reuse { template, slot, mark, .. } = self.reuse.as_ref()?;
        touched(template, slot, mark.as_ref())
    }

    /// Lets the data stay for as long as the server; tells whether they stayed already. What is rolled back cannot.
    pub(crate) fn keep(&self) -> Result<bool, Refusal> {
        if self.is_kept.load(Ordering::Relaxed) {
            return Ok(true);
        }
        self.session.server.keep_database(self.database())?;
        if let Some(claim) = self.leave() {
            // Nobody uses it again, and PostgreSQL lets nobody drop it.
            let _ = self.session.registry.remove(claim);
        }
        Ok(self.is_kept.swap(true, Ordering::Relaxed))
    }

    /// Lets the data stay until a time, whatever becomes of this process; `false` where others use them, too.
    pub(crate) fn keep_until(&self, until: SystemTime) -> Result<bool, Refusal> {
        let mut claim = self.claim.lock();
        let Some(held) = claim.as_ref() else { return Ok(false) };
        self.session.registry.hold_until(held, until)?;
        *claim = None;
        self.is_left.store(true, Ordering::Relaxed);
        self.has_time.store(true, Ordering::Relaxed);
        self.session.server.stay_until(until);
        Ok(true)
    }

    /// Tells whether it was given a time.
    pub(crate) fn has_time(&self) -> bool {
        self.has_time.load(Ordering::Relaxed)
    }

    /// Returns the URL whose connections see the data, as it may be told to whoever reads the output: only the
    /// password of a server that tdata booted is in it.
    pub(crate) fn url_to_tell(&self) -> String {
        let endpoint = self.session.server.endpoint();
        let url = endpoint.short_url(self.database(), &self.options());
        if self.session.server.is_owned() { url } else { without_password(&url) }
    }

    /// Returns the database.
    pub(crate) fn database(&self) -> &str {
        self.kind.database()
    }

    /// Returns the URL whose connections see the data.
    pub(crate) fn url(&self) -> String {
        let endpoint = self.session.server.endpoint();
        endpoint.url_with_options(self.database(), &self.options())
    }

    /// Connects to the data for work of tdata's own.
    pub(crate) fn connect_own(&self, application: &str) -> Result<Client, Refusal> {
        let options = self.kind.options_behind(&self.options.of_own);
        self.session.server.connect_own(self.kind.database(), &options, application)
    }

    /// Connects to the data to look at all rows, whatever policies hide of them.
    pub(crate) fn connect_to_see(&self, application: &str) -> Result<Client, Refusal> {
        let options = self.kind.options_behind(&self.options.of_own);
        self.session.server.connect_to_see(self.kind.database(), &options, application)
    }

    /// Connects to the data as tests do.
    pub(crate) fn connect(&self, application: &str) -> Result<Client, Refusal> {
        self.session.server.connect_with(self.database(), &self.options(), application)
    }

    /// The options of the connections of tests: the way to the data comes last, so that it holds.
    fn options(&self) -> String {
        self.kind.options_behind(&self.options.of_tests)
    }
}

impl InstanceKind {
    fn database(&self) -> &str {
        match self {
            Self::Database { database }
            | Self::Transactions { database }
            | Self::Schema { database, .. } => database,
        }
    }

    /// The options of connections that see the data, behind others. A blank at the end may be part of a value.
    fn options_behind(&self, others: &str) -> String {
        match self {
            Self::Schema { schema, .. } => format!("{others} {}", schema_options(schema)),
            Self::Database { .. } | Self::Transactions { .. } => others.to_owned(),
        }
    }
}

/// The options of connections that see a schema: extensions are in `public`.
pub(super) fn schema_options(schema: &str) -> String {
    format!("-c search_path={schema},public")
}

impl Drop for Instance {
    fn drop(&mut self) {
        if *self.is_left.get_mut() {
            return;
        }
        let session = Arc::clone(&self.session);
        match (self.claim.get_mut().take(), self.reuse.take(), &self.kind) {
            (Some(claim), Some(reuse), _) => {
                remains::give_back(reuse, self.plan.clone(), claim);
            }
            (Some(claim), None, _) => remains::drop_database(&session, claim),
            (None, _, InstanceKind::Schema { database, schema }) => {
                let outside = self.outside.take();
                remains::drop_schema(&session, database.clone(), schema.clone(), outside);
            }
            (None, ..) => {}
        }
    }
}
