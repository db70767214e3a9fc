//! Loads the rows of a plan into a database that somebody has.

use std::ops::ControlFlow;

use postgres::error::SqlState;
use postgres::{Client, Transaction};
use tdata_core::contract::Contract;
use tdata_core::definition::Library;
use tdata_core::diagnostic::Diagnostic;
use tdata_core::mask::MaskKey;
use tdata_core::plan::{Catalog, CatalogRows, Plan, plan};
use tdata_core::spec::DataSource;
use tdata_postgres::load::{self, Ground, Progress};
use tdata_postgres::validate::validate;

use super::cleanup::take_away;
use super::ledger::{Entry, State, enter, entries, forget, lock, make, set_state, take_over};
use crate::error::JobError;
use crate::watch::Watch;

/// What is to be provisioned into a database.
#[derive(Clone, Copy, Debug)]
pub struct Provision<'a> {
    /// The contract.
    pub contract: &'a Contract,
    /// The definitions.
    pub library: &'a Library,
    /// The key of its masks.
    pub mask_key: &'a MaskKey,
    /// The fingerprint of the contract, as it is known without a database.
    pub fingerprint: &'a str,
    /// What the rows are loaded upon.
    pub ground: Ground<'a>,
    /// Whether rows that are in the tables already are removed.
    pub replace: bool,
    /// Whether nothing is written: only the plan is made.
    pub dry_run: bool,
}

/// What was provisioned.
#[derive(Debug)]
pub struct Provisioned {
    /// The ID under which it is found again; none, where nothing was written.
    pub id: Option<String>,
    /// The plan.
    pub plan: Plan,
    /// What of an earlier run that was cut short was taken away before.
    pub taken_away: Option<String>,
    /// The tables whose rows were removed, or would be.
    pub replaced: Vec<String>,
}

/// Loads the rows of a contract into a database, makes the tables that are missing, and checks all.
///
/// Tables, rows, keys and the entry in the ledger are one transaction: whoever cuts it short leaves the database as it was. The rows
/// are checked behind it; until then the ledger calls them unchecked. The next run of the same contract takes away what was
/// left unchecked, and loads it again.
///
/// # Errors
///
/// If another run works on the database, if tables have rows already, or what else stands in the way. Rows that do not keep what
/// their definitions say stay, and the ledger calls them invalid.
pub fn provision(
    client: &mut Client,
    job: &Provision<'_>,
    watch: &impl Watch,
) -> Result<Provisioned, JobError> {
    lock(client)?;
    let left = entries(client)?;
    let left = left.into_iter().find(|entry| {
        entry.state == State::Unchecked && entry.fingerprint == job.fingerprint && entry.is_recent
    });
    if let Some(entry) = left.as_ref().filter(|_| !job.dry_run) {
        start_clean(client, entry)?;
    }
    let mut catalog = tdata_postgres::catalog::read(client).map_err(JobError::database)?;
    tdata_postgres::catalog::read_rows(client, &mut catalog).map_err(JobError::database)?;
    let (plan, replaced) = planned(job, &mut catalog)?;
    let mut provisioned = Provisioned {
        id: None,
        plan,
        taken_away: left.map(|entry| entry.id),
        replaced: replaced.iter().map(|rows| rows.table.written()).collect(),
    };
    if job.dry_run {
        return Ok(provisioned);
    }
    let plan = &provisioned.plan;
    let id = match load_all(client, job, plan, &catalog, &replaced, watch) {
        Ok(id) => id,
        Err(JobError::Load(load::LoadError::Stopped { .. })) => return Err(JobError::Stopped),
        Err(JobError::Load(error)) => {
            return Err(JobError::Load(load::explained(client, plan, error)));
        }
        Err(error) => return Err(error),
    };
    load::analyze(client, &plan.datasets).map_err(JobError::Load)?;
    let checked = validate(client, plan);
    let state = if checked.is_ok() { State::Complete } else { State::Invalid };
    set_state(client, &id, state)?;
    checked.map_err(|error| JobError::Invalid { id: id.clone(), error })?;
    provisioned.id = Some(id);
    Ok(provisioned)
}

