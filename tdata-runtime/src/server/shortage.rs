//! Connecting to servers that have no connection to spare.

use std::time::{Duration, Instant};

use parking_lot::FairMutex;
use postgres::Client;
use postgres::error::SqlState;
use tdata_postgres::Endpoint;
use tdata_postgres::Refusal;

/// How long a server without connections to spare is waited for.
const PATIENCE: Duration = Duration::from_secs(60);

/// The pause between two attempts: servers do not tell when they have one again.
const PAUSE: Duration = Duration::from_millis(20);

/// Connects to a database with options, under an application's name. Where the server has no connection to spare,
/// `relieve` gives up those of this process that nobody uses just now, and one thread after the other waits, in the
/// order in which they came.
pub(super) fn connect(
    endpoint: &Endpoint,
    database: &str,
    options: &str,
    application: &str,
    relieve: impl Fn(),
) -> Result<Client, Refusal> {
    static TURN: FairMutex<()> = FairMutex::new(());
    let is_short = |refusal: &Refusal| refusal.is(SqlState::TOO_MANY_CONNECTIONS.code());
    let mut connected = endpoint.connect_with(database, options, application);
    if !connected.as_ref().is_err_and(is_short) {
        return connected;
    }
    let start = Instant::now();
    let _turn = TURN.lock();
    let thread = std::thread::current();
    crate::notice!(
        "`{}` waits for a connection: all that the server at {} allows are in use",
        thread.name().unwrap_or(application),
        endpoint.place(),
    );
    while connected.as_ref().is_err_and(is_short) && start.elapsed() < PATIENCE {
        relieve();
        connected = endpoint.connect_with(database, options, application);
        if connected.as_ref().is_err_and(is_short) {
            std::thread::sleep(PAUSE);
        }
    }
    connected
}
