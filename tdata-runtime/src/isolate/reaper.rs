//! Drops what instances leave, on a thread of its own.

use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::sync::{Arc, OnceLock};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use parking_lot::Mutex;
use postgres::Client;
use postgres::error::SqlState;
use tdata_postgres::Refusal;

use super::outline::LazyPlan;
use super::reuse::{Fate, Idle, Surplus, drop_clone, give_back, succeed};
use super::template::Template;
use crate::server::Server;

/// What an instance leaves.
pub(super) enum Remains {
    /// A database.
    Database(String),
    /// A clone that is not to be used again.
    Clone {
        /// The clone.
        surplus: Surplus,
        /// What its next user would have wanted a clone of.
        successor: Option<Arc<Template>>,
    },
    /// A clone that others are connected to.
    InUse {
        /// What it was cloned from.
        template: Arc<Template>,
        /// The plan of its data.
        plan: LazyPlan,
        /// The clone.
        idle: Box<Idle>,
    },
    /// A schema in a database.
    Schema {
        /// The database.
        database: String,
        /// The schema.
        schema: String,
    },
}

struct Reaper {
    sender: Sender<(Arc<Server>, Remains)>,
    thread: JoinHandle<()>,
}

/// The reaper, while the process runs.
static REAPER: OnceLock<Mutex<Option<Reaper>>> = OnceLock::new();

/// Whether the process ends, so that nobody asks for clones any more.
static CLOSING: AtomicBool = AtomicBool::new(false);

/// Hands over what an instance leaves. It is dropped soon, and before the process ends.
pub(super) fn hand_over(server: Arc<Server>, remains: Remains) {
    let mut reaper = REAPER.get_or_init(|| Mutex::new(start())).lock();
    if let Some(Reaper { sender, .. }) = &mut *reaper {
        // The thread ends only after the sender.
        let _ = sender.send((server, remains));
    }
}

fn start() -> Option<Reaper> {
    let (sender, receiver) = channel();
    let spawned = thread::Builder::new().name("tdata-reaper".into()).spawn(|| work(receiver));
    // Without a thread, what remains goes when the process ends.
    spawned.ok().map(|thread| Reaper { sender, thread })
}

/// Waits until everything handed over is dropped. Nothing can be handed over afterwards.
pub(crate) fn finish_reaping() {
    CLOSING.store(true, Ordering::Relaxed);
    let reaper = REAPER.get().and_then(|reaper| reaper.lock().take());
    if let Some(Reaper { sender, thread }) = reaper {
        drop(sender);
        let _ = thread.join();
    }
}

/// How long a clone that is in use is waited for: pools close their connections in the background.
const PATIENCE: Duration = Duration::from_secs(1);

/// The pause between two looks at who is still connected.
const PAUSE: Duration = Duration::from_millis(5);

/// A clone that others are connected to.
struct InUse {
    since: Instant,
    server: Arc<Server>,
    template: Arc<Template>,
    plan: LazyPlan,
    idle: Box<Idle>,
}

fn work(receiver: Receiver<(Arc<Server>, Remains)>) {
    let mut schema_clients: HashMap<String, Client> = HashMap::new();
    let mut in_use: Vec<InUse> = Vec::new();
    loop {
        let next = match in_use.is_empty() {
            true => receiver.recv().map_err(|_| RecvTimeoutError::Disconnected),
            false => receiver.recv_timeout(PAUSE),
        };
        let (server, remains) = match next {
            Ok(next) => next,
            Err(RecvTimeoutError::Timeout) => {
                in_use = in_use.into_iter().filter_map(look_again).collect();
                continue;
            }
            Err(RecvTimeoutError::Disconnected) => break,
        };
        let dropped: Result<(), Refusal> = match remains {
            Remains::Database(database) => server.drop_database(&database),
            Remains::Clone { surplus, successor } => {
                // The next test has its clone before it asks.
                if let Some(template) = successor
                    && !CLOSING.load(Ordering::Relaxed)
                {
                    // That it cannot be made, who asks for one is told.
                    let _ = succeed(&server, &template);
                }
                drop_clone(&server, &surplus.database, surplus.claim)
            }
            Remains::InUse { template, plan, idle } => {
                let since = Instant::now();
                in_use.push(InUse { since, server, template, plan, idle });
                Ok(())
            }
            Remains::Schema { database, schema } => {
                drop_schema(&server, database, &schema, &mut schema_clients)
            }
        };
        told(dropped);
    }
    for InUse { server, idle, .. } in in_use {
        let Idle { database, claim, .. } = *idle;
        told(drop_clone(&server, &database, claim));
    }
}

/// Gives a clone back whose users may have gone; they are not waited for without end.
fn look_again(clone: InUse) -> Option<InUse> {
    let InUse { since, server, template, plan, idle } = clone;
    let surplus = match give_back(&server, &template, &plan, *idle) {
        Fate::Waits(None) | Fate::Gone => return None,
        Fate::InUse(idle) if since.elapsed() < PATIENCE => {
            return Some(InUse { since, server, template, plan, idle });
        }
        Fate::InUse(idle) => Surplus { database: idle.database, claim: idle.claim },
        Fate::Waits(Some(surplus)) | Fate::Dropped(surplus) => surplus,
    };
    told(drop_clone(&server, &surplus.database, surplus.claim));
    None
}

fn told(dropped: Result<(), Refusal>) {
    if let Err(refusal) = dropped
        && !refusal.is_connection()
    {
        crate::notice!("could not clean up after a test: {refusal}");
    }
}

fn drop_schema(
    server: &Server,
    database: String,
    schema: &str,
    clients: &mut HashMap<String, Client>,
) -> Result<(), Refusal> {
    let mut client = match clients.remove(&database) {
        Some(client) if !client.is_closed() => client,
        _ => server.connect(&database)?,
    };
    // A transaction that a test left open keeps its tables. It is not waited for long: the database
    // goes at the end of the run, and its schemas with it.
    let sql = format!(
        "SET client_min_messages = warning; SET lock_timeout = '2s'; \
         DROP SCHEMA IF EXISTS {schema} CASCADE"
    );
    let dropped = client.batch_execute(&sql).map_err(Refusal::from);
    clients.insert(database, client);
    match dropped {
        Err(refusal) if refusal.is(SqlState::LOCK_NOT_AVAILABLE.code()) => Ok(()),
        dropped => dropped,
    }
}
