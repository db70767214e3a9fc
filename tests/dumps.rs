//! Migrations that are dumps, or other scripts of `psql`.

#![cfg(feature = "server")]
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod project;

use std::process::Command;
use std::sync::mpsc::channel;

use project::Project;
use tdata::{Config, Engine, Isolation, Notices, TestData};

const CUSTOMERS: &str = "  volume: { count: 5 }
  fields:
    - { name: id, type: integer, generator: sequence }
    - { name: name, type: text, generator: first_name }
";

const TABLE: &str = "CREATE TABLE customers (id serial PRIMARY KEY, name varchar(20));";

fn project(files: &[(&str, &str)]) -> Project {
    let settings = ("tdata.toml", "migrations = \"migrations\"\n");
    let files: Vec<(&str, &str)> = files.iter().copied().chain([settings]).collect();
    Project::with(&files).define("customers", CUSTOMERS)
}

/// Migrates under some isolations, and returns what one query finds.
fn migrated(project: &Project, isolations: &[Isolation], query: &str) -> String {
    let mut found = isolations.iter().map(|isolation| {
        let request = TestData::request(["customers"]).isolation(*isolation);
        let data = request.project(project.path()).provision().unwrap();
        data.client().query_one(query, &[]).unwrap().get::<_, String>(0)
    });
    let first = found.next().unwrap();
    assert!(found.all(|other| other == first));
    first
}

/// Runs a script and returns what one query finds under each isolation that makes tables anew.
fn ran(script: &str, others: &[(&str, &str)], query: &str) -> String {
    let first = ("migrations/0.sql", TABLE);
    let files: Vec<(&str, &str)> =
        [first, ("migrations/1.sql", script)].into_iter().chain(others.iter().copied()).collect();
    migrated(&project(&files), &[Isolation::Full, Isolation::Schema], query)
}

/// Runs a script and returns what it fails with.
fn refused(script: &str, others: &[(&str, &str)]) -> String {
    let first = ("migrations/0.sql", TABLE);
    let files: Vec<(&str, &str)> =
        [first, ("migrations/1.sql", script)].into_iter().chain(others.iter().copied()).collect();
    let project = project(&files);
    TestData::request(["customers"]).project(project.path()).provision().unwrap_err().to_string()
}

/// Tells whether tdata booted the server: elsewhere no roles are made for a migration.
fn is_owned() -> bool {
    let project = project(&[("migrations/0.sql", TABLE)]);
    let request = TestData::request(["customers"]).project(project.path());
    request.provision().unwrap().server().is_owned()
}

const SOURCE: &str = r#"
CREATE TYPE state AS ENUM ('draft', 'it''s sent');
CREATE DOMAIN short AS varchar(40);
CREATE TABLE customers (id serial PRIMARY KEY, name varchar(20));
CREATE TABLE notes (id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY, body short, state state DEFAULT 'draft');
CREATE TABLE empty (id int);
INSERT INTO notes (body) VALUES (E'tab\tline\nback\\slash'), ('it''s; :a $$ \."'), (NULL), ('\N'), ('ä-- /*');
CREATE FUNCTION count_notes() RETURNS bigint LANGUAGE sql AS $_$ SELECT count(*) FROM public.notes; $_$;
CREATE FUNCTION keep() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END';
CREATE TRIGGER keep BEFORE UPDATE ON notes FOR EACH ROW EXECUTE FUNCTION keep();
CREATE VIEW bodies AS SELECT body FROM notes WHERE body LIKE '%;%';
COMMENT ON TABLE notes IS 'so; it''s';
CREATE INDEX ON notes (lower(body));
GRANT SELECT ON notes TO PUBLIC;
SELECT lo_from_bytea(4711, 'large');
"#;

const CONTENTS: &str = "SELECT concat_ws('~', (SELECT string_agg(concat(id, body, state), '|' ORDER BY id) FROM public.notes), \
    public.count_notes(), (SELECT body FROM public.bodies), obj_description('public.notes'::regclass), \
    convert_from(lo_get(4711), 'UTF8'), \
    has_table_privilege('pg_monitor', 'public.notes', 'SELECT'))";

