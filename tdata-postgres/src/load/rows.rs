//! Loads datasets in one transaction: tables, rows, keys, all or nothing.

use std::ops::{ControlFlow, Range};

use postgres::{Client, Transaction};
use tdata_core::plan::{Catalog, DatasetPlan, Plan};
use tdata_core::project::Triggers;

use super::cause::Causes;
use super::copy::{copy_dealt, copy_rows};
use super::copying::{Copying, KEYS_BEHIND_FROM};
use super::dealt::Feed;
use super::deeds::Deeds;
use super::error::LoadError;
use super::ground::Ground;
use super::parts::analyze;
use super::progress::{Observer, Progress, unobserved};
use super::{computed, memory, rest, sequences, surroundings, tables, violation};
use crate::catalog::{self, TriggerOf};
use crate::migrate::Migrations;

/// Makes the tables of some of a plan's datasets, by place, where they do not exist, and loads their rows, in one
/// transaction: all or nothing. Whatever these datasets reference is among them, or there already. Triggers fire.
///
/// # Errors
///
/// What stands in the way, with its dataset.
pub fn load(
    client: &mut Client,
    plan: &Plan,
    datasets: Range<usize>,
    catalog: &Catalog,
) -> Result<(), LoadError> {
    let migrations = Migrations::default();
    let ground = Ground { triggers: Triggers::On, migrations: &migrations, owner: None };
    load_upon(ground, client, plan, datasets, catalog)
}

/// Does the same as [`load`] upon some ground.
///
/// # Errors
///
/// What stands in the way, with its dataset.
pub fn load_upon(
    ground: Ground<'_>,
    client: &mut Client,
    plan: &Plan,
    datasets: Range<usize>,
    catalog: &Catalog,
) -> Result<(), LoadError> {
    load_observed(ground, client, plan, datasets, catalog, &mut unobserved)
}

/// Does the same as [`load_upon`], while somebody watches. Where the observer stops it, nothing is left.
///
/// # Errors
///
/// What stands in the way, with its dataset; or that the observer stopped it.
pub fn load_observed(
    ground: Ground<'_>,
    client: &mut Client,
    plan: &Plan,
    datasets: Range<usize>,
    catalog: &Catalog,
    observer: &mut Observer<'_>,
) -> Result<(), LoadError> {
    let loaded = load_and_commit(ground, client, plan, datasets.clone(), catalog, observer);
    loaded.map_err(|error| explained(client, plan, error))?;
    analyze(client, &plan.datasets[datasets])
}

/// Tells more of an error, as the database has it: which rows a violated constraint is about, and what a computed column makes of
/// them. The transaction that failed is over.
pub fn explained(client: &mut Client, plan: &Plan, error: LoadError) -> LoadError {
    match error {
        // Where a trigger did it, that says more than the constraint.
        LoadError::Rows { dataset, refusal } if !refusal.has_advice() => {
            let refusal = match plan.dataset(&dataset) {
                Some(plan) => {
                    let refusal = violation::explain(client, plan, refusal);
                    computed::explain(client, plan, refusal)
                }
                None => refusal,
            };
            LoadError::Rows { dataset, refusal }
        }
        error => error,
    }
}

fn load_and_commit(
    ground: Ground<'_>,
    client: &mut Client,
    plan: &Plan,
    datasets: Range<usize>,
    catalog: &Catalog,
    observer: &mut Observer<'_>,
) -> Result<(), LoadError> {
    let failed = |error: postgres::Error| LoadError::Transaction(error.into());
    let mut transaction = client.transaction().map_err(failed)?;
    load_within(ground, &mut transaction, plan, datasets, catalog, observer)?;
    transaction.commit().map_err(failed)
}

/// Does the same as [`load_observed`] within a transaction, for who has more to do in it. What is left for afterwards is to
/// [`analyze`](super::analyze) the tables; of an error there is [more to tell](explained).
///
/// # Errors
///
/// What stands in the way, with its dataset; or that the observer stopped it. The transaction is of no use then.
pub fn load_within(
    ground: Ground<'_>,
    transaction: &mut Transaction<'_>,
    plan: &Plan,
    range: Range<usize>,
    catalog: &Catalog,
    observer: &mut Observer<'_>,
) -> Result<(), LoadError> {
    within(ground, transaction, plan, range, catalog, Rows::Made, observer).map(drop)
}

/// Does the same as [`load_within`] in one of several databases, with the rows of all datasets that are dealt to it. Returns how many
/// these are, by dataset. The observer is told of what comes behind the rows.
///
/// # Errors
///
/// As [`load_within`]; that it was stopped, if whoever deals ends before its end.
pub fn load_dealt(
    ground: Ground<'_>,
    transaction: &mut Transaction<'_>,
    plan: &Plan,
    catalog: &Catalog,
    feed: &Feed,
    observer: &mut Observer<'_>,
) -> Result<Vec<u64>, LoadError> {
    let all = 0..plan.datasets.len();
    within(ground, transaction, plan, all, catalog, Rows::Dealt(feed), observer)
}

/// Where rows come from.
#[derive(Clone, Copy)]
enum Rows<'a> {
    /// They are made here, all of them.
    Made,
    /// They are made elsewhere, and some of them come here.
    Dealt(&'a Feed),
}

