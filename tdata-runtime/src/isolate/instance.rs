//! Live data: where they are, and how they go.

use std::sync::Arc;

use postgres::Client;
use tdata_core::plan::Plan;

use super::reaper::{Remains, hand_over};
use crate::server::Server;
use tdata_factory::store::Refusal;

/// Provisioned data, alive until dropped.
#[derive(Debug)]
pub(crate) struct Instance {
    pub(crate) server: Arc<Server>,
    pub(crate) plan: Arc<Plan>,
    pub(crate) kind: InstanceKind,
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
    pub(super) fn new(server: Arc<Server>, plan: Arc<Plan>, kind: InstanceKind) -> Self {
        Self { server, plan, kind }
    }

    /// Returns the URL whose connections see the data.
    pub(crate) fn url(&self) -> String {
        self.server.endpoint().url_with_options(self.kind.database(), &self.kind.options())
    }

    /// Connects to the data.
    pub(crate) fn connect(&self, application: &str) -> Result<Client, Refusal> {
        let options = self.kind.options();
        self.server.endpoint().connect_with(self.kind.database(), &options, application)
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
        let remains = match &self.kind {
            InstanceKind::Database { database } | InstanceKind::Transactions { database } => {
                Remains::Database(database.clone())
            }
            InstanceKind::Schema { database, schema } => {
                Remains::Schema { database: database.clone(), schema: schema.clone() }
            }
        };
        hand_over(Arc::clone(&self.server), remains);
    }
}
