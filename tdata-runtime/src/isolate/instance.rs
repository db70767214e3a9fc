//! Live data: where they are, and how they go.

use std::sync::Arc;

use tdata_core::plan::Plan;

use super::reaper::{Remains, hand_over};
use crate::server::Server;

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
        let endpoint = self.server.endpoint();
        match &self.kind {
            InstanceKind::Database { database } | InstanceKind::Transactions { database } => {
                endpoint.url(database)
            }
            InstanceKind::Schema { database, schema } => {
                endpoint.url_with_options(database, &format!("-c search_path={schema}"))
            }
        }
    }
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
