//! Clones that wait for their next user.

use std::collections::HashMap;
use std::sync::OnceLock;

use parking_lot::Mutex;
use tdata_core::plan::Fingerprint;

use super::changes::{Changes, TableChanges};
use super::loan::Slot;
use super::session::Session;
use super::state::{Inspection, State};
use super::{registry, reset};
use crate::error::Error;
use crate::isolate::IsolateError;
use crate::isolate::database::clone;
use crate::isolate::outline::LazyPlan;
use crate::isolate::template::Template;
use crate::server::Server;
use tdata_factory::store::Refusal;

/// A clone that waits for its next user: its contents are the template's.
pub(in crate::isolate) struct Idle {
    pub(in crate::isolate) database: String,
    pub(in crate::isolate) session: Session,
    /// `None` where it can be used once only.
    pub(in crate::isolate) mark: Option<Mark>,
}

/// What a clone was like when it was handed out.
#[derive(Debug)]
pub(in crate::isolate) struct Mark {
    pub(super) state: State,
    /// What its user stores has this transaction's number or a higher one.
    pub(super) next_transaction: i64,
}

/// Rows tell only the lower half of their transaction's number. Servers of tests do not get that far.
const LAST_TRANSACTION: i64 = (1 << 31) - 1;

/// The application name of connections to data.
const SESSION: &str = "tdata test";

/// The first version whose counts are published before their session is gone.
const COUNTED_SINCE: u32 = 150_000;

/// More clones of a template than these do not wait: there are as many as ran at once.
const MOST: usize = 64;

type Pool = HashMap<(String, Fingerprint), Vec<Idle>>;

/// The clones of this process that wait, by run and fingerprint.
static POOL: OnceLock<Mutex<Pool>> = OnceLock::new();

/// Takes a clone that waits, in this process or in the control database; else makes one. It has a mark
/// where it can be used again.
pub(in crate::isolate) fn take(
    server: &Server,
    fingerprint: Fingerprint,
    template: &Template,
) -> Result<Idle, Error> {
    let refused = |refusal: Refusal| IsolateError::not_made("database", refusal);
    let waiting = || {
        let mut pool = POOL.get()?.lock();
        pool.get_mut(&(server.run().to_string(), fingerprint))?.pop()
    };
    if let Some(idle) = waiting() {
        return Ok(idle);
    }
    let is_counted = server.version() >= COUNTED_SINCE;
    let connect = |database: &str| {
        let connected = server.endpoint().connect_with(database, "", SESSION);
        connected.map(Session::new).map_err(refused)
    };
    if is_counted
        && let Some((database, mark)) = registry::claim(server, fingerprint).map_err(refused)?
    {
        let session = connect(&database)?;
        return Ok(Idle { database, session, mark: Some(mark) });
    }
    let database = registry::enter(server, fingerprint).map_err(refused)?;
    let made = || -> Result<_, Error> {
        clone(server, &database, &template.database)?;
        let mut session = connect(&database)?;
        let mark = match is_counted {
            false => None,
            true => {
                let found = session.inspect(&template.shape).map_err(refused)?;
                let Inspection { state, next_transaction, .. } = found;
                let usable = next_transaction < LAST_TRANSACTION;
                usable.then_some(Mark { state, next_transaction })
            }
        };
        Ok(Idle { database: database.clone(), session, mark })
    };
    made().inspect_err(|_| {
        // The first error is the one to tell; what stays, others sweep.
        let _ = registry::drop_clone(server, &database);
    })
}

/// Lets all clones that wait in this process wait for any process.
pub(crate) fn park_all(server: &Server) {
    let Some(pool) = POOL.get() else { return };
    let run = server.run().to_string();
    let waiting: Vec<Idle> = {
        let mut pool = pool.lock();
        let of_run = pool.iter_mut().filter(|((of, _), _)| *of == run);
        of_run.flat_map(|(_, waiting)| std::mem::take(waiting)).collect()
    };
    for Idle { database, session, mark } in waiting {
        // Whoever takes it next is alone with it.
        drop(session);
        if let Some(mark) = mark {
            // A clone that is not let go of is swept by others.
            let _ = registry::park(server, &database, &mark);
        }
    }
}

