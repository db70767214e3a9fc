//! What a project sets for sessions, and what databases set for them: tests have it, and tdata's own work does not depend
//! on it. Row-level security is part of that.

#![cfg(feature = "server")]
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

#[expect(dead_code, reason = "other tests use the rest")]
mod guest;
mod project;

use guest::Guest;
use postgres::{Client, NoTls};
use project::Project;
use tdata::{Config, Engine, Error, Isolation, Notices, Record, TestData};

const ALL: [Isolation; 3] = [Isolation::Full, Isolation::Schema, Isolation::Transaction];

const NOTES: &str = "  volume: { count: 20 }
  fields:
    - { name: id, type: integer, generator: sequence }
    - { name: tenant, type: text, generator: choice, choices: [a, b] }
    - { name: label, type: text, generator: word }
  validation:
    - { constraint: id > 0 }
";

const NOTES_TABLE: &str =
    "CREATE TABLE notes (id integer PRIMARY KEY, tenant text NOT NULL, label text NOT NULL);";

const FORCED: &str = "\
CREATE TABLE notes (id integer PRIMARY KEY, tenant text NOT NULL, label text NOT NULL);
ALTER TABLE notes ENABLE ROW LEVEL SECURITY;
ALTER TABLE notes FORCE ROW LEVEL SECURITY;
CREATE POLICY mine ON notes USING (tenant = current_setting('app.tenant', true));
";

fn project(settings: &str, migration: &str) -> Project {
    let settings = format!("migrations = \"migrations\"\n{settings}");
    let files = [("tdata.toml", &*settings), ("migrations/0001_schema.sql", migration)];
    Project::with(&files).define("notes", NOTES)
}

fn engine(project: &Project, url: Option<&str>) -> Engine {
    let config = match url {
        Some(url) => Config::new().workspace(project.path()).database_url(url),
        None => Config::from_environment().unwrap(),
    };
    Engine::new(config.project(project.path()).notices(Notices::none()))
}

fn provisioned(engine: &Engine, isolation: Isolation) -> Result<TestData, Error> {
    engine.request(["notes"]).isolation(isolation).provision()
}

fn text(client: &mut Client, sql: &str) -> String {
    client.query_one(sql, &[]).unwrap().get::<_, Option<String>>(0).unwrap_or_default()
}

#[test]
fn every_connection_has_what_a_project_sets() {
    let settings = "[session_settings]\n\"app.tenant\" = 'it''s \\ \"a\" $1'\ntimezone = \"Asia/Tokyo\"\n\
                    app.empty = \"\"\n";
    let guest = Guest::new("sessions", "CREATEDB");
    let migration = "CREATE TABLE notes (id integer PRIMARY KEY, tenant text NOT NULL, label text NOT NULL, \
                     loaded text DEFAULT current_setting('app.tenant'));";
    let project = project(&settings.replace("''", "’"), migration);
    for url in [None, Some(guest.url.as_str())] {
        let engine = engine(&project, url);
        for isolation in ALL {
            let data = provisioned(&engine, isolation).unwrap();
            let ask = "SELECT current_setting('app.tenant') || ' ' || current_setting('timezone') || \
                       current_setting('app.empty')";
            let expected = "it’s \\ \"a\" $1 Asia/Tokyo";
            assert_eq!(text(&mut data.client(), ask), expected, "{isolation}");
            let mut own = Client::connect(data.url(), NoTls).unwrap();
            assert_eq!(text(&mut own, ask), expected, "{isolation}");
            assert_eq!(text(&mut own, "SELECT min(loaded) FROM notes"), "it’s \\ \"a\" $1");
            // A connection that one user after another has begins with it again.
            data.client().batch_execute("SET \"app.tenant\" = 'other'").unwrap();
            if isolation != Isolation::Transaction {
                assert_eq!(text(&mut data.client(), ask), expected, "{isolation}");
            }
        }
    }
}

#[test]
fn blanks_around_a_value_are_part_of_it() {
    let values = ["a ", " a", " ", "a\t", "\\ ", "a \\"];
    for value in values {
        let project = project(&format!("[session_settings]\napp.x = {value:?}\n"), NOTES_TABLE);
        let engine = engine(&project, None);
        for isolation in ALL {
            let data = provisioned(&engine, isolation).unwrap();
            let mut own = Client::connect(data.url(), NoTls).unwrap();
            for client in [&mut *data.client(), &mut own] {
                assert_eq!(text(client, "SHOW app.x"), value, "{isolation}");
            }
        }
    }
}

