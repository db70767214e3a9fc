//! The ledger: what was provisioned into a database, written down in that database.
//!
//! It is a schema of tdata's own, with a row for each provision and for each of its datasets. Where one transaction loads all, these
//! rows come with it: nothing is written down that is not there, and nothing is there that is not written down. Where several do,
//! there is a row for each part as well, which says in the transaction of the part that it is done.

use postgres::error::SqlState;
use postgres::{Client, GenericClient, Transaction};
use tdata_core::plan::{DatasetPlan, Plan};
use tdata_core::sql::TableName;
use tdata_postgres::Refusal;

use super::entry::{EntryDataset, ShardNumber, entries};
use super::held::try_to;
use super::hidden::is_hidden;
use super::state::State;
use crate::error::JobError;

/// Makes the ledger, where there is none. Whoever only reads needs no right to make one.
const MAKE: &str = "\
CREATE SCHEMA IF NOT EXISTS tdata;
CREATE TABLE IF NOT EXISTS tdata.provision (
  id uuid PRIMARY KEY,
  state text NOT NULL CHECK (state IN ('loading', 'unchecked', 'complete', 'invalid')),
  fingerprint text NOT NULL,
  contract text NOT NULL,
  tdata_version text NOT NULL,
  transaction text NOT NULL DEFAULT pg_current_xact_id()::text,
  schemas text[] NOT NULL DEFAULT '{}',
  database_name text,
  started_at timestamptz NOT NULL DEFAULT clock_timestamp(),
  finished_at timestamptz
);
CREATE TABLE IF NOT EXISTS tdata.provisioned_dataset (
  provision uuid NOT NULL REFERENCES tdata.provision ON DELETE CASCADE,
  place integer NOT NULL,
  name text NOT NULL,
  table_name text NOT NULL,
  rows bigint NOT NULL,
  is_made boolean NOT NULL,
  PRIMARY KEY (provision, place)
);
CREATE TABLE IF NOT EXISTS tdata.provision_part (
  provision uuid NOT NULL REFERENCES tdata.provision ON DELETE CASCADE,
  number integer NOT NULL,
  phase integer NOT NULL,
  dataset text NOT NULL,
  first_row bigint,
  rows bigint,
  statement text,
  transaction text,
  finished_at timestamptz,
  PRIMARY KEY (provision, number)
);
ALTER TABLE tdata.provision ADD COLUMN IF NOT EXISTS shard integer, ADD COLUMN IF NOT EXISTS shards integer;
COMMENT ON TABLE tdata.provision IS 'What tdata has loaded into this database. Rows are whole, and as they should be, where state is complete.';
COMMENT ON TABLE tdata.provision_part IS 'What of a provision whose state is loading is done already.'";

/// Takes the ledger away, and its schema.
const DROP: [&str; 2] = [
    "DROP TABLE tdata.provision_part, tdata.provisioned_dataset, tdata.provision",
    "DROP SCHEMA tdata",
];

/// What keeps the ledger where it is: something else is in it, or needs it, or it is not this role's.
const STAYS: [SqlState; 2] =
    [SqlState::DEPENDENT_OBJECTS_STILL_EXIST, SqlState::INSUFFICIENT_PRIVILEGE];

/// The version of tdata, which the ledger says.
pub(super) const VERSION: &str = env!("CARGO_PKG_VERSION");

pub(super) fn make(transaction: &mut Transaction<'_>) -> Result<(), JobError> {
    const IS_THERE: &str = "SELECT to_regclass('tdata.provision_part') IS NOT NULL \
        AND EXISTS (SELECT FROM pg_attribute WHERE attrelid = to_regclass('tdata.provision') AND attname = 'shards')";
    let is_there: bool = transaction.query_one(IS_THERE, &[]).map_err(JobError::database)?.get(0);
    if !is_there {
        transaction.batch_execute(MAKE).map_err(JobError::database)?;
    }
    Ok(())
}

/// Makes an ID.
pub(super) fn new_id(client: &mut impl GenericClient) -> Result<String, JobError> {
    let made = client.query_one("SELECT gen_random_uuid()::text", &[]);
    Ok(made.map_err(JobError::database)?.get(0))
}

