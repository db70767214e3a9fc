//! A connection that one user after another may have.

use postgres::{Client, SimpleQueryMessage, Statement};

use tdata_factory::store::Refusal;

/// Makes a session as it was when it began. The first row tells how much of it cannot be undone: prepared
/// statements by name, channels that were listened to, counts that were turned off.
///
/// Statements that clients prepare stay: `DISCARD ALL` would take those away that the client needs itself.
const CLEAN: &str = "\
ROLLBACK; \
SET SESSION AUTHORIZATION DEFAULT; \
SELECT (SELECT count(*) FROM pg_prepared_statements WHERE from_sql) \
     + (SELECT count(*) FROM pg_listening_channels()) \
     + (current_setting('track_counts') <> 'on')::int; \
CLOSE ALL; RESET ALL; SELECT pg_advisory_unlock_all(); DISCARD TEMP; DISCARD SEQUENCES";

/// A connection to a clone that one user after another may have.
pub(in crate::isolate) struct Session {
    pub(super) client: Client,
    /// How often the clone's state was asked for.
    pub(super) inspections: u32,
    /// The query for it, from the second time on.
    pub(super) inspection: Option<Statement>,
}

impl Session {
    pub(in crate::isolate) fn new(client: Client) -> Self {
        Self { client, inspections: 0, inspection: None }
    }

    /// Makes the session as it was when it began; `false` where that cannot be done.
    pub(in crate::isolate) fn clean(&mut self) -> Result<bool, Refusal> {
        let messages = self.client.simple_query(CLEAN)?;
        let left = messages.iter().find_map(|message| match message {
            SimpleQueryMessage::Row(row) => row.get(0),
            _ => None,
        });
        Ok(left == Some("0"))
    }
}
