//! Makes tables and constraints around the rows.

use postgres::Transaction;
use tdata_core::plan::{Catalog, DatasetPlan, Plan};
use tdata_core::sql::quote_identifier;

use super::cause::Causes;
use super::error::LoadError;
use super::keys;

/// Makes the tables that do not exist, without their foreign keys, and bare of other keys where that is said.
pub(super) fn create(
    transaction: &mut Transaction<'_>,
    datasets: &[DatasetPlan],
    owner: Option<&str>,
    causes: &Causes<'_>,
    is_bare: impl Fn(&DatasetPlan) -> bool,
) -> Result<(), LoadError> {
    let mut execute = |dataset: &DatasetPlan, sql: &str| execute(transaction, dataset, sql, causes);
    for dataset in datasets.iter().filter(|dataset| !dataset.table_exists) {
        if let Some(schema) = &dataset.table.schema {
            let sql = format!("CREATE SCHEMA IF NOT EXISTS {}", quote_identifier(schema));
            execute(dataset, &sql)?;
        }
        let sql = match is_bare(dataset) {
            true => dataset.create_bare_table(),
            false => dataset.create_table(),
        };
        execute(dataset, &sql)?;
        if let Some(owner) = owner {
            let owner = quote_identifier(owner);
            execute(dataset, &format!("ALTER TABLE {} OWNER TO {owner}", dataset.table))?;
        }
    }
    Ok(())
}

/// Adds the keys of a table that was made bare.
pub(super) fn add_keys(
    transaction: &mut Transaction<'_>,
    dataset: &DatasetPlan,
    causes: &Causes<'_>,
) -> Result<(), LoadError> {
    let Some(sql) = dataset.add_keys() else { return Ok(()) };
    let added = transaction.batch_execute(&sql);
    added.map_err(|error| keys::refused(&dataset.name, causes.explain(error, None)))
}

/// Adds the foreign keys of a table that was made.
pub(super) fn add_foreign_keys(
    transaction: &mut Transaction<'_>,
    dataset: &DatasetPlan,
    plan: &Plan,
    causes: &Causes<'_>,
) -> Result<(), LoadError> {
    let mut all = dataset.add_foreign_keys(plan).into_iter();
    all.try_for_each(|sql| execute(transaction, dataset, &sql, causes))
}

/// Lets the checks of foreign keys that form a cycle wait for the end of the load. Returns the
/// statements that make them as they were.
pub(super) fn defer_cycles(
    transaction: &mut Transaction<'_>,
    datasets: &[DatasetPlan],
    catalog: &Catalog,
) -> Result<Vec<String>, LoadError> {
    let mut undo = Vec::new();
    for dataset in datasets.iter().filter(|dataset| dataset.table_exists) {
        let Some(table) = catalog.table(&dataset.table) else { continue };
        for key in dataset.foreign_keys.iter().filter(|key| key.in_cycle) {
            let Some(constraint) = table.foreign_key(&key.fields) else { continue };
            let alter = format!(
                "ALTER TABLE {} ALTER CONSTRAINT {}",
                dataset.table,
                quote_identifier(&constraint.name)
            );
            if constraint.deferrable {
                continue;
            }
            let defer = format!("{alter} DEFERRABLE INITIALLY DEFERRED");
            transaction.batch_execute(&defer).map_err(|error| LoadError::Cycle {
                dataset: dataset.name.clone(),
                constraint: constraint.name.clone(),
                refusal: error.into(),
            })?;
            undo.push(format!("{alter} NOT DEFERRABLE"));
        }
    }
    if let Some(dataset) = datasets.first() {
        let sql = "SET CONSTRAINTS ALL DEFERRED";
        transaction.batch_execute(sql).map_err(|error| LoadError::Table {
            dataset: dataset.name.clone(),
            refusal: error.into(),
        })?;
    }
    Ok(undo)
}

fn execute(
    transaction: &mut Transaction<'_>,
    dataset: &DatasetPlan,
    sql: &str,
    causes: &Causes<'_>,
) -> Result<(), LoadError> {
    transaction.batch_execute(sql).map_err(|error| LoadError::Table {
        dataset: dataset.name.clone(),
        refusal: causes.explain(error, None),
    })
}
