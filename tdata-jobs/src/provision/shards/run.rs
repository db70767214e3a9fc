//! Provisions a contract into several databases, among which its rows are divided.

use std::num::NonZeroU32;
use std::time::Instant;

use postgres::Client;
use tdata_core::placement::{Placed, Placement, place};
use tdata_core::plan::Plan;
use tdata_core::project::Triggers;
use tdata_postgres::validate::{Finding, ValidateError, Violation};

use super::agree::tell_differences;
use super::counts::{estimated, of_shard};
use super::loading::{Loading, load_all};
use super::shard::{Shard, lock_all, on_all, on_each, told, unlock_all};
use crate::error::JobError;
use crate::provision::cleanup::{Cleaned, clean};
use crate::provision::entry::{Entry, entries, find};
use crate::provision::job::{Place, Provision, Provisioned, ShardRows};
use crate::provision::ledger::{added_rows, new_id, set_state};
use crate::provision::planning::{Planned, plan_without};
use crate::provision::run::{
    check_rows, is_left, look_in, schema_of, stopped, take_own_away, tell_unfinished, unchecked,
};
use crate::provision::state::State;
use crate::watch::Watch;

/// Loads the rows of a contract into several databases, each row into the one that its placement says, makes the tables that are
/// missing, and checks all.
///
/// In each database, tables, rows, keys and the entry in the ledger are one transaction. None commits before all are ready to. Where a
/// commit fails nevertheless, or the process is killed between them, those that were committed stay as unchecked: the next run of
/// the same contract takes them away from all shards. The entries say that they are complete when the rows of all shards were
/// checked.
///
/// # Errors
///
/// What stands in the way, with the shard where it does; rows that may be on another shard than those that they reference.
pub fn provision_shards(
    shards: &mut [Shard],
    job: &Provision<'_>,
    watch: &dyn Watch,
) -> Result<Provisioned, JobError> {
    tell_options(job)?;
    lock_all(shards)?;
    let provisioned = in_shards(shards, job, watch);
    unlock_all(shards);
    provisioned.map_err(|error| if watch.is_stopped() { stopped(error) } else { error })
}

/// Tells what does not go with shards.
fn tell_options(job: &Provision<'_>) -> Result<(), JobError> {
    if job.place == Place::Database {
        return Err(JobError::asked(
            "with several databases, none is made for the rows",
            "name the databases that the rows are to be in, and leave `--isolation full` out",
        ));
    }
    if job.streams.is_some_and(|streams| streams.get() > 1) {
        return Err(JobError::asked(
            "with several databases, each is loaded over one connection",
            "leave `--streams` out",
        ));
    }
    Ok(())
}

fn in_shards(
    shards: &mut [Shard],
    job: &Provision<'_>,
    watch: &dyn Watch,
) -> Result<Provisioned, JobError> {
    let mut began = Instant::now();
    let Some(first) = shards.first_mut() else {
        return Err(JobError::asked("there is no database to load rows into", "name one"));
    };
    let id = new_id(&mut first.client)?;
    let ledgers = on_all(shards, |_, client| entries(client))?;
    let left = left(&ledgers, job);
    let schema = (job.place == Place::Schema).then(|| schema_of(&id));
    let planned = plan_each(shards, job, (&ledgers, &left), schema.as_deref())?;
    tell_differences(shards, &planned)?;
    let Planned { plan, catalog, .. } = &planned[0];
    let count = u32::try_from(shards.len()).ok().and_then(NonZeroU32::new);
    let placement = place(plan, catalog, count.unwrap_or(NonZeroU32::MIN))?;
    on_all(shards, |at, client| {
        let unfinished = ledgers[at].iter().filter(|entry| entry.state == State::Loading);
        tell_unfinished(client, plan, &unfinished.collect::<Vec<_>>())
    })?;
    if !job.dry_run {
        take_away(shards, job, &ledgers, &left)?;
    }
    let mut provisioned = provisioned(&planned, &placement, left, schema);
    provisioned.stage("plan", &mut began);
    if job.dry_run {
        provisioned.shards = shard_rows(shards, estimated(plan, &placement)?);
        return Ok(provisioned);
    }
    on_all(shards, |_, client| look_in(client, provisioned.schema.as_deref()))?;
    let loading = Loading { id: &id, job, placement: &placement, planned: &planned };
    let loaded = load_all(shards, loading, watch);
    let counts = loaded.map_err(|error| take_all_away(shards, job, &id, error))?;
    provisioned.stage("load", &mut began);
    watch.does("rows are checked");
    check(shards, plan, &placement, &counts, &id).map_err(|error| match error {
        JobError::Invalid { .. } => error,
        JobError::ByDatabase(errors) if errors.iter().any(is_invalid) => {
            JobError::ByDatabase(errors)
        }
        _ if watch.is_stopped() => JobError::StoppedUnchecked { id: id.clone() },
        error => error,
    })?;
    provisioned.stage("check", &mut began);
    provisioned.shards = shard_rows(shards, counts);
    provisioned.id = Some(id);
    Ok(provisioned)
}

/// Takes away what was committed on some shards, as something went wrong. Returns what to tell.
fn take_all_away(shards: &mut [Shard], job: &Provision<'_>, id: &str, error: JobError) -> JobError {
    let taken =
        on_each(shards, |_, client| match take_own_away(client, id, job, JobError::Stopped) {
            left @ JobError::Left { .. } => Err(left),
            _ => Ok(()),
        });
    match taken.iter().all(Result::is_ok) {
        true => error,
        false => JobError::Left { id: id.to_owned(), error: Box::new(error) },
    }
}

fn is_invalid((_, error): &(String, JobError)) -> bool {
    matches!(error, JobError::Invalid { .. })
}

