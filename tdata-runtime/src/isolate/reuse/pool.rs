//! Clones that wait for their next user.

use std::collections::HashMap;
use std::sync::OnceLock;

use parking_lot::Mutex;

use super::changes::{Changes, TableChanges};
use super::claim::{Claim, claim, drop_clone, enter, park};
use super::loan::Slot;
use super::reset;
use super::session::Session;
use super::state::{Inspection, State};
use crate::error::Error;
use crate::isolate::IsolateError;
use crate::isolate::notation::noted;
use crate::isolate::outline::LazyPlan;
use crate::isolate::template::{Template, create};
use crate::server::Server;

/// A clone that waits for its next user: its contents are the template's.
pub(in crate::isolate) struct Idle {
    /// The template's database: one that is built again has other object ids.
    pub(in crate::isolate) template: String,
    pub(in crate::isolate) database: String,
    pub(in crate::isolate) claim: Claim,
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

noted! {
    Mark { state, next_transaction }
}

/// Rows tell only the lower half of their transaction's number. Servers of tests do not get that far.
const LAST_TRANSACTION: i64 = (1 << 31) - 1;

/// The application name of connections to data.
const SESSION: &str = "tdata test";

/// The first version whose counts are published before their session is gone.
const COUNTED_SINCE: u32 = 150_000;

/// More clones than these do not wait in a process: a suite that goes from one template to the next would fill the
/// server's memory with clones that nobody asks for again.
const MOST: usize = 32;

/// A clone in the pool; without a session, where that was given up.
struct Waiting {
    template: String,
    database: String,
    claim: Claim,
    session: Option<Session>,
    mark: Option<Mark>,
}

/// Clones that wait, by run; those that were given back last are behind the others.
type Pool = HashMap<String, Vec<Waiting>>;

/// The clones of this process that wait.
static POOL: OnceLock<Mutex<Pool>> = OnceLock::new();

/// Takes the clone of a template out of the pool that was given back last.
fn pick(server: &Server, template: &Template) -> Option<Waiting> {
    let mut pool = POOL.get()?.lock();
    let waiting = pool.get_mut(&server.run().to_string())?;
    let place = waiting.iter().rposition(|one| one.template == template.database)?;
    Some(waiting.remove(place))
}

/// Puts a clone into the pool. Returns the one that waited longest, where they are too many.
fn put(server: &Server, idle: Idle) -> Option<Surplus> {
    server.when_short(give_up_sessions);
    let Idle { template, database, claim, session, mark } = idle;
    let mut pool = POOL.get_or_init(Mutex::default).lock();
    let waiting = pool.entry(server.run().to_string()).or_default();
    waiting.push(Waiting { template, database, claim, session: Some(session), mark });
    (waiting.len() > MOST).then(|| {
        let Waiting { database, claim, .. } = waiting.remove(0);
        Surplus { database, claim }
    })
}

/// Gives up the connections to clones that wait: the clones stay.
fn give_up_sessions(server: &Server) {
    let mut pool = POOL.get_or_init(Mutex::default).lock();
    let waiting = pool.get_mut(&server.run().to_string()).into_iter().flatten();
    // They end outside the lock.
    let sessions: Vec<_> = waiting.map(|one| one.session.take()).collect();
    drop(pool);
    drop(sessions);
}

/// A clone that nobody waits for.
#[derive(Debug)]
pub(in crate::isolate) struct Surplus {
    pub(in crate::isolate) database: String,
    pub(in crate::isolate) claim: Claim,
}

/// Makes a clone for the next user of a template, if none waits.
pub(in crate::isolate) fn succeed(server: &Server, template: &Template) -> Result<(), Error> {
    let waits = POOL.get().is_some_and(|pool| {
        let pool = pool.lock();
        let waiting = pool.get(&server.run().to_string());
        waiting.is_some_and(|waiting| waiting.iter().any(|one| one.template == template.database))
    });
    if waits || !is_counted(server) {
        return Ok(());
    }
    let idle = make(server, template)?;
    drop_surplus(server, put(server, idle))
}

/// Lets as many clones of a template wait as are asked for, those included that wait already.
pub(in crate::isolate) fn prepare(
    server: &Server,
    template: &Template,
    clones: usize,
) -> Result<(), Error> {
    if !is_counted(server) {
        return Ok(());
    }
    // Those that wait are taken before others are made.
    let taken: Result<Vec<Idle>, Error> =
        (0..clones.min(MOST)).map(|_| take(server, template, 0)).collect();
    for idle in taken? {
        drop_surplus(server, put(server, idle))?;
    }
    Ok(())
}

fn drop_surplus(server: &Server, surplus: Option<Surplus>) -> Result<(), Error> {
    let Some(Surplus { database, claim }) = surplus else { return Ok(()) };
    Ok(drop_clone(server, &database, claim).map_err(IsolateError::Drop)?)
}

/// Takes a clone that waits, in this process or for any; else makes one. It has a mark where it can be used
/// again. Tests of other slots reach for other clones first.
pub(in crate::isolate) fn take(
    server: &Server,
    template: &Template,
    slot: usize,
) -> Result<Idle, Error> {
    let connect = |database: &str| -> Result<Session, Error> {
        let client = server.connect_with(database, "", SESSION).map_err(IsolateError::Connect)?;
        Ok(Session::new(client))
    };
    if let Some(Waiting { template, database, claim, session, mark }) = pick(server, template) {
        let session = session.map_or_else(|| connect(&database), Ok)?;
        return Ok(Idle { template, database, claim, session, mark });
    }
    if is_counted(server)
        && let Some((database, mark, claim)) =
            claim(server, &template.database, slot).map_err(IsolateError::Registry)?
    {
        let (template, session) = (template.database.clone(), connect(&database)?);
        return Ok(Idle { template, database, claim, session, mark: Some(mark) });
    }
    make(server, template)
}

/// Makes a clone.
fn make(server: &Server, template: &Template) -> Result<Idle, Error> {
    let (database, claim) = enter(server, &template.database).map_err(IsolateError::Registry)?;
    let made = || -> Result<_, Error> {
        create(server, &database, &template.database)?;
        let client = server.connect_with(&database, "", SESSION).map_err(IsolateError::Connect)?;
        let mut session = Session::new(client);
        let mark = match is_counted(server) {
            false => None,
            true => {
                let found = session.inspect(template.shape()).map_err(IsolateError::Inspect)?;
                let Inspection { state, next_transaction, .. } = found;
                let usable = next_transaction < LAST_TRANSACTION;
                usable.then_some(Mark { state, next_transaction })
            }
        };
        Ok((session, mark))
    };
    match made() {
        Ok((session, mark)) => {
            Ok(Idle { template: template.database.clone(), database, claim, session, mark })
        }
        Err(error) => {
            // The first error is the one to tell; what stays, others sweep.
            let _ = drop_clone(server, &database, claim);
            Err(error)
        }
    }
}

fn is_counted(server: &Server) -> bool {
    server.version() >= COUNTED_SINCE
}

/// Lets all clones that wait in this process wait for any process.
pub(crate) fn park_all(server: &Server) {
    let Some(pool) = POOL.get() else { return };
    let waiting = pool.lock().remove(&server.run().to_string()).unwrap_or_default();
    for Waiting { template, database, claim, session, mark } in waiting {
        // Whoever takes it next is alone with it.
        drop(session);
        // A clone that is not let go of is swept by others.
        let _ = match mark {
            Some(mark) => park(server, &template, &database, &mark, claim),
            None => drop_clone(server, &database, claim),
        };
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
    let found = slot.work(|session| session.inspect(template.shape()))?.ok()?;
    Some(TableChanges::between(template.shape(), &mark.state, &found.state))
}

/// Lists the tables whose rows the user of a clone may have changed so far, by object id; `None` where others may
/// still change more, or more than rows was changed.
pub(in crate::isolate) fn touched(
    template: &Template,
    slot: &Slot,
    mark: Option<&Mark>,
) -> Option<Vec<u32>> {
    let mark = mark?;
    let found = slot.work(|session| session.inspect(template.shape()))?.ok()?;
    let Changes::Rows { added_to, rewritten, .. } = Changes::between(&mark.state, &found.state)
    else {
        return None;
    };
    let tables = added_to.into_iter().chain(rewritten);
    (found.others == 0).then(|| tables.map(|place| template.shape().tables[place].oid).collect())
}

/// What becomes of a clone that its user gave back.
pub(in crate::isolate) enum Fate {
    /// It waits for its next user, for which another may have to go.
    Waits(Option<Surplus>),
    /// Others are connected to it, who may be about to leave.
    InUse(Box<Idle>),
    /// It is to be dropped.
    Dropped(Surplus),
    /// Its server went away.
    Gone,
}

/// Takes a clone back: unchanged it waits for its next user, and with few changed tables once these are as
/// they were.
pub(in crate::isolate) fn give_back(
    server: &Server,
    template: &Template,
    plan: &LazyPlan,
    idle: Idle,
) -> Fate {
    // A clone that nobody can look into is dropped: the next one says what is wrong, if anything.
    let mut idle = idle;
    match restore(template, plan, &mut idle) {
        Ok(Found::InUse) => Fate::InUse(Box::new(idle)),
        // A test may have ended its own session.
        Err(error) if error.is_connection() && !server.answers() => Fate::Gone,
        Ok(Found::Changed) | Err(_) => {
            let Idle { database, claim, .. } = idle;
            Fate::Dropped(Surplus { database, claim })
        }
        Ok(Found::Restored) => Fate::Waits(put(server, idle)),
    }
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
    let Idle { session, mark: Some(mark), .. } = idle else { return Ok(Found::Changed) };
    let shape = template.shape();
    let Some(Inspection { state, others, next_transaction }) =
        session.clean_and_inspect(shape).map_err(IsolateError::Inspect)?
    else {
        return Ok(Found::Changed);
    };
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
            let gone = reset::take_away(session, shape, mark, &added_to, &sequences)
                .map_err(IsolateError::Undo)?;
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
    let Inspection { state, others, next_transaction } =
        session.inspect(shape).map_err(IsolateError::Inspect)?;
    *mark = Mark { state, next_transaction };
    Ok(if others > 0 { Found::Changed } else { Found::Restored })
}
