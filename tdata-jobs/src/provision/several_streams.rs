//! Loads rows over several connections, in parts that each commit, into tables that nobody sees until they are whole.

use std::collections::VecDeque;
use std::ops::ControlFlow;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{RecvTimeoutError, Sender, channel};
use std::sync::{Mutex, PoisonError};
use std::thread;
use std::time::Duration;

use postgres::Client;
use tdata_core::plan::Plan;
use tdata_postgres::load::{self, Copying, LoadError, Progress};

use super::hidden::{describe, hidden, show};
use super::job::Provision;
use super::ledger::{NewEntry, enter, enter_datasets, enter_schemas, make, set_state};
use super::parts::{Part, Work, cut, enter_parts, read_parts, take_on};
use super::state::State;
use super::telling::tell;
use crate::error::JobError;
use crate::watch::Watch;

/// How often it is looked whether the job is to stop, while nothing is told.
pub(super) const LOOK: Duration = Duration::from_millis(100);

/// Marks a provision as loading, and makes its tables where nobody takes them for whole.
pub(super) fn begin(
    client: &mut Client,
    job: &Provision<'_>,
    (id, plan): (&str, &Plan),
    streams: usize,
) -> Result<Vec<Part>, JobError> {
    let hidden = hidden(plan, id);
    let parts = cut(&hidden, streams);
    let contract = plan.contract.to_string();
    let (fingerprint, state) = (job.fingerprint, State::Loading);
    let entry =
        NewEntry { id, state, fingerprint, contract: &contract, database: None, shard: None };
    let mut transaction = client.transaction().map_err(JobError::database)?;
    make(&mut transaction)?;
    describe(&mut transaction, id)?;
    let all = 0..hidden.datasets.len();
    load::make_tables(job.ground, &mut transaction, &hidden, all).map_err(JobError::Load)?;
    enter(&mut transaction, &entry)?;
    enter_schemas(&mut transaction, id, &[])?;
    enter_datasets(&mut transaction, id, plan, &[])?;
    enter_parts(&mut transaction, id, &parts)?;
    transaction.commit().map_err(JobError::database)?;
    Ok(parts)
}

/// Finds the parts of a provision that is marked as loading; `None` if they are not those of the plan.
pub(super) fn begun(
    client: &mut Client,
    id: &str,
    plan: &Plan,
) -> Result<Option<Vec<Part>>, JobError> {
    let mut transaction = client.transaction().map_err(JobError::database)?;
    read_parts(&mut transaction, id, &hidden(plan, id))
}

/// Does the parts of a provision that are not done, each over one of some connections. Then its tables get their names, and it
/// is marked as unchecked, in one transaction.
pub(super) fn load_parts(
    client: &mut Client,
    connections: &mut [Client],
    (id, plan): (&str, &Plan),
    parts: Vec<Part>,
    watch: &dyn Watch,
) -> Result<(), JobError> {
    let hidden = hidden(plan, id);
    let mut left: VecDeque<Part> = parts.into_iter().filter(|part| !part.is_done).collect();
    while let Some(first) = left.front() {
        let phase = first.phase;
        let now: VecDeque<Part> =
            left.iter().take_while(|part| part.phase == phase).cloned().collect();
        left.drain(..now.len());
        at_once(connections, (id, &hidden), now, watch)?;
    }
    if watch.is_stopped() {
        return Err(JobError::Stopped);
    }
    let mut transaction = client.transaction().map_err(JobError::database)?;
    load::go_on(&mut transaction, &hidden.datasets).map_err(JobError::Load)?;
    show(&mut transaction, plan, id)?;
    enter_schemas(&mut transaction, id, &[])?;
    set_state(&mut transaction, id, State::Unchecked)?;
    transaction.commit().map_err(JobError::database)
}

/// What a connection tells of its work.
enum Told {
    /// So many more rows were sent.
    Rows(u64),
    /// Keys are begun.
    Step(String, bool),
}