/// Dumps a database with a program that is at least as new as its server, if there is one.
fn dump(program: &str, url: &str, arguments: &[&str]) -> Option<Vec<u8>> {
    let output = Command::new(program).args(arguments).args(["-d", url]).output();
    let Ok(output) = output else {
        eprintln!("no {program} here");
        return None;
    };
    let told = String::from_utf8_lossy(&output.stderr);
    if told.contains("server version mismatch") {
        eprintln!("{program} is too old for the server");
        return None;
    }
    assert!(output.status.success(), "{told}");
    Some(output.stdout)
}

/// A database to dump.
fn source() -> TestData {
    let project = project(&[("migrations/1.sql", SOURCE)]);
    let request = TestData::request(["customers"]).volume("customers", 0).project(project.path());
    request.isolation(Isolation::Full).provision().unwrap()
}

#[test]
fn each_kind_of_dump_is_a_migration() {
    let source = source();
    let contents: String = source.client().query_one(CONTENTS, &[]).unwrap().get(0);
    assert!(contents.contains("~5~") && contents.contains("~large~"), "{contents}");
    for arguments in [
        &[][..],
        &["--create"],
        &["--create", "--clean", "--if-exists"],
        &["--inserts"],
        &["--column-inserts", "--rows-per-insert=2"],
        &["--use-set-session-authorization", "--disable-triggers"],
        &["--quote-all-identifiers", "--encoding=LATIN1"],
    ] {
        let arguments = [arguments, &["--blobs"]].concat();
        let Some(bytes) = dump("pg_dump", source.url(), &arguments) else { return };
        let project = project(&[("migrations/1.sql", "")]);
        std::fs::write(project.path().join("migrations/1.sql"), &bytes).unwrap();
        let isolations = [Isolation::Full, Isolation::Transaction];
        assert_eq!(migrated(&project, &isolations, CONTENTS), contents, "{arguments:?}");
    }
    // Editors put a mark before it, and other line ends into it.
    let Some(bytes) = dump("pg_dump", source.url(), &["--blobs"]) else { return };
    let text = format!("\u{feff}{}", String::from_utf8(bytes).unwrap().replace('\n', "\r\n"));
    let project = project(&[("migrations/1.sql", &text)]);
    assert_eq!(migrated(&project, &[Isolation::Full], CONTENTS), contents);
    // It names the schema of its tables.
    let request = TestData::request(["customers"]).isolation(Isolation::Schema);
    let error = request.project(project.path()).provision().unwrap_err().to_string();
    assert!(error.contains("customers"), "{error}");
}

#[test]
fn a_dump_of_roles_and_a_database_is_a_migration() {
    if !is_owned() {
        return;
    }
    let source = source();
    let Some(roles) = dump("pg_dumpall", source.url(), &["--globals-only"]) else { return };
    let Some(database) = dump("pg_dump", source.url(), &["--create", "--blobs"]) else { return };
    let text = String::from_utf8([roles, database].concat()).unwrap();
    assert!(text.contains("CREATE ROLE postgres;") && text.contains("\\connect "));
    let contents: String = source.client().query_one(CONTENTS, &[]).unwrap().get(0);
    let project = project(&[("migrations/1.sql", &text)]);
    assert_eq!(migrated(&project, &[Isolation::Full], CONTENTS), contents);
}

const DUMP: &str = "--\n-- PostgreSQL database dump\n--\n\n\\restrict k\n
SET statement_timeout = 0;
SET a_setting_of_another_version = 0;
SET client_encoding = 'UTF8';
SELECT pg_catalog.set_config('search_path', '', false);
CREATE SCHEMA public;
ALTER SCHEMA public OWNER TO postgres;
COMMENT ON EXTENSION plpgsql IS 'so';
CREATE TABLE public.customers (id integer PRIMARY KEY, name text);
ALTER TABLE public.customers OWNER TO \"An owner\";
CREATE POLICY p ON public.customers FOR SELECT TO a_reader USING (true);
GRANT SELECT ON TABLE public.customers TO a_reader;
ALTER DEFAULT PRIVILEGES FOR ROLE \"An owner\" IN SCHEMA public GRANT SELECT ON TABLES TO a_reader;
\\unrestrict k
";

