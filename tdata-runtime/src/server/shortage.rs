//! Connecting to servers that have no connection to spare.

use std::time::{Duration, Instant};

use parking_lot::FairMutex;
use postgres::Client;
use postgres::error::SqlState;
use tdata_postgres::Refusal;

use crate::notice::Notices;

/// How long a server without connections to spare is waited for.
const PATIENCE: Duration = Duration::from_secs(60);

/// The pause between two attempts: servers do not tell when they have one again.
const PAUSE: Duration = Duration::from_millis(20);

/// Who waits for a connection: one thread after the other, in the order in which they came.
pub(super) type Turn = FairMutex<()>;

/// Connects. If the server has no connection to spare, threads wait for their turn, and `relieve` gives up connections of
/// this process that nobody uses.
pub(super) fn wait(
    connect: impl Fn() -> Result<Client, Refusal>,
    turn: &Turn,
    application: &str,
    place: &str,
    notices: &Notices,
    relieve: impl Fn(),
) -> Result<Client, Refusal> {
    let is_short = |refusal: &Refusal| refusal.is(SqlState::TOO_MANY_CONNECTIONS.code());
    let mut connected = connect();
    if !connected.as_ref().is_err_and(is_short) {
        return connected;
    }
    let start = Instant::now();
    let _turn = turn.lock();
    let thread = std::thread::current();
    let who = thread.name().unwrap_or(application);
    notices.say(format_args!(
        "`{who}` waits for a connection: all that the server at {place} allows are in use"
    ));
    while connected.as_ref().is_err_and(is_short) && start.elapsed() < PATIENCE {
        relieve();
        connected = connect();
        if connected.as_ref().is_err_and(is_short) {
            std::thread::sleep(PAUSE);
        }
    }
    connected
}
