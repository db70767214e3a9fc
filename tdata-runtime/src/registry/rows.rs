//! On a server that is not ours: a row for each database, in a database of tdata's own.
//!
//! A session has a connection to it, its lease, whose application name says that the session is alive.

use std::fmt;
use std::io;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, OnceLock};
use std::time::{Duration, Instant, SystemTime};

use postgres::types::{ToSql, Type};
use postgres::{Client, Row, SimpleQueryMessage};
use tdata_postgres::Refusal;

use super::control;
use super::files::PATIENCE;
use super::record::{Abandoned, Claim, Found, Hold, Kind, Lock, Registry, WITHDRAWN};
use super::session_lock::{Names, SessionLock};
use crate::server::{Server, SessionId};

/// What a session does when it takes its lease: it says that the control database is in use (whoever has this lock
/// alone may drop it), and asks for the server's life, and whether it is time to look for what others left behind.
const ENTER: &str = "\
SELECT pg_advisory_lock_shared(2); SELECT id FROM life; \
UPDATE looked SET at = clock_timestamp() WHERE at < clock_timestamp() - interval '1 second' RETURNING at";

/// The pause between two attempts to begin.
const PAUSE: Duration = Duration::from_millis(50);

/// How long a session waits until it may begin. Then it does all the same: those before it may wait for it, or be stopped.
const LONGEST_WAIT: Duration = Duration::from_secs(60);

/// Where so many sessions have connections enough, nobody counts them.
const PLENTY: i32 = 1_000;

/// The registry in a control database.
pub(super) struct Rows {
    server: Arc<Server>,
    session: String,
    /// The life of the server that the session began in.
    life: OnceLock<String>,
    /// The locks that the lease has.
    locks: Arc<Names>,
    /// Whether there was room for this session beside others: what it has begun it goes on with.
    is_admitted: AtomicBool,
    is_to_look: AtomicBool,
    /// Whether the session has ended: no lease is taken any more.
    is_closed: AtomicBool,
}

impl Rows {
    /// Opens the registry of a server, and makes it where there is none.
    pub(super) fn open(server: &Arc<Server>, id: &SessionId) -> Result<Self, Refusal> {
        /// How often a control database is made that others drop.
        const ATTEMPTS: u32 = 5;
        /// What a connection to a database that is not there is told.
        const NO_DATABASE: &str = "3D000";
        let rows = Self {
            server: Arc::clone(server),
            session: id.to_string(),
            life: OnceLock::new(),
            locks: Arc::default(),
            is_admitted: AtomicBool::new(false),
            is_to_look: AtomicBool::new(false),
            is_closed: AtomicBool::new(false),
        };
        // One process after the other, so that those that wait take no connections from those that have begun.
        let _front = server.wait_for_front();
        let open = || {
            control::make(server)?;
            rows.control(|_| Ok(()))
        };
        let mut opened = open();
        for _attempt in 1..ATTEMPTS {
            match &opened {
                // The last session of others has just dropped it.
                Err(refusal) if refusal.is(NO_DATABASE) => opened = open(),
                _ => break,
            }
        }
        opened.map(|()| rows)
    }

    /// Does work in the control database. A lease that was lost is taken again, and the work is done over it once more.
    fn control<T>(
        &self,
        work: impl Fn(&mut Client) -> Result<T, postgres::Error>,
    ) -> Result<T, Refusal> {
        let mut lease = self.server.lease.lock();
        if let Some(client) = &mut *lease {
            match work(client).map_err(Refusal::from) {
                Err(refusal) if refusal.is_connection() => *lease = None,
                done => return done,
            }
        }
        Ok(work(lease.insert(self.take_lease()?))?)
    }