#[test]
fn what_a_dump_names_and_the_server_lacks_is_made_or_passed_over() {
    let (sender, said) = channel();
    let notices = Notices::to(move |text| drop(sender.send(text.to_owned())));
    let engine = Engine::new(Config::from_environment().unwrap().notices(notices));
    // What is made already is not told again.
    let dump = format!("{DUMP}-- {}\n", std::process::id());
    let project = project(&[("migrations/1.sql", &dump)]);
    let provision = |isolation| {
        engine.request(["customers"]).isolation(isolation).project(project.path()).provision()
    };
    if !is_owned() {
        let error = provision(Isolation::Full).unwrap_err().to_string();
        assert!(error.contains("1.sql failed at line"), "{error}");
        assert_eq!(error.contains("does not exist"), error.contains("NOLOGIN"), "{error}");
        return;
    }
    let data = provision(Isolation::Full).unwrap();
    let sql = "SELECT concat_ws(' ', tableowner, has_table_privilege('a_reader', 'public.customers', 'SELECT'), \
               (SELECT rolcanlogin FROM pg_roles WHERE rolname = 'a_reader')) \
               FROM pg_tables WHERE tablename = 'customers'";
    let row = data.client().query_one(sql, &[]).unwrap();
    assert_eq!(row.get::<_, String>(0), "An owner t f");
    let said: Vec<String> = said.try_iter().collect();
    let said = said.join("\n");
    for part in [
        "(An owner, a_reader)",
        "1.sql line 8: this server has no setting a_setting_of_another_version",
    ] {
        assert!(said.contains(part), "{part:?} is missing in:\n{said}");
    }
}

#[test]
fn variables_stand_for_their_values() {
    let script =
        "\\set n 7 \\set word 'it''s' \\set tab \"t_1\"\n\\set joined a 'b c'\n\\set quoted t_2
CREATE TABLE :tab (v int DEFAULT :n, w text DEFAULT :'word'); CREATE TABLE :\"quoted\" (v text);
INSERT INTO t_1 DEFAULT VALUES \\; INSERT INTO t_1 VALUES (8, ':n');
\\unset n
INSERT INTO t_2 VALUES (:'joined'), ('1'::text), (:{?n}), (:{?word});";
    let sql = "SELECT (SELECT string_agg(v || w, ',') FROM t_1) || ' ' || (SELECT string_agg(v, ',') FROM t_2)";
    assert_eq!(ran(script, &[], sql), "7it's,8:n ab c,1,false,true");
}

#[test]
fn what_psql_itself_knows_is_known() {
    let script = "COMMENT ON DATABASE :DBNAME IS 'so';\nCREATE TABLE t AS SELECT :'USER' = session_user AS a,
        :SERVER_VERSION_NUM = current_setting('server_version_num')::int AS b, :'ENCODING' AS c;";
    assert_eq!(ran(script, &[], "SELECT concat_ws(' ', a, b, c) FROM t"), "t t UTF8");
}

#[test]
fn the_role_that_tdata_connects_as_keeps_its_password() {
    if !is_owned() {
        return;
    }
    let script = "SET password_encryption = 'md5';
ALTER ROLE postgres WITH PASSWORD 'x';\nALTER USER current_user PASSWORD 'x';";
    let sql = "SELECT (coalesce(rolpassword, '') = 'md5' || md5('x' || rolname))::text \
               FROM pg_authid WHERE rolname = session_user";
    assert_eq!(ran(script, &[], sql), "false");
}

#[test]
fn conditions_choose_what_runs() {
    let script = "\\set a 1\nCREATE TABLE t (v text);
\\if :{?a}\n  INSERT INTO t VALUES ('if');\n  \\if no\n\\! never\nCOPY t FROM stdin;\nnever\n\\.\n  \\else
INSERT INTO t VALUES ('inner');\n\\endif\n\\elif yes\nSELECT never;\n\\else\nnonsense;\n\\endif
SELECT count(*) = 2 AS two, 'x' AS other FROM t \\gset p_
\\if :p_two\nINSERT INTO t VALUES (:'p_other');\n\\endif\n\\echo done\n\\q\nnonsense;";
    assert_eq!(ran(script, &[], "SELECT string_agg(v, ',') FROM t"), "if,inner,x");
}

#[test]
fn results_run_as_statements() {
    let script = "CREATE TABLE t (v text);
SELECT format('INSERT INTO t VALUES (%L)', v), NULL, 'DELETE FROM t WHERE v = ''2''' FROM generate_series(1, 3) v\\gexec
INSERT INTO t VALUES ('g') \\g\nINSERT INTO t VALUES ('r') \\r\nINSERT INTO t VALUES ('end')";
    assert_eq!(ran(script, &[], "SELECT string_agg(v, ',') FROM t"), "1,3,g,end");
}

