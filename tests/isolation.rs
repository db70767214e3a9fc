//! Isolations and scopes, on a real server.

#![cfg(feature = "server")]
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::collections::BTreeSet;
use std::thread;

use postgres::error::SqlState;
use tdata::{Isolation, Scope, TestData};

fn orders(isolation: Isolation) -> TestData {
    TestData::request(["orders"])
        .volume("users", 20)
        .volume("orders", 30)
        .isolation(isolation)
        .provision()
        .unwrap()
}

fn count(data: &TestData, table: &str) -> i64 {
    data.client().query_one(&format!("SELECT count(*) FROM {table}"), &[]).unwrap().get(0)
}

fn databases(data: &TestData) -> BTreeSet<String> {
    let sql = "SELECT datname::text FROM pg_database";
    let rows = data.client().query(sql, &[]).unwrap();
    rows.iter().map(|row| row.get(0)).collect()
}

const ISOLATIONS: [Isolation; 3] = [Isolation::Full, Isolation::Schema, Isolation::Transaction];

#[test]
fn what_one_test_writes_no_other_sees() {
    for isolation in ISOLATIONS {
        thread::scope(|scope| {
            for _ in 0..4 {
                scope.spawn(move || {
                    let data = orders(isolation);
                    let mut db = data.client();
                    assert_eq!(db.execute("DELETE FROM orders WHERE id <= 10", &[]).unwrap(), 10);
                    db.execute("UPDATE users SET status = 'gone'", &[]).unwrap();
                    drop(db);
                    assert_eq!(count(&data, "orders"), 20, "{isolation}");
                    data.release();
                });
            }
        });
    }
}

#[test]
fn inserts_go_on_counting_behind_the_rows() {
    for isolation in ISOLATIONS {
        let data = orders(isolation);
        let sql = "INSERT INTO orders (order_number, user_id, total, status, placed_at) \
                   VALUES ('ORD-X', 1, 5, 'paid', now()) RETURNING id";
        let id: i32 = data.client().query_one(sql, &[]).unwrap().get(0);
        if isolation == Isolation::Transaction {
            // Sequences are not rolled back: tests over the same data share them.
            assert!(id > 30);
        } else {
            assert_eq!(id, 31);
        }
        data.release();
    }
}

#[test]
fn a_url_reaches_the_same_data() {
    for isolation in ISOLATIONS {
        let data = orders(isolation);
        let mut db = postgres::Client::connect(data.url(), postgres::NoTls).unwrap();
        let rows: i64 = db.query_one("SELECT count(*) FROM orders", &[]).unwrap().get(0);
        assert_eq!(rows, 30, "{isolation}");
        drop(db);
        data.release();
    }
}

#[test]
fn constraints_are_in_force() {
    for isolation in ISOLATIONS {
        let data = orders(isolation);
        let sql = "UPDATE orders SET user_id = 4711 WHERE id = 1";
        let error = data.client().execute(sql, &[]).unwrap_err();
        assert_eq!(error.code(), Some(&SqlState::FOREIGN_KEY_VIOLATION), "{isolation}");
        data.release();
    }
}

#[test]
fn a_transaction_cannot_commit() {
    let data = orders(Isolation::Transaction);
    {
        let mut db = data.client();
        db.execute("DELETE FROM orders", &[]).unwrap();
        let error = db.batch_execute("COMMIT").unwrap_err();
        let refused = error.as_db_error().unwrap();
        assert!(refused.message().contains("cannot commit"), "{refused}");
        assert!(refused.hint().unwrap().contains("isolation = \"full\""));
    }
    data.release();
    let other = orders(Isolation::Transaction);
    assert_eq!(count(&other, "orders"), 30);
    other.release();
}

#[test]
fn under_transaction_isolation_other_connections_only_read() {
    let data = orders(Isolation::Transaction);
    let mut db = postgres::Client::connect(data.url(), postgres::NoTls).unwrap();
    let error = db.execute("DELETE FROM orders", &[]).unwrap_err();
    assert_eq!(error.code(), Some(&SqlState::READ_ONLY_SQL_TRANSACTION));
}

