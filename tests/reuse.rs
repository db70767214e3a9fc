//! Databases used again: what one test did to its database no other sees, whatever it was, and what was
//! not changed, or is soon made as it was, serves the next test.
//!
//! Each case has a seed of its own, and so clones of its own.

#![cfg(feature = "server")]
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod project;

use std::sync::atomic::{AtomicU64, Ordering};

use postgres::{Client, NoTls};
use tdata::TestData;

fn provision(seed: u64) -> TestData {
    let request = TestData::request(["payments"]).every_volume(20).seed(seed);
    request.provision().unwrap()
}

fn seed() -> u64 {
    static NEXT: AtomicU64 = AtomicU64::new(1_000);
    NEXT.fetch_add(1, Ordering::Relaxed)
}

fn database(data: &TestData) -> String {
    data.database().to_owned()
}

/// All that can be seen of a database: its objects, its rows where they are stored, its sequences.
fn contents(data: &TestData) -> Vec<String> {
    let mut db = data.client();
    let mut seen = Vec::new();
    let mut see = |db: &mut Client, sql: &str| {
        let rows = db.query(sql, &[]).unwrap();
        seen.extend(rows.iter().map(|row| row.get::<_, String>(0)));
    };
    let objects = "SELECT n.nspname || '.' || relname || ' ' || relkind::text FROM pg_class c \
                   JOIN pg_namespace n ON n.oid = relnamespace \
                   WHERE n.nspname <> 'information_schema' AND n.nspname NOT LIKE 'pg\\_%' \
                   ORDER BY 1";
    see(&mut db, objects);
    for dataset in &data.plan().datasets {
        see(
            &mut db,
            &format!("SELECT ctid::text || t::text FROM {} t ORDER BY ctid", dataset.table),
        );
    }
    let sequences = "SELECT quote_ident(relname) FROM pg_class \
                     WHERE relkind = 'S' AND relname <> 'new' ORDER BY 1";
    for row in db.query(sequences, &[]).unwrap() {
        let sql =
            format!("SELECT last_value::text || is_called::text FROM {}", row.get::<_, &str>(0));
        see(&mut db, &sql);
    }
    see(&mut db, "SELECT proname::text FROM pg_proc WHERE pronamespace = 'public'::regnamespace");
    see(&mut db, "SELECT oid::text FROM pg_largeobject_metadata");
    see(&mut db, "SHOW work_mem");
    see(&mut db, "SHOW search_path");
    see(&mut db, "SELECT current_user::text");
    see(&mut db, "SELECT name FROM pg_prepared_statements WHERE from_sql");
    see(&mut db, "SELECT pg_listening_channels()::text");
    see(
        &mut db,
        "SELECT 'lock' || objid::text FROM pg_locks WHERE locktype = 'advisory' \
                  AND database = (SELECT oid FROM pg_database WHERE datname = current_database())",
    );
    seen
}

/// Lets one test do something to its database. Tells whether the next test has the same database; that it
/// has the same contents is asserted.
fn next_has_the_same_after(work: impl FnOnce(&TestData)) -> bool {
    let seed = seed();
    let first = provision(seed);
    let (before, first_database) = (contents(&first), database(&first));
    work(&first);
    first.release();
    // A database in use is not waited for; the ones after it show whether it comes back.
    let next = provision(seed);
    assert_eq!(contents(&next), before);
    let same = database(&next) == first_database;
    next.release();
    same
}

fn execute(sql: &'static str) -> impl FnOnce(&TestData) {
    move |data| data.client().batch_execute(sql).unwrap()
}

/// Whether the server counts in a way that proves anything.
fn is_counted() -> bool {
    let data = provision(seed());
    data.server().version() >= 150_000
}

#[test]
fn what_changes_nothing_keeps_the_database() {
    if !is_counted() {
        return;
    }
    for sql in [
        "",
        "SELECT count(*) FROM users",
        "SELECT * FROM users FOR UPDATE",
        "NOTIFY news, 'nothing'",
        "SET work_mem = '1MB'; SET search_path = pg_catalog",
        "SET ROLE pg_monitor",
        "SELECT pg_advisory_lock(7)",
        "BEGIN",
        "BEGIN; DECLARE rows CURSOR FOR SELECT * FROM users; FETCH rows",
    ] {
        assert!(next_has_the_same_after(execute(sql)), "after {sql:?} the database is another");
    }
}

const INSERT: &str = "INSERT INTO orders (order_number, user_id, total, status, placed_at) \
                      VALUES ('X-1', 1, 5, 'pending', now())";