fn within(
    ground: Ground<'_>,
    transaction: &mut Transaction<'_>,
    plan: &Plan,
    range: Range<usize>,
    catalog: &Catalog,
    from: Rows<'_>,
    observer: &mut Observer<'_>,
) -> Result<Vec<u64>, LoadError> {
    let failed = |error: postgres::Error| LoadError::Transaction(error.into());
    let datasets = &plan.datasets[range.clone()];
    let mut counts = vec![0; datasets.len()];
    surroundings::prepare(transaction).map_err(failed)?;
    let mut causes = Causes { triggers: Vec::new(), migrations: ground.migrations };
    let mut again = Vec::new();
    let mut deeds = None;
    // Only migrations make triggers and policies.
    let has_migrations = !ground.migrations.is_empty();
    if has_migrations || datasets.iter().any(|dataset| dataset.table_exists) {
        let tables: Vec<String> =
            plan.datasets.iter().map(|dataset| dataset.table.to_string()).collect();
        causes.triggers = catalog::triggers(transaction, &tables).map_err(failed)?;
        causes.triggers.retain(|trigger| match &trigger.of {
            TriggerOf::Table { place, .. } => {
                range.contains(place) && !plan.datasets[*place].is_there()
            }
            TriggerOf::Database => true,
        });
        let rests = ground.triggers == Triggers::Off;
        if rests {
            again.extend(rest::triggers(transaction, &causes)?);
        } else if causes.triggers.iter().any(|trigger| trigger.of != TriggerOf::Database) {
            deeds = Some(Deeds::begin(transaction, plan).map_err(failed)?);
        }
        again.extend(rest::row_security(transaction, datasets)?);
    }
    tables::create(transaction, datasets, ground.owner, &causes, has_keys_behind)?;
    let undo = tables::defer_cycles(transaction, datasets, catalog)?;
    let loaded = range.clone().zip(datasets);
    for (place, dataset) in loaded.filter(|(_, dataset)| !dataset.is_there()) {
        let explain = |error| {
            let refusal = causes.explain(error, Some(place));
            match &deeds {
                Some(deeds) => deeds.explain(refusal, &causes, place),
                None => refusal,
            }
        };
        let is_frozen = has_keys_behind(dataset);
        let count = match from {
            Rows::Dealt(feed) => copy_dealt(transaction, dataset, feed, is_frozen, explain)?,
            Rows::Made => {
                let rows = dataset.existing.rows..dataset.source.rows();
                let count = rows.end.saturating_sub(rows.start);
                let how = Copying::of_rows(count);
                let how = if is_frozen { how.frozen() } else { how };
                copy_rows(transaction, dataset, rows, how, observer, explain)?;
                count
            }
        };
        counts[place - range.start] = count;
        if let Some(deeds) = &mut deeds {
            deeds.look(transaction, place, count).map_err(failed)?;
        }
    }
    // Only constraints without checks in waiting can be changed back.
    transaction
        .batch_execute("SET CONSTRAINTS ALL IMMEDIATE")
        .map_err(|error| of_dataset(error, plan, datasets, &causes))?;
    if let Some(deeds) = &deeds {
        deeds.prove(transaction, &causes, range)?;
    }
    for sql in undo {
        transaction.batch_execute(&sql).map_err(failed)?;
    }
    let mut tell = |progress: Progress<'_>, dataset: &DatasetPlan| match observer(progress) {
        ControlFlow::Continue(()) => Ok(()),
        ControlFlow::Break(()) => Err(LoadError::Stopped { dataset: dataset.name.clone() }),
    };
    let rows = datasets.iter().map(|dataset| dataset.rows).max().unwrap_or_default();
    memory::prepare(transaction, rows).map_err(failed)?;
    for dataset in datasets.iter().filter(|dataset| has_keys_behind(dataset)) {
        tell(Progress::Keys { dataset: &dataset.name }, dataset)?;
        tables::add_keys(transaction, dataset, &causes)?;
    }
    for dataset in datasets.iter().filter(|dataset| !dataset.table_exists) {
        if !dataset.foreign_keys.is_empty() {
            tell(Progress::ForeignKeys { dataset: &dataset.name }, dataset)?;
        }
        tables::add_foreign_keys(transaction, dataset, plan, &causes)?;
    }
    // The next number is behind the rows of all shards.
    let ends = matches!(from, Rows::Dealt(_));
    sequences::go_on(transaction, datasets, ends).map_err(failed)?;
    // The event triggers that rested are the last to fire again.
    again.sort_by_key(|sql| sql.starts_with("ALTER EVENT TRIGGER"));
    rest::again(transaction, &again).map_err(LoadError::Transaction)?;
    Ok(counts)
}

/// Tells whether a table gets its keys behind its rows, which are frozen: with few rows that is more work, not less.
fn has_keys_behind(dataset: &DatasetPlan) -> bool {
    !dataset.table_exists && dataset.rows >= KEYS_BEHIND_FROM
}

/// Tells of rows that a check refuses which waited for the end of the load, with the dataset they are of.
fn of_dataset(
    error: postgres::Error,
    plan: &Plan,
    datasets: &[DatasetPlan],
    causes: &Causes<'_>,
) -> LoadError {
    let table = error.as_db_error().and_then(|refused| refused.table());
    let of_table = |dataset: &&DatasetPlan| Some(dataset.table.name.as_str()) == table;
    let named = datasets.iter().find(of_table);
    let place = causes.place_of(&error);
    match named.or_else(|| plan.datasets.get(place?)) {
        Some(dataset) => {
            LoadError::Rows { dataset: dataset.name.clone(), refusal: causes.explain(error, place) }
        }
        None => LoadError::Transaction(causes.explain(error, None)),
    }
}
