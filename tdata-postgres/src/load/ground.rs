//! What rows are loaded upon, besides the tables.

use postgres::Transaction;
use tdata_core::plan::Plan;
use tdata_core::project::Triggers;

use super::cause::Causes;
use crate::catalog;
use crate::migrate::Migrations;

/// What rows are loaded upon, besides the tables.
#[derive(Clone, Copy, Debug)]
pub struct Ground<'a> {
    /// Whether the triggers of the tables fire.
    pub triggers: Triggers,
    /// The role that is to own the tables that are made, if it is not the one that makes them.
    pub owner: Option<&'a str>,
    /// The migrations that made the tables, to tell where a trigger comes from.
    pub migrations: &'a Migrations,
}

impl<'a> Ground<'a> {
    /// Reads the triggers that may stand in the way: only migrations make some.
    pub(super) fn causes(
        self,
        transaction: &mut Transaction<'_>,
        plan: &Plan,
    ) -> Result<Causes<'a>, postgres::Error> {
        let mut causes = Causes { triggers: Vec::new(), migrations: self.migrations };
        if !self.migrations.is_empty() {
            let tables: Vec<String> =
                plan.datasets.iter().map(|dataset| dataset.table.to_string()).collect();
            causes.triggers = catalog::triggers(transaction, &tables)?;
        }
        Ok(causes)
    }
}
