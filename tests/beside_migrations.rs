//! Scripts before and behind the migrations.

#![cfg(feature = "server")]
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

#[expect(dead_code, reason = "other tests use the rest")]
mod guest;
mod project;

use std::fs;
use std::sync::mpsc::{Receiver, channel};

use guest::Guest;
use project::Project;
use tdata::{Config, Engine, Isolation, Notices, ServerChoice, TestData};

const SHELVES: &str = "  volume: { count: 10 }
  fields:
    - { name: id, type: integer, generator: sequence }
    - { name: label, type: text, generator: first_name }
";

const EVERY: [Isolation; 3] = [Isolation::Full, Isolation::Schema, Isolation::Transaction];

fn project(settings: &str, files: &[(&str, &str)]) -> Project {
    let settings = ("tdata.toml", settings);
    let files: Vec<(&str, &str)> = files.iter().copied().chain([settings]).collect();
    Project::with(&files).define("shelves", SHELVES)
}

fn provision(project: &Project, isolation: Isolation) -> Result<TestData, tdata::Error> {
    TestData::request(["shelves"]).isolation(isolation).project(project.path()).provision()
}

fn error(project: &Project) -> String {
    provision(project, Isolation::Full).unwrap_err().to_string()
}

fn ask(data: &TestData, query: &str) -> String {
    data.client().query_one(query, &[]).unwrap().get(0)
}

#[track_caller]
fn assert_contains(text: &str, parts: &[&str]) {
    for part in parts {
        assert!(text.contains(part), "{part:?} is missing in:\n{text}");
    }
}

#[test]
fn scripts_run_before_and_behind_the_migrations_under_each_isolation() {
    let project = project(
        "migrations = \"db/migrations\"\nbefore_migrations = [\"db/extensions.sql\"]\n\
         after_migrations = [\"db/rooms.sql\", { command = \"psql -qX -f db/more.sql\" }, \"last.sql\"]\n\
         migrate_inputs = [\"db/more.sql\"]",
        &[
            ("db/extensions.sql", "CREATE EXTENSION IF NOT EXISTS citext;\n"),
            (
                "db/migrations/1_shelves.sql",
                "CREATE TABLE rooms (name citext PRIMARY KEY);\n\
                 CREATE TABLE shelves (id int PRIMARY KEY, label citext, room citext REFERENCES rooms DEFAULT 'hall');",
            ),
            (
                "db/rooms.sql",
                "\\set first hall\nINSERT INTO rooms VALUES (:'first');\n\\ir rows/rooms.sql",
            ),
            ("db/rows/rooms.sql", "COPY rooms FROM stdin;\ncellar\nattic\n\\.\n"),
            ("db/more.sql", "INSERT INTO rooms VALUES ('porch')"),
            (
                "last.sql",
                "-- no-transaction\nCREATE INDEX CONCURRENTLY ON rooms (name);\nVACUUM rooms;",
            ),
        ],
    );
    for isolation in EVERY {
        let data = provision(&project, isolation).unwrap();
        assert_eq!(data.dataset("shelves").len(), 10);
        let rooms = "SELECT string_agg(name::text, ' ' ORDER BY name) FROM rooms";
        assert_eq!(ask(&data, rooms), "attic cellar hall porch", "{isolation:?}");
        data.release();
    }
}

#[test]
fn what_is_set_before_holds_for_the_migrations_and_their_table() {
    let settings = "DO $$ BEGIN EXECUTE format('ALTER DATABASE %I SET app.tenant = ''seven''', current_database()); END $$;\n\
                    CREATE SCHEMA ops;\nSET search_path = nowhere;";
    let project = project(
        "before_migrations = \"settings.sql\"\nmigrations = \"migrations\"\nmigrations_table = \"ops._sqlx_migrations\"\n\
         migrations_layout = \"sqlx\"\nafter_migrations = \"after.sql\"",
        &[
            ("settings.sql", settings),
            (
                "migrations/1_shelves.sql",
                "CREATE TABLE shelves (id int, label text);\n\
                 CREATE TABLE seen AS SELECT current_setting('app.tenant') AS tenant;\nSET search_path = ops;",
            ),
            ("after.sql", "INSERT INTO seen SELECT count(*)::text FROM ops._sqlx_migrations;"),
        ],
    );
    let data = provision(&project, Isolation::Full).unwrap();
    assert_eq!(ask(&data, "SELECT string_agg(tenant, ' ' ORDER BY tenant) FROM seen"), "1 seven");
}

