//! Runs, and servers, that are killed while rows are loaded: nothing claims to be complete and is not, and the next run succeeds.
//!
//! `TDATA_TEST_KILLS=50 cargo test -p tdata-cli --test kills` kills more often.

#![cfg(unix)]
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod database;
#[path = "../../tests/foreign_server/mod.rs"]
mod foreign_server;
mod run;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use database::Database;
use foreign_server::ForeignServer;

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

/// A moment of a run: another one each time, from its first to its last.
fn moment(took: Duration, kill: u32) -> Duration {
    took.mul_f64((f64::from(kill) + 0.5) / f64::from(kills()))
}

#[test]
fn a_killed_run_leaves_nothing_that_claims_to_be_complete_and_is_not() {
    let database = Database::new();
    for streams in ["1", "4"] {
        let (took, expected) = once(&database, streams);
        let mut found = Vec::new();
        for kill in 0..kills() {
            let mut child = database.spawn(&all(streams));
            std::thread::sleep(moment(took, kill));
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
        for kill in 0..kills() {
            let child = database.spawn(&all(streams));
            std::thread::sleep(moment(took, kill));
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

/// Finds this machine's server programs.
fn programs() -> Option<PathBuf> {
    if let Some(named) = std::env::var_os("TDATA_PG_BIN") {
        return Some(named.into());
    }
    let path = std::env::var_os("PATH").unwrap_or_default();
    let folders: Vec<PathBuf> = std::env::split_paths(&path).collect();
    let usual = std::fs::read_dir("/usr/lib/postgresql").into_iter().flatten();
    let usual = usual.filter_map(|folder| Some(folder.ok()?.path().join("bin")));
    let has_all = |folder: &PathBuf| {
        ["initdb", "postgres"].iter().all(|program| Path::exists(&folder.join(program)))
    };
    folders.into_iter().chain(usual).find(has_all)
}
