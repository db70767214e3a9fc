//! Provisions a contract into a database: from the plan to checked rows.

use std::num::NonZeroUsize;
use std::time::Instant;

use postgres::Client;
use tdata_core::plan::{Catalog, CatalogRows, Plan};
use tdata_core::sql::quote_identifier;
use tdata_postgres::load;
use tdata_postgres::validate::{ValidateError, validate};

use super::cleanup::clean;
use super::entry::{Entry, entries, find};
use super::hidden::why_not_hidden;
use super::job::{Connect, Place, Provision, Provisioned};
use super::ledger::{
    NewEntry, VERSION, added_rows, enter, enter_datasets, full_name, lock, locked, make, new_id,
    set_state,
};
use super::one_stream::load_in_one;
use super::parts::Part;
use super::planning::{Planned, plan_without, planned};
use super::several_streams::{begin, begun, load_parts};
use super::state::State;
use crate::error::JobError;
use crate::watch::Watch;

/// Loads the rows of a contract into a database, makes the tables that are missing, and checks all.
///
/// Over one connection, tables, rows, keys and the entry in the ledger are one transaction: whoever cuts it short leaves the database
/// as it was. Over several, the ledger first says that the provision is loading. Parts of the rows are loaded, each in a
/// transaction that writes down that it is done, into tables in a schema of tdata's own. They get their names when they are whole, in
/// one transaction. The next run of the same contract goes on with the parts that are left.
///
/// The rows are checked behind all that; until then the ledger calls them unchecked. The next run of the same contract takes away
/// what was left unchecked, and loads it again.
///
/// # Errors
///
/// If another run works on the database, if tables have rows already, or what else stands in the way. Rows that do not keep what
/// their definitions say stay, and the ledger calls them invalid.
pub fn provision(
    client: &mut Client,
    connect: &Connect<'_>,
    job: &Provision<'_>,
    watch: &dyn Watch,
) -> Result<Provisioned, JobError> {
    let provisioned = locked(client, |client| match job.place {
        Place::Database => in_database(client, connect, job, watch),
        Place::Tables | Place::Schema => in_place(client, &|| connect(None), job, None, watch),
    });
    provisioned.map_err(|error| if watch.is_stopped() { stopped(error) } else { error })
}

/// Tells that a job was stopped: whoever stops one may have its statements cancelled.
pub(super) fn stopped(error: JobError) -> JobError {
    match error {
        JobError::Database(_) | JobError::Load(_) | JobError::ByDatabase(_) => JobError::Stopped,
        JobError::Left { id, error } => JobError::Left { id, error: Box::new(stopped(*error)) },
        error => error,
    }
}

/// Returns the schema that is made for the tables of a provision.
pub(super) fn schema_of(id: &str) -> String {
    format!("tdata_{}", id.split('-').next().unwrap_or(id))
}

