//! Proof that data which several tests use are as they were.

use std::fmt;

use parking_lot::Mutex;
use postgres::Client;
use tdata_postgres::Refusal;

use super::definitions::{self, rows};
use super::guard::SCHEMA;

/// What tells of guarded data whether anybody changed them.
pub(super) struct Proof {
    /// What was found once the guard was set up.
    pub(super) found: String,
    /// Under which key others find the data.
    pub(super) key: String,
    pub(super) look: Look,
    /// A connection to look with, from the first time on that nobody has brought one.
    client: Mutex<Option<Client>>,
}

/// What has to be looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Look {
    /// Whether sequences are, which go on counting in transactions that are rolled back.
    pub(super) at_sequences: bool,
    /// Whether all that is defined is, where no guard refuses to change it.
    pub(super) at_definitions: bool,
    /// Whether the contents of large objects are, which superusers may read.
    pub(super) at_large_objects: bool,
}

/// Makes a session as it was when it began, as far as a query feels it.
const CLEAN: &str = "ROLLBACK; SET SESSION AUTHORIZATION DEFAULT; SET ROLE NONE; RESET ALL";

impl Look {
    /// Looks at a database: at its guard, which can be taken down by nobody but a superuser, and at what a guard does not
    /// refuse. While the guard stands as it was set up, nothing else can have changed.
    pub(super) fn now(self, client: &mut Client) -> Result<String, Refusal> {
        let mut parts = vec![
            rows("pg_event_trigger o"),
            rows("pg_trigger o WHERE NOT tgisinternal"),
            rows(&format!("pg_proc o WHERE pronamespace = '{SCHEMA}'::regnamespace")),
            rows("pg_largeobject_metadata o"),
        ];
        parts.extend(definitions::OF_THE_DATABASE.map(rows));
        if self.at_definitions {
            parts.extend(definitions::within(definitions::OF_USERS));
        }
        if self.at_large_objects {
            parts.push(rows("pg_largeobject o"));
        }
        if self.at_sequences {
            let sequences = "(SELECT string_agg(concat(schemaname, '.', sequencename, last_value), ' ' \
                             ORDER BY schemaname, sequencename) FROM pg_sequences)";
            parts.push(sequences.to_owned());
        }
        let sql = format!(
            "SELECT concat_ws(' ', d.xmin, {}) FROM pg_database d WHERE datname = current_database()",
            parts.join(", ")
        );
        client.batch_execute(CLEAN)?;
        Ok(client.query_one(&sql, &[])?.get(0))
    }
}

impl Proof {
    pub(super) fn new(look: Look, found: String, key: &str) -> Self {
        Self { found, key: key.to_owned(), look, client: Mutex::default() }
    }

    /// Tells whether the data are as they were. `client` is a connection to them that nobody uses any more, else `connect`
    /// makes one.
    pub(super) fn holds(
        &self,
        client: Option<Client>,
        connect: impl FnOnce() -> Result<Client, Refusal>,
    ) -> Result<bool, Refusal> {
        if let Some(mut client) = client {
            return Ok(self.look.now(&mut client)? == self.found);
        }
        let mut kept = self.client.lock();
        let mut client = match kept.take().filter(|client| !client.is_closed()) {
            Some(client) => client,
            None => connect()?,
        };
        let found = self.look.now(&mut client)?;
        *kept = Some(client);
        Ok(found == self.found)
    }
}

impl fmt::Debug for Proof {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Proof of {}", self.key)
    }
}