#[test]
fn few_changed_tables_are_made_as_they_were() {
    if !is_counted() {
        return;
    }
    let twice = format!("{INSERT}; {}", INSERT.replace("X-1", "X-2"));
    for sql in [
        INSERT.to_owned(),
        twice,
        format!("BEGIN; {INSERT}; ROLLBACK"),
        format!("BEGIN; {INSERT}"),
        "UPDATE users SET email = email".to_owned(),
        "UPDATE users SET first_name = 'Ada' WHERE id = 3".to_owned(),
        "DELETE FROM payments WHERE id < 5".to_owned(),
        "DELETE FROM payments; DELETE FROM orders".to_owned(),
        format!(
            "{INSERT}; UPDATE payments SET amount = 1; DELETE FROM orders WHERE order_number = 'X-1'"
        ),
        "SELECT nextval('orders_id_seq')".to_owned(),
        "SELECT setval('orders_id_seq', 5)".to_owned(),
        "SELECT setval('orders_id_seq', 1, false)".to_owned(),
    ] {
        let shown = sql.clone();
        let same = next_has_the_same_after(|data| data.client().batch_execute(&sql).unwrap());
        assert!(same, "after {shown:?} the database is another");
    }
}

#[test]
fn what_cannot_be_undone_by_tables_ends_the_database() {
    for sql in [
        "CREATE TABLE new (id int)",
        "CREATE SEQUENCE new",
        "CREATE TEMPORARY TABLE new (id int)",
        "ALTER TABLE users ADD COLUMN new int",
        "ALTER TABLE users DISABLE TRIGGER ALL",
        "ALTER SEQUENCE orders_id_seq INCREMENT BY 5",
        "DROP TABLE payments",
        "TRUNCATE payments",
        "CREATE INDEX new ON users (last_name)",
        "CREATE FUNCTION new() RETURNS int LANGUAGE sql AS 'SELECT 1'",
        "COMMENT ON TABLE users IS 'new'",
        "GRANT SELECT ON users TO pg_monitor",
        "SELECT lo_create(4711)",
        "DO $$ BEGIN EXECUTE format('ALTER DATABASE %I SET work_mem = ''1MB''', current_database()); END $$",
        "DO $$ BEGIN EXECUTE format('COMMENT ON DATABASE %I IS ''new''', current_database()); END $$",
        "DO $$ BEGIN EXECUTE format('ALTER DATABASE %I CONNECTION LIMIT 50', current_database()); END $$",
        "ANALYZE users",
        "PREPARE new AS SELECT 1",
        "LISTEN news",
        "SET track_counts = off; DELETE FROM payments",
        "DELETE FROM payments; SELECT pg_stat_force_next_flush(); SELECT pg_stat_reset()",
    ] {
        assert!(!next_has_the_same_after(execute(sql)), "after {sql:?} the database is the same");
    }
}

#[test]
fn counts_that_are_reset_prove_nothing() {
    if !is_counted() {
        return;
    }
    for reset in [
        "SELECT pg_stat_reset()",
        "SELECT pg_stat_reset_single_table_counters('payments'::regclass)",
    ] {
        let same = next_has_the_same_after(|data| {
            let mut db = data.client();
            db.batch_execute("DELETE FROM payments").unwrap();
            db.batch_execute("SELECT pg_stat_force_next_flush()").unwrap();
            db.batch_execute(reset).unwrap();
        });
        assert!(!same, "after {reset:?} the database is the same");
    }
}

#[test]
fn other_connections_of_the_test_count_as_well() {
    // Which database the next test has depends on when the server notices the end of that connection; what
    // is in it does not.
    next_has_the_same_after(|data| {
        let mut db = Client::connect(data.url(), NoTls).unwrap();
        db.batch_execute("DELETE FROM payments").unwrap();
    });
}

#[test]
fn a_connection_that_outlives_its_test_keeps_the_database_for_itself() {
    let mut left = None;
    let same = next_has_the_same_after(|data| {
        let mut db = Client::connect(data.url(), NoTls).unwrap();
        db.batch_execute("BEGIN; DELETE FROM payments").unwrap();
        left = Some(db);
    });
    assert!(!same, "the database is in use");
    // It may be gone by now, or still do its work: nobody else sees that.
    let _ = left.unwrap().batch_execute("COMMIT");
}

