//! Ready means: a connection that answers a query.

use std::time::{Duration, Instant};

use postgres::Client;

use super::endpoint::Endpoint;
use super::error::ServerError;
use tdata_factory::store::Refusal;

/// The oldest major version that has what tdata uses (`DROP DATABASE ... WITH (FORCE)`).
const OLDEST: u32 = 13;

/// How long a booting server is waited for.
pub(super) const BOOT_TIMEOUT: Duration = Duration::from_secs(60);

/// The pause between two attempts to connect.
const PAUSE: Duration = Duration::from_millis(10);

/// Connects and asks for the version: in PostgreSQL's numbering, such as 150018 for 15.18.
pub(super) fn connect(endpoint: &Endpoint) -> Result<(Client, u32), ServerError> {
    let unreachable = |refusal: Refusal| ServerError::Unreachable {
        demands_tls: endpoint.demands_tls(),
        place: endpoint.place(),
        refusal,
    };
    let mut client = endpoint.connect(endpoint.maintenance()).map_err(unreachable)?;
    let row = client
        .query_one("SELECT current_setting('server_version_num')::int", &[])
        .map_err(|error| unreachable(error.into()))?;
    let version = u32::try_from(row.get::<_, i32>(0)).unwrap_or(0);
    if version / 10_000 < OLDEST {
        let place = endpoint.place();
        return Err(ServerError::TooOld { place, version: version / 10_000 });
    }
    Ok((client, version))
}

/// Connects to a booting server, again and again until it answers, `given_up` says why it never
/// will, or [`BOOT_TIMEOUT`] is over.
pub(super) fn wait(
    endpoint: &Endpoint,
    mut given_up: impl FnMut() -> Option<ServerError>,
) -> Result<(Client, u32), ServerError> {
    let start = Instant::now();
    loop {
        match connect(endpoint) {
            Ok(ready) => return Ok(ready),
            Err(error @ ServerError::TooOld { .. }) => return Err(error),
            Err(error) => {
                if let Some(reason) = given_up() {
                    return Err(reason);
                }
                if start.elapsed() > BOOT_TIMEOUT {
                    return Err(error);
                }
                std::thread::sleep(PAUSE);
            }
        }
    }
}