/// Does the parts of a phase over all connections.
fn at_once(
    connections: &mut [Client],
    (id, plan): (&str, &Plan),
    parts: VecDeque<Part>,
    watch: &dyn Watch,
) -> Result<(), JobError> {
    let rows = parts.iter().map(|part| match &part.work {
        Work::Rows(rows) => rows.end - rows.start,
        Work::Step(_) => 0,
    });
    let rows: u64 = rows.sum();
    let streams = connections.len();
    if rows > 0
        && let Some(part) = parts.front()
    {
        watch.begins(&part.dataset, rows);
    }
    let waiting = Mutex::new(parts);
    let is_over = AtomicBool::new(false);
    let next = || {
        let part = waiting.lock().unwrap_or_else(PoisonError::into_inner).pop_front();
        part.filter(|_| !is_over.load(Ordering::Relaxed))
    };
    let done = thread::scope(|scope| {
        let (tell_all, told) = channel();
        let workers: Vec<_> = connections
            .iter_mut()
            .map(|client| {
                let (told, next, is_over) = (tell_all.clone(), &next, &is_over);
                scope.spawn(move || -> Result<(), JobError> {
                    while let Some(part) = next() {
                        let done = do_part(client, (id, plan), &part, streams, &told, is_over);
                        done.inspect_err(|_| is_over.store(true, Ordering::Relaxed))?;
                    }
                    Ok(())
                })
            })
            .collect();
        drop(tell_all);
        loop {
            match told.recv_timeout(LOOK) {
                Ok(Told::Rows(rows)) => watch.did(rows),
                Ok(Told::Step(dataset, of_foreign_key)) => {
                    let dataset = dataset.as_str();
                    tell(
                        match of_foreign_key {
                            true => Progress::ForeignKeys { dataset },
                            false => Progress::Keys { dataset },
                        },
                        watch,
                    );
                }
                Err(RecvTimeoutError::Timeout) => {}
                Err(RecvTimeoutError::Disconnected) => break,
            }
            if watch.is_stopped() {
                is_over.store(true, Ordering::Relaxed);
            }
        }
        let join = |worker: thread::ScopedJoinHandle<'_, _>| {
            worker.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic))
        };
        let outcomes: Vec<Result<(), JobError>> = workers.into_iter().map(join).collect();
        // What stopped the others says more than that they were stopped.
        let is_cause = |error: &JobError| {
            !matches!(error, JobError::Stopped | JobError::Load(LoadError::Stopped { .. }))
        };
        let mut errors: Vec<JobError> = outcomes.into_iter().filter_map(Result::err).collect();
        let cause = errors.iter().position(is_cause);
        match cause {
            Some(at) => Err(errors.swap_remove(at)),
            None if errors.is_empty() && !watch.is_stopped() => Ok(()),
            None => Err(JobError::Stopped),
        }
    });
    if rows > 0 {
        watch.ends();
    }
    match done {
        Err(JobError::Load(error)) => {
            let client = connections.first_mut();
            Err(JobError::Load(match client {
                Some(client) => load::explained(client, plan, error),
                None => error,
            }))
        }
        done => done,
    }
}

/// Does a part, and writes down that it is done, in one transaction.
fn do_part(
    client: &mut Client,
    (id, plan): (&str, &Plan),
    part: &Part,
    streams: usize,
    told: &Sender<Told>,
    is_over: &AtomicBool,
) -> Result<(), JobError> {
    let mut transaction = client.transaction().map_err(JobError::database)?;
    if !take_on(&mut transaction, id, part).map_err(JobError::database)? {
        return Ok(());
    }
    // Somebody listens until all have ended.
    let say = |what: Told| drop(told.send(what));
    match &part.work {
        Work::Step(step) => {
            let of_foreign_key = matches!(step.progress(), Progress::ForeignKeys { .. });
            say(Told::Step(part.dataset.clone(), of_foreign_key));
            step.run(&mut transaction).map_err(JobError::Load)?;
        }
        Work::Rows(rows) => {
            let Some(dataset) = plan.dataset(&part.dataset) else { return Ok(()) };
            let mut before = 0;
            let mut observe = |progress: Progress<'_>| {
                if let Progress::Rows { sent, .. } = progress {
                    say(Told::Rows(sent - before));
                    before = sent;
                }
                match is_over.load(Ordering::Relaxed) {
                    true => ControlFlow::Break(()),
                    false => ControlFlow::Continue(()),
                }
            };
            let how = Copying::of_rows(rows.end - rows.start).beside(streams);
            load::copy_part(&mut transaction, dataset, rows.clone(), how, &mut observe)
                .map_err(JobError::Load)?;
        }
    }
    transaction.commit().map_err(JobError::database)
}
