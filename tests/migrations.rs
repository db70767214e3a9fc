//! Tables that migrations make.

#![cfg(feature = "server")]
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod project;

use project::Project;
use tdata::{Isolation, TestData};

const TABLES: &str = "
CREATE TYPE state AS ENUM ('draft', 'sent', 'paid');
CREATE DOMAIN short AS varchar(12) NOT NULL;
CREATE TABLE customers (
  id serial PRIMARY KEY,
  name short UNIQUE,
  note text DEFAULT 'none',
  upper_name text GENERATED ALWAYS AS (upper(name)) STORED
);";

const MORE: &str = "
CREATE TABLE invoices (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  customer_id int NOT NULL REFERENCES customers,
  month int NOT NULL,
  state state NOT NULL,
  UNIQUE (customer_id, month)
);";

const CUSTOMERS: &str = "  volume: { count: 20 }
  fields:
    - { name: id, type: integer, generator: sequence }
    - { name: name, type: text, generator: first_name }
";

const INVOICES: &str = "  volume: { count: 200 }
  fields:
    - { name: id, type: bigint, generator: sequence, start: 1000 }
    - { name: month, type: integer, generator: random_int, min: 1, max: 12 }
    - { name: state, type: state, generator: choice, choices: [draft, sent, paid] }
  relationships:
    - { foreignKey: customer_id, references: customers.id }
";

fn project(files: &[(&str, &str)]) -> Project {
    let settings = ("tdata.toml", "migrations = \"migrations\"\n");
    let files: Vec<(&str, &str)> = files.iter().copied().chain([settings]).collect();
    Project::with(&files).define("customers", CUSTOMERS).define("invoices", INVOICES)
}

fn check(project: &Project, isolation: Isolation) {
    let request = TestData::request(["invoices"]).isolation(isolation).volume("invoices", 200);
    let data = request.project(project.path()).provision().unwrap();
    assert_eq!(data.dataset("invoices").len(), 200);
    // The table's own rules hold, also those the definition does not know of.
    assert!(data.dataset("customers")[0].get::<&str>("name").chars().count() <= 12);
    let upper: &str = data.dataset("customers")[0].get("upper_name");
    assert_eq!(upper, data.dataset("customers")[0].get::<&str>("name").to_uppercase());
    let mut db = data.client();
    let sql = "INSERT INTO customers (name) VALUES ('new') RETURNING id";
    let id: i32 = db.query_one(sql, &[]).unwrap().get(0);
    assert!(id > 20);
    let sql =
        "INSERT INTO invoices (customer_id, month, state) VALUES (1, 13, 'paid') RETURNING id";
    let id: i64 = db.query_one(sql, &[]).unwrap().get(0);
    assert!(id >= 1200);
}

#[test]
fn every_layout_makes_the_tables() {
    let layouts = [
        ["migrations/1_customers.sql", "migrations/2_invoices.sql"],
        ["migrations/20240101_c.up.sql", "migrations/20240102_i.up.sql"],
        ["migrations/2024-01-01-000000_c/up.sql", "migrations/2024-01-02-000000_i/up.sql"],
        ["migrations/V9__c.sql", "migrations/V10__i.sql"],
    ];
    for [first, second] in layouts {
        let undo = "migrations/20240101_c.down.sql";
        let project = project(&[(first, TABLES), (second, MORE), (undo, "nonsense")]);
        check(&project, Isolation::Full);
    }
}

#[test]
fn each_isolation_takes_them() {
    let project = project(&[("migrations/1.sql", TABLES), ("migrations/2.sql", MORE)]);
    for isolation in [Isolation::Full, Isolation::Schema, Isolation::Transaction] {
        check(&project, isolation);
    }
}

#[test]
fn what_cannot_run_in_a_transaction_runs_without() {
    let index = "-- no-transaction\nCREATE INDEX CONCURRENTLY i ON invoices (month);\n\
                 CREATE INDEX CONCURRENTLY j ON invoices (state);";
    let project = project(&[
        ("migrations/1.sql", TABLES),
        ("migrations/2.sql", MORE),
        ("migrations/3.sql", index),
    ]);
    check(&project, Isolation::Full);
}

