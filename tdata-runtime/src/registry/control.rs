//! The control database of a server that is not ours.

use postgres::error::SqlState;
use sha2::{Digest, Sha256};
use tdata_core::sql::quote_identifier;
use tdata_postgres::{Endpoint, Refusal};

use crate::server::{PREFIX, Server};

/// The layout of the tables: another one is another database.
const LAYOUT: u32 = 5;

/// The beginning of the application names of leases.
pub(super) const LEASE: &str = "tdata lease ";

/// The tables of the control database.
///
/// - `entry`: a database, what it is there for, and under which key it is found. One that has a holder, a session, is
///   that one's alone; `until` is the time until which it is held, whoever lives. Neither has a published one.
/// - `guest`: the sessions that use an instance.
/// - `looked`: when it was last looked for what ended sessions left.
/// - `life`: which life of the server it is. A server that recovers from a crash, or that is restored from a backup, empties
///   unlogged tables, this one as well. The databases of an earlier life are not what they were said to be.
const TABLES: &str = "\
SELECT pg_advisory_xact_lock(1);
CREATE TABLE IF NOT EXISTS entry (
  database text PRIMARY KEY,
  kind text NOT NULL,
  key text NOT NULL,
  notes text NOT NULL DEFAULT '',
  holder text,
  until timestamptz,
  used timestamptz NOT NULL DEFAULT clock_timestamp()
);
CREATE INDEX IF NOT EXISTS entry_key ON entry (kind, key);
CREATE TABLE IF NOT EXISTS guest (
  database text NOT NULL,
  session text NOT NULL,
  PRIMARY KEY (database, session)
);
CREATE TABLE IF NOT EXISTS looked (at timestamptz NOT NULL);
INSERT INTO looked SELECT '-infinity' WHERE NOT EXISTS (SELECT FROM looked);
CREATE UNLOGGED TABLE IF NOT EXISTS life (id text NOT NULL);
UPDATE entry SET holder = '' WHERE until IS NULL AND NOT EXISTS (SELECT FROM life);
INSERT INTO life SELECT md5(random()::text || clock_timestamp()) WHERE NOT EXISTS (SELECT FROM life);";

/// Returns the application name of a session's lease; for whoever looks, also with the process that it is of.
pub(super) fn lease(session: &str) -> String {
    format!("{LEASE}{session} {}", std::process::id())
}

/// Returns the pattern of the application name that the lease of this process's parent has, if it is a session.
pub(super) fn lease_of_parent() -> String {
    format!("{LEASE}% {}", rustix::process::Pid::as_raw(rustix::process::getppid()))
}

/// Returns the name of the control database of a role: what one made another may not use.
pub(super) fn database(endpoint: &Endpoint) -> String {
    /// Names have 63 bytes at most.
    const LONGEST: usize = 32;
    let role = endpoint.user();
    if role.len() <= LONGEST {
        return format!("{PREFIX}control_{LAYOUT}_{role}");
    }
    let digest = Sha256::digest(role.as_bytes());
    let digest: String = digest.iter().take(16).map(|byte| format!("{byte:02x}")).collect();
    format!("{PREFIX}control_{LAYOUT}_{digest}")
}

/// Where its tables are, whatever the role's `search_path` is.
pub(super) const PLACE: &str = "-c search_path=public";

/// Makes the control database where there is none.
pub(super) fn make(server: &Server) -> Result<(), Refusal> {
    let database = database(server.endpoint());
    let exists = "SELECT EXISTS (SELECT FROM pg_database WHERE datname = $1)";
    let quoted = quote_identifier(&database);
    let create = format!("CREATE DATABASE {quoted} TEMPLATE template0");
    let is_new = server.maintain(|client| {
        if client.query_one(exists, &[&database])?.get::<_, bool>(0) {
            return Ok(false);
        }
        match client.batch_execute(&create) {
            // Another process was as fast.
            Err(error)
                if [SqlState::DUPLICATE_DATABASE, SqlState::UNIQUE_VIOLATION]
                    .iter()
                    .any(|state| error.code() == Some(state)) =>
            {
                Ok(false)
            }
            made => made.map(|()| true),
        }
    })?;
    let mut client = server.connect_own(&database, PLACE, "tdata")?;
    let made = client.batch_execute(TABLES);
    if made.is_err() && is_new {
        std::mem::drop(client);
        // Nobody can use it. Where somebody is connected all the same, it stays.
        let drop = format!("DROP DATABASE IF EXISTS {quoted}");
        let _ = server.maintain(|client| client.batch_execute(&drop));
    }
    Ok(made?)
}

/// Drops the control database behind the session that has just ended its lease, unless somebody came in the meantime.
pub(super) fn drop(server: &Server, session: &str) -> Result<(), Refusal> {
    let control = database(server.endpoint());
    let lease = format!("{LEASE}{session} %");
    let end = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity \
               WHERE datname = $1 AND application_name LIKE $2";
    server.maintain(|client| client.execute(end, &[&control, &lease]))?;
    let drop = format!("DROP DATABASE IF EXISTS {}", quote_identifier(&control));
    match server.maintain(|client| client.batch_execute(&drop)) {
        Err(refusal) if refusal.is(SqlState::OBJECT_IN_USE.code()) => Ok(()),
        dropped => dropped,
    }
}