#[test]
fn scripts_need_no_migrations() {
    for settings in ["before_migrations", "after_migrations"] {
        let table = "CREATE TABLE shelves (id int, label text, made_by text DEFAULT 'a script');";
        let project = project(&format!("{settings} = [\"one.sql\"]"), &[("one.sql", table)]);
        for isolation in EVERY {
            let data = provision(&project, isolation).unwrap();
            assert_eq!(ask(&data, "SELECT min(made_by) FROM shelves"), "a script");
        }
        fs::write(project.path().join("one.sql"), table.replace("a script", "another")).unwrap();
        let data = provision(&project, Isolation::Full).unwrap();
        assert_eq!(ask(&data, "SELECT min(made_by) FROM shelves"), "another");
    }
}

#[test]
fn keys_reference_rows_that_scripts_insert() {
    let tickets = "  volume: { count: 20 }\n  fields:\n    - { name: id, type: integer, generator: sequence }\n    \
                   - { name: label, type: text, generator: word }\n  \
                   relationships:\n    - { foreignKey: room_id, references: rooms.id }\n";
    let tables = "CREATE TABLE rooms (id int PRIMARY KEY);\n\
                  CREATE TABLE tickets (id int PRIMARY KEY, label text, room_id int NOT NULL REFERENCES rooms);";
    let settings = "before_migrations = \"tables.sql\"\nafter_migrations = \"rooms.sql\"";
    let rooms = "INSERT INTO rooms VALUES (3), (5);";
    let project = project(settings, &[("tables.sql", tables), ("rooms.sql", rooms)]);
    let project = project.define("tickets", tickets);
    for isolation in EVERY {
        let request = TestData::request(["tickets"]).isolation(isolation);
        let data = request.project(project.path()).provision().unwrap();
        let used = "SELECT string_agg(DISTINCT room_id::text, ' ') FROM tickets";
        assert_eq!(ask(&data, used), "3 5", "{isolation:?}");
        data.release();
    }
}

#[test]
fn roles_that_are_made_before_are_there_again_and_again() {
    let project = project(
        "before_migrations = [\"roles.sql\"]\nmigrations = \"db\"",
        &[
            ("roles.sql", "CREATE ROLE librarian LOGIN CONNECTION LIMIT 7;\n"),
            (
                "db/1.sql",
                "CREATE TABLE shelves (id int, label text);\nGRANT SELECT ON shelves TO librarian;",
            ),
        ],
    );
    for isolation in [EVERY, EVERY].concat() {
        let data = provision(&project, isolation).unwrap();
        let may = "SELECT concat(has_table_privilege('librarian', 'shelves', 'SELECT'), rolconnlimit) \
                   FROM pg_roles WHERE rolname = 'librarian'";
        assert_eq!(ask(&data, may), "t7", "{isolation:?}");
        data.release();
    }
}

