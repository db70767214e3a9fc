//! What is to be provisioned, and what came of it.

use std::num::NonZeroUsize;
use std::time::{Duration, Instant};

use postgres::Client;
use tdata_core::contract::Contract;
use tdata_core::definition::Library;
use tdata_core::mask::MaskKey;
use tdata_core::placement::Placed;
use tdata_core::plan::{CatalogRows, DatasetPlan, Plan};
use tdata_core::value::append_rows;
use tdata_postgres::load::Ground;

use super::ledger::added_rows;
use crate::error::JobError;

/// What is to be provisioned into a database.
#[derive(Clone, Copy, Debug)]
pub struct Provision<'a> {
    /// The contract.
    pub contract: &'a Contract,
    /// The definitions.
    pub library: &'a Library,
    /// The key of its masks.
    pub mask_key: &'a MaskKey,
    /// The fingerprint of the contract, as it is known without a database.
    pub fingerprint: &'a str,
    /// What the rows are loaded upon.
    pub ground: Ground<'a>,
    /// Where the tables are.
    pub place: Place,
    /// Whether rows that are in the tables already are removed.
    pub replace: bool,
    /// Over how many connections rows are loaded; what suits this machine and the rows, if nobody says.
    pub streams: Option<NonZeroUsize>,
    /// Whether nothing is written: only the plan is made.
    pub dry_run: bool,
}

/// Where the tables of a provision are.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Place {
    /// Where definitions say: the tables of the database.
    #[default]
    Tables,
    /// In a schema that is made for them.
    Schema,
    /// In a database that is made for them, on the same server.
    Database,
}

/// Makes further connections: to the same database, or to another one of its server.
pub type Connect<'a> = dyn Fn(Option<&str>) -> Result<Client, JobError> + 'a;

/// The rows that are on one of several databases.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ShardRows {
    /// The database, as messages name it.
    pub name: String,
    /// How many rows of each dataset are added there, or would be, about.
    pub rows: Vec<u64>,
}

/// What was provisioned.
#[derive(Debug)]
pub struct Provisioned {
    /// The ID under which it is found again; none, where nothing was written.
    pub id: Option<String>,
    /// The plan.
    pub plan: Plan,
    /// The ID of an earlier run of the same contract that was cut short, and was taken away before.
    pub taken_away: Option<String>,
    /// Whether it went on with what an earlier run of the same contract had loaded.
    pub is_resumed: bool,
    /// The tables whose rows were removed, or would be.
    pub replaced: Vec<String>,
    /// Over how many connections rows were loaded, or would be.
    pub streams: usize,
    /// The schema that was made for the tables.
    pub schema: Option<String>,
    /// The database that was made for the tables.
    pub database: Option<String>,
    /// The databases that the rows were divided among, or would be; none, where there is one.
    pub shards: Vec<ShardRows>,
    /// How the rows of each dataset are divided.
    pub placed: Vec<Placed>,
    /// How long each stage took.
    pub stages: Vec<(&'static str, Duration)>,
    /// What to know about it.
    pub warnings: Vec<String>,
}

impl Provisioned {
    pub(super) fn of(plan: Plan, replaced: &[CatalogRows]) -> Self {
        Self {
            id: None,
            plan,
            taken_away: None,
            is_resumed: false,
            replaced: replaced.iter().map(|rows| rows.table.written()).collect(),
            streams: 1,
            schema: None,
            database: None,
            shards: Vec::new(),
            placed: Vec::new(),
            stages: Vec::new(),
            warnings: Vec::new(),
        }
    }

    /// Tells what a plan is, of which nothing was written.
    #[must_use]
    pub fn planned(plan: Plan) -> Self {
        Self::of(plan, &[])
    }

    /// Notes how long a stage took, and begins the next one.
    pub(super) fn stage(&mut self, stage: &'static str, began: &mut Instant) {
        self.stages.push((stage, began.elapsed()));
        *began = Instant::now();
    }
}

/// Estimates how many bytes the rows of a dataset take in a table, without indexes: as many as the first ones do.
pub fn estimated_bytes(dataset: &DatasetPlan) -> u64 {
    /// How many rows are looked at.
    const SAMPLE: u64 = 100;
    /// What PostgreSQL keeps for each row beside its values.
    const BESIDE: u64 = 28;
    let (first, rows) = (dataset.existing.rows, added_rows(dataset));
    let sample = rows.min(SAMPLE);
    if sample == 0 {
        return 0;
    }
    let (mut blocks, mut text) = (Vec::new(), Vec::new());
    dataset.fill(first..first + sample, &mut blocks);
    append_rows(&blocks, &mut text);
    let bytes = u128::from(text.len() as u64 + sample * BESIDE) * u128::from(rows);
    u64::try_from(bytes / u128::from(sample)).unwrap_or(u64::MAX)
}
