//! Databases that get rows, and are cleaned up.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod database;
mod run;

use std::collections::BTreeSet;
use std::time::{Duration, Instant};

use database::Database;
use postgres::{Client, NoTls};
use run::Project;

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
fn the_id_is_told_whoever_reads_the_rest() {
    let database = Database::new();
    for format in ["text", "json"] {
        let rows = ["provision", "users", "--volume", "20", "--replace", "--format", format];
        let mut child = database.spawn(&rows);
        drop(child.stdout.take());
        let said = run::said(child.wait_with_output().unwrap());
        assert_eq!(said.code, Some(0), "{said:?}");
        let [(id, _)] = &database.states()[..] else { panic!("one is entered") };
        assert!(said.err.contains(&format!("ID {id}")), "{said:?}");
    }
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
    assert!(said.err.contains("users: its table stays: it has rows of others"), "{said:?}");
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
    let process: i32 = other.query_one("SELECT pg_backend_pid()", &[]).unwrap().get(0);
    let said = database.provision(&["--replace"]);
    assert_eq!(said.code, Some(1), "{said:?}");
    let told = format!(
        "another run provisions into this database, or cleans it up: process {process} of the role"
    );
    assert!(said.err.contains(&told), "{said:?}");
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