#[test]
fn what_a_script_fails_at_is_told_with_its_file_and_line() {
    let table = "CREATE TABLE shelves (id int, label text);";
    for (script, text, parts) in [
        ("before_migrations", "SELECT 1;\n\nSELECT no;", ["sql/one.sql failed at line 3", "no"]),
        (
            "after_migrations",
            "COPY shelves FROM stdin;\n1\ta\nx\tb\n\\.\n",
            ["sql/one.sql failed at line 3", "row index 1"],
        ),
        ("after_migrations", "SELECT 1;\n\\! ls", ["sql/one.sql cannot run at line 2", "shell"]),
        (
            "before_migrations",
            "BEGIN;\nSELECT 1;",
            ["sql/one.sql leaves a transaction open", "line 1"],
        ),
        (
            "before_migrations",
            "CREATE INDEX CONCURRENTLY ON a (b);",
            ["sql/one.sql", "-- no-transaction"],
        ),
        (
            "after_migrations",
            "SELECT uuid_generate_v4();",
            ["line 1", "CREATE EXTENSION IF NOT EXISTS \"uuid-ossp\""],
        ),
        (
            "before_migrations",
            "CREATE TABLE a (b citext);",
            ["line 1", "before_migrations = [\"extensions.sql\"]"],
        ),
    ] {
        let settings = format!("{script} = [\"sql/one.sql\"]\nmigrations = \"db\"");
        assert_contains(
            &error(&project(&settings, &[("sql/one.sql", text), ("db/1.sql", table)])),
            &parts,
        );
    }
}

/// An engine to which a guest's server is one by URL, and what it says.
fn engine_of(guest: &Guest, project: &Project) -> (Engine, Receiver<String>) {
    let (sender, said) = channel();
    let notices = Notices::to(move |text| drop(sender.send(text.to_owned())));
    let config = Config::new().project(project.path()).workspace(project.path());
    let config = config.server(ServerChoice::Url).database_url(&guest.url);
    (Engine::new(config.notices(notices)), said)
}

#[test]
fn on_a_server_by_url_roles_are_made_before_the_migrations() {
    let guest = Guest::new("librarians", "CREATEDB CREATEROLE");
    let role = format!("reader_{}", std::process::id());
    let grants = [
        format!("GRANT SELECT ON shelves TO {role};"),
        format!("DO $$ BEGIN GRANT SELECT ON shelves TO {role}; END $$;"),
    ];
    for grant in grants {
        let migration = format!("CREATE TABLE shelves (id int, label text);\n{grant}");
        let roles = format!("CREATE ROLE {role} NOLOGIN;");
        let project =
            project("migrations = \"db\"", &[("db/1.sql", &migration), ("roles.sql", &roles)]);
        let (engine, _said) = engine_of(&guest, &project);
        let error = engine.request(["shelves"]).provision().unwrap_err().to_string();
        let expected =
            format!("before_migrations = [\"roles.sql\"]: CREATE ROLE \"{role}\" NOLOGIN");
        assert_contains(&error, &["line 2", &expected]);
        engine.close();
        let settings = "migrations = \"db\"\nbefore_migrations = [\"roles.sql\"]";
        fs::write(project.path().join("tdata.toml"), settings).unwrap();
        let (engine, said) = engine_of(&guest, &project);
        let data = engine.request(["shelves"]).provision().unwrap();
        assert_eq!(data.dataset("shelves").len(), 10);
        assert_contains(&said.try_iter().collect::<Vec<_>>().join("\n"), &["roles", &role]);
        data.release();
        engine.close();
        guest.host.client().batch_execute(&format!("DROP ROLE {role}")).unwrap();
    }
}

#[test]
fn on_a_server_of_ours_blocks_have_the_roles_that_they_name() {
    let migration = "CREATE TABLE shelves (id int, label text);\n\
                     DO $$ BEGIN GRANT SELECT ON shelves TO visitor; END $$;\n\
                     DO $$ BEGIN\n  IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'keeper') THEN\n    \
                     CREATE ROLE keeper LOGIN;\n  END IF;\n  GRANT ALL ON shelves TO keeper;\nEND $$;";
    let project = project("migrations = \"db\"", &[("db/1.sql", migration)]);
    let data = provision(&project, Isolation::Full).unwrap();
    let roles = "SELECT string_agg(concat(rolname, rolcanlogin), ' ' ORDER BY rolname) FROM pg_roles \
                 WHERE rolname IN ('visitor', 'keeper')";
    assert_eq!(ask(&data, roles), "keepert visitorf");
}
