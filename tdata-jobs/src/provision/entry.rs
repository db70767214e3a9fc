//! What the ledger says of provisions.

use postgres::{GenericClient, Row};

use super::state::State;
use crate::error::JobError;

/// A provision, as the ledger has it.
#[derive(Clone, Debug)]
pub struct Entry {
    /// Its ID: a UUID.
    pub id: String,
    /// How far it has come.
    pub state: State,
    /// The fingerprint of its contract.
    pub fingerprint: String,
    /// The version of tdata that made it.
    pub version: String,
    /// When it was begun, in RFC 3339.
    pub started_at: String,
    /// When it came to its state, in RFC 3339.
    pub finished_at: Option<String>,
    /// The schemas that were made for it.
    pub schemas: Vec<String>,
    /// The database that was made for it.
    pub database: Option<String>,
    /// Which of how many databases this is, if the rows are divided among several.
    pub shard: Option<ShardNumber>,
    /// Its datasets, parents first.
    pub datasets: Vec<EntryDataset>,
    /// The lower 32 bits of the numbers of the transactions that added its rows: rows keep these.
    pub(super) transactions: Vec<String>,
    /// Whether no other transaction has one of these numbers by now.
    pub(super) is_recent: bool,
    /// Whether these numbers are of this server: not where a dump brought the ledger and the rows here.
    pub(super) is_of_here: bool,
}

impl Entry {
    /// Tells whether its rows are known from those of others.
    pub(super) fn has_known_rows(&self) -> bool {
        self.is_recent && self.is_of_here
    }

    /// Tells why its rows are not known from those of others, if they are not.
    pub(super) fn tell_unknown_rows(&self) -> Result<(), JobError> {
        let id = &self.id;
        let why = match (self.is_of_here, self.is_recent) {
            (true, true) => return Ok(()),
            (false, _) => "the ledger came here with a dump or a copy of a database",
            (true, false) => "it is too old: other transactions have the numbers of its own by now",
        };
        Err(JobError::in_the_way(
            format!("which rows are those of the provision {id} is not known here: {why}"),
            format!(
                "delete its rows by hand, and its entry: DELETE FROM tdata.provision WHERE id = '{id}'"
            ),
        ))
    }
}

/// Which of several databases one is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ShardNumber {
    /// Its number, from 1.
    pub number: u32,
    /// How many there are.
    pub of: u32,
}

/// A dataset of a provision.
#[derive(Clone, Debug)]
pub struct EntryDataset {
    /// Its name.
    pub name: String,
    /// Its table, quoted as SQL has it.
    pub table: String,
    /// How many rows are added.
    pub rows: u64,
    /// How many of them are there: all, unless they are still loading.
    pub loaded: u64,
    /// Whether the provision makes the table.
    pub is_made: bool,
}

/// Rows of a transaction are known by its number, which comes again after 2^32 others. The datasets of an entry were entered in the
/// transaction that the entry names, and their rows have its number; in another database they have that which brought them there.
const ENTRIES: &str = "\
SELECT id::text, state, fingerprint, tdata_version, schemas, database_name,
       to_char(started_at AT TIME ZONE 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS\"Z\"') AS started_at,
       to_char(finished_at AT TIME ZONE 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS\"Z\"') AS finished_at,
       ARRAY(SELECT (number::numeric % 4294967296)::text FROM (
         SELECT p.transaction AS number
         UNION SELECT part.transaction FROM tdata.provision_part part WHERE part.provision = p.id AND part.transaction IS NOT NULL
       ) AS numbers) AS transactions,
       pg_snapshot_xmax(pg_current_snapshot())::text::numeric - transaction::numeric BETWEEN 0 AND 4294967295 AS is_recent,
       NOT EXISTS (SELECT FROM tdata.provisioned_dataset d WHERE d.provision = p.id
                   AND d.xmin::text::numeric <> p.transaction::numeric % 4294967296) AS is_of_here,
       (to_jsonb(p)->>'shard')::int8 AS shard, (to_jsonb(p)->>'shards')::int8 AS shards
FROM tdata.provision p WHERE $1::text IS NULL OR id::text = $1 ORDER BY p.started_at, id";

const DATASETS: &str = "\
SELECT name, table_name, rows, is_made, CASE WHEN $2 THEN (
         SELECT coalesce(sum(part.rows), 0)::int8 FROM tdata.provision_part part
         WHERE part.provision = d.provision AND part.dataset = d.name AND part.finished_at IS NOT NULL)
       ELSE rows END AS loaded
FROM tdata.provisioned_dataset d WHERE provision = $1::text::uuid ORDER BY place";

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
    find(client, id)?.ok_or_else(|| {
        JobError::asked(
            format!("this database has no provision `{id}`"),
            "`tdata status --database-url URL` lists those that there are",
        )
    })
}

/// Looks for one provision of a database.
pub(super) fn find(client: &mut impl GenericClient, id: &str) -> Result<Option<Entry>, JobError> {
    let id = id.to_ascii_lowercase();
    let found = read(client, Some(&id)).map_err(JobError::database)?;
    Ok(found.into_iter().next())
}

fn read(client: &mut impl GenericClient, id: Option<&str>) -> Result<Vec<Entry>, postgres::Error> {
    let is_there: bool =
        client.query_one("SELECT to_regclass('tdata.provision_part') IS NOT NULL", &[])?.get(0);
    if !is_there {
        return Ok(Vec::new());
    }
    let mut entries = Vec::new();
    for row in client.query(ENTRIES, &[&id])? {
        let id: String = row.get("id");
        let state = State::of(row.get("state"));
        let datasets = client.query(DATASETS, &[&id, &(state == State::Loading)])?;
        entries.push(Entry {
            state,
            fingerprint: row.get("fingerprint"),
            version: row.get("tdata_version"),
            started_at: row.get("started_at"),
            finished_at: row.get("finished_at"),
            schemas: row.get("schemas"),
            database: row.get("database_name"),
            transactions: row.get("transactions"),
            is_recent: row.get("is_recent"),
            is_of_here: row.get("is_of_here"),
            shard: shard(&row),
            datasets: datasets.iter().map(dataset).collect(),
            id,
        });
    }
    Ok(entries)
}

/// Reads which shard an entry is of. The ledger of an earlier tdata has no such columns.
fn shard(row: &Row) -> Option<ShardNumber> {
    let number = |column| u32::try_from(row.get::<_, Option<i64>>(column)?).ok();
    Some(ShardNumber { number: number("shard")?, of: number("shards")? })
}

fn dataset(row: &Row) -> EntryDataset {
    let unsigned = |column: &str| u64::try_from(row.get::<_, i64>(column)).unwrap_or_default();
    EntryDataset {
        name: row.get("name"),
        table: row.get("table_name"),
        rows: unsigned("rows"),
        loaded: unsigned("loaded"),
        is_made: row.get("is_made"),
    }
}