fn start_clean(client: &mut Client, entry: &Entry) -> Result<(), JobError> {
    let mut transaction = client.transaction().map_err(JobError::database)?;
    take_away(&mut transaction, entry)?;
    forget(&mut transaction, &entry.id)?;
    transaction.commit().map_err(JobError::database)
}

/// Plans upon the tables that there are. Returns the rows in them that are to be removed.
fn planned(
    job: &Provision<'_>,
    catalog: &mut Catalog,
) -> Result<(Plan, Vec<CatalogRows>), JobError> {
    let in_the_way = in_the_way(job, catalog);
    if job.replace {
        catalog.rows.retain(|rows| !in_the_way.iter().any(|one| one.table == rows.table));
    }
    let planned = plan(job.contract, job.library, job.mask_key, catalog);
    let planned = planned.map_err(|mut mistakes| {
        if !job.replace && !in_the_way.is_empty() {
            let message = "rows that are there are never overwritten";
            let help = "`--replace` removes the rows of these tables first";
            mistakes.push(Diagnostic::new("provision::rows", message).help(help));
        }
        mistakes
    })?;
    Ok((planned, if job.replace { in_the_way } else { Vec::new() }))
}

/// Returns the rows that are where a dataset is to have its own.
fn in_the_way(job: &Provision<'_>, catalog: &Catalog) -> Vec<CatalogRows> {
    let datasets = job.contract.datasets.iter().map(String::as_str);
    let specs = job.library.gather(datasets).specs;
    let takes_them =
        |source: DataSource| matches!(source, DataSource::Existing | DataSource::Hybrid);
    let filled = specs.iter().filter(|spec| !takes_them(spec.data_source));
    let tables = filled.filter_map(|spec| catalog.table(&spec.table));
    tables.filter_map(|table| catalog.rows_of(table)).cloned().collect()
}

fn load_all(
    client: &mut Client,
    job: &Provision<'_>,
    plan: &Plan,
    catalog: &Catalog,
    replaced: &[CatalogRows],
    watch: &impl Watch,
) -> Result<String, JobError> {
    let mut transaction = client.transaction().map_err(JobError::database)?;
    make(&mut transaction)?;
    let made = remove(&mut transaction, replaced)?;
    let mut current: Option<(String, u64)> = None;
    let mut observe = |progress: Progress<'_>| {
        if let Progress::Rows { dataset, sent } = progress {
            let before = match &current {
                Some((name, before)) if name == dataset => *before,
                _ => {
                    if current.is_some() {
                        watch.ends();
                    }
                    let planned = plan.dataset(dataset);
                    let rows = planned.map_or(0, |planned| planned.rows - planned.existing.rows);
                    watch.begins(dataset, rows);
                    0
                }
            };
            watch.did(sent - before.min(sent));
            current = Some((dataset.to_owned(), sent));
        }
        if watch.is_stopped() { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    };
    let all = 0..plan.datasets.len();
    load::load_within(job.ground, &mut transaction, plan, all, catalog, &mut observe)
        .map_err(JobError::Load)?;
    if current.is_some() {
        watch.ends();
    }
    let id = enter(&mut transaction, plan, job.fingerprint, &made)?;
    transaction.commit().map_err(JobError::database)?;
    Ok(id)
}

/// Removes the rows that are to be replaced. Returns the tables among them that an earlier provision made.
fn remove(
    transaction: &mut Transaction<'_>,
    replaced: &[CatalogRows],
) -> Result<Vec<String>, JobError> {
    if replaced.is_empty() {
        return Ok(Vec::new());
    }
    let tables: Vec<String> = replaced.iter().map(|rows| rows.table.to_string()).collect();
    let truncated = transaction.batch_execute(&format!("TRUNCATE {}", tables.join(", ")));
    truncated.map_err(|error| match error.code() {
        Some(&SqlState::FEATURE_NOT_SUPPORTED) => JobError::asked(
            "rows of other tables reference the rows that are to be replaced",
            "name the datasets of those tables, too, or remove their rows first",
        ),
        _ => JobError::database(error),
    })?;
    take_over(transaction, &tables)
}
