//! Generates rows and copies them in.

use std::io::Write;
use std::ops::Range;

use postgres::{Client, Transaction};
use tdata_core::plan::{Catalog, DatasetPlan, Plan};
use tdata_core::project::Triggers;

use super::cause::Causes;
use super::copied::CopiedRows;
use super::deeds::Deeds;
use super::error::LoadError;
use super::ground::Ground;
use super::{computed, rest, sequences, surroundings, tables, violation};
use crate::catalog::{self, TriggerOf};
use crate::migrate::Migrations;
use crate::refusal::Refusal;

/// From so many rows on, the planner's statistics are worth their making.
const ANALYZED_FROM: u64 = 1_000;

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
    load_all(ground, client, plan, datasets, catalog).map_err(|error| match error {
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
    })
}

fn load_all(
    ground: Ground<'_>,
    client: &mut Client,
    plan: &Plan,
    range: Range<usize>,
    catalog: &Catalog,
) -> Result<(), LoadError> {
    let failed = |error: postgres::Error| LoadError::Transaction(error.into());
    let mut transaction = client.transaction().map_err(failed)?;
    let datasets = &plan.datasets[range.clone()];
    surroundings::prepare(&mut transaction).map_err(failed)?;
    let mut causes = Causes { triggers: Vec::new(), migrations: ground.migrations };
    let mut again = Vec::new();
    let mut deeds = None;
    // Only migrations make triggers and policies.
    let has_migrations = !ground.migrations.is_empty();
    if has_migrations || datasets.iter().any(|dataset| dataset.table_exists) {
        let tables: Vec<String> =
            plan.datasets.iter().map(|dataset| dataset.table.to_string()).collect();
        causes.triggers = catalog::triggers(&mut transaction, &tables).map_err(failed)?;
        causes.triggers.retain(|trigger| match &trigger.of {
            TriggerOf::Table { place, .. } => {
                range.contains(place) && !plan.datasets[*place].is_there()
            }
            TriggerOf::Database => true,
        });
        let rests = ground.triggers == Triggers::Off;
        if rests {
            again.extend(rest::triggers(&mut transaction, &causes)?);
        } else if causes.triggers.iter().any(|trigger| trigger.of != TriggerOf::Database) {
            deeds = Some(Deeds::begin(&mut transaction, plan).map_err(failed)?);
        }
        again.extend(rest::row_security(&mut transaction, datasets)?);
    }
    tables::create(&mut transaction, datasets, ground.owner, &causes)?;
    let undo = tables::defer_cycles(&mut transaction, datasets, catalog)?;
    let loaded = range.clone().zip(datasets);
    for (place, dataset) in loaded.filter(|(_, dataset)| !dataset.is_there()) {
        copy_rows(&mut transaction, dataset, |error| {
            let refusal = causes.explain(error, Some(place));
            match &deeds {
                Some(deeds) => deeds.explain(refusal, &causes, place),
                None => refusal,
            }
        })?;
        if let Some(deeds) = &mut deeds {
            deeds.look(&mut transaction, place).map_err(failed)?;
        }
    }
    // Only constraints without checks in waiting can be changed back.
    transaction
        .batch_execute("SET CONSTRAINTS ALL IMMEDIATE")
        .map_err(|error| of_dataset(error, plan, datasets, &causes))?;
    if let Some(deeds) = &deeds {
        deeds.prove(&mut transaction, &causes, range)?;
    }
    for sql in undo {
        transaction.batch_execute(&sql).map_err(failed)?;
    }
    tables::add_foreign_keys(&mut transaction, datasets, plan, &causes)?;
    sequences::go_on(&mut transaction, datasets).map_err(failed)?;
    // The event triggers that rested are the last to fire again.
    again.sort_by_key(|sql| sql.starts_with("ALTER EVENT TRIGGER"));
    rest::again(&mut transaction, &again).map_err(LoadError::Transaction)?;
    transaction.commit().map_err(failed)?;
    for dataset in datasets.iter().filter(|dataset| dataset.rows >= ANALYZED_FROM) {
        client.batch_execute(&format!("ANALYZE {}", dataset.table)).map_err(failed)?;
    }
    Ok(())
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

/// Generates a dataset's rows and copies them into its table, behind those that are there already.
///
/// # Errors
///
/// What the database refuses.
pub fn copy(transaction: &mut Transaction<'_>, dataset: &DatasetPlan) -> Result<(), LoadError> {
    copy_rows(transaction, dataset, Refusal::from)
}

fn copy_rows(
    transaction: &mut Transaction<'_>,
    dataset: &DatasetPlan,
    explain: impl FnOnce(postgres::Error) -> Refusal,
) -> Result<(), LoadError> {
    let mut rows = CopiedRows::new(dataset, dataset.existing.rows..dataset.source.rows());
    let mut buffer = Vec::new();
    let sent = transaction.copy_in(&rows.statement()).map(|mut writer| {
        while rows.next(&mut buffer)? {
            // When sending fails, the server has said why: finishing brings its answer.
            if writer.write_all(&buffer).is_err() {
                break;
            }
        }
        Ok(writer.finish())
    });
    let refused = match sent {
        Ok(Ok(Ok(_))) => return Ok(()),
        Ok(Err(error)) => return Err(error),
        Ok(Ok(Err(refused))) | Err(refused) => refused,
    };
    Err(LoadError::Rows { dataset: dataset.name.clone(), refusal: explain(refused) })
}
