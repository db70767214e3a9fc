//! One of several databases, and what is done on all of them at the same time.

use std::panic::resume_unwind;
use std::thread;

use postgres::Client;

use crate::error::JobError;
use crate::provision::ledger::{lock, unlock};

/// One of several databases that rows are divided among.
pub struct Shard {
    /// The database, as messages name it: without a password.
    pub name: String,
    /// The connection to it.
    pub client: Client,
}

/// Does something on each shard at the same time. Returns what came of it, shard by shard.
pub(super) fn on_each<T: Send>(
    shards: &mut [Shard],
    work: impl Fn(usize, &mut Client) -> Result<T, JobError> + Sync,
) -> Vec<Result<T, JobError>> {
    thread::scope(|scope| {
        let work = &work;
        let numbered = shards.iter_mut().enumerate();
        let threads: Vec<_> = numbered
            .map(|(at, shard)| {
                let client = &mut shard.client;
                scope.spawn(move || work(at, client))
            })
            .collect();
        let join = |thread: thread::ScopedJoinHandle<'_, _>| {
            thread.join().unwrap_or_else(|panic| resume_unwind(panic))
        };
        threads.into_iter().map(join).collect()
    })
}

/// Does the same, and tells all that went wrong.
pub(super) fn on_all<T: Send>(
    shards: &mut [Shard],
    work: impl Fn(usize, &mut Client) -> Result<T, JobError> + Sync,
) -> Result<Vec<T>, JobError> {
    let outcomes = on_each(shards, work);
    told(shards, outcomes)
}

/// Tells what went wrong, with the shard where it did. What all of them say is said once.
pub(super) fn told<T>(
    shards: &[Shard],
    outcomes: Vec<Result<T, JobError>>,
) -> Result<Vec<T>, JobError> {
    let (mut done, mut wrong) = (Vec::new(), Vec::new());
    for (shard, outcome) in shards.iter().zip(outcomes) {
        match outcome {
            Ok(outcome) => done.push(outcome),
            Err(error) => wrong.push((shard.name.clone(), error)),
        }
    }
    if wrong.is_empty() {
        return Ok(done);
    }
    let first = wrong.first().map(|(_, error)| error.to_string());
    let is_same = |(_, error): &(String, JobError)| Some(error.to_string()) == first;
    if done.is_empty() && wrong.iter().all(is_same) && wrong.len() > 1 {
        return Err(wrong.swap_remove(0).1);
    }
    Err(JobError::ByDatabase(wrong))
}

/// Keeps others from provisioning into the databases, and tells one that is there twice.
pub(super) fn lock_all(shards: &mut [Shard]) -> Result<(), JobError> {
    tell_twice(shards)?;
    on_all(shards, |_, client| lock(client)).map(drop)
}

/// Lets others provision into the databases again.
pub(super) fn unlock_all(shards: &mut [Shard]) {
    on_each(shards, |_, client| {
        unlock(client);
        Ok(())
    });
}

/// Tells a database that is there twice, by whatever name. Each connection takes a lock that no other run knows: it can be taken once
/// in each database.
fn tell_twice(shards: &mut [Shard]) -> Result<(), JobError> {
    const TAKE: &str = "SELECT pg_try_advisory_lock($1)";
    let Some(first) = shards.first_mut() else { return Ok(()) };
    let key = "SELECT hashtextextended(gen_random_uuid()::text, 0)";
    let key: i64 = first.client.query_one(key, &[]).map_err(JobError::database)?.get(0);
    for shard in shards {
        let taken = shard.client.query_one(TAKE, &[&key]).map_err(JobError::database)?;
        if !taken.get::<_, bool>(0) {
            return Err(JobError::asked(
                format!("{}: this database is one of the shards before it, too", shard.name),
                "name each database once",
            ));
        }
    }
    Ok(())
}