#[test]
fn tables_that_no_migration_makes_are_made_beside_them() {
    let project = project(&[("migrations/1.sql", TABLES), ("migrations/2.sql", MORE)]).define(
        "reminders",
        "  fields:\n    - { name: id, type: integer, generator: sequence }\n  \
         relationships:\n    - { foreignKey: invoice_id, references: invoices.id, onDelete: cascade }\n",
    );
    let data = TestData::request(["reminders"]).project(project.path()).provision().unwrap();
    data.client().batch_execute("DELETE FROM invoices").unwrap();
    assert_eq!(data.dataset("reminders").len(), 0);
}

#[test]
fn foreign_keys_that_only_a_migration_knows_are_told() {
    let tables = "CREATE TABLE customers (id int PRIMARY KEY, name text);
                  CREATE TABLE invoices (id bigint PRIMARY KEY, month int REFERENCES customers,
                                         state text, customer_id int);";
    let project = project(&[("migrations/1.sql", tables)]);
    let error = TestData::request(["invoices"]).project(project.path()).provision().unwrap_err();
    let text = error.to_string();
    for part in [
        "`month` references \"public\".\"customers\" (id)",
        "{ foreignKey: month, references: customers.id }",
    ] {
        assert!(text.contains(part), "{part:?} is missing in:\n{text}");
    }
}

#[test]
fn types_that_nobody_makes_are_told() {
    let project = Project::with(&[]).define("invoices", INVOICES).define("customers", CUSTOMERS);
    let error = TestData::request(["invoices"]).project(project.path()).provision().unwrap_err();
    let text = error.to_string();
    assert!(text.contains("there is no type `state`"), "{text}");
    assert!(text.contains("let a migration make it"), "{text}");
}

#[test]
fn extensions_serve_every_schema() {
    let extension = "CREATE EXTENSION IF NOT EXISTS citext;
                     CREATE TABLE customers (id serial PRIMARY KEY, name citext);";
    let project = project(&[("migrations/1.sql", extension)]);
    for _ in 0..3 {
        let request = TestData::request(["customers"]).isolation(Isolation::Schema);
        let data = request.project(project.path()).provision().unwrap();
        assert_eq!(data.dataset("customers").len(), 20);
        data.release();
    }
}

#[test]
fn what_belongs_to_the_database_serves_every_schema() {
    let things = "CREATE EXTENSION citext WITH SCHEMA public;
        CREATE SCHEMA beside;
        CREATE TABLE beside.notes (id int);
        ALTER TABLE beside.notes ADD COLUMN label text;
        ALTER TABLE ONLY beside.notes ADD CONSTRAINT notes_pkey PRIMARY KEY (id);
        INSERT INTO beside.notes VALUES (1, 'one');
        CREATE INDEX labels ON beside.notes (label);
        CREATE FUNCTION public.seven() RETURNS int LANGUAGE sql AS 'SELECT 7';
        CREATE TYPE public.pair AS (a int, b int);
        CREATE CAST (text AS public.pair) WITH INOUT;
        CREATE ROLE looker NOLOGIN;
        CREATE TABLE customers (id serial PRIMARY KEY, name citext, luck int DEFAULT public.seven());
        CREATE VIEW beside.lucky AS SELECT * FROM customers;
        CREATE PUBLICATION all_customers FOR TABLE customers;
        GRANT SELECT ON customers TO looker;";
    for sql in [things.to_owned(), format!("-- no-transaction\n{things}")] {
        let project = project(&[("migrations/1.sql", &sql)]);
        let mut others = Vec::new();
        for _ in 0..3 {
            let request = TestData::request(["customers"]).isolation(Isolation::Schema);
            let data = request.project(project.path()).provision().unwrap();
            let mut client = data.client();
            let views = |sql: &str, client: &mut postgres::Client| -> i64 {
                client.query_one(sql, &[]).unwrap().get(0)
            };
            assert_eq!(views("SELECT count(*) FROM beside.lucky", &mut client), 20);
            client.execute("DELETE FROM customers WHERE id > 5", &[]).unwrap();
            assert_eq!(views("SELECT count(*) FROM beside.lucky", &mut client), 5);
            drop(client);
            others.push(data);
            let request = TestData::request(["customers"]).isolation(Isolation::Schema);
            let data = request.project(project.path()).provision().unwrap();
            let sql = "SET ROLE looker; SELECT sum(luck) FROM customers";
            let rows = data.client().simple_query(sql).unwrap();
            let is_sum = |row: &postgres::SimpleQueryMessage| match row {
                postgres::SimpleQueryMessage::Row(row) => row.get(0) == Some("140"),
                _ => false,
            };
            assert!(rows.iter().any(is_sum), "{rows:?}");
        }
    }
    // What is twice in one schema is a mistake each time.
    let twice = "CREATE SCHEMA IF NOT EXISTS beside;\nCREATE TABLE customers (id int);\nCREATE TABLE customers (id int);";
    let project = project(&[("migrations/1.sql", twice)]);
    for _ in 0..2 {
        let request = TestData::request(["customers"]).isolation(Isolation::Schema);
        let error = request.project(project.path()).provision().unwrap_err().to_string();
        assert!(error.contains("at line 3") && error.contains("42P07"), "{error}");
    }
}

