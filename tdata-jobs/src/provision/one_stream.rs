//! Loads all rows over one connection, in one transaction.

use std::ops::ControlFlow;

use postgres::error::SqlState;
use postgres::{Client, Transaction};
use tdata_core::plan::{Catalog, CatalogRows, DatasetPlan, Plan};
use tdata_core::sql::TableName;
use tdata_postgres::load::{self, LoadError, Progress};

use super::job::Provision;
use super::ledger::{
    NewEntry, enter, enter_datasets, enter_schemas, make, missing_schemas, take_over,
};
use super::state::State;
use super::telling::{RowsTold, tell};
use crate::error::JobError;
use crate::watch::Watch;

/// Loads all in one transaction, the entry in the ledger with it.
pub(super) fn load_in_one(
    client: &mut Client,
    job: &Provision<'_>,
    (id, plan, catalog): (&str, &Plan, &Catalog),
    replaced: &[CatalogRows],
    watch: &dyn Watch,
) -> Result<(), JobError> {
    match in_one(client, job, (id, plan, catalog), replaced, watch) {
        Err(JobError::Load(LoadError::Stopped { .. })) => Err(JobError::Stopped),
        Err(JobError::Load(error)) => Err(JobError::Load(load::explained(client, plan, error))),
        loaded => loaded,
    }
}

fn in_one(
    client: &mut Client,
    job: &Provision<'_>,
    (id, plan, catalog): (&str, &Plan, &Catalog),
    replaced: &[CatalogRows],
    watch: &dyn Watch,
) -> Result<(), JobError> {
    let mut transaction = client.transaction().map_err(JobError::database)?;
    make(&mut transaction)?;
    let made = remove(&mut transaction, plan, replaced)?;
    let schemas = missing_schemas(&mut transaction, plan)?;
    let mut told = RowsTold::new(plan, watch);
    let mut observe = |progress: Progress<'_>| {
        match progress {
            Progress::Rows { dataset, sent } => told.rows(dataset, sent),
            _ => {
                told.end();
                tell(progress, watch);
            }
        }
        if watch.is_stopped() { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    };
    let all = 0..plan.datasets.len();
    load::load_within(job.ground, &mut transaction, plan, all, catalog, &mut observe)
        .map_err(JobError::Load)?;
    told.end();
    let contract = plan.contract.to_string();
    let (fingerprint, state) = (job.fingerprint, State::Unchecked);
    let entry =
        NewEntry { id, state, fingerprint, contract: &contract, database: None, shard: None };
    enter(&mut transaction, &entry)?;
    enter_schemas(&mut transaction, id, &schemas)?;
    enter_datasets(&mut transaction, id, plan, &made)?;
    if watch.is_stopped() {
        return Err(JobError::Stopped);
    }
    transaction.commit().map_err(JobError::database)
}

/// Removes the rows that are to be replaced. Returns the tables among them that an earlier provision made.
pub(super) fn remove(
    transaction: &mut Transaction<'_>,
    plan: &Plan,
    replaced: &[CatalogRows],
) -> Result<Vec<String>, JobError> {
    if replaced.is_empty() {
        return Ok(Vec::new());
    }
    let mut tables: Vec<TableName> = replaced.iter().map(|rows| rows.table.clone()).collect();
    // A table is not emptied without those that reference it, even if they are empty.
    let is_filled = |dataset: &&DatasetPlan| {
        dataset.table_exists && !dataset.is_there() && dataset.existing.rows == 0
    };
    let filled = plan.datasets.iter().filter(is_filled);
    tables.extend(filled.map(|dataset| dataset.table.clone()));
    let names: Vec<String> = tables.iter().map(ToString::to_string).collect();
    let truncated = transaction.batch_execute(&format!("TRUNCATE {}", names.join(", ")));
    truncated.map_err(|error| match error.code() {
        Some(&SqlState::FEATURE_NOT_SUPPORTED) => JobError::asked(
            "rows of other tables reference the rows that are to be replaced",
            "name the datasets of those tables, too, or remove their rows first",
        ),
        _ => JobError::database(error),
    })?;
    take_over(transaction, &tables)
}
