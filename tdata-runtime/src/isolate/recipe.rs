//! Everything that data are built from.

use std::sync::Arc;

use tdata_core::contract::Contract;
use tdata_core::definition::{Files, Library};
use tdata_core::mask::MaskKey;
use tdata_core::plan::{self, Catalog, Fingerprint, Plan};
use tdata_postgres::migrate::Migrations;

use crate::error::Error;
use crate::session::Session;

/// Everything that data are built from.
#[derive(Clone, Debug)]
pub(crate) struct Recipe {
    pub(crate) session: Arc<Session>,
    pub(crate) contract: Contract,
    pub(crate) files: Arc<Files>,
    pub(crate) migrations: Arc<Migrations>,
    /// Whether the migrations do something to the server as a whole, so that it is for them alone.
    pub(crate) touches_server: bool,
    /// What stands for the migrations in fingerprints.
    pub(crate) schema: Arc<str>,
    pub(crate) mask_key: MaskKey,
    pub(crate) fingerprint: Fingerprint,
    /// What tells the test runs of a workspace apart.
    pub(crate) test_run: String,
    /// Which of the tests that run at once wants the data.
    pub(crate) slot: usize,
    /// Which attempt at the test wants them, where that is known.
    pub(crate) attempt: Option<u32>,
}

impl Recipe {
    /// Returns the definitions.
    pub(crate) fn library(&self) -> &Library {
        self.files.library()
    }

    /// Plans the data against the tables there are.
    pub(super) fn plan(&self, catalog: &Catalog) -> Result<Plan, Error> {
        Ok(plan::plan(&self.contract, self.library(), &self.mask_key, catalog)?)
    }

    /// Says which tables are made though there are migrations: whoever forgot one looks for it there.
    pub(super) fn tell_made(&self, plan: &Plan) {
        let made = plan.datasets.iter().filter(|dataset| !dataset.table_exists);
        let made: Vec<String> = made.map(|dataset| format!("`{}`", dataset.name)).collect();
        if !self.migrations.list.is_empty() && self.session.is_news(&made) {
            self.session.server.notices().say(format_args!(
                "no migration makes the tables of {}: they are made from the definitions",
                made.join(", ")
            ));
        }
    }
}
