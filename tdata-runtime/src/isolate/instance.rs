//! Live data: where they are, and how they go.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use postgres::Client;
use tdata_postgres::Refusal;
use tdata_postgres::without_password;

use super::outline::{LazyPlan, Outline};
use super::reaper::{Remains, hand_over};
use super::reuse::{
    Claim, Fate, Idle, Loan, Mark, Slot, Surplus, TableChanges, changes, give_back, give_up,
    touched,
};
use super::schema::SchemaNotes;
use super::template::Template;
use crate::server::{Server, forget};

/// Provisioned data, alive until dropped.
#[derive(Debug)]
pub(crate) struct Instance {
    pub(crate) server: Arc<Server>,
    pub(crate) outline: Arc<Outline>,
    pub(crate) plan: LazyPlan,
    pub(crate) kind: InstanceKind,
    /// What it needs to be used again.
    reuse: Option<Reuse>,
    /// Whether other processes may use it, too: then it is not this one's to drop.
    pub(super) is_shared: bool,
    /// Whether it stays for somebody to look at.
    is_kept: AtomicBool,
}

/// What a clone needs to be used again.
#[derive(Debug)]
struct Reuse {
    template: Arc<Template>,
    claim: Claim,
    slot: Arc<Slot>,
    mark: Option<Mark>,
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
    pub(super) fn new(
        server: Arc<Server>,
        outline: Arc<Outline>,
        plan: LazyPlan,
        kind: InstanceKind,
    ) -> Self {
        let is_kept = AtomicBool::new(false);
        Self { server, outline, plan, kind, reuse: None, is_shared: false, is_kept }
    }

    /// Lets the clone be used again behind its user.
    pub(super) fn reusable(mut self, template: Arc<Template>, idle: Idle) -> Self {
        let Idle { claim, session, mark, .. } = idle;
        let slot = Slot::new(session);
        self.reuse = Some(Reuse { template, claim, slot, mark });
        self
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

    /// Returns what other processes need to know of a schema; `None` for other kinds.
    pub(super) fn schema_notes(&self) -> Option<SchemaNotes> {
        let InstanceKind::Schema { schema, .. } = &self.kind else { return None };
        let (catalog, outline) = (self.plan.catalog(), Arc::clone(&self.outline));
        Some(SchemaNotes { schema: schema.clone(), catalog, outline })
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
        self.server.keep_database(self.database())?;
        Ok(self.is_kept.swap(true, Ordering::Relaxed))
    }

    /// Returns the URL whose connections see the data, as it may be told to whoever reads the output: only the
    /// password of a server that tdata booted is in it.
    pub(crate) fn url_to_tell(&self) -> String {
        let url = self.url();
        if self.server.is_owned() { url } else { without_password(&url) }
    }

    /// Returns the database.
    pub(crate) fn database(&self) -> &str {
        self.kind.database()
    }

    /// Returns the URL whose connections see the data.
    pub(crate) fn url(&self) -> String {
        self.server.endpoint().url_with_options(self.kind.database(), &self.kind.options())
    }

    /// Connects to the data.
    pub(crate) fn connect(&self, application: &str) -> Result<Client, Refusal> {
        let options = self.kind.options();
        self.server.connect_with(self.kind.database(), &options, application)
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

    /// The options of connections that see the data.
    fn options(&self) -> String {
        match self {
            Self::Schema { schema, .. } => schema_options(schema),
            Self::Database { .. } | Self::Transactions { .. } => String::new(),
        }
    }
}

/// The options of connections that see a schema: extensions are in `public`.
pub(super) fn schema_options(schema: &str) -> String {
    format!("-c search_path={schema},public")
}

impl Drop for Instance {
    fn drop(&mut self) {
        if self.is_shared {
            return;
        }
        if *self.is_kept.get_mut() {
            if let Some(Reuse { claim, .. }) = self.reuse.take() {
                // What stays of it others give up: PostgreSQL lets nobody drop the database.
                let _ = give_up(&self.server, self.kind.database(), claim);
            }
            return;
        }
        let remains = match (&self.kind, self.reuse.take()) {
            (InstanceKind::Database { database }, Some(reuse)) => {
                given_back(&self.server, &self.plan, database, reuse)
            }
            (InstanceKind::Database { database } | InstanceKind::Transactions { database }, _) => {
                Some(Remains::Database(database.clone()))
            }
            (InstanceKind::Schema { database, schema }, _) => {
                Some(Remains::Schema { database: database.clone(), schema: schema.clone() })
            }
        };
        if let Some(remains) = remains {
            hand_over(Arc::clone(&self.server), remains);
        }
    }
}

/// Gives a clone back; returns what is left to do, off the test's way.
fn given_back(
    server: &Arc<Server>,
    plan: &LazyPlan,
    database: &str,
    reuse: Reuse,
) -> Option<Remains> {
    let Reuse { template, claim, slot, mark } = reuse;
    let database = database.to_owned();
    let Some(session) = slot.close() else {
        // A thread of the test still has it.
        let surplus = Surplus { database, claim };
        return Some(Remains::Clone { surplus, successor: Some(template) });
    };
    let idle = Idle { template: template.database.clone(), database, claim, session, mark };
    match give_back(server, &template, plan, idle) {
        Fate::Waits(surplus) => surplus.map(|surplus| Remains::Clone { surplus, successor: None }),
        Fate::InUse(idle) => Some(Remains::InUse { template, plan: plan.clone(), idle }),
        Fate::Gone => {
            forget(server);
            None
        }
        Fate::Dropped(surplus) => Some(Remains::Clone { surplus, successor: Some(template) }),
    }
}