    /// Takes a lease of the server: from here on it says that this session is alive. A session begins only where there
    /// are connections enough for all that it does; until then it waits, and has none.
    fn take_lease(&self) -> Result<Client, Refusal> {
        let start = Instant::now();
        let mut lease = self.connect()?;
        let mut is_told = false;
        while !self.admit(&mut lease)? {
            if start.elapsed() > LONGEST_WAIT {
                break;
            }
            drop(lease);
            if !std::mem::replace(&mut is_told, true) {
                self.server.notices().say(format_args!(
                    "waiting for other processes: the server has connections for {} at once",
                    self.server.sessions()
                ));
            }
            std::thread::sleep(PAUSE);
            lease = self.connect()?;
        }
        let messages = lease.simple_query(ENTER)?;
        let rows = messages.iter().filter_map(|one| match one {
            SimpleQueryMessage::Row(row) => Some(row.get(0).unwrap_or_default()),
            _ => None,
        });
        // The first row is that of the lock.
        let rows: Vec<&str> = rows.skip(1).collect();
        let (life, looked) = rows.split_first().ok_or_else(another_life)?;
        if self.life.get_or_init(|| (*life).to_owned()) != life {
            return Err(another_life());
        }
        self.is_to_look.store(!looked.is_empty(), Ordering::Relaxed);
        Ok(lease)
    }

    fn connect(&self) -> Result<Client, Refusal> {
        let name = control::lease(&self.session);
        let database = control::database(self.server.endpoint());
        self.server.connect_own(&database, control::PLACE, &name)
    }

    /// Takes one of the places that there are for sessions; `false` where none is free. Whoever had one goes on, and so
    /// does a process whose parent is such a session: that waits for it.
    fn admit(&self, lease: &mut Client) -> Result<bool, Refusal> {
        let places = i32::try_from(self.server.sessions()).unwrap_or(i32::MAX).max(1);
        if places > PLENTY {
            return Ok(true);
        }
        let take = "SELECT FROM generate_series(1, $1) AS place \
                    WHERE pg_try_advisory_lock(3, place) \
                       OR EXISTS (SELECT FROM pg_stat_activity WHERE application_name LIKE $2) LIMIT 1";
        let parent = control::lease_of_parent();
        let is_free =
            lease.query_typed(take, &[(&places, Type::INT4), (&parent, Type::TEXT)])?.len() == 1;
        Ok(is_free | self.is_admitted.fetch_or(is_free, Ordering::Relaxed))
    }

    fn query(&self, sql: &str, texts: &[&str]) -> Result<Vec<Row>, Refusal> {
        let values: Vec<(&(dyn ToSql + Sync), Type)> =
            texts.iter().map(|text| (text as &(dyn ToSql + Sync), Type::TEXT)).collect();
        self.control(|client| client.query_typed(sql, &values))
    }

    fn claims(&self, rows: &[Row]) -> Vec<Claim> {
        rows.iter().filter_map(claim).collect()
    }
}

/// Reads a claim of the columns `kind`, `key` and `database`.
fn claim(row: &Row) -> Option<Claim> {
    let word: String = row.get("kind");
    let kind = Kind::ALL.into_iter().find(|kind| kind.word() == word)?;
    Some(Claim { kind, key: row.get("key"), database: row.get("database"), hold: Hold::Row })
}

/// Reads what was found of the columns `database` and `notes`.
fn found(rows: &[Row]) -> Option<Found> {
    let row = rows.first()?;
    Some(Found { database: row.get("database"), notes: row.get("notes") })
}

/// What is said when the server lives another life than before.
fn another_life() -> Refusal {
    let text = "the server recovered from a crash or was restored, and may have lost rows";
    Refusal::on_the_way(&io::Error::other(text))
}

impl Registry for Rows {
    fn prove_life(&self) -> Result<(), Refusal> {
        let rows = self.query("SELECT id FROM life", &[])?;
        let life = rows.first().map(|row| row.get::<_, String>(0));
        if life.as_ref() == self.life.get() { Ok(()) } else { Err(another_life()) }
    }

    fn lock(&self, name: &str) -> Result<Lock, Refusal> {
        let sql = "SELECT FROM (VALUES ($1)) AS lock (name) \
                   WHERE pg_try_advisory_lock(hashtextextended(name, 0))";
        let is_free = || Ok(self.query(sql, &[name])?.len() == 1);
        SessionLock::take(name, &self.locks, &self.server, is_free).map(Lock::Session)
    }

