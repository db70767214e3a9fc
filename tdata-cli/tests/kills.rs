//! Runs, and servers, that are killed while rows are loaded: nothing claims to be complete and is not, and the next run succeeds.
//!
//! `TDATA_TEST_KILLS=50 cargo test -p tdata-cli --test kills` kills more often, at moments by chance.

#![cfg(unix)]
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

#[expect(dead_code, reason = "numbers are all that is used of it")]
#[path = "../../tests/chance/mod.rs"]
mod chance;
mod database;
#[path = "../../tests/foreign_server/mod.rs"]
mod foreign_server;
mod run;

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use chance::Chance;
use database::{Database, wait_until};
use foreign_server::{ForeignServer, programs};

const USERS: i64 = 5_000;
const ORDERS: i64 = 20_000;

/// The rows, whatever their order.
const SUM: &str = "SELECT (SELECT sum(hashtextextended(u::text, 0)) FROM users u)::text || (SELECT sum(hashtextextended(o::text, 0)) FROM orders o)";

fn all(streams: &str) -> [&str; 7] {
    ["provision", "users", "orders", "--volume", "full", "--streams", streams]
}

fn sum(database: &Database) -> String {
    database.client().query_one(SUM, &[]).unwrap().get(0)
}

/// Provisions once, and returns how long that takes and what the rows add up to. Nothing is left.
fn once(database: &Database, streams: &str) -> (Duration, String) {
    let start = Instant::now();
    database.told(&all(streams));
    let took = (start.elapsed(), sum(database));
    clean(database);
    took
}

fn clean(database: &Database) {
    for (id, _) in database.states() {
        database.told(&["cleanup", &id]);
    }
    assert!(database.tables().is_empty());
}

/// Looks at what a run has left that was cut short, and runs it again.
fn look(database: &Database, streams: &str, expected: &str) -> String {
    let states = database.states();
    let tables = database.tables();
    let is_there = tables.contains("public.users") || tables.contains("public.orders");
    match states.first().map(|(_, state)| state.as_str()) {
        None => assert!(tables.is_empty(), "{tables:?}"),
        Some("loading") => assert!(!is_there, "{tables:?}"),
        // From the moment on in which tables have their names, they are whole.
        Some(state) => {
            assert!(["unchecked", "complete"].contains(&state), "{state}");
            assert_eq!(sum(database), expected, "{state}");
        }
    }
    let is_complete = states.iter().any(|(_, state)| state == "complete");
    // What was replaced has one connection.
    if is_complete {
        clean(database);
    }
    let told = database.told(&all(streams));
    let id = told["id"].as_str().unwrap().to_owned();
    assert_eq!(database.states(), [(id, "complete".to_owned())]);
    let count = |table: &str| database.count(&format!("SELECT count(*) FROM {table}"));
    assert_eq!((count("users"), count("orders")), (USERS, ORDERS));
    assert_eq!(sum(database), expected);
    clean(database);
    let state = states.first().map_or("nothing", |(_, state)| state);
    format!("{state}{}", if told["resumed"] == true { ", gone on with" } else { "" })
}

/// Prints what was found how often.
fn print(streams: &str, found: &[String]) {
    let mut counts: BTreeMap<&str, u32> = BTreeMap::new();
    found.iter().for_each(|state| *counts.entry(state).or_default() += 1);
    println!("{streams} connections: {counts:?}");
}

fn kills() -> u32 {
    std::env::var("TDATA_TEST_KILLS").map_or(4, |kills| kills.parse().unwrap())
}

/// The most kills in mid-load that are tried until one meets it.
const MOST: u32 = 50;

/// When runs are killed: at moments by chance, and then in mid-load, until one was met there.
struct Moments {
    chance: Chance,
    took: Duration,
}

impl Moments {
    /// `TDATA_TEST_KILLS_SEED=7` has the same moments again.
    fn new(streams: &str, took: Duration) -> Self {
        let said = std::env::var("TDATA_TEST_KILLS_SEED").map(|seed| seed.parse().unwrap());
        let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap();
        let seed = said.unwrap_or(u64::from(now.subsec_nanos()));
        println!("{streams} connections: TDATA_TEST_KILLS_SEED={seed}");
        Self { chance: Chance(seed), took }
    }

    /// Tells whether there is another kill to come behind those whose states were found.
    fn has_next(streams: &str, found: &[String]) -> bool {
        let is_met = streams == "1" || found.iter().any(|state| state.starts_with("loading"));
        assert!(found.len() < (kills() + MOST) as usize, "no kill met a load: {found:?}");
        found.len() < kills() as usize || !is_met
    }

    /// Waits for the moment of the next kill.
    fn wait(&mut self, database: &Database, found: &[String]) {
        if found.len() < kills() as usize {
            let share = u32::try_from(self.chance.below(1000)).unwrap();
            std::thread::sleep(self.took * share / 1000);
            return;
        }
        let mut client = database.client();
        let is_made = "SELECT to_regclass('tdata.provision') IS NOT NULL";
        let is_begun = "SELECT EXISTS (SELECT FROM tdata.provision)";
        let mut is = |sql: &str| client.query_one(sql, &[]).unwrap().get::<_, bool>(0);
        wait_until("a load", || is(is_made) && is(is_begun));
    }
}

#[test]
fn a_killed_run_leaves_nothing_that_claims_to_be_complete_and_is_not() {
    let database = Database::new();
    for streams in ["1", "4"] {
        let (took, expected) = once(&database, streams);
        let mut found = Vec::new();
        let mut moments = Moments::new(streams, took);
        while Moments::has_next(streams, &found) {
            let mut child = database.spawn(&all(streams));
            moments.wait(&database, &found);
            child.kill().unwrap();
            child.wait().unwrap();
            database.wait_for_the_end_of_runs();
            found.push(look(&database, streams, &expected));
        }
        print(streams, &found);
    }
}

#[test]
fn a_killed_server_leaves_nothing_that_claims_to_be_complete_and_is_not() {
    let Some(programs) = programs() else {
        eprintln!("not run: no PostgreSQL server programs here");
        return;
    };
    let mut server = ForeignServer::start(&programs, &[]);
    let database = Database::of(server.url());
    for streams in ["1", "4"] {
        let (took, expected) = once(&database, streams);
        let mut found = Vec::new();
        let mut moments = Moments::new(streams, took);
        while Moments::has_next(streams, &found) {
            let child = database.spawn(&all(streams));
            moments.wait(&database, &found);
            server.crash();
            let said = run::said(child.wait_with_output().unwrap());
            // It may have been done already, or have met no server.
            assert!(matches!(said.code, Some(0 | 1)), "{said:?}");
            server.boot_again();
            found.push(look(&database, streams, &expected));
        }
        print(streams, &found);
    }
}
