//! Clones that wait for their next user.

use std::collections::HashMap;
use std::sync::OnceLock;

use parking_lot::Mutex;
use tdata_core::plan::Fingerprint;

use super::changes::Changes;
use super::reset;
use super::session::Session;
use super::state::{Inspection, State};
use crate::error::Error;
use crate::isolate::IsolateError;
use crate::isolate::template::Template;
use crate::server::Server;
use tdata_factory::store::Refusal;

/// A clone that waits for its next user: its contents are the template's.
pub(in crate::isolate) struct Idle {
    pub(in crate::isolate) database: String,
    pub(in crate::isolate) session: Session,
    pub(in crate::isolate) mark: Mark,
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

/// The first version whose counts are published before their session is gone.
const COUNTED_SINCE: u32 = 150_000;

/// More clones of a template than these do not wait: there are as many as ran at once.
const MOST: usize = 64;

type Pool = HashMap<(String, Fingerprint), Vec<Idle>>;

/// The clones of this process that wait, by run and fingerprint.
static POOL: OnceLock<Mutex<Pool>> = OnceLock::new();

/// Takes a clone that waits.
pub(in crate::isolate) fn take(server: &Server, fingerprint: Fingerprint) -> Option<Idle> {
    let mut pool = POOL.get()?.lock();
    pool.get_mut(&(server.run().to_string(), fingerprint))?.pop()
}

/// Makes a new clone ready for its first user; `None` where clones of this server are used once only.
pub(in crate::isolate) fn mark(
    server: &Server,
    template: &Template,
    session: &mut Session,
) -> Result<Option<Mark>, Error> {
    if server.version() < COUNTED_SINCE {
        return Ok(None);
    }
    let shape = template.shape(&mut session.client)?;
    let refused = |refusal| IsolateError::not_made("database", refusal);
    let Inspection { state, next_transaction, .. } = session.inspect(&shape).map_err(refused)?;
    Ok((next_transaction < LAST_TRANSACTION).then_some(Mark { state, next_transaction }))
}

/// What becomes of a clone that its user gave back.
pub(in crate::isolate) enum Fate {
    /// It waits for its next user.
    Waits,
    /// Others are connected to it, who may be about to leave.
    InUse(Box<Idle>),
    /// It is to be dropped.
    Dropped,
}

/// Takes a clone back: unchanged it waits for its next user, and with few changed tables once these are as
/// they were.
pub(in crate::isolate) fn give_back(
    server: &Server,
    fingerprint: Fingerprint,
    template: &Template,
    idle: Idle,
) -> Fate {
    // A clone that nobody can look into is dropped: the next one says what is wrong, if anything.
    let mut idle = idle;
    match restore(template, &mut idle) {
        Ok(Found::InUse) => return Fate::InUse(Box::new(idle)),
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

fn restore(template: &Template, idle: &mut Idle) -> Result<Found, Error> {
    let refused = |refusal: Refusal| IsolateError::not_made("database", refusal);
    let Idle { session, mark, .. } = idle;
    if !session.clean().map_err(refused)? {
        return Ok(Found::Changed);
    }
    let shape = template.shape(&mut session.client)?;
    let Inspection { state, others, next_transaction } =
        session.inspect(&shape).map_err(refused)?;
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
                reset::take_away(session, &shape, mark, &added_to, &sequences).map_err(refused)?;
            mark.state.tables = state.tables;
            for (table, gone) in added_to.iter().zip(gone) {
                mark.state.tables[*table].deleted += gone;
            }
        }
        mark.next_transaction = next_transaction;
        return Ok(Found::Restored);
    }
    let changed: Vec<usize> = rewritten.into_iter().chain(added_to).collect();
    let Some(tables) = reset::to_reload(&shape, &template.plan, &changed) else {
        return Ok(Found::Changed);
    };
    reset::reload(session, &shape, &template.plan, mark, &tables)?;
    let Inspection { state, others, next_transaction } =
        session.inspect(&shape).map_err(refused)?;
    *mark = Mark { state, next_transaction };
    Ok(if others > 0 { Found::Changed } else { Found::Restored })
}
