//! A server that only reads.

#![cfg(unix)]
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod database;
#[path = "../../tests/foreign_server/mod.rs"]
mod foreign_server;
mod run;

use database::Database;
use foreign_server::{ForeignServer, programs};

#[test]
fn a_standby_tells_what_is_there() {
    let Some(programs) = programs() else {
        eprintln!("not run: no PostgreSQL server programs here");
        return;
    };
    let mut server = ForeignServer::start(&programs, &[]);
    let database = Database::of(server.url());
    let id = database.provisioned(&[]);
    server.become_standby();
    assert_eq!(database.states(), [(id, "complete".to_owned())]);
}
