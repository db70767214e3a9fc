//! Databases that get rows, and are cleaned up.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod run;

use std::collections::BTreeSet;
use std::process::Stdio;
use std::time::{Duration, Instant};

use postgres::{Client, NoTls};
use run::{Project, Said};
use tdata_runtime::{Config, Engine, Notices, TestData};

/// A database without tables, and a project whose rows get into it.
struct Database {
    project: Project,
    data: TestData,
    _engine: Engine,
}

const VOLUMES: &str = "users=50,orders=200";

impl Database {
    fn new() -> Self {
        let project = Project::new();
        let config = Config::from_environment().unwrap().project(project.path());
        let engine = Engine::new(config.workspace(project.path()).notices(Notices::none()));
        let data = engine.request::<&str>([]).provision().unwrap();
        Self { project, data, _engine: engine }
    }

    fn client(&self) -> Client {
        Client::connect(self.data.url(), NoTls).unwrap()
    }

    fn run(&self, arguments: &[&str]) -> Said {
        let url = ["--database-url", self.data.url()];
        self.project.run(&[arguments, &url].concat())
    }

    fn provision(&self, more: &[&str]) -> Said {
        self.run(&[&["provision", "users", "orders", "--volumes", VOLUMES], more].concat())
    }

    /// Provisions, and returns the ID.
    fn provisioned(&self, more: &[&str]) -> String {
        let said = self.provision(&[more, &["--format", "json"]].concat());
        assert_eq!(said.code, Some(0), "{said:?}");
        let told: serde_json::Value = serde_json::from_str(&said.out).unwrap();
        assert_eq!(told["status"], "success");
        assert_eq!(told["record_counts"]["orders"], 200);
        told["id"].as_str().unwrap().to_owned()
    }

    fn states(&self) -> Vec<(String, String)> {
        let said = self.run(&["status", "--format", "json"]);
        assert_eq!(said.code, Some(0), "{said:?}");
        let told: serde_json::Value = serde_json::from_str(&said.out).unwrap();
        let text = |value: &serde_json::Value| value.as_str().unwrap().to_owned();
        let entries = told.as_array().unwrap().iter();
        entries.map(|entry| (text(&entry["id"]), text(&entry["state"]))).collect()
    }

    /// Names all tables that somebody made.
    fn tables(&self) -> BTreeSet<String> {
        let sql = "SELECT format('%s.%s', schemaname, tablename) FROM pg_tables \
                   WHERE schemaname NOT IN ('pg_catalog', 'information_schema')";
        self.client().query(sql, &[]).unwrap().iter().map(|row| row.get(0)).collect()
    }

    fn count(&self, sql: &str) -> i64 {
        self.client().query_one(sql, &[]).unwrap().get(0)
    }
}

#[test]
fn what_was_provisioned_is_told_and_cleaned_up() {
    let database = Database::new();
    let id = database.provisioned(&[]);
    assert_eq!(database.count("SELECT count(*) FROM users"), 50);
    let lost =
        "SELECT count(*) FROM orders LEFT JOIN users ON users.id = user_id WHERE users.id IS NULL";
    assert_eq!(database.count(lost), 0);
    let keys = "SELECT count(*) FROM pg_constraint WHERE conrelid IN ('users'::regclass, 'orders'::regclass) \
                AND contype IN ('p', 'u', 'f')";
    assert_eq!(database.count(keys), 4);
    assert_eq!(database.states(), [(id.clone(), "complete".to_owned())]);
    let said = database.run(&["cleanup", &id]);
    assert_eq!(said.code, Some(0), "{said:?}");
    assert!(said.err.contains("250 rows deleted, 2 tables dropped"), "{said:?}");
    assert_eq!(database.tables(), BTreeSet::new());
    assert_eq!(database.states(), []);
    let said = database.run(&["cleanup", &id]);
    assert_eq!(said.code, Some(0), "whoever cleans twice makes no mistake");
    assert!(said.err.contains("nothing of"), "{said:?}");
    assert_eq!(database.run(&["status", &id]).code, Some(2));
    assert_eq!(database.run(&["cleanup", "users"]).code, Some(2), "it is no ID");
}

