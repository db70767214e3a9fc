//! Loads all rows over one connection, in one transaction.

use std::ops::ControlFlow;

use postgres::error::SqlState;
use postgres::{Client, Transaction};
use tdata_core::plan::{Catalog, CatalogRows, DatasetPlan, Plan};
use tdata_core::sql::TableName;
use tdata_postgres::load::{self, LoadError, Progress};

use super::held::try_to;
use super::job::Provision;
use super::ledger::{NewEntry, TakenOver, enter, enter_datasets, enter_schemas, make, take_over};
use super::references::tell_referencing;
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
    let taken = remove(&mut transaction, plan, catalog, replaced)?;
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
    enter_schemas(&mut transaction, id, &taken.schemas)?;
    enter_datasets(&mut transaction, id, plan, &taken.tables)?;
    if watch.is_stopped() {
        return Err(JobError::Stopped);
    }
    transaction.commit().map_err(JobError::database)
}

/// Removes the rows that are to be replaced. Returns what earlier provisions had made of their tables.
pub(super) fn remove(
    transaction: &mut Transaction<'_>,
    plan: &Plan,
    catalog: &Catalog,
    replaced: &[CatalogRows],
) -> Result<TakenOver, JobError> {
    if replaced.is_empty() {
        return Ok(TakenOver::default());
    }
    let mut tables: Vec<TableName> = replaced.iter().map(|rows| rows.table.clone()).collect();
    // A table is not emptied without those that reference it, even if they are empty.
    let is_filled = |dataset: &&DatasetPlan| {
        dataset.table_exists && !dataset.is_there() && dataset.existing.rows == 0
    };
    let filled = plan.datasets.iter().filter(is_filled);
    tables.extend(filled.map(|dataset| dataset.table.clone()));
    // Tables that inherit from them have rows of their own.
    let own = |table: &TableName| match catalog.table(table) {
        Some(table) => table.own_rows(),
        None => table.to_string(),
    };
    let names: Vec<String> = tables.iter().map(own).collect();
    let truncate = format!("TRUNCATE {}", names.join(", "));
    // What is outside of the plan, and references them, is not emptied; it may have no rows that do.
    if !try_to(transaction, &truncate, &[SqlState::FEATURE_NOT_SUPPORTED])? {
        delete_all(transaction, &names)?;
    }
    take_over(transaction, &tables)
}

/// Deletes all rows of tables, unless rows of other tables reference them.
fn delete_all(transaction: &mut Transaction<'_>, names: &[String]) -> Result<(), JobError> {
    let only = |name: &String| name.strip_prefix("ONLY ").unwrap_or(name).to_owned();
    let tables: Vec<String> = names.iter().map(only).collect();
    let lock = format!("LOCK TABLE {} IN EXCLUSIVE MODE", tables.join(", "));
    transaction.batch_execute(&lock).map_err(JobError::database)?;
    tell_referencing(transaction, &tables)?;
    let deletes = names.iter().enumerate();
    let deletes = deletes.map(|(at, name)| format!("t{at} AS (DELETE FROM {name})"));
    let sql = format!("WITH {} SELECT", deletes.collect::<Vec<_>>().join(", "));
    transaction.batch_execute(&sql).map_err(JobError::database)
}