    fn enter(&self, kind: Kind, key: &str, database: &str) -> Result<Claim, Refusal> {
        // A lost lease may have done it already.
        let sql = "INSERT INTO entry (database, kind, key, holder) VALUES ($1, $2, $3, $4) \
                   ON CONFLICT (database) DO UPDATE SET holder = EXCLUDED.holder";
        self.query(sql, &[database, kind.word(), key, &self.session])?;
        let (key, database) = (key.to_owned(), database.to_owned());
        Ok(Claim { kind, key, database, hold: Hold::Row })
    }

    fn publish(&self, claim: Claim, notes: &str) -> Result<(), Refusal> {
        let sql = "WITH published AS (UPDATE entry SET holder = NULL, notes = $2, used = clock_timestamp() \
                                      WHERE database = $1 RETURNING database, kind) \
                   INSERT INTO guest (database, session) \
                   SELECT database, $3 FROM published WHERE kind = $4";
        let instance = Kind::Instance.word();
        self.query(sql, &[&claim.database, notes, &self.session, instance])?;
        Ok(())
    }

    fn find(&self, kind: Kind, key: &str) -> Result<Option<Found>, Refusal> {
        let sql = "SELECT database, notes FROM entry \
                   WHERE kind = $1 AND key = $2 AND holder IS NULL AND until IS NULL \
                   ORDER BY database LIMIT 1";
        Ok(found(&self.query(sql, &[kind.word(), key])?))
    }

    fn join(&self, key: &str) -> Result<Option<Found>, Refusal> {
        let sql = "WITH joined AS (UPDATE entry SET used = clock_timestamp() \
                                   WHERE kind = $1 AND key = $2 AND holder IS NULL AND until IS NULL \
                                   RETURNING database, notes), \
                        entered AS (INSERT INTO guest (database, session) \
                                    SELECT database, $3 FROM joined ON CONFLICT DO NOTHING) \
                   SELECT database, notes FROM joined";
        Ok(found(&self.query(sql, &[Kind::Instance.word(), key, &self.session])?))
    }

    fn withdraw(&self, kind: Kind, key: &str, database: &str) {
        let sql = "UPDATE entry SET key = $4 WHERE kind = $1 AND key = $2 AND database = $3";
        // What cannot be withdrawn is looked at again behind its next user.
        let _ = self.query(sql, &[kind.word(), key, database, WITHDRAWN]);
    }

    fn claim(
        &self,
        kind: Kind,
        key: &str,
        _slot: usize,
    ) -> Result<Option<(Claim, String)>, Refusal> {
        let sql = "UPDATE entry SET holder = $3 WHERE database = \
                     (SELECT database FROM entry \
                      WHERE kind = $1 AND key = $2 AND holder IS NULL AND until IS NULL \
                      ORDER BY database LIMIT 1 FOR UPDATE SKIP LOCKED) \
                   RETURNING kind, key, database, notes";
        let rows = self.query(sql, &[kind.word(), key, &self.session])?;
        Ok(rows.first().and_then(|row| Some((claim(row)?, row.get("notes")))))
    }

    fn surplus(&self, kind: Kind, most: usize) -> Result<Vec<Claim>, Refusal> {
        let sql = "UPDATE entry SET holder = $2 WHERE database IN \
                     (SELECT database FROM entry WHERE kind = $1 AND holder IS NULL AND until IS NULL \
                      ORDER BY used DESC OFFSET $3::text::int8 FOR UPDATE SKIP LOCKED) \
                   RETURNING kind, key, database";
        let rows = self.query(sql, &[kind.word(), &self.session, &most.to_string()])?;
        Ok(self.claims(&rows))
    }