#[test]
fn a_dry_run_writes_nothing() {
    let database = Database::new();
    let said = database.provision(&["--dry-run"]);
    assert_eq!(said.code, Some(0), "{said:?}");
    assert!(said.out.contains("orders    200  orders, made"), "{said:?}");
    assert_eq!(database.tables(), BTreeSet::new());
}

#[test]
fn rows_that_are_there_are_overwritten_by_nobody_who_does_not_say_so() {
    let database = Database::new();
    database.provisioned(&[]);
    let before = "SELECT md5(string_agg(u::text, ',' ORDER BY id)) FROM users u";
    let sum = |client: &mut Client| client.query_one(before, &[]).unwrap().get::<_, String>(0);
    let first = sum(&mut database.client());
    let said = database.provision(&["--seed", "7"]);
    assert_eq!(said.code, Some(1));
    for told in
        ["`users` has 50 rows already", "`orders` has 200 rows already", "`--replace` removes"]
    {
        assert!(said.err.contains(told), "{said:?}");
    }
    assert_eq!(sum(&mut database.client()), first);
    // What is replaced belongs to the run that replaced it.
    let id = database.provisioned(&["--seed", "7", "--replace"]);
    assert_ne!(sum(&mut database.client()), first);
    assert_eq!(database.states(), [(id.clone(), "complete".to_owned())]);
    assert_eq!(database.run(&["cleanup", &id]).code, Some(0));
    assert_eq!(database.tables(), BTreeSet::new());
}

#[test]
fn rows_of_others_stay() {
    let database = Database::new();
    database.client().batch_execute("CREATE TABLE elsewhere (id int)").unwrap();
    let id = database.provisioned(&[]);
    let other = "INSERT INTO users (id, email, status) VALUES (99999, 'other@example.com', 'no'); \
                 UPDATE orders SET total = 1 WHERE id = (SELECT min(id) FROM orders)";
    database.client().batch_execute(other).unwrap();
    let user = "UPDATE orders SET user_id = 99999 WHERE total = 1";
    database.client().batch_execute(user).unwrap();
    let said = database.run(&["cleanup", &id]);
    assert_eq!(said.code, Some(0), "{said:?}");
    assert!(said.err.contains("orders: 1 row was changed or deleted since"), "{said:?}");
    assert_eq!(database.count("SELECT count(*) FROM users"), 1);
    assert_eq!(database.count("SELECT count(*) FROM orders"), 1);
    let left = ["public.elsewhere", "public.orders", "public.users"].map(str::to_owned);
    assert_eq!(database.tables(), BTreeSet::from(left));
}

#[test]
fn rows_that_break_a_promise_are_told_and_stay() {
    let database = Database::new();
    let users = database.project.read("data_definitions/users.yaml");
    let promise = "  validation:\n    - { constraint: \"status <> 'no'\" }\n";
    database.project.write("data_definitions/users.yaml", &(users + promise));
    let said = database.provision(&[]);
    assert_eq!(said.code, Some(3), "{said:?}");
    assert!(said.err.contains("violate `status <> 'no'` of the dataset `users`"), "{said:?}");
    let [(id, state)] = &database.states()[..] else { panic!("one is entered") };
    assert_eq!(state, "invalid");
    assert!(said.err.contains(&format!("`tdata cleanup {id}`")), "{said:?}");
    assert_eq!(database.run(&["cleanup", id]).code, Some(0));
    assert_eq!(database.tables(), BTreeSet::new());
}

#[test]
fn one_run_at_a_time() {
    let database = Database::new();
    database.provisioned(&[]);
    let mut other = database.client();
    let lock = "SELECT pg_advisory_lock(8386935558548451442)";
    other.batch_execute(lock).unwrap();
    let said = database.provision(&["--replace"]);
    assert_eq!(said.code, Some(2), "{said:?}");
    assert!(said.err.contains("another run provisions into this database"), "{said:?}");
}

