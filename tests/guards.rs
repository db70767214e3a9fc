//! Databases that several tests use: what refuses to change them, and where that stands.

#![cfg(feature = "server")]
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod project;

use postgres::{Client, NoTls};
use project::Project;
use tdata::{Isolation, Scope, TestData};

const TABLES: &str = "
CREATE TABLE visits (id int, day int, page text, PRIMARY KEY (id, day)) PARTITION BY RANGE (day);
CREATE TABLE visits_early PARTITION OF visits FOR VALUES FROM (0) TO (16);
CREATE TABLE visits_late PARTITION OF visits FOR VALUES FROM (16) TO (100);
CREATE TABLE pages (name text PRIMARY KEY);
INSERT INTO pages VALUES ('home'), ('shop');
CREATE SEQUENCE numbers;
CREATE MATERIALIZED VIEW days AS SELECT day, count(*) FROM visits GROUP BY day;";

const VISITS: &str = "  volume: { count: 30 }
  fields:
    - { name: id, type: integer, generator: sequence }
    - { name: day, type: integer, generator: random_int, min: 1, max: 31 }
    - { name: page, type: text, generator: choice, choices: [home, shop] }
";

fn project() -> Project {
    let files = [("tdata.toml", "migrations = \"migrations\"\n"), ("migrations/1.sql", TABLES)];
    Project::with(&files).define("visits", VISITS)
}

fn rows(data: &TestData) -> [i64; 2] {
    let sql = "SELECT (SELECT count(*) FROM visits), (SELECT count(*) FROM pages)";
    let row = data.client().query_one(sql, &[]).unwrap();
    [row.get(0), row.get(1)]
}

/// Statements that change what others see.
const WRITES: [&str; 18] = [
    "DELETE FROM visits",
    "DELETE FROM visits_early",
    "UPDATE visits_late SET page = 'x'",
    "INSERT INTO pages VALUES ('more')",
    "TRUNCATE pages",
    "SET session_replication_role = replica; DELETE FROM pages",
    "CREATE TABLE more (id int)",
    "CREATE SCHEMA more",
    "DROP TABLE pages",
    "DROP SCHEMA public CASCADE",
    "ALTER TABLE pages DISABLE TRIGGER ALL",
    "CREATE RULE none AS ON INSERT TO pages DO INSTEAD NOTHING",
    "ALTER TABLE pages ENABLE ROW LEVEL SECURITY",
    "COMMENT ON TABLE pages IS 'seen'",
    "REFRESH MATERIALIZED VIEW days",
    "GRANT SELECT ON pages TO PUBLIC",
    "GRANT UPDATE (name) ON pages TO PUBLIC",
    "ALTER DEFAULT PRIVILEGES GRANT SELECT ON TABLES TO PUBLIC",
];

#[test]
fn nothing_is_written_behind_the_transaction_of_a_test() {
    let project = project();
    let provision = || {
        // Transactions over the same data would wait for each other.
        let request = TestData::request(["visits"]).isolation(Isolation::Transaction).seed(1);
        request.project(project.path()).provision().unwrap()
    };
    for write in WRITES {
        for begin in ["BEGIN READ WRITE", "SET default_transaction_read_only = off"] {
            let data = provision();
            // Within the transaction a test does as it likes.
            data.client().batch_execute(write).unwrap();
            let later = |client: &mut Client| {
                client.batch_execute(begin).unwrap();
                let refused = client.batch_execute(write).unwrap_err();
                let refused = refused.as_db_error().unwrap();
                let text = "the transaction of this test is over";
                assert!(refused.message().contains(text), "{begin}; {write}: {refused}");
            };
            let mut db = data.client();
            db.batch_execute("ROLLBACK").unwrap();
            later(&mut db);
            drop(db);
            later(&mut Client::connect(data.url(), NoTls).unwrap());
            data.release();
            assert_eq!(rows(&provision()), [30, 2], "{begin}; {write}");
        }
    }
}