    fn abandoned(&self) -> Result<Vec<Abandoned>, Refusal> {
        // Whoever looks holds them: nobody else drops the same, and if it is killed another does.
        let is_alive = |session: &str| {
            format!(
                "EXISTS (SELECT FROM pg_stat_activity \
                         WHERE application_name LIKE '{}' || {session} || ' %')",
                control::LEASE
            )
        };
        let sql = format!(
            "WITH lost AS MATERIALIZED \
               (SELECT database, until IS NOT NULL AS overdue FROM entry \
                WHERE until < clock_timestamp() \
                   OR until IS NULL AND holder IS NOT NULL AND NOT {holder} \
                   OR until IS NULL AND holder IS NULL AND kind = '{instance}' \
                      AND used < clock_timestamp() - interval '{patience} seconds' \
                      AND NOT EXISTS (SELECT FROM guest \
                                      WHERE guest.database = entry.database AND {guest}) \
                FOR UPDATE SKIP LOCKED) \
             UPDATE entry SET holder = $1, until = NULL FROM lost WHERE entry.database = lost.database \
             RETURNING kind, key, entry.database AS database, overdue",
            holder = is_alive("holder"),
            guest = is_alive("guest.session"),
            instance = Kind::Instance,
            patience = PATIENCE.as_secs(),
        );
        let rows = self.query(&sql, &[&self.session])?;
        let abandoned = rows.iter().filter_map(|row| {
            Some(Abandoned { claim: claim(row)?, is_overdue: row.get("overdue") })
        });
        Ok(abandoned.collect())
    }

    fn remove(&self, claim: Claim) -> Result<(), Refusal> {
        // Of a handle that outlived its session. The next session finds the entry abandoned, and drops what is not there.
        if self.is_closed.load(Ordering::Relaxed) {
            return Ok(());
        }
        let sql = "WITH gone AS (DELETE FROM guest WHERE database = $1) \
                   DELETE FROM entry WHERE database = $1";
        self.query(sql, &[&claim.database])?;
        Ok(())
    }

    fn hold_until(&self, claim: &Claim, until: SystemTime) -> Result<(), Refusal> {
        let sql = "UPDATE entry SET holder = NULL, until = to_timestamp($2::text::float8) \
                   WHERE database = $1";
        let seconds = until.duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
        self.query(sql, &[&claim.database, &seconds.as_secs_f64().to_string()])?;
        Ok(())
    }

    fn is_time_to_look(&self) -> bool {
        self.is_to_look.swap(false, Ordering::Relaxed)
    }

    fn told(&self, _name: &str) -> Option<String> {
        None
    }

    fn tell(&self, _name: &str, _text: &str) {}

    fn leave(&self) -> Result<Vec<Claim>, Refusal> {
        let left = "WITH gone AS (DELETE FROM guest WHERE session = $1 RETURNING database) \
                    UPDATE entry SET used = clock_timestamp() FROM gone \
                    WHERE gone.database = entry.database";
        self.query(left, &[&self.session])?;
        let is_last = self.control(|client| {
            client.batch_execute("SELECT pg_advisory_unlock_shared(2)")?;
            Ok(client.query_one("SELECT pg_try_advisory_lock(2)", &[])?.get::<_, bool>(0))
        })?;
        if !is_last {
            return Ok(Vec::new());
        }
        // Should this be cut off, the next session finds nothing that it takes for usable.
        let all = "UPDATE entry SET holder = $1 WHERE until IS NULL RETURNING kind, key, database";
        Ok(self.claims(&self.query(all, &[&self.session])?))
    }

    fn close(&self) -> Result<(), Refusal> {
        // What is held until a time has to be known until then; and where others are, it is theirs.
        let is_over = self.control(|client| {
            let sql = "SELECT NOT EXISTS (SELECT FROM entry) AND pg_try_advisory_lock(2)";
            Ok(client.query_one(sql, &[])?.get::<_, bool>(0))
        });
        // The lease goes in any case, and its locks with it: others wait for them.
        self.is_closed.store(true, Ordering::Relaxed);
        *self.server.lease.lock() = None;
        if is_over? { control::drop(&self.server, &self.session) } else { Ok(()) }
    }
}

impl fmt::Debug for Rows {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Rows of {}", self.session)
    }
}
