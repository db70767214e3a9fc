//! Loads rows into all shards at the same time: each is made once, and dealt to its shard.
//!
//! Each shard has one transaction. None commits before all are ready to.

use std::ops::ControlFlow;
use std::panic::resume_unwind;
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::thread;

use postgres::Client;
use tdata_core::placement::Placement;
use tdata_core::plan::Plan;
use tdata_postgres::load::{self, Feed, LoadError, Progress};

use super::counts::of_shard;
use super::shard::{Shard, told};
use crate::error::JobError;
use crate::provision::entry::ShardNumber;
use crate::provision::job::Provision;
use crate::provision::ledger::{NewEntry, enter, enter_datasets, enter_schemas, make};
use crate::provision::one_stream::remove;
use crate::provision::planning::Planned;
use crate::provision::several_streams::LOOK;
use crate::provision::state::State;
use crate::provision::telling::{RowsTold, behind_rows};
use crate::watch::Watch;

/// What a shard tells of its load.
enum Told {
    /// What it does behind the rows.
    Does(String),
    /// All is there, and can be committed.
    Ready,
    /// It has ended before its end.
    Failed,
}

/// What is loaded.
#[derive(Clone, Copy)]
pub(super) struct Loading<'a> {
    pub(super) id: &'a str,
    pub(super) job: &'a Provision<'a>,
    pub(super) placement: &'a Placement,
    /// What was planned on each shard.
    pub(super) planned: &'a [Planned],
}

impl<'a> Loading<'a> {
    /// Returns the plan, in which all shards agree.
    pub(super) fn plan(self) -> &'a Plan {
        &self.planned[0].plan
    }
}

/// Loads all rows, and commits on each shard. Returns how many rows of each dataset each of them got.
///
/// # Errors
///
/// What went wrong, with its shard. Then nothing was committed, unless it was a commit that failed.
pub(super) fn load_all(
    shards: &mut [Shard],
    loading: Loading<'_>,
    watch: &dyn Watch,
) -> Result<Vec<Vec<u64>>, JobError> {
    let (dealer, feeds) = load::deal(loading.plan(), loading.placement);
    let (outcomes, dealt) = thread::scope(|scope| {
        let (tell, heard) = channel();
        let (mut commits, mut threads) = (Vec::new(), Vec::new());
        for (at, (shard, feed)) in shards.iter_mut().zip(feeds).enumerate() {
            let (commit, may_commit) = channel();
            commits.push(commit);
            let (tell, client) = (tell.clone(), &mut shard.client);
            threads.push(scope.spawn(move || {
                let loaded = load_one(client, loading, at, feed, &tell, &may_commit);
                // Somebody listens until all have ended.
                loaded.inspect_err(|_| drop(tell.send(Told::Failed)))
            }));
        }
        drop(tell);
        let mut heard = Heard { watch, heard, ready: 0, has_failed: false };
        let mut rows = RowsTold::new(loading.plan(), watch);
        let dealt = dealer.run(&mut |progress| {
            if let Progress::Rows { dataset, sent } = progress {
                rows.rows(dataset, sent);
            }
            match heard.is_over() {
                true => ControlFlow::Break(()),
                false => ControlFlow::Continue(()),
            }
        });
        rows.end();
        if dealt.is_ok() && heard.all_ready(threads.len()) {
            for commit in &commits {
                // One that has ended meanwhile tells why.
                let _ = commit.send(());
            }
        }
        // Whoever hears nothing more rolls back.
        drop(commits);
        let join = |thread: thread::ScopedJoinHandle<'_, _>| {
            thread.join().unwrap_or_else(|panic| resume_unwind(panic))
        };
        let outcomes: Vec<Result<Vec<u64>, JobError>> = threads.into_iter().map(join).collect();
        (outcomes, dealt)
    });
    causes(shards, outcomes, dealt, watch)
}