/// Lists what the user of a clone did to its rows so far; `None` where that is not counted, or its session is
/// in use.
pub(in crate::isolate) fn changes(
    template: &Template,
    slot: &Slot,
    mark: Option<&Mark>,
) -> Option<Vec<TableChanges>> {
    let mark = mark?;
    let found = slot.work(|session| session.inspect(&template.shape))?.ok()?;
    Some(TableChanges::between(&template.shape, &mark.state, &found.state))
}

/// What becomes of a clone that its user gave back.
pub(in crate::isolate) enum Fate {
    /// It waits for its next user.
    Waits,
    /// Others are connected to it, who may be about to leave.
    InUse(Box<Idle>),
    /// It is to be dropped.
    Dropped,
    /// Its server went away.
    Gone,
}

/// Takes a clone back: unchanged it waits for its next user, and with few changed tables once these are as
/// they were.
pub(in crate::isolate) fn give_back(
    server: &Server,
    fingerprint: Fingerprint,
    template: &Template,
    plan: &LazyPlan,
    idle: Idle,
) -> Fate {
    // A clone that nobody can look into is dropped: the next one says what is wrong, if anything.
    let mut idle = idle;
    match restore(template, plan, &mut idle) {
        Ok(Found::InUse) => return Fate::InUse(Box::new(idle)),
        // A test may have ended its own session.
        Err(error) if error.is_connection() && !server.answers() => return Fate::Gone,
        Ok(Found::Changed) | Err(_) => return Fate::Dropped,
        Ok(Found::Restored) => {}
    }
    let mut pool = POOL.get_or_init(Mutex::default).lock();
    let waiting = pool.entry((server.run().to_string(), fingerprint)).or_default();
    if waiting.len() >= MOST {
        return Fate::Dropped;
    }
    waiting.push(idle);
    Fate::Waits
}

/// How a clone is found.
enum Found {
    /// As it was handed out, or made so.
    Restored,
    /// Others are connected to it.
    InUse,
    /// Changed, and to be made as it was at a higher price than a new one only.
    Changed,
}

fn restore(template: &Template, plan: &LazyPlan, idle: &mut Idle) -> Result<Found, Error> {
    let refused = |refusal: Refusal| IsolateError::not_made("database", refusal);
    let Idle { session, mark: Some(mark), .. } = idle else { return Ok(Found::Changed) };
    if !session.clean().map_err(refused)? {
        return Ok(Found::Changed);
    }
    let shape = &template.shape;
    let Inspection { state, others, next_transaction } = session.inspect(shape).map_err(refused)?;
    if others > 0 {
        return Ok(Found::InUse);
    }
    if next_transaction >= LAST_TRANSACTION {
        return Ok(Found::Changed);
    }
    let changes = Changes::between(&mark.state, &state);
    let Changes::Rows { added_to, rewritten, sequences } = changes else {
        return Ok(Found::Changed);
    };
    if rewritten.is_empty() {
        if added_to.iter().any(|table| !shape.tables[*table].is_quiet) {
            return Ok(Found::Changed);
        }
        if !added_to.is_empty() || !sequences.is_empty() {
            let gone =
                reset::take_away(session, shape, mark, &added_to, &sequences).map_err(refused)?;
            mark.state.tables = state.tables;
            for (table, gone) in added_to.iter().zip(gone) {
                mark.state.tables[*table].deleted += gone;
            }
        }
        mark.next_transaction = next_transaction;
        return Ok(Found::Restored);
    }
    let changed: Vec<usize> = rewritten.into_iter().chain(added_to).collect();
    let Some(tables) = reset::to_reload(shape, plan.get(), &changed) else {
        return Ok(Found::Changed);
    };
    reset::reload(session, shape, plan.get(), mark, &tables)?;
    let Inspection { state, others, next_transaction } = session.inspect(shape).map_err(refused)?;
    *mark = Mark { state, next_transaction };
    Ok(if others > 0 { Found::Changed } else { Found::Restored })
}
