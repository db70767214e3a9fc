//! The parts of a load over several connections, as the ledger has them.

use std::ops::Range;

use postgres::Transaction;
use tdata_core::plan::Plan;
use tdata_postgres::load::{self, Step};

use super::ledger::added_rows;
use crate::error::JobError;

/// The most rows of a part: so much is loaded again behind a load that was cut short.
const MOST: u64 = 1_000_000;

/// The fewest rows that are worth a transaction of their own.
const FEWEST: u64 = 1_000;

/// A part of the work, which is one transaction.
#[derive(Clone, Debug)]
pub(super) struct Part {
    pub(super) number: i32,
    /// Each phase comes behind the one before.
    pub(super) phase: i32,
    pub(super) dataset: String,
    pub(super) work: Work,
    pub(super) is_done: bool,
}

/// What is done in a part.
#[derive(Clone, Debug)]
pub(super) enum Work {
    /// Rows are copied.
    Rows(Range<u64>),
    /// Keys are made behind the rows.
    Step(Step),
}

/// Cuts the work into parts: the rows of each dataset, and then what is made behind them.
pub(super) fn cut(plan: &Plan, streams: usize) -> Vec<Part> {
    let mut parts = Vec::new();
    let mut push = |phase: usize, dataset: &str, work: Work| {
        let number = i32::try_from(parts.len()).unwrap_or(i32::MAX);
        let phase = i32::try_from(phase).unwrap_or(i32::MAX);
        let dataset = dataset.to_owned();
        parts.push(Part { number, phase, dataset, work, is_done: false });
    };
    for (place, dataset) in plan.datasets.iter().enumerate() {
        let (mut first, rows) = (dataset.existing.rows, added_rows(dataset));
        let size = rows.div_ceil(4 * streams.max(1) as u64).clamp(FEWEST, MOST);
        let end = first + rows;
        while first < end {
            let next = end.min(first + size);
            push(place, &dataset.name, Work::Rows(first..next));
            first = next;
        }
    }
    for (step, phase) in steps(plan) {
        let dataset = step.dataset().to_owned();
        push(phase, &dataset, Work::Step(step));
    }
    parts
}

/// Returns what is made behind the rows, with its phase.
fn steps(plan: &Plan) -> impl Iterator<Item = (Step, usize)> {
    let count = plan.datasets.len();
    let phases = load::steps(plan, 0..count).into_iter().enumerate();
    phases.flat_map(move |(at, steps)| steps.into_iter().map(move |step| (step, count + at)))
}

/// Writes down what is to be done.
pub(super) fn enter_parts(
    transaction: &mut Transaction<'_>,
    id: &str,
    parts: &[Part],
) -> Result<(), JobError> {
    let sql = "INSERT INTO tdata.provision_part (provision, number, phase, dataset, first_row, rows, statement) \
               VALUES ($1::text::uuid, $2, $3, $4, $5, $6, $7)";
    let sql = transaction.prepare(sql).map_err(JobError::database)?;
    for Part { number, phase, dataset, work, .. } in parts {
        let signed = |rows: u64| i64::try_from(rows).unwrap_or(i64::MAX);
        let (first, rows, statement) = match work {
            Work::Rows(rows) => {
                (Some(signed(rows.start)), Some(signed(rows.end - rows.start)), None)
            }
            Work::Step(step) => (None, None, Some(step.sql())),
        };
        transaction
            .execute(&sql, &[&id, number, phase, dataset, &first, &rows, &statement])
            .map_err(JobError::database)?;
    }
    Ok(())
}

/// Reads the parts of a load that was cut short; `None` if what is made behind the rows is something else by now.
pub(super) fn read_parts(
    transaction: &mut Transaction<'_>,
    id: &str,
    plan: &Plan,
) -> Result<Option<Vec<Part>>, JobError> {
    let sql = "SELECT number, phase, dataset, first_row, rows, statement, finished_at IS NOT NULL AS is_done \
               FROM tdata.provision_part WHERE provision = $1::text::uuid ORDER BY number";
    let mut steps = steps(plan);
    let mut parts = Vec::new();
    for row in transaction.query(sql, &[&id]).map_err(JobError::database)? {
        let unsigned = |number: i64| u64::try_from(number).unwrap_or_default();
        let statement: Option<String> = row.get("statement");
        let work = match statement {
            None => {
                let first = unsigned(row.get::<_, Option<i64>>("first_row").unwrap_or_default());
                let rows = unsigned(row.get::<_, Option<i64>>("rows").unwrap_or_default());
                Work::Rows(first..first + rows)
            }
            Some(statement) => match steps.next() {
                Some((step, _)) if step.sql() == statement => Work::Step(step),
                _ => return Ok(None),
            },
        };
        parts.push(Part {
            number: row.get("number"),
            phase: row.get("phase"),
            dataset: row.get("dataset"),
            work,
            is_done: row.get("is_done"),
        });
    }
    Ok(steps.next().is_none().then_some(parts))
}

/// Takes a part on, in the transaction that does it. Returns whether it is still to be done: whoever was cut short may have had
/// it done in the last moment, and this waits for the end of that.
pub(super) fn take_on(
    transaction: &mut Transaction<'_>,
    id: &str,
    part: &Part,
) -> Result<bool, postgres::Error> {
    let sql = "UPDATE tdata.provision_part SET finished_at = clock_timestamp(), transaction = pg_current_xact_id()::text \
               WHERE provision = $1::text::uuid AND number = $2 AND finished_at IS NULL";
    Ok(transaction.execute(sql, &[&id, &part.number])? == 1)
}
