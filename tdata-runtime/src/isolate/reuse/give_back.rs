//! Taking a clone back behind its user.

use super::changes::{Changes, TableChanges};
use super::loan::Slot;
use super::mark::Mark;
use super::pool::{Idle, Pool};
use super::reset;
use super::state::{Cleaned, Inspection};
use crate::error::Error;
use crate::isolate::error::IsolateError;
use crate::isolate::outline::LazyPlan;
use crate::isolate::template::Template;
use crate::registry::Claim;
use crate::session::Session;

/// Lists what the user of a clone did to its rows so far; `None` where that is not counted, its connection is in
/// use, or others hold locks in it.
pub(in crate::isolate) fn changes(
    template: &Template,
    slot: &Slot,
    mark: Option<&Mark>,
) -> Option<Vec<TableChanges>> {
    let mark = mark?;
    let found = slot.work(|connection| connection.inspect_beside_others(template.shape()))?.ok()?;
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
    let found = slot.work(|connection| connection.inspect_beside_others(template.shape()))?.ok()?;
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
    Waits(Option<Claim>),
    /// Others are connected to it, who may be about to leave.
    InUse(Box<Idle>),
    /// It is to be dropped.
    Dropped(Claim),
    /// Its server went away.
    Gone,
}

/// Takes a clone back: unchanged it waits for its next user, and with few changed tables once these are as
/// they were.
pub(in crate::isolate) fn give_back(
    pool: &Pool,
    template: &Template,
    plan: &LazyPlan,
    idle: Idle,
) -> Fate {
    // A clone that nobody can look into is dropped: the next one says what is wrong, if anything.
    let mut idle = idle;
    match restore(pool.session(), template, plan, &mut idle) {
        Ok(Found::InUse) => Fate::InUse(Box::new(idle)),
        // A test may have ended its own session.
        Err(error) if error.is_connection() && !pool.session().server.answers() => Fate::Gone,
        Ok(Found::Changed) | Err(_) => Fate::Dropped(idle.claim),
        Ok(Found::Restored) => Fate::Waits(pool.put(idle)),
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

/// Looks what a clone's user did, and undoes it where that costs less than a new clone.
///
/// Everything rests on counts: equal counts mean equal contents. So the order matters. The connection is cleaned first,
/// so that nothing is left open; others are counted before the state is read, so that whoever left has published what
/// it did; and where rows are loaded again, which changes the counts, the state is read once more, as the new mark.
fn restore(
    session: &Session,
    template: &Template,
    plan: &LazyPlan,
    idle: &mut Idle,
) -> Result<Found, Error> {
    let Idle { connection, mark: Some(mark), .. } = idle else { return Ok(Found::Changed) };
    let shape = template.shape();
    let found = match connection.clean_and_inspect(shape).map_err(IsolateError::Inspect)? {
        Cleaned::Not => return Ok(Found::Changed),
        Cleaned::BesideOthers => return Ok(Found::InUse),
        Cleaned::Found(found) => found,
    };
    if found.others > 0 {
        return Ok(Found::InUse);
    }
    if mark.state.cluster != found.state.cluster {
        // Migrations may have changed it, or work that was rolled back.
        if !session.prove_cluster().map_err(IsolateError::Inspect)? {
            return Ok(Found::Changed);
        }
        mark.state.cluster.clone_from(&found.state.cluster);
    }
    let changes = Changes::between(&mark.state, &found.state);
    let (Some(now), Changes::Rows { added_to, rewritten, sequences }) = (Mark::of(found), changes)
    else {
        return Ok(Found::Changed);
    };
    if rewritten.is_empty() {
        if added_to.iter().any(|table| !shape.tables[*table].is_quiet) {
            return Ok(Found::Changed);
        }
        if !added_to.is_empty() || !sequences.is_empty() {
            let gone = reset::take_away(connection, shape, mark, &added_to, &sequences)
                .map_err(IsolateError::Undo)?;
            // The rows' end is counted as well; sequences stand where they stood.
            mark.state.tables = now.state.tables;
            for (table, gone) in added_to.iter().zip(gone) {
                mark.state.tables[*table].deleted += gone;
            }
        }
        mark.next_transaction = now.next_transaction;
        return Ok(Found::Restored);
    }
    let changed: Vec<usize> = rewritten.into_iter().chain(added_to).collect();
    let Some(tables) =
        reset::to_reload(shape, |dataset| plan.get().datasets[dataset].rows, &changed)
    else {
        return Ok(Found::Changed);
    };
    let to_load = &template.session_options().to_load;
    reset::reload(connection, shape, plan.get(), mark, (&tables, to_load))?;
    let found = connection.inspect(shape).map_err(IsolateError::Inspect)?;
    let Inspection { state, others, next_transaction } = found;
    *mark = Mark { state, next_transaction };
    Ok(if others > 0 { Found::Changed } else { Found::Restored })
}