#[test]
fn a_closed_pool_lets_the_database_go_on() {
    if !is_counted() {
        return;
    }
    let seed = seed();
    let data = provision(seed);
    let first = database(&data);
    let mut db = Client::connect(data.url(), NoTls).unwrap();
    db.batch_execute("DELETE FROM payments").unwrap();
    data.release();
    drop(db);
    // Other tests get clones of their own until the server has noticed that nobody is there any more.
    let mut held = Vec::new();
    let start = std::time::Instant::now();
    loop {
        let next = provision(seed);
        assert_eq!(next.dataset("payments").len(), 20);
        if database(&next) == first {
            break;
        }
        held.push(next);
        assert!(start.elapsed() < std::time::Duration::from_secs(120), "it does not come back");
    }
}

#[test]
fn a_session_is_as_new_each_time_it_is_asked_for() {
    let data = provision(seed());
    data.client().batch_execute("SET work_mem = '1MB'; BEGIN; DELETE FROM payments").unwrap();
    let mut db = data.client();
    let left: i64 = db.query_one("SELECT count(*) FROM payments", &[]).unwrap().get(0);
    assert_eq!(left, 20);
    let setting: String = db.query_one("SHOW work_mem", &[]).unwrap().get(0);
    assert_ne!(setting, "1MB");
    // A second one at the same time is another session.
    let pid =
        |db: &mut Client| db.query_one("SELECT pg_backend_pid()", &[]).unwrap().get::<_, i32>(0);
    assert_ne!(pid(&mut db), pid(&mut data.client()));
}

#[test]
fn a_client_that_is_closed_is_replaced() {
    let data = provision(seed());
    let _ = data.client().batch_execute("SELECT pg_terminate_backend(pg_backend_pid())");
    let count: i64 = data.client().query_one("SELECT count(*) FROM users", &[]).unwrap().get(0);
    assert_eq!(count, 20);
}

#[test]
fn threads_share_no_database() {
    let seed = seed();
    for _round in 0..5 {
        std::thread::scope(|scope| {
            for thread in 0..8 {
                scope.spawn(move || {
                    let data = provision(seed);
                    let mut db = data.client();
                    let sql =
                        format!("UPDATE users SET first_name = 'thread {thread}' WHERE id = 1");
                    db.batch_execute(&sql).unwrap();
                    let sql = "SELECT count(*) FROM users WHERE first_name LIKE 'thread %'";
                    assert_eq!(db.query_one(sql, &[]).unwrap().get::<_, i64>(0), 1);
                });
            }
        });
    }
}

#[test]
fn what_triggers_made_of_rows_is_not_lost() {
    let fields = "  fields:\n    - { name: id, type: integer, generator: sequence }\n    \
                  - { name: email, type: text, generator: email }\n";
    let schema = "CREATE TABLE users (id int PRIMARY KEY, email text NOT NULL);\n\
        CREATE FUNCTION shout() RETURNS trigger LANGUAGE plpgsql AS \
        $$ BEGIN NEW.email = upper(NEW.email); RETURN NEW; END $$;\n\
        CREATE TRIGGER shout BEFORE INSERT ON users FOR EACH ROW EXECUTE FUNCTION shout();\n";
    let files =
        [("tdata.toml", "migrations = \"migrations\"\n"), ("migrations/1_users.sql", schema)];
    let project = project::Project::with(&files).define("users", fields);
    let provision = || {
        TestData::request(["users"]).volume("users", 5).project(project.path()).provision().unwrap()
    };
    let first = provision();
    let before = contents(&first);
    assert!(before.iter().any(|row| row.contains("@EXAMPLE")), "{before:?}");
    first.client().batch_execute("UPDATE users SET email = 'x' WHERE id = 2").unwrap();
    first.release();
    let next = provision();
    assert_eq!(contents(&next), before);
}

#[test]
fn a_test_that_ends_its_own_session_does_not_end_the_server() {
    let seed = seed();
    let data = provision(seed);
    let place = data.server().endpoint().place();
    let _ = data.client().batch_execute("SELECT pg_terminate_backend(pg_backend_pid())");
    data.release();
    let next = provision(seed);
    assert_eq!(next.server().endpoint().place(), place);
    assert_eq!(next.dataset("users").len(), 20);
}

#[test]
fn an_open_transaction_behind_a_test_holds_up_nobody() {
    let request = || TestData::request(["payments"]).every_volume(20).provision().unwrap();
    let data = request();
    let mut straggler = Client::connect(data.url(), NoTls).unwrap();
    straggler
        .batch_execute("BEGIN; ALTER SEQUENCE payments_id_seq INCREMENT 5; LOCK TABLE users")
        .unwrap();
    // What is locked would be looked at.
    data.release();
    let next = request();
    assert_eq!(next.dataset("payments").len(), 20);
    drop(straggler);
}
