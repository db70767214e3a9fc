//! Whether the databases agree in what the plan is made upon: rows are made once, for all of them.

use tdata_core::plan::{Catalog, DatasetPlan, Plan};

use super::shard::Shard;
use crate::error::JobError;
use crate::provision::planning::Planned;

/// How many rows of each dataset are compared.
const SAMPLE: u64 = 32;

/// Tells where the plans of shards differ from that of the first.
pub(super) fn tell_differences(shards: &[Shard], planned: &[Planned]) -> Result<(), JobError> {
    let Some((first, others)) = planned.split_first() else { return Ok(()) };
    for (shard, other) in shards.iter().skip(1).zip(others) {
        if let Some(difference) = difference(first, other) {
            let name = shards.first().map_or("", |shard| &shard.name);
            return Err(JobError::asked(
                format!("the shards do not agree: {difference}, on {name} and on {}", shard.name),
                "let their tables be the same, or let there be none: then tdata makes them",
            ));
        }
    }
    Ok(())
}

fn difference(one: &Planned, other: &Planned) -> Option<String> {
    let names = |plan: &Plan| -> Vec<String> {
        plan.datasets.iter().map(|dataset| dataset.name.clone()).collect()
    };
    if names(&one.plan) != names(&other.plan) {
        return Some("rows reference other tables".to_owned());
    }
    let mut datasets = one.plan.datasets.iter().zip(&other.plan.datasets);
    datasets.find_map(|(a, b)| {
        let what = of_dataset((a, &one.catalog), (b, &other.catalog))?;
        Some(format!("the table {} differs in {what}", a.table.written()))
    })
}

/// Returns in what the plans of a dataset differ.
fn of_dataset(
    (one, its_catalog): (&DatasetPlan, &Catalog),
    (other, others_catalog): (&DatasetPlan, &Catalog),
) -> Option<&'static str> {
    let columns = |dataset: &DatasetPlan| -> Vec<_> {
        let columns = dataset.fields.iter();
        columns.map(|one| (one.name.clone(), one.sql_type.clone(), one.nullable)).collect()
    };
    let unique = |dataset: &DatasetPlan| -> Vec<bool> {
        dataset.fields.iter().map(|field| field.unique).collect()
    };
    let there = |dataset: &DatasetPlan, catalog: &Catalog| {
        catalog.table(&dataset.table).and_then(|table| catalog.rows_of(table)).cloned()
    };
    let primary_key = |dataset: &DatasetPlan, catalog: &Catalog| {
        catalog.table(&dataset.table).map(|table| table.primary_key.clone())
    };
    let has_same_keys = primary_key(one, its_catalog) == primary_key(other, others_catalog)
        && one.unique == other.unique
        && unique(one) == unique(other);
    let checks: [(&str, bool); 6] = [
        ("whether it is there", one.table_exists == other.table_exists),
        ("its columns", columns(one) == columns(other)),
        ("its keys", has_same_keys),
        ("its foreign keys", one.foreign_keys == other.foreign_keys),
        ("the rows that are there", there(one, its_catalog) == there(other, others_catalog)),
        ("what its rows are made of", has_same_rows(one, other)),
    ];
    checks.into_iter().find(|(_, agree)| !agree).map(|(what, _)| what)
}

/// Tells whether some rows, from the first to the last, are the same.
fn has_same_rows(one: &DatasetPlan, other: &DatasetPlan) -> bool {
    if one.rows != other.rows {
        return false;
    }
    let (mut a, mut b) = (Vec::new(), Vec::new());
    let step = usize::try_from((one.rows / SAMPLE).max(1)).unwrap_or(usize::MAX);
    let mut rows = (one.existing.rows..one.source.rows()).step_by(step);
    rows.all(|row| {
        one.write_row(row, &mut a);
        other.write_row(row, &mut b);
        a == b
    })
}
