//! Drops what instances leave, on a thread of its own.

use std::collections::HashMap;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, OnceLock};
use std::thread::{self, JoinHandle};

use parking_lot::Mutex;
use postgres::Client;
use postgres::error::SqlState;

use crate::server::Server;
use tdata_factory::store::Refusal;

/// What an instance leaves.
#[derive(Debug)]
pub(super) enum Remains {
    /// A database.
    Database(String),
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
    let reaper = REAPER.get().and_then(|reaper| reaper.lock().take());
    if let Some(Reaper { sender, thread }) = reaper {
        drop(sender);
        let _ = thread.join();
    }
}

fn work(receiver: Receiver<(Arc<Server>, Remains)>) {
    let mut schema_clients: HashMap<String, Client> = HashMap::new();
    for (server, remains) in receiver {
        let dropped: Result<(), Refusal> = match remains {
            Remains::Database(database) => server.maintain(|client| {
                let sql = format!("DROP DATABASE IF EXISTS {database} WITH (FORCE)");
                client.batch_execute(&sql)
            }),
            Remains::Schema { database, schema } => {
                drop_schema(&server, database, &schema, &mut schema_clients)
            }
        };
        if let Err(refusal) = dropped
            && !refusal.is_connection()
        {
            crate::notice!("could not clean up after a test: {refusal}");
        }
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
        _ => server.endpoint().connect(&database)?,
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
