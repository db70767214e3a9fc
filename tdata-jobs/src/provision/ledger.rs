//! The ledger: what was provisioned into a database, written down in that database.
//!
//! It is a schema of tdata's own, with a row for each provision and for each of its datasets. A row comes with the rows of the
//! tables, in one transaction: nothing is written down that is not there, and nothing is there that is not written down.

use postgres::{Client, GenericClient, Row, Transaction};
use tdata_core::plan::Plan;
use tdata_postgres::Refusal;

use crate::error::JobError;

/// How far a provision has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    /// Its rows are there, and nobody has checked them yet.
    Unchecked,
    /// Its rows are there, and keep what their definitions say.
    Complete,
    /// Its rows are there, and do not keep what their definitions say.
    Invalid,
}

impl State {
    const WORDS: [(&'static str, Self); 3] =
        [("unchecked", Self::Unchecked), ("complete", Self::Complete), ("invalid", Self::Invalid)];

    /// Returns the word for it.
    #[must_use]
    pub fn word(self) -> &'static str {
        Self::WORDS.iter().find(|(_, state)| *state == self).map_or("", |(word, _)| word)
    }

    fn of(word: &str) -> Self {
        let found = Self::WORDS.iter().find(|(known, _)| *known == word);
        found.map_or(Self::Unchecked, |(_, state)| *state)
    }
}

/// A provision, as the ledger has it.
#[derive(Clone, Debug)]
pub struct Entry {
    /// Its ID: a UUID.
    pub id: String,
    /// How far it has come.
    pub state: State,
    /// The fingerprint of its contract.
    pub fingerprint: String,
    /// When it was begun, in RFC 3339.
    pub started_at: String,
    /// The transaction that added its rows.
    pub(super) transaction: String,
    /// Whether no other transaction has its number by now.
    pub(super) is_recent: bool,
    /// Its datasets, parents first.
    pub datasets: Vec<EntryDataset>,
}

/// A dataset of a provision.
#[derive(Clone, Debug)]
pub struct EntryDataset {
    /// Its name.
    pub name: String,
    /// Its table, quoted as SQL has it.
    pub table: String,
    /// How many rows were added.
    pub rows: u64,
    /// Whether the provision made the table.
    pub is_made: bool,
}

/// Makes the ledger, where there is none. Whoever only reads needs no right to make one.
const MAKE: &str = "\
CREATE SCHEMA IF NOT EXISTS tdata;
CREATE TABLE IF NOT EXISTS tdata.provision (
  id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
  state text NOT NULL DEFAULT 'unchecked' CHECK (state IN ('unchecked', 'complete', 'invalid')),
  fingerprint text NOT NULL,
  contract text NOT NULL,
  tdata_version text NOT NULL,
  transaction text NOT NULL DEFAULT pg_current_xact_id()::text,
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
COMMENT ON TABLE tdata.provision IS 'What tdata has loaded into this database. Rows are whole, and as they should be, where state is complete.'";

/// Rows of a transaction are known by its number, which comes again after 2^32 others.
const ENTRIES: &str = "\
SELECT id::text, state, fingerprint, transaction,
       to_char(started_at AT TIME ZONE 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS\"Z\"') AS started_at,
       pg_current_xact_id()::text::numeric - transaction::numeric < 4294967296 AS is_recent
FROM tdata.provision WHERE $1::text IS NULL OR id::text = $1 ORDER BY started_at, id";

const DATASETS: &str = "\
SELECT name, table_name, rows, is_made FROM tdata.provisioned_dataset WHERE provision = $1::text::uuid ORDER BY place";

pub(super) fn make(transaction: &mut Transaction<'_>) -> Result<(), JobError> {
    let is_there: bool = transaction
        .query_one("SELECT to_regclass('tdata.provisioned_dataset') IS NOT NULL", &[])
        .map_err(JobError::database)?
        .get(0);
    if !is_there {
        transaction.batch_execute(MAKE).map_err(JobError::database)?;
    }
    Ok(())
}

/// Enters a provision, in the transaction that has added its rows. `made` are tables that an earlier one made, whose rows it
/// replaces. Returns its ID.
pub(super) fn enter(
    transaction: &mut Transaction<'_>,
    plan: &Plan,
    fingerprint: &str,
    made: &[String],
) -> Result<String, JobError> {
    let contract = plan.contract.to_string();
    let version = env!("CARGO_PKG_VERSION");
    let id: String = transaction
        .query_one(
            "INSERT INTO tdata.provision (fingerprint, contract, tdata_version) VALUES ($1, $2, $3) RETURNING id::text",
            &[&fingerprint, &contract, &version],
        )
        .map_err(JobError::database)?
        .get(0);
    for (place, dataset) in plan.datasets.iter().enumerate() {
        let rows = dataset.rows.saturating_sub(dataset.existing.rows);
        let rows = if dataset.is_there() { 0 } else { rows };
        let table = full_name(transaction, &dataset.table.to_string())?;
        let is_made = !dataset.table_exists || made.contains(&table);
        transaction
            .execute(
                "INSERT INTO tdata.provisioned_dataset VALUES ($1::text::uuid, $2, $3, $4, $5, $6)",
                &[
                    &id,
                    &i32::try_from(place).unwrap_or(i32::MAX),
                    &dataset.name,
                    &table,
                    &i64::try_from(rows).unwrap_or(i64::MAX),
                    &is_made,
                ],
            )
            .map_err(JobError::database)?;
    }
    Ok(id)
}

/// Returns a table's name with its schema.
fn full_name(transaction: &mut Transaction<'_>, table: &str) -> Result<String, JobError> {
    let sql = "SELECT format('%I.%I', relnamespace::regnamespace::text, relname) FROM pg_class WHERE oid = to_regclass($1)";
    let found = transaction.query_opt(sql, &[&table]).map_err(JobError::database)?;
    Ok(found.map_or_else(|| table.to_owned(), |row| row.get(0)))
}

/// Forgets the provisions whose rows are all in tables that were emptied. Returns the tables that these had made.
pub(super) fn take_over(
    transaction: &mut Transaction<'_>,
    emptied: &[String],
) -> Result<Vec<String>, JobError> {
    let emptied: Result<Vec<String>, JobError> =
        emptied.iter().map(|table| full_name(transaction, table)).collect();
    let emptied = emptied?;
    let mut made = Vec::new();
    for entry in entries(transaction)? {
        let mut filled = entry.datasets.iter().filter(|dataset| dataset.rows > 0);
        if filled.all(|dataset| emptied.contains(&dataset.table)) {
            let tables = entry.datasets.iter().filter(|dataset| dataset.is_made);
            made.extend(tables.map(|dataset| dataset.table.clone()));
            let delete = "DELETE FROM tdata.provision WHERE id = $1::text::uuid";
            transaction.execute(delete, &[&entry.id]).map_err(JobError::database)?;
        }
    }
    Ok(made)
}

/// Says how far a provision has come.
pub(super) fn set_state(client: &mut Client, id: &str, state: State) -> Result<(), JobError> {
    let sql = "UPDATE tdata.provision SET state = $2, finished_at = clock_timestamp() WHERE id = $1::text::uuid";
    client.execute(sql, &[&id, &state.word()]).map_err(JobError::database)?;
    Ok(())
}

/// Takes a provision out of the ledger; the ledger itself goes with the last.
pub(super) fn forget(transaction: &mut Transaction<'_>, id: &str) -> Result<(), JobError> {
    let delete = "DELETE FROM tdata.provision WHERE id = $1::text::uuid";
    transaction.execute(delete, &[&id]).map_err(JobError::database)?;
    let left: i64 = transaction
        .query_one("SELECT count(*) FROM tdata.provision", &[])
        .map_err(JobError::database)?
        .get(0);
    if left == 0 {
        let drop = "DROP TABLE tdata.provisioned_dataset, tdata.provision; DROP SCHEMA tdata";
        transaction.batch_execute(drop).map_err(JobError::database)?;
    }
    Ok(())
}

/// Returns what was provisioned into a database, the oldest first.
///
/// # Errors
///
/// What the database refuses.
pub fn entries(client: &mut impl GenericClient) -> Result<Vec<Entry>, JobError> {
    read(client, None).map_err(JobError::database)
}

/// Returns one provision of a database.
///
/// # Errors
///
/// If the database has none of that ID, or what it refuses.
pub fn entry(client: &mut impl GenericClient, id: &str) -> Result<Entry, JobError> {
    let id = id.to_ascii_lowercase();
    let found = read(client, Some(&id)).map_err(JobError::database)?;
    found.into_iter().next().ok_or_else(|| {
        JobError::asked(
            format!("this database has no provision `{id}`"),
            "`tdata status --database-url URL` lists those that there are",
        )
    })
}

fn read(client: &mut impl GenericClient, id: Option<&str>) -> Result<Vec<Entry>, postgres::Error> {
    let is_there: bool = client
        .query_one("SELECT to_regclass('tdata.provisioned_dataset') IS NOT NULL", &[])?
        .get(0);
    if !is_there {
        return Ok(Vec::new());
    }
    let mut entries = Vec::new();
    for row in client.query(ENTRIES, &[&id])? {
        let id: String = row.get("id");
        let datasets = client.query(DATASETS, &[&id])?;
        entries.push(Entry {
            state: State::of(row.get("state")),
            fingerprint: row.get("fingerprint"),
            started_at: row.get("started_at"),
            transaction: row.get("transaction"),
            is_recent: row.get("is_recent"),
            datasets: datasets.iter().map(dataset).collect(),
            id,
        });
    }
    Ok(entries)
}

fn dataset(row: &Row) -> EntryDataset {
    EntryDataset {
        name: row.get("name"),
        table: row.get("table_name"),
        rows: u64::try_from(row.get::<_, i64>("rows")).unwrap_or_default(),
        is_made: row.get("is_made"),
    }
}

/// Keeps others from provisioning into the same database, until the connection ends.
pub(super) fn lock(client: &mut Client) -> Result<(), JobError> {
    /// Any number, the same in all versions of tdata.
    const KEY: i64 = 0x7464_6174_615f_7072;
    let is_free: bool = client
        .query_one("SELECT pg_try_advisory_lock($1)", &[&KEY])
        .map_err(JobError::database)?
        .get(0);
    match is_free {
        true => Ok(()),
        false => Err(JobError::asked(
            "another run provisions into this database, or cleans it up",
            "wait for its end",
        )),
    }
}

impl JobError {
    pub(super) fn database(error: postgres::Error) -> Self {
        Self::Database(Refusal::from(error))
    }
}