/// Tells what went wrong. What stopped the others says more than that they were stopped.
fn causes(
    shards: &[Shard],
    outcomes: Vec<Result<Vec<u64>, JobError>>,
    dealt: Result<(), LoadError>,
    watch: &dyn Watch,
) -> Result<Vec<Vec<u64>>, JobError> {
    if outcomes.iter().all(Result::is_ok) {
        return told(shards, outcomes);
    }
    if watch.is_stopped() {
        return Err(JobError::Stopped);
    }
    let is_cause = |outcome: &Result<_, JobError>| {
        outcome.as_ref().is_err_and(|error| !matches!(error, JobError::Stopped))
    };
    if !outcomes.iter().any(is_cause) {
        return Err(match dealt {
            Err(error @ LoadError::Kind { .. }) => JobError::Load(error),
            _ => JobError::Stopped,
        });
    }
    let wrong = shards.iter().zip(outcomes).filter(|(_, outcome)| is_cause(outcome));
    let wrong = wrong.filter_map(|(shard, outcome)| Some((shard.name.clone(), outcome.err()?)));
    Err(JobError::ByDatabase(wrong.collect()))
}

/// What was heard of the shards.
struct Heard<'a> {
    watch: &'a dyn Watch,
    heard: Receiver<Told>,
    ready: usize,
    has_failed: bool,
}

impl Heard<'_> {
    /// Tells whether there is nothing more to do: a shard has ended, or somebody said so.
    fn is_over(&mut self) -> bool {
        while let Ok(told) = self.heard.try_recv() {
            self.hear(told);
        }
        self.has_failed || self.watch.is_stopped()
    }

    /// Waits until all shards are ready. Tells whether they are.
    fn all_ready(&mut self, shards: usize) -> bool {
        while !self.is_over() {
            if self.ready == shards {
                return true;
            }
            match self.heard.recv_timeout(LOOK) {
                Ok(told) => self.hear(told),
                Err(RecvTimeoutError::Timeout) => {}
                Err(RecvTimeoutError::Disconnected) => return false,
            }
        }
        false
    }

    fn hear(&mut self, told: Told) {
        match told {
            Told::Does(what) => self.watch.does(&what),
            Told::Ready => self.ready += 1,
            Told::Failed => self.has_failed = true,
        }
    }
}

/// Loads what is dealt to one shard, and commits when all are ready to.
fn load_one(
    client: &mut Client,
    loading: Loading<'_>,
    at: usize,
    feed: Feed,
    tell: &Sender<Told>,
    may_commit: &Receiver<()>,
) -> Result<Vec<u64>, JobError> {
    match in_one(client, loading, at, &feed, tell, may_commit) {
        Err(JobError::Load(LoadError::Stopped { .. })) => Err(JobError::Stopped),
        Err(JobError::Load(error)) => {
            // Whoever deals does not wait for what is told of it.
            drop(feed);
            Err(JobError::Load(load::explained(client, loading.plan(), error)))
        }
        loaded => loaded,
    }
}

fn in_one(
    client: &mut Client,
    Loading { id, job, planned, .. }: Loading<'_>,
    at: usize,
    feed: &Feed,
    tell: &Sender<Told>,
    may_commit: &Receiver<()>,
) -> Result<Vec<u64>, JobError> {
    let Planned { plan, catalog, replaced } = &planned[at];
    let mut transaction = client.transaction().map_err(JobError::database)?;
    make(&mut transaction)?;
    let taken = remove(&mut transaction, plan, catalog, replaced)?;
    // Somebody listens until all have ended.
    let say = |what: Told| drop(tell.send(what));
    let mut observe = |progress: Progress<'_>| {
        if let Some(what) = behind_rows(progress) {
            say(Told::Does(what));
        }
        ControlFlow::Continue(())
    };
    let counts = load::load_dealt(job.ground, &mut transaction, plan, catalog, feed, &mut observe)
        .map_err(JobError::Load)?;
    let contract = plan.contract.to_string();
    let number = |number: usize| u32::try_from(number).unwrap_or(u32::MAX);
    let shard = ShardNumber { number: number(at + 1), of: number(planned.len()) };
    let (fingerprint, state) = (job.fingerprint, State::Unchecked);
    let contract = &contract;
    let entry = NewEntry { id, state, fingerprint, contract, database: None, shard: Some(shard) };
    enter(&mut transaction, &entry)?;
    enter_schemas(&mut transaction, id, &taken.schemas)?;
    enter_datasets(&mut transaction, id, &of_shard(plan, &counts), &taken.tables)?;
    say(Told::Ready);
    may_commit.recv().map_err(|_| JobError::Stopped)?;
    transaction.commit().map_err(JobError::database)?;
    Ok(counts)
}
