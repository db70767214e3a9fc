//! Loads datasets in steps that each commit: tables, then rows in parts, then keys, then all else.

use std::collections::VecDeque;
use std::ops::{ControlFlow, Range};
use std::sync::{Mutex, PoisonError, mpsc};
use std::thread;

use postgres::{Client, Transaction};
use tdata_core::plan::{DatasetPlan, Plan};

use super::error::LoadError;
use super::ground::Ground;
use super::keys::{Step, steps};
use super::progress::Observer;
use super::{sequences, surroundings, tables};

/// From so many rows on, the planner's statistics are worth their making.
const ANALYZED_FROM: u64 = 1_000;

/// Makes the tables of some of a plan's datasets, by place, that do not exist: their columns alone.
///
/// It is the first step of a load in parts, each of which commits by itself:
///
/// 1. `make_tables`;
/// 2. [`copy_part`](super::copy_part) for each part of the rows, in any order, over any connections;
/// 3. [`finish`], or its steps one by one: [`steps`], [`go_on`], [`analyze`].
///
/// Until then the tables have no keys, so that nobody should read them. What has been done must be written down by the caller, in
/// the same transactions. Who needs all or nothing, or loads into tables that migrations made, with their triggers and keys,
/// calls [`load_upon`](super::load_upon).
///
/// ```no_run
/// use std::ops::ControlFlow;
/// use tdata_core::plan::Plan;
/// use tdata_postgres::load::{self, Copying, Ground};
///
/// fn in_parts(client: &mut postgres::Client, ground: Ground<'_>, plan: &Plan) -> Result<(), Box<dyn std::error::Error>> {
///     let all = 0..plan.datasets.len();
///     let mut transaction = client.transaction()?;
///     load::make_tables(ground, &mut transaction, plan, all.clone())?;
///     transaction.commit()?;
///     for dataset in &plan.datasets {
///         let mut first = dataset.existing.rows;
///         while first < dataset.rows {
///             let end = dataset.rows.min(first + 100_000);
///             let mut transaction = client.transaction()?;
///             let how = Copying::of_rows(end - first);
///             load::copy_part(&mut transaction, dataset, first..end, how, &mut |_| ControlFlow::Continue(()))?;
///             transaction.commit()?;
///             first = end;
///         }
///     }
///     load::finish(std::slice::from_mut(client), plan, all, &mut |_| ControlFlow::Continue(()))?;
///     Ok(())
/// }
/// ```
///
/// # Errors
///
/// What the database refuses, with its dataset.
pub fn make_tables(
    ground: Ground<'_>,
    transaction: &mut Transaction<'_>,
    plan: &Plan,
    datasets: Range<usize>,
) -> Result<(), LoadError> {
    let failed = |error: postgres::Error| LoadError::Transaction(error.into());
    surroundings::prepare(transaction).map_err(failed)?;
    let causes = ground.causes(transaction, plan).map_err(failed)?;
    tables::create(transaction, &plan.datasets[datasets], ground.owner, &causes, |_| true)
}

/// Makes all that is left to make behind the rows of some datasets, by place: keys, foreign keys, the places of sequences, and the
/// planner's statistics. Each step commits.
///
/// The steps of a [phase](steps) run at the same time over as many connections as are given. One connection is enough: the server
/// itself builds an index with several processes. Where a step fails or the observer says so, no further one begins.
///
/// # Errors
///
/// What the database refuses, with its dataset; or that the observer stopped it.
///
/// # Panics
///
/// Without a connection.
pub fn finish(
    clients: &mut [Client],
    plan: &Plan,
    datasets: Range<usize>,
    observer: &mut Observer<'_>,
) -> Result<(), LoadError> {
    let failed = |error: postgres::Error| LoadError::Transaction(error.into());
    for phase in steps(plan, datasets.clone()) {
        at_once(clients, phase, observer)?;
    }
    let datasets = &plan.datasets[datasets];
    let client = &mut clients[0];
    let mut transaction = client.transaction().map_err(failed)?;
    go_on(&mut transaction, datasets)?;
    transaction.commit().map_err(failed)?;
    analyze(client, datasets)
}

/// Runs steps over several connections.
fn at_once(
    clients: &mut [Client],
    steps: Vec<Step>,
    observer: &mut Observer<'_>,
) -> Result<(), LoadError> {
    let stopped = |step: &Step| LoadError::Stopped { dataset: step.dataset().to_owned() };
    if clients.len() < 2 || steps.len() < 2 {
        return steps.iter().try_for_each(|step| match observer(step.progress()) {
            ControlFlow::Continue(()) => run(&mut clients[0], step),
            ControlFlow::Break(()) => Err(stopped(step)),
        });
    }
    let waiting = Mutex::new(VecDeque::from(steps));
    let next = || waiting.lock().unwrap_or_else(PoisonError::into_inner).pop_front();
    let stop = || waiting.lock().unwrap_or_else(PoisonError::into_inner).clear();
    thread::scope(|scope| {
        let (begin, begun) = mpsc::channel::<Step>();
        let workers: Vec<_> = clients
            .iter_mut()
            .map(|client| {
                let (begin, next, stop) = (begin.clone(), &next, &stop);
                scope.spawn(move || {
                    while let Some(step) = next() {
                        // Somebody listens until all have ended.
                        let _ = begin.send(step.clone());
                        run(client, &step).inspect_err(|_| stop())?;
                    }
                    Ok(())
                })
            })
            .collect();
        drop(begin);
        let mut outcome = Ok(());
        for step in begun {
            if outcome.is_ok() && observer(step.progress()).is_break() {
                outcome = Err(stopped(&step));
                stop();
            }
        }
        for worker in workers {
            let ran = worker.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic));
            outcome = outcome.and(ran);
        }
        outcome
    })
}

fn run(client: &mut Client, step: &Step) -> Result<(), LoadError> {
    let failed = |error: postgres::Error| LoadError::Transaction(error.into());
    let mut transaction = client.transaction().map_err(failed)?;
    step.run(&mut transaction)?;
    transaction.commit().map_err(failed)
}

/// Sets the sequences that the columns of some datasets count by behind the rows that are there.
///
/// # Errors
///
/// What the database refuses.
pub fn go_on(transaction: &mut Transaction<'_>, datasets: &[DatasetPlan]) -> Result<(), LoadError> {
    let gone = sequences::go_on(transaction, datasets, false);
    gone.map_err(|error| LoadError::Transaction(error.into()))
}

/// Lets PostgreSQL's planner know the tables of some datasets, where they have more than a few rows.
///
/// # Errors
///
/// What the database refuses.
pub fn analyze(client: &mut Client, datasets: &[DatasetPlan]) -> Result<(), LoadError> {
    let large = datasets.iter().filter(|dataset| dataset.rows >= ANALYZED_FROM);
    for dataset in large {
        let analyzed = client.batch_execute(&format!("ANALYZE {}", dataset.table));
        analyzed.map_err(|error| LoadError::Transaction(error.into()))?;
    }
    Ok(())
}
