//! Makes tables and constraints around the rows.

use postgres::Transaction;
use tdata_core::plan::{Catalog, DatasetPlan, Plan};
use tdata_core::sql::quote_identifier;

use super::error::LoadError;

/// Makes the tables that do not exist, without their foreign keys.
pub(super) fn create(
    transaction: &mut Transaction<'_>,
    datasets: &[DatasetPlan],
) -> Result<(), LoadError> {
    for dataset in datasets.iter().filter(|dataset| !dataset.table_exists) {
        if let Some(schema) = &dataset.table.schema {
            let sql = format!("CREATE SCHEMA IF NOT EXISTS {}", quote_identifier(schema));
            execute(transaction, dataset, &sql)?;
        }
        execute(transaction, dataset, &dataset.create_table())?;
    }
    Ok(())
}

/// Adds the foreign keys of tables that were made.
pub(super) fn add_foreign_keys(
    transaction: &mut Transaction<'_>,
    datasets: &[DatasetPlan],
    plan: &Plan,
) -> Result<(), LoadError> {
    for dataset in datasets.iter().filter(|dataset| !dataset.table_exists) {
        for sql in dataset.add_foreign_keys(plan) {
            execute(transaction, dataset, &sql)?;
        }
    }
    Ok(())
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
        execute(transaction, dataset, "SET CONSTRAINTS ALL DEFERRED")?;
    }
    Ok(undo)
}

fn execute(
    transaction: &mut Transaction<'_>,
    dataset: &DatasetPlan,
    sql: &str,
) -> Result<(), LoadError> {
    transaction
        .batch_execute(sql)
        .map_err(|error| LoadError::Table { dataset: dataset.name.clone(), refusal: error.into() })
}
