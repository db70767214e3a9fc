//! Generates rows and copies them in.

use std::io::Write;
use std::ops::Range;

use postgres::{Client, Transaction};
use tdata_core::generate::append_row;
use tdata_core::plan::{Catalog, DatasetPlan, Plan};
use tdata_core::sql::quote_identifier;

use super::error::LoadError;
use super::{sequences, surroundings, tables};

/// How many bytes are gathered before they are sent.
const CHUNK: usize = 256 << 10;

/// From so many rows on, the planner's statistics are worth their making.
const ANALYZED_FROM: u64 = 1_000;

/// Makes the tables of some of a plan's datasets, by place, where they do not exist, and loads their rows, in one
/// transaction: all or nothing. Whatever these datasets reference is among them, or there already.
pub fn load(
    client: &mut Client,
    plan: &Plan,
    datasets: Range<usize>,
    catalog: &Catalog,
) -> Result<(), LoadError> {
    let failed = |error: postgres::Error| LoadError::Transaction(error.into());
    let mut transaction = client.transaction().map_err(failed)?;
    let datasets = &plan.datasets[datasets];
    surroundings::prepare(&mut transaction).map_err(failed)?;
    tables::create(&mut transaction, datasets)?;
    let undo = tables::defer_cycles(&mut transaction, datasets, catalog)?;
    for dataset in datasets {
        copy(&mut transaction, dataset)?;
    }
    // Only constraints without checks in waiting can be changed back.
    transaction
        .batch_execute("SET CONSTRAINTS ALL IMMEDIATE")
        .map_err(|error| of_dataset(error, datasets))?;
    for sql in undo {
        transaction.batch_execute(&sql).map_err(failed)?;
    }
    tables::add_foreign_keys(&mut transaction, datasets, plan)?;
    sequences::go_on(&mut transaction, datasets).map_err(failed)?;
    transaction.commit().map_err(failed)?;
    for dataset in datasets.iter().filter(|dataset| dataset.rows >= ANALYZED_FROM) {
        client.batch_execute(&format!("ANALYZE {}", dataset.table)).map_err(failed)?;
    }
    Ok(())
}

/// Tells of rows that a check refuses which waited for the end of the load, with the dataset they are of.
fn of_dataset(error: postgres::Error, datasets: &[DatasetPlan]) -> LoadError {
    let table = error.as_db_error().and_then(|refused| refused.table());
    let of_table = |dataset: &&DatasetPlan| Some(dataset.table.name.as_str()) == table;
    match datasets.iter().find(of_table) {
        Some(dataset) => LoadError::Rows { dataset: dataset.name.clone(), refusal: error.into() },
        None => LoadError::Transaction(error.into()),
    }
}

/// Generates a dataset's rows and copies them into its table.
pub fn copy(transaction: &mut Transaction<'_>, dataset: &DatasetPlan) -> Result<(), LoadError> {
    let refused = |error: postgres::Error| LoadError::Rows {
        dataset: dataset.name.clone(),
        refusal: error.into(),
    };
    let columns: Vec<String> =
        dataset.fields.iter().map(|field| quote_identifier(&field.name)).collect();
    let statement = format!("COPY {} ({}) FROM STDIN", dataset.table, columns.join(", "));
    let mut writer = transaction.copy_in(&statement).map_err(refused)?;
    let mut buffer = Vec::with_capacity(CHUNK + (CHUNK >> 3));
    let (mut values, mut scratch) = (Vec::new(), String::new());
    let mut sent = Ok(());
    for row in 0..dataset.source.rows() {
        dataset.source.write_row(row, &mut values);
        append_row(&values, &mut scratch, &mut buffer);
        if buffer.len() >= CHUNK {
            sent = writer.write_all(&buffer);
            buffer.clear();
            if sent.is_err() {
                break;
            }
        }
    }
    // When sending failed, the server has said why: finishing brings its answer.
    if sent.is_ok() {
        let _ = writer.write_all(&buffer);
    }
    writer.finish().map_err(refused)?;
    Ok(())
}