/// A provision that is to be entered.
#[derive(Clone, Copy, Debug)]
pub(super) struct NewEntry<'a> {
    pub(super) id: &'a str,
    pub(super) state: State,
    pub(super) fingerprint: &'a str,
    pub(super) contract: &'a str,
    /// The database that is made for it.
    pub(super) database: Option<&'a str>,
    /// Which of how many shards this database is.
    pub(super) shard: Option<ShardNumber>,
}

/// Enters a provision, without its datasets.
pub(super) fn enter(
    transaction: &mut Transaction<'_>,
    entry: &NewEntry<'_>,
) -> Result<(), JobError> {
    let NewEntry { id, state, fingerprint, contract, database, shard } = entry;
    let shard = shard.map(|ShardNumber { number, of }| (i64::from(number), i64::from(of)));
    let (number, of) = shard.unzip();
    let sql = "INSERT INTO tdata.provision (id, state, fingerprint, contract, tdata_version, database_name, shard, shards) \
               VALUES ($1::text::uuid, $2, $3, $4, $5, $6, $7::int8, $8::int8)";
    transaction
        .execute(
            sql,
            &[&id, &state.word(), &fingerprint, &contract, &VERSION, &database, &number, &of],
        )
        .map_err(JobError::database)?;
    Ok(())
}

/// Returns how many rows are added of a dataset: none of one whose rows are there already.
pub fn added_rows(dataset: &DatasetPlan) -> u64 {
    match dataset.is_there() {
        true => 0,
        false => dataset.rows.saturating_sub(dataset.existing.rows),
    }
}

/// Enters the datasets of a provision. `made` are tables that an earlier one made, whose rows it replaces.
pub(super) fn enter_datasets(
    transaction: &mut Transaction<'_>,
    id: &str,
    plan: &Plan,
    made: &[String],
) -> Result<(), JobError> {
    for (place, dataset) in plan.datasets.iter().enumerate() {
        let table = full_name(transaction, &dataset.table)?;
        let is_made = !dataset.table_exists || made.contains(&table);
        transaction
            .execute(
                "INSERT INTO tdata.provisioned_dataset VALUES ($1::text::uuid, $2, $3, $4, $5, $6)",
                &[
                    &id,
                    &i32::try_from(place).unwrap_or(i32::MAX),
                    &dataset.name,
                    &table,
                    &i64::try_from(added_rows(dataset)).unwrap_or(i64::MAX),
                    &is_made,
                ],
            )
            .map_err(JobError::database)?;
    }
    Ok(())
}

/// Enters the schemas that this transaction has made for a provision, tdata's own left out, and those that it takes over.
pub(super) fn enter_schemas(
    transaction: &mut Transaction<'_>,
    id: &str,
    taken_over: &[String],
) -> Result<(), JobError> {
    let made = "SELECT nspname::text FROM pg_namespace WHERE nspname !~ '^pg_' \
                AND xmin::text::numeric = pg_current_xact_id()::text::numeric % 4294967296 ORDER BY 1";
    let made = transaction.query(made, &[]).map_err(JobError::database)?;
    let made = made.iter().map(|row| row.get(0)).filter(|schema: &String| !is_hidden(schema));
    let schemas: Vec<String> = made.chain(taken_over.iter().cloned()).collect();
    let sql = "UPDATE tdata.provision SET schemas = schemas || $2 WHERE id = $1::text::uuid";
    transaction.execute(sql, &[&id, &schemas]).map_err(JobError::database)?;
    Ok(())
}

/// Returns a table's name with its schema, quoted: the schema that it is in, or would be made in.
pub(super) fn full_name(
    client: &mut impl GenericClient,
    table: &TableName,
) -> Result<String, JobError> {
    let sql = "SELECT format('%I.%I', coalesce((SELECT n.nspname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace \
               WHERE c.oid = to_regclass($1)), $2::text, current_schema(), 'public'), $3::text)";
    let found = client.query_one(sql, &[&table.to_string(), &table.schema, &table.name]);
    Ok(found.map_err(JobError::database)?.get(0))
}

/// What is taken over from provisions whose rows are replaced.
#[derive(Debug, Default)]
pub(super) struct TakenOver {
    /// The tables that these had made.
    pub(super) tables: Vec<String>,
    /// The schemas that these had made, where nothing is left of them.
    pub(super) schemas: Vec<String>,
}

