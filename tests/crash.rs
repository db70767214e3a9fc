//! Servers that lose what they held: a backend that is killed, as the kernel does when memory runs short, empties every
//! unlogged table.

#![cfg(feature = "server")]
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod foreign_server;
#[expect(dead_code, reason = "other tests use the rest")]
mod own_server;
mod project;

use foreign_server::{ForeignServer, signal};
use own_server::{OwnServer, programs, say, wait_until};
use postgres::Client;
use project::Project;
use tdata::{Config, Engine, Isolation, Notices, Scope, ServerChoice, TestData};

const TABLES: &str = "
CREATE UNLOGGED TABLE hits (id int PRIMARY KEY, path text NOT NULL);
CREATE UNLOGGED TABLE kinds (name text PRIMARY KEY);
INSERT INTO kinds VALUES ('page'), ('image'), ('script');";

const HITS: &str = "  volume: { count: 20 }
  fields:
    - { name: id, type: integer, generator: sequence }
    - { name: path, type: text, generator: full_name }
";

fn project() -> Project {
    let files = [("tdata.toml", "migrations = \"migrations\"\n"), ("migrations/1.sql", TABLES)];
    Project::with(&files).define("hits", HITS)
}

/// Kills the backend of a connection. The server cuts off all others.
fn kill(client: &mut Client) {
    let process: i32 = client.query_one("SELECT pg_backend_pid()", &[]).unwrap().get(0);
    assert!(signal("-KILL", process.cast_unsigned()));
}

/// How many rows the definition and the migration put there, as far as the server answers.
fn rows(data: &TestData) -> Option<[i64; 2]> {
    let mut client = data.try_client().ok()?;
    let sql = "SELECT (SELECT count(*) FROM hits), (SELECT count(*) FROM kinds)";
    let row = client.query_one(sql, &[]).ok()?;
    Some([row.get(0), row.get(1)])
}

const ISOLATIONS: [Isolation; 3] = [Isolation::Full, Isolation::Schema, Isolation::Transaction];

#[test]
fn what_a_server_by_url_lost_in_a_crash_is_made_anew() {
    let Some(programs) = programs() else { return say("not run: no server programs here") };
    let (server, project) = (ForeignServer::start(&programs, &[]), project());
    let engine = || {
        let config = Config::new().project(project.path()).database_url(server.url());
        Engine::new(config.notices(Notices::none()))
    };
    let (one, other) = (engine(), engine());
    let provision = |engine: &Engine, isolation, scope| {
        let request = engine.request(["hits"]).isolation(isolation).scope(scope, "");
        let data = request.provision().unwrap();
        assert_eq!(rows(&data), Some([20, 3]), "{isolation} {scope}");
        data
    };
    let all = |engine: &Engine| {
        for isolation in ISOLATIONS {
            for scope in [Scope::TestCase, Scope::Shared] {
                drop(provision(engine, isolation, scope));
            }
        }
    };
    for _ in 0..2 {
        all(&one);
        all(&other);
        let data = provision(&one, Isolation::Full, Scope::TestCase);
        let mut neighbour = server.wait();
        kill(&mut data.client());
        // The server cuts off all others before it recovers.
        wait_until("the crash", || neighbour.simple_query("").is_err());
        drop(server.wait());
        drop(data);
    }
    all(&other);
    all(&one);
    // Whoever comes later trusts no more of it.
    all(&engine());
    drop((one, other));
    let sql = "SELECT count(*) FROM pg_database WHERE datname LIKE 'tdata%'";
    let left: i64 = server.wait().query_one(sql, &[]).unwrap().get(0);
    assert_eq!(left, 0);
}

#[test]
fn a_server_of_ours_does_not_recover_from_a_crash() {
    let Some(server) = OwnServer::new() else { return };
    let OwnServer::Local { programs, .. } = &server else { return };
    let project = project();
    let config = Config::new().project(project.path()).server(ServerChoice::Local);
    let engine = Engine::new(config.programs(programs).notices(Notices::none()));
    let provision = || engine.request(["hits"]).provision();
    let data = provision().unwrap();
    let first = data.server().endpoint().place();
    assert_eq!(rows(&data), Some([20, 3]));
    kill(&mut data.client());
    drop(data);
    // Until its end is noticed, requests may fail; none gets less than the rows.
    wait_until("data on another server", || {
        let Ok(data) = provision() else { return false };
        let found = rows(&data);
        assert!(found.is_none_or(|rows| rows == [20, 3]), "{found:?}");
        found.is_some() && data.server().endpoint().place() != first
    });
}
