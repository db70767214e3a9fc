//! Ready means: a connection that answers a query.

use std::time::{Duration, Instant};

use postgres::Client;

use super::endpoint::Endpoint;
use super::error::ServerError;
use super::tuning;
use tdata_factory::store::Refusal;

/// The oldest major version that has what tdata uses (`DROP DATABASE ... WITH (FORCE)`).
const OLDEST: u32 = 13;

/// How long a booting server is waited for.
pub(super) const BOOT_TIMEOUT: Duration = Duration::from_secs(60);

/// The pause between two attempts to connect.
const PAUSE: Duration = Duration::from_millis(10);

/// A server that answers.
pub(super) struct Ready {
    pub(super) client: Client,
    /// The version in PostgreSQL's numbering, such as 150018 for 15.18.
    pub(super) version: u32,
    /// Which of the servers it is that tdata booted, if any.
    pub(super) identity: Option<String>,
}

/// Connects, and asks the server what it is.
pub(super) fn connect(endpoint: &Endpoint) -> Result<Ready, ServerError> {
    let unreachable = |refusal: Refusal| ServerError::Unreachable {
        demands_tls: endpoint.demands_tls(),
        place: endpoint.place(),
        refusal,
    };
    let mut client = endpoint.connect(endpoint.maintenance()).map_err(unreachable)?;
    let sql = "SELECT current_setting('server_version_num')::int, current_setting($1, true)";
    let row =
        client.query_one(sql, &[&tuning::IDENTITY]).map_err(|error| unreachable(error.into()))?;
    let version = u32::try_from(row.get::<_, i32>(0)).unwrap_or(0);
    if version / 10_000 < OLDEST {
        let place = endpoint.place();
        return Err(ServerError::TooOld { place, version: version / 10_000 });
    }
    Ok(Ready { client, version, identity: row.get(1) })
}

/// Connects to a booting server, again and again until the one of that identity answers, `given_up` says
/// why it never will, or [`BOOT_TIMEOUT`] is over.
pub(super) fn wait(
    endpoint: &Endpoint,
    identity: &str,
    mut given_up: impl FnMut() -> Option<ServerError>,
) -> Result<Ready, ServerError> {
    let start = Instant::now();
    loop {
        let answer = connect(endpoint);
        if let Some(reason) = given_up() {
            return Err(reason);
        }
        let late = start.elapsed() > BOOT_TIMEOUT;
        match answer {
            Ok(ready) if ready.identity.as_deref() == Some(identity) => return Ok(ready),
            Err(error @ ServerError::TooOld { .. }) => return Err(error),
            Err(error) if late => return Err(error),
            Ok(_) if late => return Err(ServerError::Another { place: endpoint.place() }),
            // Where another server answers, ours found the port taken, and will say so.
            _ => std::thread::sleep(PAUSE),
        }
    }
}