/// Forgets the provisions of which all is in tables that were emptied. Returns what these, and others, had made there.
pub(super) fn take_over(
    transaction: &mut Transaction<'_>,
    emptied: &[TableName],
) -> Result<TakenOver, JobError> {
    let emptied: Result<Vec<String>, JobError> =
        emptied.iter().map(|table| full_name(transaction, table)).collect();
    let emptied = emptied?;
    let mut taken = TakenOver::default();
    for entry in entries(transaction)? {
        if entry.state == State::Loading || entry.database.is_some() {
            continue;
        }
        let is_emptied = |dataset: &&EntryDataset| emptied.contains(&dataset.table);
        let made = entry.datasets.iter().filter(|dataset| dataset.is_made);
        // Whichever is cleaned up last drops them.
        taken.tables.extend(made.filter(is_emptied).map(|dataset| dataset.table.clone()));
        let of_it = || entry.datasets.iter().filter(|dataset| dataset.is_made || dataset.rows > 0);
        if of_it().any(|dataset| dataset.rows > 0) && of_it().all(|dataset| is_emptied(&dataset)) {
            taken.schemas.extend(entry.schemas);
            let delete = "DELETE FROM tdata.provision WHERE id = $1::text::uuid";
            transaction.execute(delete, &[&entry.id]).map_err(JobError::database)?;
        }
    }
    Ok(taken)
}

/// Says how far a provision has come.
pub(super) fn set_state(
    client: &mut impl GenericClient,
    id: &str,
    state: State,
) -> Result<(), JobError> {
    let sql = "UPDATE tdata.provision SET state = $2, finished_at = clock_timestamp() WHERE id = $1::text::uuid";
    client.execute(sql, &[&id, &state.word()]).map_err(JobError::database)?;
    Ok(())
}

/// Takes a provision out of the ledger; the ledger itself goes with the last, unless something else needs it.
pub(super) fn forget(transaction: &mut Transaction<'_>, id: &str) -> Result<(), JobError> {
    let delete = "DELETE FROM tdata.provision WHERE id = $1::text::uuid";
    transaction.execute(delete, &[&id]).map_err(JobError::database)?;
    let left: i64 = transaction
        .query_one("SELECT count(*) FROM tdata.provision", &[])
        .map_err(JobError::database)?
        .get(0);
    if left == 0 {
        for drop in DROP {
            if !try_to(transaction, drop, &STAYS)? {
                break;
            }
        }
    }
    Ok(())
}

/// Any number, the same in all versions of tdata.
const KEY: i64 = 0x7464_6174_615f_7072;

/// Works while others are kept from provisioning into the same database. The server may see the end of a connection late: nobody has to
/// wait for that.
pub(super) fn locked<T>(
    client: &mut Client,
    work: impl FnOnce(&mut Client) -> Result<T, JobError>,
) -> Result<T, JobError> {
    lock(client)?;
    let done = work(client);
    unlock(client);
    done
}

/// Lets others provision into the same database again.
pub(super) fn unlock(client: &mut Client) {
    // Where the connection is gone, so is the lock.
    let _ = client.execute("SELECT pg_advisory_unlock($1)", &[&KEY]);
}

/// Keeps others from provisioning into the same database, until the connection ends.
pub(super) fn lock(client: &mut Client) -> Result<(), JobError> {
    const HOLDER: &str = "\
        SELECT format('process %s of the role %s, since %s', a.pid, coalesce(a.usename, '?'), \
                      to_char(a.backend_start AT TIME ZONE 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS\"Z\"')) \
        FROM pg_locks l JOIN pg_stat_activity a USING (pid) \
        WHERE l.locktype = 'advisory' AND l.granted AND l.objsubid = 1 \
          AND l.database = (SELECT oid FROM pg_database WHERE datname = current_database()) \
          AND (l.classid::int8 << 32) | l.objid::int8 = $1 LIMIT 1";
    let is_free: bool = client
        .query_one("SELECT pg_try_advisory_lock($1)", &[&KEY])
        .map_err(JobError::database)?
        .get(0);
    if is_free {
        return Ok(());
    }
    let holder = client.query_opt(HOLDER, &[&KEY]).map_err(JobError::database)?;
    let holder = holder.map_or_else(String::new, |row| format!(": {}", row.get::<_, String>(0)));
    Err(JobError::in_the_way(
        format!("another run provisions into this database, or cleans it up{holder}"),
        "wait for its end",
    ))
}

impl JobError {
    pub(super) fn database(error: postgres::Error) -> Self {
        Self::Database(Refusal::from(error))
    }
}