/// Provisions into the database of a connection.
fn in_place(
    client: &mut Client,
    connect: &dyn Fn() -> Result<Client, JobError>,
    job: &Provision<'_>,
    id: Option<&str>,
    watch: &dyn Watch,
) -> Result<Provisioned, JobError> {
    let mut began = Instant::now();
    let all = entries(client)?;
    let left = all.iter().find(|entry| is_left(entry, job) && entry.shard.is_none());
    let (mut left, others) =
        (left.cloned(), all.iter().filter(|entry| entry.state == State::Loading));
    let others: Vec<&Entry> =
        others.filter(|entry| left.as_ref().is_none_or(|left| left.id != entry.id)).collect();
    let unchecked = left.take_if(|entry| entry.state == State::Unchecked);
    let new = new_id(client)?;
    let left_id = left.as_ref().map(|entry| entry.id.clone());
    let id = id.map(str::to_owned).or(left_id).unwrap_or(new);
    let schema = (job.place == Place::Schema).then(|| schema_of(&id));
    let made: Vec<String> = all.iter().map(|entry| schema_of(&entry.id)).collect();
    let away: Vec<&Entry> = unchecked.iter().collect();
    let Planned { plan, catalog, replaced } =
        plan_without(client, job, schema.as_deref(), &made, &away)?;
    let mut provisioned = Provisioned::of(plan, &replaced);
    provisioned.schema = schema;
    tell_unfinished(client, &provisioned.plan, &others)?;
    if let Some(entry) = unchecked {
        if !job.dry_run {
            clean(client, &entry, job.ground.triggers)?;
        }
        provisioned.taken_away = Some(entry.id);
    }
    provisioned.streams = streams(job, &provisioned.plan, &mut provisioned.warnings);
    let parts = match left {
        None => None,
        Some(entry) => match resumed(client, &entry, &mut provisioned)? {
            Some(parts) => Some(parts),
            None if job.dry_run => {
                provisioned.taken_away = Some(entry.id);
                None
            }
            // What is loaded instead has an ID of its own.
            None => {
                clean(client, &entry, job.ground.triggers)?;
                let mut provisioned = in_place(client, connect, job, None, watch)?;
                provisioned.taken_away = Some(entry.id);
                return Ok(provisioned);
            }
        },
    };
    provisioned.stage("plan", &mut began);
    if job.dry_run {
        return Ok(provisioned);
    }
    let place = Loading { id: &id, catalog: &catalog, replaced: &replaced };
    load_all(client, connect, job, &place, &provisioned, parts, watch)?;
    provisioned.stage("load", &mut began);
    watch.does("rows are checked");
    check(client, &provisioned, &id).map_err(|error| match error {
        JobError::Invalid { .. } => error,
        _ if watch.is_stopped() => JobError::StoppedUnchecked { id: id.clone() },
        _ => error,
    })?;
    provisioned.stage("check", &mut began);
    provisioned.id = Some(id);
    Ok(provisioned)
}

/// Tells whether an entry is what a run of the same contract has left that was cut short.
pub(super) fn is_left(entry: &Entry, job: &Provision<'_>) -> bool {
    let is_in_schema = entry.schemas.contains(&schema_of(&entry.id));
    let is_same_place = match entry.state {
        State::Unchecked => is_in_schema == (job.place == Place::Schema),
        // Its schema is made in the end.
        State::Loading => {
            let own = quote_identifier(&schema_of(&entry.id));
            let of_own = |table: &str| table.starts_with(&format!("{}.", own.trim_matches('"')));
            let is_own = entry.datasets.iter().any(|dataset| of_own(&dataset.table));
            is_own == (job.place == Place::Schema)
        }
        State::Complete | State::Invalid => return false,
    };
    entry.fingerprint == job.fingerprint
        && entry.has_known_rows()
        && entry.database.is_none()
        && is_same_place
}

/// Tells of runs of other contracts that were cut short while they loaded the same tables.
pub(super) fn tell_unfinished(
    client: &mut Client,
    plan: &Plan,
    others: &[&Entry],
) -> Result<(), JobError> {
    for dataset in &plan.datasets {
        let table = full_name(client, &dataset.table)?;
        let has_it = |entry: &&&Entry| {
            let mut made = entry.datasets.iter().filter(|dataset| dataset.is_made);
            made.any(|dataset| dataset.table == table)
        };
        if let Some(entry) = others.iter().find(has_it) {
            let id = &entry.id;
            return Err(JobError::asked(
                format!(
                    "another contract is not loaded to its end: the provision {id} has {table}, too"
                ),
                format!("`tdata cleanup {id}` takes away what there is of it"),
            ));
        }
    }
    Ok(())
}

/// Chooses over how many connections rows are loaded.
fn streams(job: &Provision<'_>, plan: &Plan, warnings: &mut Vec<String>) -> usize {
    let cores = std::thread::available_parallelism().map_or(1, NonZeroUsize::get);
    let rows = plan.datasets.iter().map(added_rows).max().unwrap_or_default();
    let streams = job.streams.map_or_else(|| load::streams(cores, rows), NonZeroUsize::get);
    if streams < 2 {
        return 1;
    }
    match why_not_hidden(plan) {
        None => streams,
        Some(why) => {
            warnings.push(format!("all is loaded over one connection: {why}"));
            1
        }
    }
}