#[test]
fn savepoints_work_within_the_transaction() {
    let data = orders(Isolation::Transaction);
    let mut db = data.client();
    db.batch_execute("SAVEPOINT s; DELETE FROM orders; ROLLBACK TO s").unwrap();
    drop(db);
    assert_eq!(data.dataset("orders").len(), 30);
}

#[test]
fn what_belongs_to_one_test_goes_with_it() {
    let data = orders(Isolation::Full);
    let watcher = orders(Isolation::Full);
    let database: String =
        data.client().query_one("SELECT current_database()::text", &[]).unwrap().get(0);
    assert!(databases(&watcher).contains(&database));
    // What changed more than some rows is not used again.
    data.client().batch_execute("CREATE TABLE new (id int)").unwrap();
    data.release();
    // Dropping happens off the tests' way; the server tells when it is done.
    wait_until(|| !databases(&watcher).contains(&database));
    watcher.release();
}

#[test]
fn a_schema_goes_with_its_test() {
    let data = orders(Isolation::Schema);
    let watcher = orders(Isolation::Schema);
    let schema: String =
        data.client().query_one("SELECT current_schema()::text", &[]).unwrap().get(0);
    let exists = || {
        let sql = "SELECT EXISTS (SELECT FROM pg_namespace WHERE nspname = $1)";
        watcher.client().query_one(sql, &[&schema]).unwrap().get::<_, bool>(0)
    };
    assert!(exists());
    data.release();
    wait_until(|| !exists());
    watcher.release();
}

#[test]
fn data_go_also_while_a_connection_is_open() {
    let data = orders(Isolation::Full);
    let watcher = orders(Isolation::Full);
    let mut straggler = postgres::Client::connect(data.url(), postgres::NoTls).unwrap();
    let database: String =
        straggler.query_one("SELECT current_database()::text", &[]).unwrap().get(0);
    data.release();
    wait_until(|| !databases(&watcher).contains(&database));
    assert!(straggler.batch_execute("SELECT 1").is_err());
    watcher.release();
}

fn shared(key: &str, isolation: Isolation, writable: bool) -> TestData {
    TestData::request(["users"])
        .volume("users", 10)
        .scope(Scope::TestClass, key)
        .isolation(isolation)
        .writable(writable)
        .provision()
        .unwrap()
}

#[test]
fn a_wider_scope_shares_one_instance_between_threads() {
    for isolation in [Isolation::Full, Isolation::Schema] {
        let urls: BTreeSet<String> = thread::scope(|scope| {
            let threads: Vec<_> = (0..8)
                .map(|_| scope.spawn(move || shared("one", isolation, false).url().to_owned()))
                .collect();
            threads.into_iter().map(|thread| thread.join().unwrap()).collect()
        });
        assert_eq!(urls.len(), 1, "{isolation}");
        assert_ne!(shared("other", isolation, false).url(), urls.first().unwrap());
    }
}

#[test]
fn shared_data_stay_when_one_test_ends() {
    let first = shared("stays", Isolation::Full, false);
    first.release();
    assert_eq!(shared("stays", Isolation::Full, false).dataset("users").len(), 10);
}

#[test]
fn shared_data_refuse_writes_with_a_hint() {
    for isolation in [Isolation::Full, Isolation::Schema] {
        let data = shared("read-only", isolation, false);
        for sql in [
            "INSERT INTO users SELECT * FROM users",
            "UPDATE users SET status = 'x'",
            "DELETE FROM users",
            "TRUNCATE users CASCADE",
            "SET session_replication_role = replica; DELETE FROM users",
        ] {
            let error = data.client().batch_execute(sql).unwrap_err();
            let refused = error.as_db_error().unwrap();
            assert_eq!(refused.code(), &SqlState::READ_ONLY_SQL_TRANSACTION, "{isolation}: {sql}");
            assert!(refused.hint().unwrap().contains("writable = true"), "{refused:?}");
        }
        data.client()
            .batch_execute("CREATE TEMP TABLE t (a int); INSERT INTO t VALUES (1); DROP TABLE t")
            .unwrap();
        assert_eq!(count(&data, "users"), 10);
    }
}