/// Returns the IDs of runs of the same contract that were cut short: on one shard at least, rows are there that nobody has checked.
fn left(ledgers: &[Vec<Entry>], job: &Provision<'_>) -> Vec<String> {
    let is_of_these = |entry: &&Entry| {
        let shards = entry.shard.map(|shard| shard.of as usize);
        shards == Some(ledgers.len()) && entry.state == State::Unchecked && is_left(entry, job)
    };
    let left = ledgers.iter().flatten().filter(is_of_these);
    let mut left: Vec<String> = left.map(|entry| entry.id.clone()).collect();
    left.sort_unstable();
    left.dedup();
    left
}

/// Takes runs away from all shards.
fn take_away(
    shards: &mut [Shard],
    job: &Provision<'_>,
    ledgers: &[Vec<Entry>],
    left: &[String],
) -> Result<(), JobError> {
    on_all(shards, |at, client| {
        let mut of_left = ledgers[at].iter().filter(|entry| left.contains(&entry.id));
        of_left.try_for_each(|entry| clean(client, entry, job.ground.triggers).map(drop))
    })
    .map(drop)
}

/// Plans upon what each shard has without the runs that are left.
fn plan_each(
    shards: &mut [Shard],
    job: &Provision<'_>,
    (ledgers, left): (&[Vec<Entry>], &[String]),
    schema: Option<&str>,
) -> Result<Vec<Planned>, JobError> {
    on_all(shards, |at, client| {
        let made: Vec<String> = ledgers[at].iter().map(|entry| schema_of(&entry.id)).collect();
        let of_left = ledgers[at].iter().filter(|entry| left.contains(&entry.id));
        plan_without(client, job, schema, &made, &of_left.collect::<Vec<_>>())
    })
}

/// Begins to tell what is provisioned.
fn provisioned(
    planned: &[Planned],
    placement: &Placement,
    left: Vec<String>,
    schema: Option<String>,
) -> Provisioned {
    let plan = &planned[0].plan;
    let mut provisioned = Provisioned::planned(plan.clone());
    let replaced = planned.iter().flat_map(|planned| &planned.replaced);
    provisioned.replaced = replaced.map(|rows| rows.table.written()).collect();
    provisioned.replaced.sort_unstable();
    provisioned.replaced.dedup();
    provisioned.taken_away = left.into_iter().next();
    provisioned.schema = schema;
    provisioned.placed =
        (0..plan.datasets.len()).map(|dataset| placement.of(dataset).clone()).collect();
    provisioned
}

fn shard_rows(shards: &[Shard], counts: Vec<Vec<u64>>) -> Vec<ShardRows> {
    let rows = shards.iter().zip(counts);
    rows.map(|(shard, rows)| ShardRows { name: shard.name.clone(), rows }).collect()
}

/// Checks the rows of all shards, each with as many as it got, and writes down what came of it: they are complete together, or none is.
fn check(
    shards: &mut [Shard],
    plan: &Plan,
    placement: &Placement,
    counts: &[Vec<u64>],
    id: &str,
) -> Result<(), JobError> {
    let checked =
        on_each(shards, |at, client| check_rows(client, &of_shard(plan, &counts[at]), id, false));
    let all = all_there(plan, placement, counts, id);
    let is_wrong =
        |outcome: &Result<(), JobError>| matches!(outcome, Err(JobError::Invalid { .. }));
    let state = match checked.iter().any(is_wrong) || is_wrong(&all) {
        true => Some(State::Invalid),
        false => checked.iter().all(Result::is_ok).then_some(State::Complete),
    };
    let noted = match state {
        Some(state) => {
            let note = |_, client: &mut Client| set_state(client, id, state).map_err(unchecked(id));
            on_all(shards, note).map(drop)
        }
        None => Ok(()),
    };
    told(shards, checked)?;
    all?;
    noted
}

/// Proves that the shards have all rows together, and each of them once.
fn all_there(
    plan: &Plan,
    placement: &Placement,
    counts: &[Vec<u64>],
    id: &str,
) -> Result<(), JobError> {
    let shards = u64::from(placement.shards());
    let mut violations = Vec::new();
    for (place, dataset) in plan.datasets.iter().enumerate() {
        let times = if *placement.of(place) == Placed::OnEvery { shards } else { 1 };
        let found = counts.iter().filter_map(|counts| counts.get(place)).sum::<u64>();
        let planned = added_rows(dataset) * times;
        if found != planned {
            violations.push(Violation {
                of_table: false,
                dataset: dataset.name.clone(),
                place: None,
                constraint: String::new(),
                description: None,
                finding: Finding::Count { planned, found },
            });
        }
    }
    match violations.is_empty() {
        true => Ok(()),
        false => {
            let error = ValidateError::Violations(violations);
            Err(JobError::Invalid { id: id.to_owned(), error })
        }
    }
}

/// Takes away what a provision has added to several databases, as [`cleanup`](crate::cleanup) does in each. What one of them has not, or
/// not any more, is no mistake.
///
/// # Errors
///
/// What the databases refuse, with the shard.
pub fn cleanup_shards(
    shards: &mut [Shard],
    id: &str,
    triggers: Triggers,
) -> Result<Vec<Cleaned>, JobError> {
    lock_all(shards)?;
    let cleaned = on_all(shards, |_, client| match find(client, id)? {
        Some(entry) => clean(client, &entry, triggers),
        None => Ok(Cleaned::default()),
    });
    unlock_all(shards);
    cleaned
}

/// Returns what was provisioned into several databases, shard by shard.
///
/// # Errors
///
/// What the databases refuse, with the shard.
pub fn entries_of_shards(shards: &mut [Shard]) -> Result<Vec<Vec<Entry>>, JobError> {
    on_all(shards, |_, client| entries(client))
}