#[test]
fn the_row_that_holds_a_transaction_cannot_be_got_rid_of() {
    let project = project();
    let provision = || {
        // Transactions over the same data would wait for each other.
        let request = TestData::request(["visits"]).isolation(Isolation::Transaction).seed(2);
        request.project(project.path()).provision().unwrap()
    };
    for evasion in [
        "DELETE FROM tdata_guard.held",
        "SET LOCAL session_replication_role = replica",
        "SET CONSTRAINTS ALL DEFERRED",
        "SAVEPOINT one; RELEASE one",
    ] {
        let data = provision();
        let sql = format!("DELETE FROM pages; {evasion}; COMMIT");
        let refused = data.client().batch_execute(&sql).unwrap_err();
        assert!(refused.as_db_error().unwrap().message().contains("cannot commit"), "{evasion}");
        data.release();
        assert_eq!(rows(&provision()), [30, 2], "{evasion}");
    }
    for evasion in [
        "TRUNCATE tdata_guard.held",
        "ALTER TABLE tdata_guard.held DISABLE TRIGGER ALL",
        "DROP SCHEMA tdata_guard CASCADE",
        "PREPARE TRANSACTION 'one'",
    ] {
        let data = provision();
        let sql = format!("DELETE FROM pages; {evasion}");
        assert!(data.client().batch_execute(&sql).is_err(), "{evasion}");
        data.release();
        assert_eq!(rows(&provision()), [30, 2], "{evasion}");
    }
}

#[test]
fn shared_data_refuse_every_change() {
    let project = project();
    for isolation in [Isolation::Full, Isolation::Schema] {
        let request = TestData::request(["visits"]).isolation(isolation);
        let request = request.scope(Scope::Shared, "").project(project.path());
        let data = request.provision().unwrap();
        let schema: String =
            data.client().query_one("SELECT current_schema()::text", &[]).unwrap().get(0);
        for write in WRITES {
            let write = write.replace("SCHEMA public", &format!("SCHEMA {schema}"));
            let refused = data.client().batch_execute(&write).unwrap_err();
            let refused = refused.as_db_error().unwrap();
            assert!(refused.message().contains("read-only"), "{isolation} {write}: {refused}");
        }
        let temporary =
            "CREATE TEMP TABLE mine (id int); INSERT INTO mine VALUES (1); DROP TABLE mine";
        data.client().batch_execute(temporary).unwrap();
        assert_eq!(rows(&data), [30, 2]);
    }
}

#[test]
fn no_search_path_leads_to_what_is_tdatas() {
    let project = project();
    for isolation in [Isolation::Full, Isolation::Schema, Isolation::Transaction] {
        for scope in [Scope::TestCase, Scope::Shared] {
            let request = TestData::request(["visits"]).isolation(isolation).scope(scope, "");
            let data = request.project(project.path()).provision().unwrap();
            let sql = "SELECT current_schema()::text, current_schemas(false)::text[]";
            let row = data.client().query_one(sql, &[]).unwrap();
            let (first, all): (String, Vec<String>) = (row.get(0), row.get(1));
            assert_eq!(all.first(), Some(&first));
            let is_own =
                |schema: &String| isolation == Isolation::Schema && schema.starts_with("tdata_s_");
            assert!(
                all.iter().all(|schema| schema == "public" || is_own(schema)),
                "{isolation} {scope}: {all:?}"
            );
            data.release();
        }
    }
}

/// Deeds that no guard refuses, each with a query that tells whether it was done.
const SABOTAGE: [(&str, &str); 4] = [
    ("SELECT lo_from_bytea(0, 'x')", "SELECT EXISTS (SELECT FROM pg_largeobject_metadata)"),
    (
        "DO $$ BEGIN EXECUTE format('ALTER DATABASE %I SET app.seen = yes', current_database()); END $$",
        "SELECT coalesce(current_setting('app.seen', true), '') = 'yes'",
    ),
    (
        "DROP EVENT TRIGGER tdata_guard_change, tdata_guard_drop; CREATE TABLE more (id int)",
        "SELECT EXISTS (SELECT FROM pg_class WHERE relname = 'more')",
    ),
    (
        "DROP EVENT TRIGGER tdata_guard_change, tdata_guard_drop; \
         ALTER TABLE pages DISABLE TRIGGER tdata_guard; DELETE FROM pages",
        "SELECT NOT EXISTS (SELECT FROM pages)",
    ),
];