#[test]
fn shared_tables_refuse_to_be_changed() {
    let data = shared("read-only", Isolation::Full, false);
    for sql in [
        "CREATE TABLE t (a int)",
        "ALTER TABLE users ADD COLUMN a int",
        "DROP TABLE users CASCADE",
        "ALTER SCHEMA public RENAME TO x",
    ] {
        let error = data.client().batch_execute(sql).unwrap_err();
        let refused = error.as_db_error().unwrap();
        assert!(
            refused.hint().unwrap_or_default().contains("writable = true"),
            "{sql}: {refused:?}"
        );
    }
    assert_eq!(count(&data, "users"), 10);
}

#[test]
fn neither_a_shared_schema_can_be_changed() {
    let data = shared("changes", Isolation::Schema, false);
    for sql in [
        "DROP TABLE users CASCADE",
        "ALTER TABLE users DISABLE TRIGGER ALL",
        "CREATE TABLE t (a int)",
    ] {
        let error = data.client().batch_execute(sql).unwrap_err();
        let refused = error.as_db_error().unwrap();
        assert!(
            refused.hint().unwrap_or_default().contains("writable = true"),
            "{sql}: {refused:?}"
        );
    }
    // Other schemas of the database are others' own.
    let own = orders(Isolation::Schema);
    own.client().batch_execute("CREATE TABLE t (a int); DROP TABLE t").unwrap();
    own.release();
}

#[test]
fn the_one_connection_of_a_transaction_is_not_waited_for_by_its_holder() {
    let data = orders(Isolation::Transaction);
    let db = data.client();
    let error = data.try_dataset("orders").unwrap_err();
    assert!(error.to_string().contains("Drop the `DataClient`"), "{error}");
    drop(db);
    assert_eq!(data.dataset("orders").len(), 30);
}

#[test]
fn a_release_does_not_wait_for_a_connection_in_use() {
    let data = orders(Isolation::Transaction);
    let other = data.clone();
    let (tell, told) = std::sync::mpsc::channel();
    let (finish, finished) = std::sync::mpsc::channel::<()>();
    thread::scope(|scope| {
        scope.spawn(move || {
            let mut db = other.client();
            db.execute("DELETE FROM orders", &[]).unwrap();
            tell.send(()).unwrap();
            finished.recv().unwrap();
            assert!(db.execute("DELETE FROM users", &[]).is_err());
        });
        told.recv().unwrap();
        data.release();
        finish.send(()).unwrap();
    });
    let error = data.try_client().map(drop).unwrap_err();
    assert!(error.to_string().contains("released"), "{error}");
}

#[test]
fn after_its_end_a_test_has_no_data() {
    let data = orders(Isolation::Full);
    data.release();
    let error = data.try_dataset("orders").unwrap_err();
    assert!(error.to_string().contains("they go when the test ends"), "{error}");
}

#[test]
fn writable_lifts_the_protection() {
    let data = shared("writable", Isolation::Full, true);
    assert_eq!(data.client().execute("UPDATE users SET status = 'x'", &[]).unwrap(), 10);
}

/// Waits for something that happens soon on another thread; fails after ten seconds.
fn wait_until(mut condition: impl FnMut() -> bool) {
    let start = std::time::Instant::now();
    while !condition() {
        assert!(start.elapsed().as_secs() < 120, "it did not happen");
        thread::sleep(std::time::Duration::from_millis(5));
    }
}

#[tokio::test]
async fn data_that_nobody_released_go_on_a_runtime_too() {
    for isolation in [Isolation::Full, Isolation::Schema, Isolation::Transaction] {
        let request = TestData::request(["accounts"]).every_volume(2).isolation(isolation);
        let data = request.provision().unwrap();
        assert_eq!(data.dataset("accounts").len(), 2);
    }
}
