//! What happens to a database or schema after its test: it is dropped, or made ready for the next one, in the background.

use std::sync::Arc;
use std::time::{Duration, Instant};

use postgres::error::SqlState;
use tdata_postgres::Refusal;

use super::definitions::{Outside, outside_of_schemas};
use super::event_triggers;
use super::outline::LazyPlan;
use super::reuse::{self, Fate, Idle, Mark, Pool, Slot};
use super::template::Template;
use crate::background::{Next, Task};
use crate::registry::Claim;
use crate::server::Server;
use crate::session::Session;

/// How long a clone that is in use is waited for: pools close their connections in the background.
const PATIENCE: Duration = Duration::from_secs(1);

/// What a clone needs to be used again.
#[derive(Debug)]
pub(super) struct Reuse {
    pub(super) pool: Arc<Pool>,
    pub(super) template: Arc<Template>,
    pub(super) slot: Arc<Slot>,
    pub(super) mark: Option<Mark>,
}

/// Takes a clone back from its user. It is checked at once, not in the background, so that the next test finds it.
pub(super) fn give_back(reuse: Reuse, plan: LazyPlan, claim: Claim) {
    let Reuse { pool, template, slot, mark } = reuse;
    if pool.session().background.is_closing() {
        // The clones that wait were left to other processes already.
        drop(slot);
        return drop_database(pool.session(), claim);
    }
    let Some(connection) = slot.close() else {
        // A thread of the test still has it.
        return replace(pool, template, claim);
    };
    let idle = Idle { template: template.database.clone(), claim, connection, mark };
    match reuse::give_back(&pool, &template, &plan, idle) {
        Fate::Waits(None) => {}
        Fate::Waits(Some(surplus)) => drop_database(pool.session(), surplus),
        Fate::InUse(idle) => {
            let session = Arc::clone(pool.session());
            session.look_at_cluster();
            let until = Instant::now() + PATIENCE;
            let again = move |is_last| look_again(pool, template, plan, *idle, until, is_last);
            session.background.hand_over(Box::new(again));
        }
        Fate::Gone => pool.session().server.set_gone(),
        Fate::Dropped(claim) => replace(pool, template, claim),
    }
}

/// Checks again whether a clone's users have left.
///
/// Pools close their connections after the test, and a clone that somebody is connected to may still change. So the
/// background thread asks every few milliseconds, for a second at most. If the session ends first, there is no time left to
/// check: the clone is dropped.
fn look_again(
    pool: Arc<Pool>,
    template: Arc<Template>,
    plan: LazyPlan,
    idle: Idle,
    until: Instant,
    is_last: bool,
) -> Next {
    let claim = match is_last {
        true => idle.claim,
        false => match reuse::give_back(&pool, &template, &plan, idle) {
            Fate::Waits(None) | Fate::Gone => return Next::Done,
            Fate::InUse(idle) if Instant::now() < until => {
                let again: Task = Box::new(move |is_last| {
                    look_again(pool, template, plan, *idle, until, is_last)
                });
                return Next::Again(again);
            }
            Fate::InUse(idle) => idle.claim,
            Fate::Waits(Some(claim)) | Fate::Dropped(claim) => claim,
        },
    };
    let session = pool.session();
    session.look_at_cluster();
    tell_failure(&session.server, session.drop_claimed(claim));
    Next::Done
}

/// Drops a clone, and makes another before the next test asks for it.
fn replace(pool: Arc<Pool>, template: Arc<Template>, claim: Claim) {
    let session = Arc::clone(pool.session());
    session.look_at_cluster();
    session.background.hand_over(Box::new(move |_| {
        let session = pool.session();
        if !session.background.is_closing() {
            // If this fails, the next test that asks for a clone gets the error.
            let _ = pool.succeed(&template);
        }
        tell_failure(&session.server, session.drop_claimed(claim));
        Next::Done
    }));
}

/// Drops a database.
pub(super) fn drop_database(session: &Arc<Session>, claim: Claim) {
    let dropping = Arc::clone(session);
    session.background.hand_over(Box::new(move |_| {
        tell_failure(&dropping.server, dropping.drop_claimed(claim));
        Next::Done
    }));
}

/// Drops a schema of a database, in the background. Whether something is outside of it that was not there before is found out
/// at once: then the next tests get schemas of another database.
pub(super) fn drop_schema(
    session: &Arc<Session>,
    database: String,
    schema: String,
    outside: Option<Outside>,
) {
    // A transaction that a test left open keeps its locks. They are not waited for long: the database goes at the end of
    // the session, and its schemas with it.
    let settings = "SET client_min_messages = warning; SET lock_timeout = '2s'";
    let looked = session.server.connect(&database).and_then(|mut client| {
        client.batch_execute(settings)?;
        outside_of_schemas(&mut client)
    });
    let before = outside.as_ref().map(|outside| &outside.found);
    let is_as_it_was = looked.as_ref().is_ok_and(|found| before == Some(found));
    let by_a_test = looked.is_ok() && outside.is_some_and(|outside| outside.is_handed_out);
    if !is_as_it_was && session.spoil(&database) && by_a_test {
        session.server.notices().say(
            "a test under schema isolation left something outside of its schema (tables or functions in other schemas, large \
             objects, settings of the database): the next tests get schemas of another database",
        );
    }
    let dropping = Arc::clone(session);
    session.background.hand_over(Box::new(move |_| {
        let sql =
            format!("{settings}; {}DROP SCHEMA IF EXISTS {schema} CASCADE", event_triggers::REST);
        let connected = dropping.server.connect(&database);
        match connected.and_then(|mut client| Ok(client.batch_execute(&sql)?)) {
            Err(refusal) if refusal.is(SqlState::LOCK_NOT_AVAILABLE.code()) => {}
            dropped => tell_failure(&dropping.server, dropped),
        }
        Next::Done
    }));
}

fn tell_failure(server: &Server, dropped: Result<(), Refusal>) {
    // What stays on a server that is gone or given up goes with it.
    if let Err(refusal) = dropped
        && !refusal.is_connection()
        && server.is_usable()
    {
        server.notices().say(format_args!("could not clean up after a test: {refusal}"));
    }
}
