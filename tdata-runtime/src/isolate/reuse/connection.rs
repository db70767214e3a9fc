//! A connection that one user after another may have.

use postgres::{Client, SimpleQueryMessage, Statement};
use tdata_postgres::Refusal;

use crate::isolate::shape::OTHERS;

/// Makes a session as it was when it began. The first row tells how much of it cannot be undone: prepared
/// statements by name, channels that were listened to, counts that were turned off.
///
/// Statements that clients prepare stay: `DISCARD ALL` would take those away that the client needs itself.
const CLEAN: &str = "\
ROLLBACK; \
SET SESSION AUTHORIZATION DEFAULT; \
SELECT (SELECT count(*) FROM pg_prepared_statement() WHERE from_sql) \
     + (SELECT count(*) FROM pg_listening_channels()) \
     + (current_setting('track_counts') <> 'on')::int; \
CLOSE ALL; RESET ALL; SELECT pg_advisory_unlock_all(); DISCARD TEMP; DISCARD SEQUENCES";

/// Acts as the role that connected, whatever role the database or its settings let sessions act as: tests may act as one that
/// sees less. Tells whether they do.
const OWN_ROLE: &str = "RESET ROLE; SELECT (current_setting('role') <> 'none')::int; SET ROLE NONE";

/// What is found on the way to a clone's state.
pub(super) struct Others {
    /// Whether the session is as it was when it began.
    pub(super) is_clean: bool,
    /// How many others are connected.
    pub(super) connected: i64,
}

/// A connection to a clone that one user after another may have.
pub(in crate::isolate) struct Connection {
    pub(super) client: Client,
    /// Whether it acts as the role that connected, and tests are to act as another.
    acts_as_itself: bool,
    /// How often the clone's state was asked for.
    pub(super) inspections: u32,
    /// The query for it, from the second time on.
    pub(super) inspection: Option<Statement>,
}

impl Connection {
    pub(in crate::isolate) fn new(client: Client) -> Self {
        Self { client, acts_as_itself: false, inspections: 0, inspection: None }
    }

    /// Makes the session as it was when it began; `false` where that cannot be done.
    pub(in crate::isolate) fn clean(&mut self) -> Result<bool, Refusal> {
        self.acts_as_itself = false;
        Ok(self.numbers(&format!("{CLEAN}; RESET ROLE"))?.first() == Some(&0))
    }

    /// Lets the session act as tests do, if it does not.
    pub(in crate::isolate) fn act_as_tests(&mut self) -> Result<(), Refusal> {
        if std::mem::take(&mut self.acts_as_itself) {
            self.client.batch_execute("RESET ROLE")?;
        }
        Ok(())
    }

    /// Asks for single numbers, each by a query of its own, in one round trip.
    fn numbers(&mut self, sql: &str) -> Result<Vec<i64>, Refusal> {
        let messages = self.client.simple_query(sql)?;
        let numbers = messages.iter().filter_map(|message| match message {
            SimpleQueryMessage::Row(row) => row.get(0)?.parse().ok(),
            _ => None,
        });
        Ok(numbers.collect())
    }

    /// Lets this session's counts be published, and counts who else is connected: who leaves publishes its counts
    /// before it is not seen any more. The session may be cleaned first, in the same round trip.
    pub(super) fn others(&mut self, cleaned: bool) -> Result<Others, Refusal> {
        let clean = if cleaned { CLEAN } else { "SELECT 0" };
        let flush = "SELECT pg_stat_force_next_flush()";
        let numbers = self.numbers(&format!("{clean}; {OWN_ROLE}; {OTHERS}; {flush}"))?;
        self.acts_as_itself = numbers.get(1) == Some(&1);
        // `pg_advisory_unlock_all` and the like return rows without a number.
        let (first, last) = (numbers.first(), numbers.last());
        Ok(Others { is_clean: first == Some(&0), connected: last.copied().unwrap_or(1) })
    }
}