#[test]
fn extensions_serve_every_schema_of_a_role_that_is_no_superuser() {
    for statement in [
        "CREATE EXTENSION citext;",
        "CREATE EXTENSION IF NOT EXISTS citext WITH SCHEMA public;",
        "DO $$ BEGIN CREATE EXTENSION IF NOT EXISTS citext; END $$;",
    ] {
        let sql =
            format!("{statement}\nCREATE TABLE customers (id serial PRIMARY KEY, name citext);");
        let settings = "migrations = \"migrations\"\nsuperuser = false\n";
        let project = Project::with(&[("migrations/1.sql", &sql), ("tdata.toml", settings)]);
        let project = project.define("customers", CUSTOMERS);
        for isolation in [Isolation::Full, Isolation::Schema, Isolation::Schema] {
            let request = TestData::request(["customers"]).isolation(isolation);
            let data = request.project(project.path()).provision().unwrap();
            assert_eq!(data.dataset("customers").len(), 20, "{statement}");
        }
    }
}

#[test]
fn subscriptions_do_not_keep_databases() {
    let sql = "CREATE TABLE customers (id serial PRIMARY KEY, name text);
        CREATE SUBSCRIPTION \"Sub\" CONNECTION 'host=nowhere.invalid' PUBLICATION p WITH (connect = false, slot_name = NONE);";
    let sql = format!("-- no-transaction\n{sql}");
    let project = project(&[("migrations/1.sql", &sql)]);
    for isolation in [Isolation::Full, Isolation::Schema] {
        let (sender, said) = std::sync::mpsc::channel();
        let notices = tdata::Notices::to(move |text| drop(sender.send(text.to_owned())));
        let config = tdata::Config::from_environment().unwrap().notices(notices);
        let config = config.project(project.path()).workspace(project.path());
        let engine = tdata::Engine::new(config);
        let data = engine.request(["customers"]).isolation(isolation).provision().unwrap();
        data.release();
        engine.close();
        let said: Vec<String> = said.try_iter().collect();
        assert!(!said.iter().any(|text| text.contains("could not")), "{said:?}");
    }
}

#[test]
fn what_a_migration_sets_for_its_session_ends_with_it() {
    let dump = format!(
        "SELECT pg_catalog.set_config('search_path', '', false);\n{}",
        TABLES
            .replace("CREATE TYPE state", "CREATE TYPE public.state")
            .replace("CREATE DOMAIN short", "CREATE DOMAIN public.short")
            .replace("TABLE customers", "TABLE public.customers")
            .replace("name short", "name public.short")
    );
    let project = project(&[("migrations/1.sql", &dump), ("migrations/2.sql", MORE)]);
    check(&project, Isolation::Full);
}