#[test]
fn what_gets_past_a_guard_no_later_test_finds() {
    let project = project();
    let past =
        [(Isolation::Full, true), (Isolation::Schema, true), (Isolation::Transaction, false)];
    for (isolation, is_shared) in past {
        let request = TestData::request(["visits"]).isolation(isolation).seed(3);
        let request = request.project(project.path());
        let request = if is_shared { request.scope(Scope::Shared, "") } else { request };
        let provision = || request.clone().provision().unwrap();
        let is_done = |data: &TestData, query: &str| -> bool {
            data.client().query_one(query, &[]).unwrap().get(0)
        };
        // What is refused, and what is temporary, changes nothing.
        let data = provision();
        let first = data.url().to_owned();
        if is_shared {
            assert!(data.client().batch_execute("CREATE TABLE more (id int)").is_err());
        }
        data.client().batch_execute("CREATE TEMP TABLE mine (id int)").unwrap();
        data.release();
        assert_eq!(provision().url(), first, "{isolation}");
        let numbers = ("SELECT nextval('numbers')", "SELECT is_called FROM numbers");
        let numbers = is_shared.then_some(numbers);
        for (deed, query) in SABOTAGE.into_iter().chain(numbers) {
            let data = provision();
            assert!(!is_done(&data, query), "{isolation}: {deed}");
            let mut other = Client::connect(data.url(), NoTls).unwrap();
            other.batch_execute("BEGIN READ WRITE").unwrap();
            other.batch_execute(deed).unwrap();
            other.batch_execute("COMMIT").unwrap();
            drop(other);
            let spoilt = data.url().to_owned();
            data.release();
            let next = provision();
            assert_ne!(next.url(), spoilt, "{isolation}: {deed}");
            assert!(!is_done(&next, query), "{isolation}: {deed}");
            assert_eq!(rows(&next), [30, 2], "{isolation}: {deed}");
        }
    }
}

#[test]
fn what_a_test_leaves_outside_of_its_schema_no_later_test_finds() {
    let project = project();
    let provision = || {
        let request = TestData::request(["visits"]).isolation(Isolation::Schema).seed(4);
        request.project(project.path()).provision().unwrap()
    };
    let database = |data: &TestData| -> String {
        data.client().query_one("SELECT current_database()::text", &[]).unwrap().get(0)
    };
    for deed in [
        "CREATE TABLE public.left_over (id int)",
        "CREATE FUNCTION public.left_over() RETURNS int LANGUAGE sql AS 'SELECT 1'",
        "CREATE SCHEMA left_over",
        "CREATE TYPE public.left_over AS ENUM ('a')",
        "CREATE PUBLICATION left_over FOR ALL TABLES",
        "CREATE TABLE public.left_over (id int); CREATE POLICY left_over ON public.left_over",
        "CREATE COLLATION public.left_over (locale = 'C')",
        "CREATE EXTENSION citext SCHEMA public",
        "CREATE CAST (int AS cidr) WITH INOUT",
        "CREATE FOREIGN DATA WRAPPER left_over",
        "CREATE LANGUAGE left_over HANDLER plpgsql_call_handler",
        "ALTER DEFAULT PRIVILEGES GRANT SELECT ON TABLES TO PUBLIC",
        "DO $$ BEGIN EXECUTE format('COMMENT ON DATABASE %I IS ''left over''', current_database()); END $$",
        SABOTAGE[0].0,
        SABOTAGE[1].0,
    ] {
        let data = provision();
        let first = database(&data);
        data.client().batch_execute(deed).unwrap();
        data.release();
        assert_ne!(database(&provision()), first, "{deed}");
    }
    let data = provision();
    let first = database(&data);
    let deed = "CREATE TABLE own (id int); CREATE TEMP TABLE mine (id int); CREATE EXTENSION IF NOT EXISTS plpgsql";
    data.client().batch_execute(deed).unwrap();
    data.release();
    for _ in 0..5 {
        assert_eq!(database(&provision()), first);
    }
}