/// Returns the parts of an earlier run that are left, if this one can go on with them.
fn resumed(
    client: &mut Client,
    entry: &Entry,
    provisioned: &mut Provisioned,
) -> Result<Option<Vec<Part>>, JobError> {
    let plan = &provisioned.plan;
    // With rows that were there before, those that are loaded already may not fit to the others any more.
    let is_alone = plan.datasets.iter().all(|dataset| !dataset.table_exists);
    if provisioned.streams > 1
        && is_alone
        && entry.version == VERSION
        && is_same(client, entry, plan)?
        && let Some(parts) = begun(client, &entry.id, plan)?
    {
        provisioned.is_resumed = true;
        return Ok(Some(parts));
    }
    Ok(None)
}

fn is_same(client: &mut Client, entry: &Entry, plan: &Plan) -> Result<bool, JobError> {
    if entry.datasets.len() != plan.datasets.len() {
        return Ok(false);
    }
    for (before, now) in entry.datasets.iter().zip(&plan.datasets) {
        let table = full_name(client, &now.table)?;
        if (&before.name, &before.table, before.rows) != (&now.name, &table, added_rows(now)) {
            return Ok(false);
        }
    }
    Ok(true)
}

/// What is loaded upon what.
struct Loading<'a> {
    id: &'a str,
    catalog: &'a Catalog,
    replaced: &'a [CatalogRows],
}

/// Loads all, in whichever way.
fn load_all(
    client: &mut Client,
    connect: &dyn Fn() -> Result<Client, JobError>,
    job: &Provision<'_>,
    Loading { id, catalog, replaced }: &Loading<'_>,
    provisioned: &Provisioned,
    parts: Option<Vec<Part>>,
    watch: &dyn Watch,
) -> Result<(), JobError> {
    let Provisioned { plan, streams, schema, .. } = provisioned;
    let prepare = |client: &mut Client| look_in(client, schema.as_deref());
    prepare(client)?;
    if *streams < 2 {
        return load_in_one(client, job, (id, plan, catalog), replaced, watch);
    }
    let connections: Result<Vec<Client>, JobError> = (0..*streams).map(|_| connect()).collect();
    let mut connections = connections?;
    connections.iter_mut().try_for_each(prepare)?;
    let parts = match parts {
        Some(parts) => parts,
        None => begin(client, job, (id, plan), *streams)?,
    };
    let loaded = load_parts(client, &mut connections, (id, plan), parts, watch);
    loaded.map_err(|error| {
        drop(connections);
        take_own_away(client, id, job, error)
    })
}

/// Lets names mean what is in a schema first, if there is one for the tables.
pub(super) fn look_in(client: &mut Client, schema: Option<&str>) -> Result<(), JobError> {
    let Some(schema) = schema else { return Ok(()) };
    let schema = quote_identifier(schema);
    let sql = format!(
        "SELECT set_config('search_path', '{schema}, ' || current_setting('search_path'), false)"
    );
    client.batch_execute(&sql).map_err(JobError::database)
}

/// Takes away what this run has made, as something went wrong. Returns what to tell: where that cannot be, such as where the server is
/// gone, its mark stays.
pub(super) fn take_own_away(
    client: &mut Client,
    id: &str,
    job: &Provision<'_>,
    error: JobError,
) -> JobError {
    let mut attempt = || match find(client, id)? {
        Some(entry) => clean(client, &entry, job.ground.triggers).map(drop),
        None => Ok(()),
    };
    // What cancelled the job may have cancelled this, too.
    match attempt().or_else(|_| attempt()) {
        Ok(()) => error,
        Err(_) => JobError::Left { id: id.to_owned(), error: Box::new(error) },
    }
}

/// Checks the rows, and writes down what came of it.
fn check(client: &mut Client, provisioned: &Provisioned, id: &str) -> Result<(), JobError> {
    let checked = check_rows(client, &provisioned.plan, id, provisioned.streams < 2);
    let state = match &checked {
        Ok(()) => State::Complete,
        Err(JobError::Invalid { .. }) => State::Invalid,
        Err(_) => return checked,
    };
    match (set_state(client, id, state), checked) {
        (Err(error), Ok(())) => Err(unchecked(id)(error)),
        // What is wrong with the rows says more.
        (_, checked) => checked,
    }
}