#[test]
fn cycles_between_tables_of_migrations_load() {
    let tables = "CREATE TABLE hens (id int PRIMARY KEY, egg_id int);
                  CREATE TABLE eggs (id int PRIMARY KEY, hen_id int NOT NULL REFERENCES hens);
                  ALTER TABLE hens ADD FOREIGN KEY (egg_id) REFERENCES eggs;";
    let key = "  fields:\n    - { name: id, type: integer, generator: sequence }\n";
    let hens = format!(
        "{key}    - {{ name: egg_id, type: integer, generator: reference, null_probability: 0.1 }}\n  \
         relationships:\n    - {{ foreignKey: egg_id, references: eggs.id }}\n"
    );
    let eggs =
        format!("{key}  relationships:\n    - {{ foreignKey: hen_id, references: hens.id }}\n");
    let project = Project::with(&[
        ("tdata.toml", "migrations = \"migrations\"\n"),
        ("migrations/1.sql", tables),
    ])
    .define("hens", &hens)
    .define("eggs", &eggs);
    let data = TestData::request(["eggs"]).project(project.path()).provision().unwrap();
    let sql = "SELECT count(*) FROM pg_constraint WHERE contype = 'f' AND condeferrable";
    let deferrable: i64 = data.client().query_one(sql, &[]).unwrap().get(0);
    assert_eq!(deferrable, 0, "the constraints are as the migrations made them");
    assert_eq!(data.dataset("hens").len(), 100);
}

#[test]
fn a_transaction_that_a_migration_leaves_open_is_told_with_its_line() {
    let begin = "-- the first\nSELECT 1;\n\n/* here */ BEGIN;\nCREATE TABLE customers (id int);\n";
    for (text, line) in [
        (begin.to_owned(), "begins at line 4"),
        (begin.replace("BEGIN", "START TRANSACTION"), "begins at line 4"),
        (format!("{begin}COMMIT;\nBEGIN;\nSELECT 2;"), "begins at line 7"),
        (format!("-- no-transaction\n{begin}"), "begins at line 5"),
    ] {
        let project = project(&[("migrations/1.sql", &text)]);
        for isolation in [Isolation::Full, Isolation::Schema] {
            let request = TestData::request(["customers"]).isolation(isolation);
            let error = request.project(project.path()).provision().unwrap_err().to_string();
            assert!(error.contains("1.sql leaves a transaction open"), "{error}");
            assert!(error.contains(line) && error.contains("COMMIT"), "{error}");
        }
    }
    let ended = format!("{TABLES}{MORE}BEGIN;\nCREATE TABLE notes (id int);\nCOMMIT;");
    check(&project(&[("migrations/1.sql", &ended)]), Isolation::Full);
}

const TRAITS: &str = "
DO $$ BEGIN
  EXECUTE format('ALTER DATABASE %I SET search_path = shop, \"$user\", public', current_database());
  EXECUTE format('ALTER DATABASE %I SET app.tenant = ''it''''s = 7''', current_database());
  EXECUTE format('ALTER ROLE CURRENT_USER IN DATABASE %I SET lock_timeout = ''7s''', current_database());
  EXECUTE format('REVOKE TEMPORARY ON DATABASE %I FROM PUBLIC', current_database());
  EXECUTE format('GRANT CREATE ON DATABASE %I TO pg_monitor WITH GRANT OPTION', current_database());
  EXECUTE format('COMMENT ON DATABASE %I IS ''it''''s the shop''', current_database());
END $$;
CREATE SCHEMA shop;";

#[test]
fn what_migrations_say_of_their_database_its_copies_have() {
    let tables = format!("{TABLES}{MORE}{TRAITS}");
    let project = project(&[("migrations/1.sql", &tables)]);
    for isolation in [Isolation::Full, Isolation::Transaction] {
        let request = TestData::request(["invoices"]).isolation(isolation);
        let data = request.project(project.path()).provision().unwrap();
        let sql = "SELECT current_setting('search_path'), current_setting('app.tenant'), \
                          shobj_description(oid, 'pg_database'), \
                          array_to_string(datacl, ' ') NOT LIKE '%=T%', \
                          has_database_privilege('pg_monitor', oid, 'CREATE WITH GRANT OPTION'), \
                          (SELECT setconfig::text FROM pg_db_role_setting \
                           WHERE setdatabase = d.oid AND setrole <> 0) \
                   FROM pg_database d WHERE datname = current_database()";
        let row = data.client().query_one(sql, &[]).unwrap();
        let texts: [String; 3] = [row.get(0), row.get(1), row.get(2)];
        assert_eq!(texts, ["shop, \"$user\", public", "it's = 7", "it's the shop"]);
        assert_eq!((row.get(3), row.get(4)), (true, true));
        assert_eq!(row.get::<_, String>(5), "{lock_timeout=7s}");
        data.release();
    }
}

