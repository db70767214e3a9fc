//! Tables whose rows are to go: nobody else writes to them meanwhile, and no row of them is hidden.

use postgres::error::SqlState;
use postgres::{Client, IsolationLevel, Transaction};
use tdata_core::project::Triggers;
use tdata_postgres::catalog::{self, TriggerOf};

use super::entry::EntryDataset;
use super::references::Key;
use crate::error::JobError;

/// Begins a transaction each of whose statements sees what others have committed before it: also what they committed while this
/// waited for their locks.
pub(super) fn begin(client: &mut Client) -> Result<Transaction<'_>, JobError> {
    let transaction = client.build_transaction().isolation_level(IsolationLevel::ReadCommitted);
    transaction.start().map_err(JobError::database)
}

/// Waits for those who write to tables, and keeps others from it; from tables that may be dropped, readers as well.
pub(super) fn hold(
    transaction: &mut Transaction<'_>,
    datasets: &[&EntryDataset],
) -> Result<(), JobError> {
    for (is_made, mode) in [(true, "ACCESS EXCLUSIVE"), (false, "EXCLUSIVE")] {
        let tables = datasets.iter().filter(|dataset| dataset.is_made == is_made);
        let tables: Vec<&str> = tables.map(|dataset| dataset.table.as_str()).collect();
        if !tables.is_empty() {
            let sql = format!("LOCK TABLE {} IN {mode} MODE", tables.join(", "));
            transaction.batch_execute(&sql).map_err(JobError::database)?;
        }
    }
    Ok(())
}

/// What rests while rows go, and how it is made again.
#[derive(Debug, Default)]
pub(super) struct Resting(Vec<(Option<String>, String)>);

impl Resting {
    /// Lets row-level security rest that holds for the owner of tables, and triggers, if they are to. Where policies hide rows all the
    /// same, PostgreSQL tells that instead.
    pub(super) fn begin(
        transaction: &mut Transaction<'_>,
        datasets: &[&EntryDataset],
        keys: &[Key],
        triggers: Triggers,
    ) -> Result<Self, JobError> {
        let mut resting = Self::default();
        let own: Vec<String> = datasets.iter().map(|dataset| dataset.table.clone()).collect();
        if triggers == Triggers::Off {
            resting.triggers(transaction, &own)?;
        }
        let mut read = own;
        read.extend(keys.iter().map(|key| key.child.clone()));
        read.sort_unstable();
        read.dedup();
        let secured = catalog::secured(transaction, &read).map_err(JobError::database)?;
        for table in secured.iter().filter(|secured| secured.is_owned) {
            let table = &read[table.place];
            let [lift, again] = ["NO FORCE", "FORCE"]
                .map(|word| format!("ALTER TABLE {table} {word} ROW LEVEL SECURITY"));
            resting.rest(transaction, Some(table.clone()), &lift, again)?;
        }
        let see_all = "SET LOCAL row_security = off";
        transaction.batch_execute(see_all).map_err(JobError::database)?;
        Ok(resting)
    }

    fn triggers(
        &mut self,
        transaction: &mut Transaction<'_>,
        tables: &[String],
    ) -> Result<(), JobError> {
        let ask = "SELECT current_setting('server_version_num')::int4, current_setting('is_superuser') = 'on'";
        let row = transaction.query_one(ask, &[]).map_err(JobError::database)?;
        let (version, is_superuser): (i32, bool) = (row.get(0), row.get(1));
        let mut all = catalog::triggers(transaction, tables).map_err(JobError::database)?;
        // Those of the database first: they may refuse to let the others rest. Only superusers may let them.
        all.retain(|trigger| is_superuser || trigger.of != TriggerOf::Database);
        all.sort_by_key(|trigger| trigger.of != TriggerOf::Database);
        for trigger in all {
            let [rest, again] = trigger.rest(version.unsigned_abs());
            let table = match &trigger.of {
                TriggerOf::Table { name, .. } => Some(name.clone()),
                TriggerOf::Database => None,
            };
            self.rest(transaction, table, &rest, again)?;
        }
        Ok(())
    }

    fn rest(
        &mut self,
        transaction: &mut Transaction<'_>,
        table: Option<String>,
        sql: &str,
        again: String,
    ) -> Result<(), JobError> {
        transaction.batch_execute(sql).map_err(JobError::database)?;
        self.0.push((table, again));
        Ok(())
    }

    /// Makes again what rested, as far as its tables are there.
    pub(super) fn end(self, transaction: &mut Transaction<'_>) -> Result<(), JobError> {
        if self.0.is_empty() {
            return Ok(());
        }
        // A table whose rows are checked in the end cannot be altered before that.
        let check = "SET CONSTRAINTS ALL IMMEDIATE";
        transaction.batch_execute(check).map_err(JobError::database)?;
        for (table, again) in self.0.into_iter().rev() {
            let is_there = match table {
                Some(table) => is_there(transaction, &table)?,
                None => true,
            };
            if is_there {
                transaction.batch_execute(&again).map_err(JobError::database)?;
            }
        }
        Ok(())
    }
}

pub(super) fn is_there(transaction: &mut Transaction<'_>, table: &str) -> Result<bool, JobError> {
    let found = transaction.query_one("SELECT to_regclass($1) IS NOT NULL", &[&table]);
    Ok(found.map_err(JobError::database)?.get(0))
}

/// Does something, unless the database refuses it for one of some reasons. Returns whether it was done.
pub(super) fn try_to(
    transaction: &mut Transaction<'_>,
    sql: &str,
    refusals: &[SqlState],
) -> Result<bool, JobError> {
    const SAVEPOINT: &str = "tdata_attempt";
    let mut attempt = transaction.savepoint(SAVEPOINT).map_err(JobError::database)?;
    match attempt.batch_execute(sql) {
        Ok(()) => attempt.commit().map(|()| true).map_err(JobError::database),
        Err(error) if error.code().is_some_and(|code| refusals.contains(code)) => {
            attempt.rollback().map_err(JobError::database)?;
            // What follows is not of the savepoint, whose transaction has a number of its own.
            let release = format!("RELEASE SAVEPOINT {SAVEPOINT}");
            transaction.batch_execute(&release).map(|()| false).map_err(JobError::database)
        }
        Err(error) => Err(JobError::database(error)),
    }
}
