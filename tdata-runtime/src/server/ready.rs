//! Ready means: a connection that answers a query.

use std::time::{Duration, Instant};

use postgres::{Client, SimpleQueryMessage};
use tdata_postgres::Endpoint;
use tdata_postgres::Refusal;

use super::error::ServerError;
use super::own_session;
use super::shortage::{self, Turn};
use super::tuning;
use crate::notice::Notices;

/// The oldest major version that has what tdata uses (`DROP DATABASE ... WITH (FORCE)`).
const OLDEST: u32 = 13;

/// How long a booting server is waited for.
pub(super) const BOOT_TIMEOUT: Duration = Duration::from_secs(60);

/// The connections that one session has at once: its lease, that of its test, and two more for comparing the data of a
/// test that has failed.
pub(super) const PER_SESSION: u32 = 4;

/// Asks how many connections the role may have, and how many the server keeps for others. Superusers have no limit but
/// the server's.
const ASK_CONNECTIONS: &str = "\
SELECT CASE WHEN rolsuper OR rolconnlimit < 0 THEN most - kept ELSE least(most - kept, rolconnlimit) END || ' ' || kept \
FROM (SELECT rolsuper, rolconnlimit, current_setting('max_connections')::int AS most, \
             CASE WHEN rolsuper THEN 0 ELSE current_setting('superuser_reserved_connections')::int + \
                  coalesce(current_setting('reserved_connections', true), '0')::int END AS kept \
      FROM pg_roles WHERE rolname = current_user) AS role";

/// The connections of a role.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Connections {
    /// How many it may have at once.
    pub(super) allowed: u32,
    /// How many the server keeps for others.
    pub(super) reserved: u32,
}

/// A server that answers.
pub(super) struct Ready {
    pub(super) client: Client,
    /// The version in PostgreSQL's numbering, such as 150018 for 15.18.
    pub(super) version: u32,
    /// The role that it let in.
    pub(super) user: String,
    /// Which of the servers it is that tdata booted, if any.
    pub(super) identity: Option<String>,
    /// The connections that the role may have.
    pub(super) connections: Connections,
}

/// Connects to the maintenance database, and asks the server what it is.
pub(super) fn connect(endpoint: &Endpoint, notices: &Notices) -> Result<Ready, ServerError> {
    let unreachable = |refusal: Refusal| ServerError::Unreachable {
        origin: None,
        demands_tls: endpoint.demands_tls(),
        place: endpoint.place(),
        refusal,
    };
    let options = own_session::options(0);
    let connect = || endpoint.connect_with(endpoint.maintenance(), &options, "tdata");
    let (turn, place) = (Turn::default(), endpoint.place());
    let connected = shortage::wait(connect, &turn, "tdata", &place, notices, || {});
    let mut client = connected.map_err(unreachable)?;
    let sql = format!(
        "SHOW server_version_num; SELECT session_user; {}; {ASK_CONNECTIONS}",
        ask_identity()
    );
    let values = texts(&mut client, &sql).map_err(unreachable)?;
    let mut values = values.into_iter();
    let version = values.next().flatten().and_then(|text| text.parse().ok()).unwrap_or(0);
    let user = values.next().flatten().unwrap_or_default();
    let identity = values.next().flatten();
    let connections = values.next().flatten().and_then(|text| {
        let (allowed, reserved) = text.split_once(' ')?;
        Some(Connections { allowed: allowed.parse().ok()?, reserved: reserved.parse().ok()? })
    });
    if version / 10_000 < OLDEST {
        let place = endpoint.place();
        return Err(ServerError::TooOld { place, version: version / 10_000 });
    }
    // Who does not say has enough.
    let connections = connections.unwrap_or(Connections { allowed: u32::MAX, reserved: 0 });
    Ok(Ready { client, version, user, identity, connections })
}

/// Asks a server which of those it is that tdata booted, if any.
pub(super) fn identity(client: &mut Client) -> Result<Option<String>, Refusal> {
    Ok(texts(client, &ask_identity())?.into_iter().next().flatten())
}

fn ask_identity() -> String {
    format!("SELECT current_setting('{}', true)", tuning::IDENTITY)
}

/// Asks for single values, each by a query of its own, as text, which takes one round trip.
fn texts(client: &mut Client, sql: &str) -> Result<Vec<Option<String>>, Refusal> {
    let messages = client.simple_query(sql)?;
    let values = messages.iter().filter_map(|message| match message {
        SimpleQueryMessage::Row(row) => Some(row.get(0).map(str::to_owned)),
        _ => None,
    });
    Ok(values.collect())
}

/// Connects to a booting server, again and again with a pause in between, until the one of that identity answers,
/// `given_up` says why it never will, which is told what refused the last attempt, or [`BOOT_TIMEOUT`] is over.
pub(super) fn wait<E: From<ServerError>>(
    endpoint: &Endpoint,
    identity: &str,
    pause: Duration,
    notices: &Notices,
    mut given_up: impl FnMut(Option<&Refusal>) -> Option<E>,
) -> Result<Ready, E> {
    let start = Instant::now();
    loop {
        let answer = connect(endpoint, notices);
        let refusal = match &answer {
            Err(ServerError::Unreachable { refusal, .. }) => Some(refusal),
            _ => None,
        };
        if let Some(reason) = given_up(refusal) {
            return Err(reason);
        }
        let late = start.elapsed() > BOOT_TIMEOUT;
        match answer {
            Ok(ready) if ready.identity.as_deref() == Some(identity) => return Ok(ready),
            Err(error @ ServerError::TooOld { .. }) => return Err(error.into()),
            Err(error) if late => return Err(error.into()),
            Ok(_) if late => return Err(ServerError::Another { place: endpoint.place() }.into()),
            // Where another server answers, ours found the port taken, and will say so.
            _ => std::thread::sleep(pause),
        }
    }
}