/// Checks the rows, which are in the order of their datasets, or in another one.
pub(super) fn check_rows(
    client: &mut Client,
    plan: &Plan,
    id: &str,
    is_ordered: bool,
) -> Result<(), JobError> {
    load::analyze(client, &plan.datasets).map_err(|error| unchecked(id)(error))?;
    validate(client, plan).map_err(|error| match error {
        ValidateError::Violations(_) => {
            let error = if is_ordered { error } else { error.of_tables() };
            JobError::Invalid { id: id.to_owned(), error }
        }
        error => unchecked(id)(error),
    })
}

/// Tells that rows are there, and why nobody has checked them.
pub(super) fn unchecked<E: std::error::Error + Send + Sync + 'static>(
    id: &str,
) -> impl FnOnce(E) -> JobError {
    move |error| JobError::Unchecked { id: id.to_owned(), error: Box::new(error) }
}

/// Makes a database, and provisions into that.
fn in_database(
    client: &mut Client,
    connect: &Connect<'_>,
    job: &Provision<'_>,
    watch: &dyn Watch,
) -> Result<Provisioned, JobError> {
    let is_left = |entry: &&Entry| {
        matches!(entry.state, State::Loading | State::Unchecked)
            && entry.fingerprint == job.fingerprint
            && entry.database.is_some()
    };
    let left = entries(client)?.iter().find(is_left).cloned();
    let taken_away = left.as_ref().map(|entry| entry.id.clone());
    if job.dry_run {
        let (plan, _) = planned(job, &mut Catalog::default(), None)?;
        return Ok(Provisioned { taken_away, ..Provisioned::planned(plan) });
    }
    if let Some(entry) = left {
        clean(client, &entry, job.ground.triggers)?;
    }
    let id = new_id(client)?;
    let name = schema_of(&id);
    let contract = job.contract.to_string();
    let (fingerprint, state, database) = (job.fingerprint, State::Loading, Some(name.as_str()));
    let mut transaction = client.transaction().map_err(JobError::database)?;
    make(&mut transaction)?;
    enter(
        &mut transaction,
        &NewEntry { id: &id, state, fingerprint, contract: &contract, database, shard: None },
    )?;
    transaction.commit().map_err(JobError::database)?;
    let made = fill(client, connect, job, (&id, &name), watch);
    match made {
        Ok(mut provisioned) => {
            note(client, &id, Some(&provisioned.plan), State::Complete).map_err(unchecked(&id))?;
            (provisioned.taken_away, provisioned.database) = (taken_away, Some(name));
            Ok(provisioned)
        }
        Err(
            error @ (JobError::Invalid { .. }
            | JobError::Unchecked { .. }
            | JobError::StoppedUnchecked { .. }),
        ) => {
            let is_invalid = matches!(error, JobError::Invalid { .. });
            // What is wrong with the rows says more than what keeps this from being noted.
            let _ =
                note(client, &id, None, if is_invalid { State::Invalid } else { State::Unchecked });
            Err(error)
        }
        Err(error) => Err(take_own_away(client, &id, job, error)),
    }
}

/// Makes a database and fills it; what cannot be filled is dropped by who calls.
fn fill(
    client: &mut Client,
    connect: &Connect<'_>,
    job: &Provision<'_>,
    (id, name): (&str, &str),
    watch: &dyn Watch,
) -> Result<Provisioned, JobError> {
    let sql = format!("CREATE DATABASE {}", quote_identifier(name));
    client.batch_execute(&sql).map_err(JobError::database)?;
    let mut inner = connect(Some(name))?;
    lock(&mut inner)?;
    in_place(&mut inner, &|| connect(Some(name)), job, Some(id), watch)
}

/// Notes what is in a database that was made.
fn note(client: &mut Client, id: &str, plan: Option<&Plan>, state: State) -> Result<(), JobError> {
    let mut transaction = client.transaction().map_err(JobError::database)?;
    if let Some(plan) = plan {
        enter_datasets(&mut transaction, id, plan, &[])?;
    }
    set_state(&mut transaction, id, state)?;
    transaction.commit().map_err(JobError::database)
}