/// Migrates, and returns what one query finds.
fn migrated(files: &[(&str, &str)], query: &str) -> String {
    let made = "CREATE TABLE customers (id serial PRIMARY KEY, name varchar(20));";
    let files: Vec<(&str, &str)> =
        [("migrations/0_customers.sql", made)].into_iter().chain(files.iter().copied()).collect();
    let project = project(&files);
    let mut found = Vec::new();
    for isolation in [Isolation::Full, Isolation::Schema] {
        let request = TestData::request(["customers"]).isolation(isolation);
        let data = request.project(project.path()).provision().unwrap();
        found.push(data.client().query_one(query, &[]).unwrap().get::<_, String>(0));
    }
    assert_eq!(found[0], found[1]);
    found.remove(0)
}

#[test]
fn a_migration_is_a_transaction_of_its_own() {
    let savepoints = "CREATE TABLE t (v int);
        SAVEPOINT one; INSERT INTO t VALUES (1); ROLLBACK TO SAVEPOINT one;
        LOCK TABLE t IN ACCESS EXCLUSIVE MODE;
        SET LOCAL work_mem = '1MB';
        DECLARE c CURSOR FOR SELECT 1; FETCH c; CLOSE c;
        INSERT INTO t SELECT current_setting('work_mem')::bytea::text::int WHERE false;
        INSERT INTO t VALUES (2), (txid_current_if_assigned() - txid_current());";
    assert_eq!(
        migrated(&[("migrations/1.sql", savepoints)], "SELECT string_agg(v::text, ',') FROM t"),
        "2,0"
    );
    let own =
        "BEGIN;\nCREATE TABLE t (v int);\nCOMMIT;\nVACUUM t;\nINSERT INTO t VALUES (3);\nEND;";
    assert_eq!(migrated(&[("migrations/1.sql", own)], "SELECT v::text FROM t"), "3");
}

#[test]
fn rows_behind_a_copy_are_sent() {
    let count = "SELECT string_agg(concat(v, ':', w), ' ' ORDER BY v) FROM t";
    let table = "CREATE TABLE t (v int, w text);\n";
    for (rows, found) in [
        (
            "COPY t (v, w) FROM stdin;\n1\ta;b\n2\t\\N\n\\.\n\nINSERT INTO t VALUES (3, 'x');\n",
            "1:a;b 2: 3:x",
        ),
        ("COPY t FROM STDIN;\n\\.\n", ""),
        ("COPY t FROM STDIN;", ""),
        ("COPY t FROM STDIN;\n1\t'\n2\t--", "1:' 2:--"),
        (
            "COPY t FROM STDIN WITH (FORMAT csv, HEADER);\r\nv,w\r\n1,\"a\nb\"\r\n\\.\r\nSELECT 1;",
            "1:a\nb",
        ),
        ("COPY t TO STDOUT;\nINSERT INTO t VALUES (1, 'y');", "1:y"),
    ] {
        for first in ["", "-- no-transaction\n"] {
            let sql = format!("{first}{table}{rows}");
            let query = format!("SELECT coalesce(({count}), '')");
            assert_eq!(migrated(&[("migrations/1.sql", &sql)], &query), found, "{sql}");
        }
    }
}

#[test]
fn statements_end_where_postgresql_ends_them() {
    for sql in [
        "CREATE FUNCTION f() RETURNS int LANGUAGE sql BEGIN ATOMIC SELECT 1; SELECT CASE WHEN true THEN 7 END; END;",
        "CREATE FUNCTION f() RETURNS int LANGUAGE sql AS $b$ SELECT ';' || $$;$$; SELECT 7; $b$;",
        "CREATE TABLE t (v text DEFAULT E'it\\'s; ''fine''');\n/* ; /* ; */ ' */ CREATE FUNCTION f() RETURNS int LANGUAGE sql AS 'SELECT 7;';",
        "SET standard_conforming_strings = off; CREATE TABLE t (v text DEFAULT 'it\\'s; fine');\n\
         SET standard_conforming_strings = on; CREATE FUNCTION f() RETURNS int LANGUAGE sql AS 'SELECT 7';",
        "\\restrict abc\nCREATE FUNCTION f() RETURNS int LANGUAGE sql AS 'SELECT 7';\n\\unrestrict abc\n",
    ] {
        for first in ["", "-- no-transaction\n"] {
            let sql = format!("{first}{sql}");
            assert_eq!(migrated(&[("migrations/1.sql", &sql)], "SELECT f()::text"), "7", "{sql}");
        }
    }
}