#[test]
fn included_files_run_in_their_place_and_rows_come_from_files() {
    let script = "\\set d parts\n\\i db/:d/a.sql\n\\ir ../db/b.sql\n\\copy t from 'db/rows.csv' with (format csv, header)
\\copy t (v) from stdin\nbehind\n\\.\nINSERT INTO t VALUES ('end');\n\\copy t to 'out.csv'";
    let others = [
        ("db/parts/a.sql", "\u{feff}CREATE TABLE t (v text);\n\\ir c.sql\n\\q\nnonsense;"),
        ("db/parts/c.sql", "INSERT INTO t VALUES ('c');"),
        ("db/b.sql", "INSERT INTO t VALUES (:'d');"),
        ("db/rows.csv", "v\n\"one, two\"\n"),
    ];
    let found = ran(script, &others, "SELECT string_agg(v, ';') FROM t");
    assert_eq!(found, "c;parts;one, two;behind;end");
}

#[test]
fn each_folder_of_migrations_includes_the_files_beside_it() {
    let settings = "migrations = [{ folder = \"core\", layout = \"sqlx\" }, { folder = \"shop\", layout = \"flyway\" }]\n";
    let project = Project::with(&[
        ("tdata.toml", settings),
        ("core/1_customers.sql", TABLE),
        ("core/2_words.sql", "\\set word core\n\\ir parts/words.sql\n"),
        (
            "core/parts/words.sql",
            "CREATE TABLE words AS SELECT :'word'::text AS word; SET search_path = '';",
        ),
        ("core/3_more.sql", "ALTER TABLE words ADD COLUMN number int;"),
        ("shop/V1__words.sql", "\\i parts/words.sql\n"),
        (
            "shop/parts/words.sql",
            "INSERT INTO words VALUES ('shop');\n\\copy words (word) from rows.csv",
        ),
        ("shop/parts/rows.csv", "rows\n"),
    ]);
    let project = project.define("customers", CUSTOMERS);
    let (say, said) = channel();
    let notices = Notices::to(move |text| drop(say.send(text.to_owned())));
    let config = Config::from_environment().unwrap().notices(notices).project(project.path());
    let engine = Engine::new(config);
    for isolation in [Isolation::Full, Isolation::Schema] {
        let data = engine.request(["customers"]).isolation(isolation).provision().unwrap();
        let query = "SELECT string_agg(word, ' ') FROM words \
            HAVING (SELECT count(*) FROM _sqlx_migrations) = 3 AND (SELECT count(*) FROM flyway_schema_history) >= 1";
        assert_eq!(
            data.client().query_one(query, &[]).unwrap().get::<_, String>(0),
            "core shop rows"
        );
    }
    engine.close();
    let said: Vec<String> = said.try_iter().collect();
    assert!(!said.iter().any(|text| text.contains("left out")), "{said:?}");
}

#[test]
fn an_included_file_is_part_of_what_rows_are_made_from() {
    let project = project(&[
        (
            "migrations/1.sql",
            "\\i db/t.sql\nCREATE TABLE customers (id serial PRIMARY KEY, name text);",
        ),
        ("db/t.sql", "CREATE TABLE t AS SELECT 'one'::text AS v;"),
    ]);
    let found = || migrated(&project, &[Isolation::Full], "SELECT v FROM t");
    assert_eq!(found(), "one");
    std::fs::write(project.path().join("db/t.sql"), "CREATE TABLE t AS SELECT 'two'::text AS v;")
        .unwrap();
    assert_eq!(found(), "two");
}

#[test]
fn a_script_that_makes_its_database_runs_in_that_of_the_project() {
    let script = "SELECT 'CREATE DATABASE shop' WHERE NOT EXISTS (SELECT FROM pg_database WHERE datname = 'shop')\\gexec
CREATE DATABASE shop WITH TEMPLATE = template0 ENCODING = 'UTF8';
ALTER DATABASE shop SET timezone = 'Asia/Tokyo';
ALTER DATABASE shop CONNECTION LIMIT 7;
COMMENT ON DATABASE shop IS 'a shop';
SET work_mem = '1MB';
\\connect -reuse-previous=on \"dbname='shop'\"
CREATE TABLE t AS SELECT current_setting('work_mem') <> '1MB' AS v;
\\c postgres\n\\c shop - - -\nINSERT INTO t SELECT session_user = current_user;";
    let files = [("migrations/0.sql", TABLE), ("migrations/1.sql", script)];
    let sql = "SELECT concat_ws(' ', current_setting('timezone'), shobj_description(oid, 'pg_database'), \
               (SELECT string_agg(v::text, ',') FROM t), \
               EXISTS (SELECT FROM pg_database WHERE datname = 'shop')) \
               FROM pg_database WHERE datname = current_database()";
    assert_eq!(
        migrated(&project(&files), &[Isolation::Full], sql),
        "Asia/Tokyo a shop true,true f"
    );
}

