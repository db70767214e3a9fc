//! The control database: who uses a server, and what is there for several processes.

use postgres::Client;
use postgres::error::SqlState;
use sha2::{Digest, Sha256};
use tdata_core::sql::quote_identifier;
use tdata_postgres::Endpoint;
use tdata_postgres::Refusal;

use super::run_id::PREFIX;

/// The layout of the tables: another one is another database.
const LAYOUT: u32 = 3;

/// The tables of the control database.
///
/// - `template`: data built once, of the kind `template` to be cloned for tests, of the kind `layer` to build
///   templates upon. One is `ready` only when it is complete; `contents` is what all of its clones have in common.
/// - `clone`: copies of templates, on servers without a folder. One without a holder waits for its next user, and is
///   as it was when `mark` was written. Holders are runs; those of runs without a lease are nobody's any more.
/// - `instance`: data that the tests of several processes share, with `notes` of those that are schemas, and
///   `instance_user`, the runs that use them.
/// - `swept`: when it was last looked for what such runs left.
const TABLES: &str = "\
SELECT pg_advisory_xact_lock(1);
CREATE TABLE IF NOT EXISTS template (
  kind text NOT NULL,
  fingerprint text NOT NULL,
  database text NOT NULL UNIQUE,
  made timestamptz NOT NULL DEFAULT clock_timestamp(),
  ready boolean NOT NULL DEFAULT false,
  contents text,
  PRIMARY KEY (kind, fingerprint)
);
CREATE TABLE IF NOT EXISTS clone (
  database text PRIMARY KEY,
  template text NOT NULL,
  holder text,
  mark text
);
CREATE TABLE IF NOT EXISTS instance (
  key text PRIMARY KEY,
  database text NOT NULL,
  notes text NOT NULL,
  used timestamptz NOT NULL DEFAULT now()
);
CREATE TABLE IF NOT EXISTS instance_user (
  key text NOT NULL,
  holder text NOT NULL,
  PRIMARY KEY (key, holder)
);
CREATE TABLE IF NOT EXISTS swept (at timestamptz NOT NULL);
INSERT INTO swept SELECT '-infinity' WHERE NOT EXISTS (SELECT FROM swept);
CREATE INDEX IF NOT EXISTS waiting ON clone (template) WHERE holder IS NULL;";

/// What a process does when it takes its lease: it says that the control database is in use (whoever has this lock alone may
/// drop it), and asks whether it is time to look for what others left behind.
pub(super) const ENTER: &str = "\
SELECT pg_advisory_lock_shared(2); \
UPDATE swept SET at = clock_timestamp() WHERE at < clock_timestamp() - interval '1 second' RETURNING at";

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

/// Makes the control database where there is none; `client` is connected to another.
pub(super) fn make(client: &mut Client, endpoint: &Endpoint) -> Result<(), Refusal> {
    let database = database(endpoint);
    let exists = "SELECT EXISTS (SELECT FROM pg_database WHERE datname = $1)";
    if !client.query_one(exists, &[&database])?.get::<_, bool>(0) {
        let sql = format!("CREATE DATABASE {} TEMPLATE template0", quote_identifier(&database));
        match client.batch_execute(&sql) {
            // Another process was as fast.
            Err(error)
                if [SqlState::DUPLICATE_DATABASE, SqlState::UNIQUE_VIOLATION]
                    .iter()
                    .any(|state| error.code() == Some(state)) => {}
            made => made?,
        }
    }
    endpoint.connect_with(&database, "", "tdata")?.batch_execute(TABLES)?;
    Ok(())
}