#[test]
fn rows_that_a_test_changed_are_loaded_again_as_at_first() {
    const SPANS: &str = "  volume: { count: 5 }
  fields:
    - { name: id, type: integer, generator: sequence }
    - { name: span, type: interval, generator: choice, choices: [\"-1 days 02:00:00\"] }
";
    let settings = "migrations = \"m\"\n[session_settings]\nintervalstyle = \"sql_standard\"\narray_nulls = \"off\"\n";
    let table = "CREATE TABLE spans (id integer PRIMARY KEY, span interval);";
    let project =
        Project::with(&[("tdata.toml", settings), ("m/1.sql", table)]).define("spans", SPANS);
    let engine = engine(&project, None);
    let hours = "SELECT string_agg(DISTINCT extract(hour FROM span)::int::text, ' ') FROM spans";
    let mut used = Vec::new();
    for _ in 0..3 {
        let data = engine.request(["spans"]).isolation(Isolation::Full).provision().unwrap();
        assert_eq!(text(&mut data.client(), hours), "2");
        data.client().batch_execute("UPDATE spans SET span = '1 hour'").unwrap();
        used.push(data.database().to_owned());
        data.release();
    }
    used.sort();
    used.dedup();
    assert!(used.len() < 3, "no clone was used again");
}

#[test]
fn a_search_path_leads_to_the_tables() {
    let settings = "[session_settings]\nsearch_path = '\"My App\", public'\n";
    let migration = "CREATE SCHEMA \"My App\"; CREATE TABLE \"My App\".notes \
                     (id integer PRIMARY KEY, tenant text NOT NULL, label text NOT NULL);";
    let project = project(settings, migration);
    let engine = engine(&project, None);
    let data = provisioned(&engine, Isolation::Full).unwrap();
    assert_eq!(data.dataset("notes").len(), 20);
    assert_eq!(text(&mut data.client(), "SELECT count(*)::text FROM \"My App\".notes"), "20");
    assert_eq!(text(&mut data.client(), "SELECT to_regclass('public.notes')::text"), "");
}

#[test]
fn what_postgresql_does_not_take_is_told_with_its_place() {
    let settings =
        "[session_settings]\ntimezon = \"UTC\"\ntimezone = \"Mars/Olympus\"\napp.fine = \"1\"\n";
    let project = project(settings, FORCED);
    for isolation in ALL {
        let told = provisioned(&engine(&project, None), isolation).unwrap_err().to_string();
        for part in [
            "2 mistakes",
            "does not take the session setting `timezon`",
            "tdata.toml:3:",
            "does not take the session setting `timezone`",
            "tdata.toml:4:",
        ] {
            assert!(told.contains(part), "{part:?} is missing in:\n{told}");
        }
        assert!(!told.contains("app.fine"), "{told}");
    }
    let config = Config::from_environment().unwrap().notices(Notices::none());
    let config = config.project(project.path()).session_setting("TimeZone", "UTC");
    let config = config.session_setting("not a name", "1");
    let told = provisioned(&Engine::new(config), Isolation::Full).unwrap_err().to_string();
    assert!(told.contains("Config::session_setting") && told.contains("`not a name`"), "{told}");
}

#[test]
fn forced_row_level_security_hides_no_row_from_tdata() {
    let guest = Guest::new("forced", "CREATEDB");
    for (settings, url) in [("", None), ("superuser = false", None), ("", Some(guest.url.as_str()))]
    {
        let project = project(settings, FORCED);
        let engine = engine(&project, url);
        for isolation in ALL {
            let data = provisioned(&engine, isolation).unwrap();
            assert_eq!(data.dataset("notes").len(), 20, "{settings} {isolation}");
            let is_superuser = settings.is_empty() && url.is_none();
            let forced =
                "SELECT relforcerowsecurity::text FROM pg_class WHERE oid = 'notes'::regclass";
            assert_eq!(text(&mut data.client(), forced), "true", "{settings} {isolation}");
            let seen = "SELECT count(*)::text FROM notes";
            let expected = if is_superuser { "20" } else { "0" };
            assert_eq!(text(&mut data.client(), seen), expected, "{settings} {isolation}");
        }
    }
}

#[test]
fn a_tenant_that_a_project_sets_is_what_tests_see() {
    let settings = "superuser = false\n[session_settings]\n\"app.tenant\" = \"a\"\n";
    let project = project(settings, FORCED);
    let engine = engine(&project, None);
    let data = provisioned(&engine, Isolation::Full).unwrap();
    let seen: i64 = text(&mut data.client(), "SELECT count(*)::text FROM notes").parse().unwrap();
    assert!((1..20).contains(&seen), "{seen}");
    assert_eq!(data.dataset("notes").len(), 20);
}

#[test]
fn policies_of_a_table_that_the_role_does_not_own_are_told_with_what_it_needs() {
    let guest = Guest::new("policies", "CREATEDB");
    let owner = format!("{}_owner", guest.role);
    // The role may give the table away, and is then no owner: it does not have the other's rights, or no longer.
    let is_by_grant = guest.host.server().version() >= 160_000;
    let (how, revoke) = match is_by_grant {
        true => ("INHERIT FALSE", String::new()),
        false => ("ADMIN OPTION", format!("REVOKE {owner} FROM {};", guest.role)),
    };
    let make = format!("CREATE ROLE {owner} NOLOGIN; GRANT {owner} TO {} WITH {how}", guest.role);
    guest.host.client().batch_execute(&make).unwrap();
    let migration = format!(
        "{FORCED}GRANT ALL ON SCHEMA public TO {owner}; GRANT ALL ON notes TO {owner}; \
         GRANT ALL ON notes TO PUBLIC; ALTER TABLE notes OWNER TO {owner}; {revoke}"
    );
    let project = project("", &migration);
    let told = provisioned(&engine(&project, Some(&guest.url)), Isolation::Full);
    let told = told.unwrap_err().to_string();
    for part in [
        "the rows of the dataset `notes` cannot be loaded",
        "has row-level security",
        "policy `mine`",
        &format!("ALTER ROLE \"{}\" BYPASSRLS", guest.role),
    ] {
        assert!(told.contains(part), "{part:?} is missing in:\n{told}");
    }
    let drop = format!("DROP ROLE {owner}");
    // Its databases go in the background.
    for _ in 0..400 {
        if guest.host.client().batch_execute(&drop).is_ok() {
            return;
        }
        std::thread::sleep(std::time::Duration::from_millis(25));
    }
    panic!("the role still owns something");
}

/// A row of `notes`.
#[derive(Debug, Record)]
#[record(table = "notes")]
struct Note {
    id: i32,
}

/// A table that migrations give to a role of their own, which the role of tests is not.
const GIVEN_AWAY: &str = "\
CREATE ROLE keeper NOLOGIN;
DO $$ BEGIN
  IF current_setting('server_version_num')::int >= 160000 THEN
    EXECUTE 'GRANT keeper TO CURRENT_USER WITH INHERIT FALSE, SET TRUE';
  ELSE
    EXECUTE 'GRANT keeper TO CURRENT_USER';
  END IF;
END $$;
GRANT ALL ON SCHEMA public TO keeper;
ALTER TABLE notes OWNER TO keeper;
DO $$ BEGIN
  IF current_setting('server_version_num')::int < 160000 THEN
    EXECUTE 'REVOKE keeper FROM CURRENT_USER';
  END IF;
END $$;
";

#[test]
fn on_a_server_of_ours_rows_load_into_tables_of_any_owner() {
    let project = project("superuser = false", &format!("{FORCED}{GIVEN_AWAY}"));
    let engine = engine(&project, None);
    let data = provisioned(&engine, Isolation::Full).unwrap();
    assert_eq!(data.dataset("notes").len(), 20);
    assert_eq!(data.records::<Note>().len(), 20);
    // Tests have no rights that migrations did not give them.
    assert!(data.client().query("SELECT FROM notes", &[]).is_err());
}

/// The database's own setting lets sessions act as a role that sees nothing.
const ACTS_AS: &str = "\
CREATE TABLE notes (id integer PRIMARY KEY, tenant text NOT NULL, label text NOT NULL);
CREATE ROLE viewer NOLOGIN;
DO $$ BEGIN EXECUTE format('ALTER DATABASE %I SET role = viewer', current_database()); END $$;
";

#[test]
fn a_role_that_the_database_lets_sessions_act_as_does_not_stand_in_the_way_of_tdata() {
    let project = project("", ACTS_AS);
    let engine = engine(&project, None);
    let mut used = Vec::new();
    for _ in 0..4 {
        let data = provisioned(&engine, Isolation::Full).unwrap();
        // Each test, and each connection, acts as the role.
        for _ in 0..2 {
            assert_eq!(text(&mut data.client(), "SELECT current_user::text"), "viewer");
        }
        let mut own = Client::connect(data.url(), NoTls).unwrap();
        assert_eq!(text(&mut own, "SELECT current_user::text"), "viewer");
        assert_eq!(data.dataset("notes").len(), 20);
        used.push(data.database().to_owned());
    }
    let shared = provisioned(&engine, Isolation::Transaction).unwrap();
    assert_eq!(shared.dataset("notes").len(), 20);
    assert_eq!(text(&mut shared.client(), "SELECT current_user::text"), "viewer");
}