#[test]
fn what_a_dump_says_of_its_database_its_copies_have() {
    let script =
        "CREATE ROLE keeper SUPERUSER;\nCREATE DATABASE shop;\nALTER DATABASE shop OWNER TO keeper;
ALTER DATABASE shop SET search_path TO '$user', 'a, \"b', 'public';
ALTER DATABASE shop SET session_preload_libraries TO 'plpgsql';
ALTER DATABASE shop SET role TO 'keeper';
ALTER DATABASE shop SET default_transaction_read_only TO 'on';
ALTER DATABASE shop SET \"App\".\"order\" TO 'it''s, so';
ALTER DATABASE shop SET temp_tablespaces TO '';
GRANT CONNECT ON DATABASE shop TO pg_monitor;\n\\connect shop
";
    if !is_owned() {
        return;
    }
    let project = project(&[("migrations/0.sql", TABLE), ("migrations/1.sql", script)]);
    for isolation in [Isolation::Full, Isolation::Transaction] {
        let request = TestData::request(["customers"]).isolation(isolation);
        let data = request.project(project.path()).provision().unwrap();
        let sql = "SELECT pg_get_userbyid(datdba)::text, has_database_privilege('pg_monitor', oid, 'CONNECT'), \
                   (SELECT array_agg(one ORDER BY one) FROM pg_db_role_setting, unnest(setconfig) AS one \
                    WHERE setdatabase = d.oid AND setrole = 0), current_user::text, current_setting('search_path') \
                   FROM pg_database d WHERE datname = current_database()";
        let row = data.client().query_one(sql, &[]).unwrap();
        assert_eq!((row.get::<_, String>(0), row.get(1)), ("keeper".to_owned(), true));
        let mut settings: Vec<String> = row.get(2);
        // PostgreSQL writes its own way of names.
        settings.iter_mut().for_each(|setting| setting.make_ascii_lowercase());
        settings.sort();
        let expected = [
            "app.order=it's, so",
            "default_transaction_read_only=on",
            "role=keeper",
            "search_path=\"$user\", \"a, \"\"b\", public",
            "session_preload_libraries=plpgsql",
            "temp_tablespaces=\"\"",
        ];
        assert_eq!(settings, expected);
        assert_eq!(row.get::<_, String>(3), "keeper");
    }
}

#[test]
fn what_cannot_be_done_is_told_with_its_place() {
    let others = [
        ("db/broken.sql", "SELECT 1;\n\nSELECT nothing;"),
        ("db/circle.sql", "\n\\i db/circle.sql"),
        ("db/rows.csv", "1\nx\n"),
        ("db/latin.sql", "SELECT 1;"),
    ];
    for (script, parts) in [
        ("SELECT 1;\n\\! ls", ["1.sql cannot run at line 2", "a command of the shell"]),
        ("\\set x `date`", ["at line 1", "in backquotes"]),
        ("\\i gone.sql", ["at line 1", "there is no file gone.sql"]),
        ("\\ir ../../x.sql", ["at line 1", "outside of the project's folder"]),
        (
            "\\i db/circle.sql",
            [
                "db/circle.sql cannot run at line 2",
                "in a circle: migrations/1.sql -> db/circle.sql -> db/circle.sql",
            ],
        ),
        (
            "SELECT 1;\n\\i db/broken.sql",
            ["db/broken.sql failed at line 3 (SELECT nothing)", "does not exist"],
        ),
        (
            "CREATE TABLE t (v int);\n\\copy t from 'db/rows.csv'",
            ["db/rows.csv failed at line 2", "column v"],
        ),
        ("\\copy t from program 'ls'", ["at line 1", "write its rows into a file"]),
        ("\\if maybe\n\\endif", ["at line 1", "neither true nor false"]),
        ("\\if true\nSELECT 1;\n", ["at line 3", "\\endif is missing"]),
        ("\\endif", ["at line 1", "behind no \\if"]),
        ("SELECT 1, 2 WHERE false\n\\gset", ["at line 2", "takes one row"]),
        ("SELECT 1\n\\echo x\n, 2;", ["at line 2", "stands within a statement"]),
        ("\\set AUTOCOMMIT off", ["at line 1", "BEGIN and COMMIT"]),
        ("\\c one\n\\c two", ["at line 2", "two besides one"]),
        ("SELECT 1 \\g out.txt", ["at line 1", "\\gexec"]),
        ("\\lo_import f", ["at line 1", "lo_from_bytea"]),
        (
            "CREATE EXTENSION nothing_like_it;",
            [
                "at line 1 (CREATE EXTENSION nothing_like_it)",
                "does not have the extension nothing_like_it",
            ],
        ),
        (
            "-- PostgreSQL database dump\nDROP TABLE gone;",
            ["at line 2 (DROP TABLE gone)", "--if-exists"],
        ),
    ] {
        let error = refused(script, &others);
        for part in parts {
            assert!(error.contains(part), "{part:?} is missing for {script:?} in:\n{error}");
        }
        // What helps is told once.
        assert!(!error.contains("is read as"), "{error}");
    }
}

