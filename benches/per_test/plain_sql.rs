//! The same tests with nothing but SQL: what PostgreSQL itself takes.

use std::panic::resume_unwind;
use std::sync::mpsc::channel;
use std::thread;
use std::time::{Duration, Instant};

use postgres::{Client, Error, NoTls};
use tdata::TestData;
use tdata_bench::shop::{AFTER, BEFORE, COUNTS, INSERT, TESTS, THREADS};

/// The first version in which a clone can be a copy of files.
const FILE_COPY_SINCE: u32 = 150_000;

/// Runs the tests on clones of `data`'s database and returns how long that took.
pub(super) fn run(data: &TestData) -> Result<Duration, Box<dyn std::error::Error>> {
    let endpoint = data.server().endpoint();
    let template: String = {
        let mut client = data.client();
        client.query_one("SELECT current_database()::text", &[])?.get(0)
    };
    let maintenance = endpoint.url(endpoint.maintenance());
    // Nobody may be connected to a template, not even tdata's own session, which waits for its next user.
    let mut client = Client::connect(&maintenance, NoTls)?;
    let end = "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE datname = $1";
    while client.query_one(end, &[&template])?.get::<_, i64>(0) > 0 {
        thread::sleep(Duration::from_millis(1));
    }
    let file_copy = data.server().is_owned() && data.server().version() >= FILE_COPY_SINCE;
    let strategy = if file_copy { "STRATEGY FILE_COPY" } else { "" };
    let (sender, receiver) = channel::<String>();
    let start = Instant::now();
    thread::scope(|scope| {
        let dropper = scope.spawn(|| -> Result<(), Error> {
            let mut client = Client::connect(&maintenance, NoTls)?;
            for database in receiver {
                client.batch_execute(&format!("DROP DATABASE {database} WITH (FORCE)"))?;
            }
            Ok(())
        });
        let testers: Vec<_> = (0..THREADS)
            .map(|tester| {
                let sender = sender.clone();
                let (template, maintenance) = (&template, &maintenance);
                scope.spawn(move || -> Result<(), Error> {
                    let mut client = Client::connect(maintenance, NoTls)?;
                    for test in 0..TESTS / THREADS {
                        let database = format!("plain_{}_{tester}_{test}", std::process::id());
                        client.batch_execute(&format!(
                            "CREATE DATABASE {database} TEMPLATE {template} {strategy}"
                        ))?;
                        body(&mut Client::connect(&endpoint.url(&database), NoTls)?)?;
                        // The dropper ends only after the senders.
                        let _ = sender.send(database);
                    }
                    Ok(())
                })
            })
            .collect();
        drop(sender);
        let mut result = Ok(());
        for thread in testers.into_iter().chain([dropper]) {
            result = result.and(thread.join().unwrap_or_else(|panic| resume_unwind(panic)));
        }
        result
    })?;
    Ok(start.elapsed())
}

fn body(db: &mut Client) -> Result<(), Error> {
    for expected in [BEFORE, AFTER] {
        for (sql, expected) in COUNTS.iter().zip(expected) {
            assert_eq!(db.query_one(*sql, &[])?.get::<_, i64>(0), expected, "{sql}");
        }
        if expected == BEFORE {
            assert_eq!(db.execute(INSERT, &[])?, 1);
        }
    }
    Ok(())
}
