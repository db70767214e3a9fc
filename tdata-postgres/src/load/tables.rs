//! Makes tables and constraints around the rows.

use postgres::Transaction;
use tdata_core::plan::{Catalog, DatasetPlan, Plan, Sequence};
use tdata_core::sql::{quote_identifier, quote_literal};

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

/// Adds the foreign keys of tables that were made, and lets keys go on counting behind the rows.
pub(super) fn complete(
    transaction: &mut Transaction<'_>,
    datasets: &[DatasetPlan],
    plan: &Plan,
) -> Result<(), LoadError> {
    for dataset in datasets {
        if !dataset.table_exists {
            for sql in dataset.add_foreign_keys(plan) {
                execute(transaction, dataset, &sql)?;
            }
        }
        for (at, field) in dataset.fields.iter().enumerate() {
            let range = dataset.source.integer_range(at);
            let Some((sequence, range)) = field.sequence.zip(range) else { continue };
            let Some(last) = counted_to(sequence, range, dataset.table_exists) else { continue };
            let sql = format!(
                "SELECT setval(pg_get_serial_sequence({}, {}), {last})",
                quote_literal(&dataset.table.to_string()),
                quote_literal(&field.name),
            );
            execute(transaction, dataset, &sql)?;
        }
    }
    Ok(())
}

/// Returns the number behind which a sequence goes on counting, after rows that reach from one number to another.
/// `None` where it goes on from where it stands.
fn counted_to(sequence: Sequence, (least, most): (i64, i64), table_exists: bool) -> Option<i64> {
    match table_exists {
        // The sequence of a table that migrations made counts upwards, from 1 as a rule.
        true => (most >= 1).then_some(most),
        false => Some(if sequence.step > 0 { most } else { least }),
    }
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sequences_go_on_behind_the_rows() {
        let up = Sequence { start: 10, step: 5 };
        let down = Sequence { start: -1, step: -1 };
        assert_eq!(counted_to(up, (10, 25), false), Some(25));
        assert_eq!(counted_to(down, (-9, -1), false), Some(-9));
        // A sequence that a migration made counts up, whatever the rows did.
        assert_eq!(counted_to(up, (10, 25), true), Some(25));
        assert_eq!(counted_to(down, (-9, -1), true), None);
        assert_eq!(counted_to(down, (-3, 4), true), Some(4));
    }
}