#[test]
fn files_that_are_no_text_are_told() {
    for (bytes, part) in [
        (&b"\xFF\xFES\0E\0"[..], "UTF-16"),
        (b"PGDMP\x01\x0e", "pg_restore"),
        (b"SELECT 1;\nSELECT '\xE4';", "sql:2 is no UTF-8"),
    ] {
        let project = project(&[("migrations/1.sql", TABLE)]);
        std::fs::write(project.path().join("migrations/2.sql"), bytes).unwrap();
        let error = TestData::request(["customers"]).project(project.path()).provision();
        let error = error.unwrap_err().to_string();
        assert!(error.contains("2.sql") && error.contains(part), "{error}");
    }
}

#[test]
fn rows_that_are_sent_together_are_told_one_by_one() {
    let insert = |id: u32| format!("INSERT INTO notes (id, text) VALUES ({id}, 'a;b');\n");
    let rows = |to: u32| (1..=to).map(insert).collect::<String>();
    let table = "CREATE TABLE notes (id int PRIMARY KEY, text text NOT NULL, at int DEFAULT 0);\n";
    let migrated = |sql: &str| {
        let files = [("tdata.toml", "migrations = \"migrations\"\n"), ("migrations/1.sql", sql)];
        let project = Project::with(&files)
            .define("other", "  fields:\n    - { name: id, type: integer, generator: sequence }\n");
        TestData::request(["other"]).project(project.path()).provision()
    };
    // More than one message; what stands between sees the rows before it, and those behind see what it did.
    let sql = format!(
        "{table}{}UPDATE notes SET at = (SELECT count(*) FROM notes);\nSET standard_conforming_strings = off;\n\
         INSERT INTO notes VALUES (9001, 'it\\'s; so');\nSET standard_conforming_strings = on;\n{}",
        rows(2_500),
        (9002..9005).map(insert).collect::<String>(),
    );
    let data = migrated(&sql).unwrap();
    let found =
        data.client().query_one("SELECT count(*), max(at), max(length(text)) FROM notes", &[]);
    let found = found.unwrap();
    assert_eq!((found.get::<_, i64>(0), found.get::<_, i32>(1)), (2_504, 2_500));
    assert_eq!(found.get::<_, i32>(2), 8);

    for (wrong, part) in [
        ("INSERT INTO notes (id) VALUES (7001);\n", "not-null"),
        ("INSERT INTO notes (id, txt) VALUES (7001, 'a');\n", "\"txt\""),
        ("INSERT INTO notes VALUES (12, 'a');\n", "notes_pkey"),
        ("INSERT INTO nots VALUES (12, 'a');\n", "\"nots\""),
    ] {
        let behind: String = (8001..8100).map(insert).collect();
        let told = migrated(&format!("{table}{}{wrong}{behind}", rows(1_501))).unwrap_err();
        let told = told.to_string();
        assert!(told.contains("1.sql failed at line 1503 (INSERT INTO not"), "{told}");
        assert!(told.contains(part), "{told}");
    }
}
