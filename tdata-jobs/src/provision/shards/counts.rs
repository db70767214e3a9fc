//! How many rows each shard has.

use tdata_core::placement::{Placed, Placement};
use tdata_core::plan::{DatasetPlan, Plan};

use crate::error::JobError;
use crate::provision::ledger::added_rows;

/// How many rows of a dataset are looked at to estimate.
const SAMPLE: u64 = 10_240;

/// How many rows are made together.
const BLOCK: u64 = 1024;

/// Returns the plan of one shard, whose datasets have so many rows behind those that are there.
pub(super) fn of_shard(plan: &Plan, counts: &[u64]) -> Plan {
    let mut own = plan.clone();
    let loaded = own.datasets.iter_mut().zip(counts);
    for (dataset, count) in loaded.filter(|(dataset, _)| !dataset.is_there()) {
        dataset.rows = dataset.existing.rows + count;
    }
    own
}

/// Estimates how many rows of each dataset each shard gets: exactly, if there are few.
pub(super) fn estimated(plan: &Plan, placement: &Placement) -> Result<Vec<Vec<u64>>, JobError> {
    let shards = placement.shards() as usize;
    let mut counts = vec![Vec::with_capacity(plan.datasets.len()); shards];
    for (place, dataset) in plan.datasets.iter().enumerate() {
        let rows = added_rows(dataset);
        if *placement.of(place) == Placed::OnEvery {
            counts.iter_mut().for_each(|counts| counts.push(rows));
            continue;
        }
        let sample = rows.min(SAMPLE);
        let found = sampled(dataset, place, placement, sample)?;
        let all = found.into_iter().map(|found| {
            let share = u128::from(found) * u128::from(rows) / u128::from(sample.max(1));
            u64::try_from(share).unwrap_or(u64::MAX)
        });
        counts.iter_mut().zip(all).for_each(|(counts, count)| counts.push(count));
    }
    Ok(counts)
}

/// Counts how many of the first rows each shard gets.
fn sampled(
    dataset: &DatasetPlan,
    place: usize,
    placement: &Placement,
    sample: u64,
) -> Result<Vec<u64>, JobError> {
    let mut counts = vec![0; placement.shards() as usize];
    let (mut blocks, mut shards) = (Vec::new(), Vec::new());
    let (mut first, end) = (dataset.existing.rows, dataset.existing.rows + sample);
    while first < end {
        let rows = first..end.min(first + BLOCK);
        first = rows.end;
        dataset.fill(rows.clone(), &mut blocks);
        shards.clear();
        let placed = placement.shards_of(place, rows, &blocks, &mut shards);
        placed.map_err(|unhashed| JobError::OtherKind {
            dataset: unhashed.dataset,
            column: unhashed.column,
        })?;
        for shard in &shards {
            if let Some(count) = counts.get_mut(*shard as usize) {
                *count += 1;
            }
        }
    }
    Ok(counts)
}