#[test]
fn what_a_migration_fails_at_is_told_with_its_line_and_statement() {
    for (sql, parts) in [
        (
            "SELECT 1;\n\nCREATE TABLE a (\n  id nothing\n);",
            ["1.sql failed at line 4 (CREATE TABLE a)", "nothing"],
        ),
        (
            "CREATE TABLE a (v int UNIQUE);\nINSERT INTO a VALUES (77);\nINSERT INTO a VALUES (77);",
            ["at line 3 (INSERT INTO a VALUES)", "unique"],
        ),
        (
            "CREATE TABLE a (v int);\nCOPY a FROM stdin;\n1\nx\n\\.\n",
            ["at line 4 (COPY a FROM stdin)", "column v, row index 1"],
        ),
        (
            "CREATE TABLE a (v int);\nCREATE INDEX CONCURRENTLY i ON a (v);",
            ["at line 2 (CREATE INDEX CONCURRENTLY i ON a)", "`-- no-transaction`"],
        ),
        ("CREATE TABLE {{ name }} (v int);", ["at line 1", "marks of a template"]),
        (
            "CREATE TABLE a (v text);\nINSERT INTO a VALUES ('x');\nINSERT INTO a VALUES ('y' 'z');\nINSERT INTO a VALUES ('w');",
            ["at line 3 (INSERT INTO a VALUES)", "syntax error"],
        ),
        ("SELECT 1;\nSELECT 1 / 0;", ["at line 2", "divided by zero"]),
        (
            "DO $$ BEGIN RAISE EXCEPTION 'please set up the vault first'; END $$;",
            ["at line 1", "It says: please set up the vault first"],
        ),
        (
            "DO $$ BEGIN RAISE EXCEPTION 'not for %', 'x' || 'y'; END $$;",
            ["at line 1", "a function of the database raised an exception"],
        ),
        ("SELECT 1;\n\\! ls", ["at line 2", "a command of the shell"]),
        ("SELECT 1;\nSELECT 'open", ["at line 2", "does not close it"]),
        (
            "CREATE TABLE customers (id int);\nCOPY (SELECT 1 / (id - id) FROM generate_series(1, 3) AS id) TO STDOUT;",
            ["at line 2 (COPY)", "22012"],
        ),
        (
            "CREATE TABLE a (v int);\nCOPY a FROM stdin; SELECT 1;\n\\.",
            ["at line 2", "begin a new line"],
        ),
        (
            "-- no-transaction\nBEGIN;\nCOMMIT AND CHAIN;\nCREATE TABLE a (v int);",
            ["leaves a transaction open", "begins at line 3"],
        ),
    ] {
        let project = project(&[("migrations/1.sql", sql)]);
        let error = TestData::request(["customers"]).project(project.path()).provision();
        let error = error.unwrap_err().to_string();
        for part in parts {
            assert!(error.contains(part), "{part:?} is missing in:\n{error}");
        }
        assert!(!error.contains("77"), "{error}");
    }
}

#[test]
fn a_migration_that_takes_too_long_is_told_and_the_next_one_runs() {
    let files = [
        ("tdata.toml", "migrations = \"migrations\"\nmigration_timeout = \"1s\"\n"),
        (
            "migrations/1.sql",
            "CREATE TABLE customers (id serial PRIMARY KEY, name text);\nSELECT pg_sleep(600);",
        ),
    ];
    let project = Project::with(&files).define("customers", CUSTOMERS);
    let provision = || TestData::request(["customers"]).project(project.path()).provision();
    let error = provision().unwrap_err().to_string();
    for part in ["1.sql was at line 2 (SELECT pg_sleep)", "migration_timeout"] {
        assert!(error.contains(part), "{part:?} is missing in:\n{error}");
    }
    std::fs::write(
        project.path().join("migrations/1.sql"),
        "CREATE TABLE customers (id serial, name text);",
    )
    .unwrap();
    assert_eq!(provision().unwrap().dataset("customers").len(), 20);
}