#[test]
fn a_killed_run_leaves_nothing_that_claims_to_be_complete_and_is_not() {
    let kills = std::env::var("TDATA_TEST_KILLS").map_or(5, |kills| kills.parse().unwrap());
    let database = Database::new();
    let whole = ["provision", "users", "orders", "--volume", "full"];
    let start = Instant::now();
    let said = database.run(&whole);
    assert_eq!(said.code, Some(0), "{said:?}");
    let took = start.elapsed();
    for kill in 0..kills {
        for (id, _) in database.states() {
            assert_eq!(database.run(&["cleanup", &id]).code, Some(0));
        }
        assert_eq!(database.tables(), BTreeSet::new());
        let arguments = [&whole[..], &["--database-url", database.data.url()]].concat();
        let mut command = database.project.command(&arguments);
        let mut child = command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
        // At another moment each time, from the first to the last.
        std::thread::sleep(took.mul_f64(f64::from(kill) / f64::from(kills)));
        child.kill().unwrap();
        child.wait().unwrap();
        // Its session may still end.
        let alive = "SELECT count(*) FROM pg_stat_activity WHERE application_name = 'tdata' AND datname = current_database()";
        let start = Instant::now();
        while database.count(alive) > 0 {
            assert!(start.elapsed() < Duration::from_secs(120), "its session does not end");
        }
        let states = database.states();
        if states.is_empty() {
            assert_eq!(database.tables(), BTreeSet::new());
        } else {
            assert_eq!(database.count("SELECT count(*) FROM users"), 5_000, "{states:?}");
            assert_eq!(database.count("SELECT count(*) FROM orders"), 20_000, "{states:?}");
        }
        let is_complete = states.iter().any(|(_, state)| state == "complete");
        let more: &[&str] = if is_complete { &["--replace"] } else { &[] };
        let said = database.run(&[&whole[..], more].concat());
        assert_eq!(said.code, Some(0), "{said:?}");
        let states = database.states();
        assert!(states.len() == 1 && states[0].1 == "complete", "{states:?}");
        assert_eq!(database.count("SELECT count(*) FROM orders"), 20_000);
    }
}

#[test]
fn a_database_of_its_own_stays_for_its_time() {
    let project = Project::new();
    let state = tempfile::tempdir().unwrap();
    let run = |arguments: &[&str]| {
        let mut command = project.command(arguments);
        command.env("XDG_STATE_HOME", state.path());
        for name in ["TDATA_SERVER", "TDATA_PG_BIN", "TDATA_DATABASE_URL"] {
            std::env::var_os(name).map(|value| command.env(name, value));
        }
        run::said(command.output().unwrap())
    };
    let said = run(&["provision", "users", "--volumes", "users=20", "--ttl", "10m"]);
    assert_eq!(said.code, Some(0), "{said:?}");
    let url = said.out.trim();
    // Longer than a server waits for its next user.
    let start = Instant::now();
    while start.elapsed() < Duration::from_secs(7) {
        let mut client = Client::connect(url, NoTls).unwrap();
        let count: i64 = client.query_one("SELECT count(*) FROM users", &[]).unwrap().get(0);
        assert_eq!(count, 20);
        drop(client);
        std::thread::sleep(Duration::from_millis(500));
    }
    let said = run(&["status", "--format", "json"]);
    let told: serde_json::Value = serde_json::from_str(&said.out).unwrap();
    assert_eq!(told[0]["url"], url);
    let id = told[0]["id"].as_str().unwrap();
    let said = run(&["cleanup", id]);
    assert_eq!(said.code, Some(0), "{said:?}");
    assert!(Client::connect(url, NoTls).is_err());
    assert_eq!(run(&["status"]).out, "");
    assert_eq!(run(&["cleanup", id]).code, Some(0));
}
