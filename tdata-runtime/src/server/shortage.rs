//! Connecting to servers that have no connection to spare.

use std::time::{Duration, Instant};

use parking_lot::FairMutex;
use postgres::Client;
use postgres::error::SqlState;
use tdata_postgres::Refusal;

use super::files;
use crate::notice::Notices;

/// How long the thread whose turn it is waits.
const PATIENCE: Duration = Duration::from_secs(60);

/// The pause between two attempts: servers do not tell when they have one again.
const PAUSE: Duration = Duration::from_millis(20);

/// Who waits for a connection: one thread after the other, in the order in which they came.
pub(super) type Turn = FairMutex<()>;

/// What there is too little of for a connection.
pub(super) enum Short {
    /// The server has none to spare, and says so.
    Connections(Refusal),
    /// This process may have no more files open than so many.
    Files(u64),
}

/// Connects. If the server has no connection to spare, or this process no files, threads wait for their turn, and
/// `relieve` gives up connections of this process that nobody uses.
pub(super) fn wait(
    connect: impl Fn() -> Result<Client, Refusal>,
    turn: &Turn,
    application: &str,
    place: &str,
    notices: &Notices,
    relieve: impl Fn(),
) -> Result<Client, Refusal> {
    // Where files are few, one thread after the other: none takes those that another has just counted.
    let mut its_turn = files::low_limit().map(|_| turn.lock());
    let mut short = match attempt(&connect)? {
        Ok(client) => return Ok(client),
        Err(short) => short,
    };
    let _its_turn = its_turn.take().unwrap_or_else(|| turn.lock());
    // Those before it have had their time.
    let start = Instant::now();
    let thread = std::thread::current();
    let who = thread.name().unwrap_or(application);
    notices.say(format_args!("`{who}` waits for a connection: {}", short.reason(place)));
    while start.elapsed() < PATIENCE {
        relieve();
        short = match attempt(&connect)? {
            Ok(client) => return Ok(client),
            Err(short) => short,
        };
        std::thread::sleep(PAUSE);
    }
    Err(short.refusal())
}

/// Connects, unless that takes more than there is.
pub(super) fn attempt(
    connect: impl Fn() -> Result<Client, Refusal>,
) -> Result<Result<Client, Short>, Refusal> {
    // The client panics where it gets no file.
    if let Some(limit) = files::low_limit().filter(|limit| files::are_short(*limit)) {
        return Ok(Err(Short::Files(limit)));
    }
    match connect() {
        Err(refusal) if refusal.is(SqlState::TOO_MANY_CONNECTIONS.code()) => {
            Ok(Err(Short::Connections(refusal)))
        }
        connected => connected.map(Ok),
    }
}

impl Short {
    fn reason(&self, place: &str) -> String {
        match self {
            Self::Connections(_) => {
                format!("all that the server at {place} allows are in use")
            }
            Self::Files(limit) => {
                format!("this process may have {limit} files open (`ulimit -n`), and has them")
            }
        }
    }

    fn refusal(self) -> Refusal {
        match self {
            Self::Connections(refusal) => refusal.with_advice(
                "Raise `max_connections` of the server, or the role's CONNECTION LIMIT, or run fewer tests at once",
            ),
            Self::Files(limit) => Refusal::of_shortage(format!(
                "no files are left for a connection: this process may have {limit} open\n\
                 Raise the limit, as in `ulimit -n 1024`, or run fewer tests at once"
            )),
        }
    }
}
