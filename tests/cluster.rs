//! What a test does to the server as a whole, not to its own database, no later test finds.

#![cfg(feature = "server")]
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

#[expect(dead_code, reason = "other tests use the rest")]
mod guest;
#[expect(dead_code, reason = "other tests use the rest")]
mod own_server;
mod project;

use std::sync::mpsc::{Receiver, channel};

use guest::Guest;
use own_server::OwnServer;
use postgres::{Client, NoTls};
use project::Project;
use tdata::{Config, Engine, Isolation, Notices, Scope, ServerChoice, TestData};

const BOLTS: &str = "  volume: { count: 20 }
  fields:
    - { name: id, type: integer, generator: sequence }
    - { name: label, type: text, generator: full_name }
";

/// An engine with a server that no other test uses.
struct Host {
    engine: Engine,
    said: Receiver<String>,
    project: Project,
    _server: OwnServer,
}

impl Host {
    fn new(files: &[(&str, &str)]) -> Option<Self> {
        let server = OwnServer::new()?;
        let project = Project::with(files).define("bolts", BOLTS);
        let config = Config::new().project(project.path());
        let config = match &server {
            OwnServer::Local { programs, .. } => {
                config.server(ServerChoice::Local).programs(programs)
            }
            OwnServer::Embedded { mark, .. } => {
                config.server(ServerChoice::Embedded).postgres_image(mark)
            }
            OwnServer::Container { image, .. } => {
                config.server(ServerChoice::Container).postgres_image(image)
            }
        };
        let (sender, said) = channel();
        let notices = Notices::to(move |text| drop(sender.send(text.to_owned())));
        let engine = Engine::new(config.notices(notices));
        Some(Self { engine, said, project, _server: server })
    }

    /// What was said since it was asked last, but that a container boots.
    fn told(&self) -> Vec<String> {
        self.said.try_iter().filter(|text| !text.contains("booting PostgreSQL")).collect()
    }

    fn provision(&self, isolation: Isolation) -> TestData {
        self.engine.request(["bolts"]).isolation(isolation).provision().unwrap()
    }
}

/// Where a test's data are: another server has another place.
fn place(data: &TestData) -> String {
    data.server().endpoint().place()
}

/// Counts what a query finds on the server that the next test gets.
fn found(data: &TestData, query: &str) -> i64 {
    data.client().query_one(&format!("SELECT count(*) FROM {query}"), &[]).unwrap().get(0)
}

/// Deeds, each with a query that finds what it did.
const DEEDS: [(&str, &str); 13] = [
    ("GRANT SET ON PARAMETER lock_timeout TO pg_monitor", "pg_parameter_acl"),
    ("CREATE ROLE bolts_agent", "pg_roles WHERE rolname = 'bolts_agent'"),
    ("ALTER ROLE CURRENT_USER SET lock_timeout = '7s'", "pg_db_role_setting WHERE setdatabase = 0"),
    ("ALTER ROLE ALL SET lock_timeout = '7s'", "pg_db_role_setting WHERE setdatabase = 0"),
    ("ALTER ROLE CURRENT_USER CONNECTION LIMIT 90", "pg_roles WHERE rolconnlimit = 90"),
    (
        "GRANT pg_monitor TO pg_read_all_data",
        "pg_auth_members WHERE member = 'pg_read_all_data'::regrole",
    ),
    ("COMMENT ON ROLE pg_monitor IS 'seen'", "pg_shdescription WHERE description = 'seen'"),
    ("ALTER DATABASE postgres SET lock_timeout = '7s'", "pg_db_role_setting WHERE setdatabase = 5"),
    ("ALTER DATABASE postgres CONNECTION LIMIT 90", "pg_database WHERE datconnlimit = 90"),
    (
        "CREATE SUBSCRIPTION news CONNECTION 'dbname=none' PUBLICATION p WITH (connect = false)",
        "pg_subscription",
    ),
    ("ALTER SYSTEM SET lock_timeout = '7s'", "pg_file_settings WHERE setting = '7s'"),
    ("CREATE DATABASE bolts_archive", "pg_database WHERE datname = 'bolts_archive'"),
    ("CREATE DATABASE tdata_production", "pg_database WHERE datname = 'tdata_production'"),
];

#[test]
fn no_later_test_finds_what_one_did_to_the_server() {
    let Some(host) = Host::new(&[]) else { return };
    for (deed, query) in DEEDS {
        let data = host.provision(Isolation::Full);
        assert_eq!(found(&data, query), 0, "{deed}");
        data.client().batch_execute(deed).unwrap();
        assert_eq!(found(&data, query), 1, "{deed}");
        let first = place(&data);
        data.release();
        let next = host.provision(Isolation::Full);
        assert_ne!(place(&next), first, "{deed}");
        assert_eq!(found(&next, query), 0, "{deed}");
        assert_eq!(next.dataset("bolts").len(), 20);
        let told = host.told();
        assert_eq!(told.len(), 1, "{deed}: {told:?}");
        assert!(told[0].contains("the next tests get another server"), "{told:?}");
        next.release();
    }
}

#[test]
fn every_isolation_and_scope_is_looked_at() {
    let Some(host) = Host::new(&[]) else { return };
    for isolation in [Isolation::Full, Isolation::Schema, Isolation::Transaction] {
        for scope in [Scope::TestCase, Scope::Shared] {
            let request = host.engine.request(["bolts"]).isolation(isolation).scope(scope, "");
            let data = request.provision().unwrap();
            let first = place(&data);
            let mut other = Client::connect(data.url(), NoTls).unwrap();
            other.batch_execute("BEGIN READ WRITE; CREATE ROLE bolts_agent; COMMIT").unwrap();
            drop(other);
            data.release();
            let next = host.provision(Isolation::Full);
            assert_ne!(place(&next), first, "{isolation} {scope}");
            assert_eq!(found(&next, DEEDS[0].1), 0, "{isolation} {scope}");
        }
    }
}

#[test]
fn databases_that_new_ones_are_copied_from_are_looked_at() {
    let Some(host) = Host::new(&[]) else { return };
    let data = host.provision(Isolation::Full);
    let (server, first) = (data.server(), place(&data));
    let mut template = Client::connect(&server.endpoint().url("template1"), NoTls).unwrap();
    template.batch_execute("CREATE TABLE leftover (id int)").unwrap();
    drop(template);
    // What a session did is counted when it has ended.
    own_server::wait_until("the end of a session", || {
        found(&data, "pg_stat_activity WHERE datname = 'template1'") == 0
    });
    data.release();
    let next = host.provision(Isolation::Full);
    assert_ne!(place(&next), first);
}

#[test]
fn what_is_rolled_back_changes_nothing() {
    let Some(host) = Host::new(&[]) else { return };
    let data = host.provision(Isolation::Full);
    let first = place(&data);
    data.client().batch_execute("BEGIN; CREATE ROLE bolts_agent; ROLLBACK").unwrap();
    data.release();
    let next = host.provision(Isolation::Full);
    assert_eq!(place(&next), first);
    assert_eq!(host.told().len(), 0);
}

const ROLES: &str = "DO $$ BEGIN
  IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'bolts_reader') THEN CREATE ROLE bolts_reader; END IF;
END $$;
CREATE TABLE bolts (id int PRIMARY KEY, label text);
GRANT SELECT ON bolts TO bolts_reader;";

#[test]
fn roles_that_migrations_make_stay() {
    let settings = ("tdata.toml", "migrations = \"migrations\"\n");
    let Some(host) = Host::new(&[settings, ("migrations/1.sql", ROLES)]) else { return };
    let mut places = Vec::new();
    for isolation in [Isolation::Full, Isolation::Schema, Isolation::Transaction, Isolation::Full] {
        let data = host.provision(isolation);
        places.push(place(&data));
        assert_eq!(found(&data, "pg_roles WHERE rolname = 'bolts_reader'"), 1);
        data.release();
    }
    places.dedup();
    assert_eq!(places.len(), 1);
    assert_eq!(host.told().len(), 0);
}

const ORDINARY: (&str, &str) = ("tdata.toml", "migrations = \"migrations\"\nsuperuser = false\n");

#[test]
fn the_role_is_a_superuser_only_where_it_is_to_be_one() {
    let is_superuser = "pg_roles WHERE rolname = current_user AND rolsuper";
    for (settings, superusers) in [(&[][..], 1), (&[ORDINARY, ("migrations/1.sql", ROLES)], 0)] {
        let Some(host) = Host::new(settings) else { return };
        for isolation in [Isolation::Full, Isolation::Schema, Isolation::Transaction] {
            for scope in [Scope::TestCase, Scope::Shared] {
                let data = host.engine.request(["bolts"]).isolation(isolation).scope(scope, "");
                let data = data.provision().unwrap();
                assert_eq!(found(&data, is_superuser), superusers, "{isolation} {scope}");
                assert_eq!(data.dataset("bolts").len(), 20);
                let mut own = Client::connect(data.url(), NoTls).unwrap();
                assert_eq!(own.query("SELECT FROM bolts", &[]).unwrap().len(), 20);
            }
        }
        assert_eq!(host.told(), [] as [&str; 0]);
    }
}

#[test]
fn what_an_ordinary_role_does_to_the_server_no_later_test_finds() {
    let Some(host) = Host::new(&[ORDINARY, ("migrations/1.sql", ROLES)]) else { return };
    for deed in [
        "CREATE ROLE bolts_agent",
        "ALTER ROLE CURRENT_USER SET lock_timeout = '7s'",
        "ALTER ROLE CURRENT_USER PASSWORD 'another'",
        "COMMENT ON ROLE bolts_reader IS 'seen'",
        "CREATE DATABASE bolts_archive",
    ] {
        let data = host.provision(Isolation::Full);
        let first = place(&data);
        data.client().batch_execute(deed).unwrap();
        data.release();
        let next = host.provision(Isolation::Full);
        assert_ne!(place(&next), first, "{deed}");
        Client::connect(next.url(), NoTls).unwrap();
        assert_eq!(host.told().len(), 1, "{deed}");
        next.release();
    }
    let data = host.provision(Isolation::Full);
    let first = place(&data);
    data.client().batch_execute("BEGIN; CREATE ROLE bolts_agent; ROLLBACK").unwrap();
    data.release();
    assert_eq!(place(&host.provision(Isolation::Full)), first);
}

#[test]
fn a_migration_that_needs_a_superuser_is_told_why_it_has_none() {
    let sql = "CREATE TABLE bolts (id int PRIMARY KEY, label text);\n\nCREATE EXTENSION file_fdw;";
    let Some(host) = Host::new(&[ORDINARY, ("migrations/1.sql", sql)]) else { return };
    let error = host.engine.request(["bolts"]).provision().unwrap_err().to_string();
    for part in ["the migration 1.sql failed", "`superuser = false` in tdata.toml"] {
        assert!(error.contains(part), "{error}");
    }
}

#[test]
fn what_an_ordinary_role_defines_in_shared_data_no_later_test_finds() {
    let Some(host) = Host::new(&[ORDINARY, ("migrations/1.sql", ROLES)]) else { return };
    let provision = |isolation| {
        let request = host.engine.request(["bolts"]).isolation(isolation);
        request.scope(Scope::Shared, "").provision().unwrap()
    };
    for isolation in [Isolation::Full, Isolation::Schema] {
        for deed in [
            "ALTER TABLE bolts ADD COLUMN colour text",
            "ALTER TABLE bolts ALTER COLUMN label SET DEFAULT 'none'",
            "GRANT SELECT (label) ON bolts TO PUBLIC",
            "COMMENT ON COLUMN bolts.label IS 'seen'",
            "CREATE VIEW labels AS SELECT label FROM bolts",
            "ALTER TABLE bolts DISABLE TRIGGER USER; DELETE FROM bolts",
        ] {
            let data = provision(isolation);
            data.client().batch_execute(deed).unwrap();
            data.release();
            let told = host.told();
            assert!(told.iter().any(|text| text.contains("get them anew")), "{deed}: {told:?}");
            assert_eq!(found(&provision(isolation), "bolts"), 20, "{isolation}: {deed}");
        }
        let data = provision(isolation);
        let deed = "SELECT * FROM bolts; SET work_mem = '1MB'";
        data.client().batch_execute(deed).unwrap();
        data.release();
        assert_eq!(host.told(), [] as [&str; 0]);
    }
}

const UNGUARDED: &str = "CREATE ROLE bolts_reader;\nCREATE ROLE \"Bolts Writer\";
GRANT bolts_reader TO \"Bolts Writer\";\nALTER ROLE bolts_reader SET work_mem = '1MB';
CREATE TABLE bolts (id int PRIMARY KEY, label text);\nGRANT SELECT ON bolts TO bolts_reader;";

const MIGRATIONS: (&str, &str) = ("tdata.toml", "migrations = \"migrations\"\n");

const ROLES_OF_BOLTS: &str = "pg_roles WHERE rolname IN ('bolts_reader', 'Bolts Writer') AND pg_has_role('Bolts Writer', 'bolts_reader', 'USAGE')";

#[test]
fn migrations_make_roles_each_time() {
    let files = [MIGRATIONS, ("migrations/1.sql", UNGUARDED)];
    let (Some(host), Some(other)) = (Host::new(&files), Host::new(&files)) else { return };
    for more in ["", "ALTER TABLE bolts ADD COLUMN size int;", "DROP ROLE IF EXISTS nobody;"] {
        let path = host.project.path().join("migrations/2.sql");
        std::fs::write(path, more).unwrap();
        let both = [&host, &other].map(|host| {
            [Isolation::Full, Isolation::Schema, Isolation::Transaction, Isolation::Schema].map(
                |isolation| {
                    let data = host.provision(isolation);
                    assert_eq!(found(&data, ROLES_OF_BOLTS), 2, "{more} {isolation}");
                    assert_eq!(data.dataset("bolts").len(), 20);
                    data
                },
            )
        });
        for data in both.into_iter().flatten() {
            data.release();
        }
    }
    assert_eq!((host.told(), other.told()), (Vec::new(), Vec::new()));
}

#[test]
fn a_migration_that_failed_is_tried_again_on_another_server() {
    let mistake = "CREATE TABL bolts (id int);";
    let roles = "CREATE ROLE bolts_reader;";
    let files = [MIGRATIONS, ("migrations/1.sql", roles), ("migrations/2.sql", mistake)];
    let Some(host) = Host::new(&files) else { return };
    for _ in 0..3 {
        let error = host.engine.request(["bolts"]).provision().unwrap_err().to_string();
        assert!(error.contains("2.sql failed at line 1 (CREATE TABL bolts)"), "{error}");
    }
    let path = host.project.path().join("migrations/2.sql");
    std::fs::write(path, "CREATE TABLE bolts (id int PRIMARY KEY, label text);").unwrap();
    let data = host.provision(Isolation::Full);
    assert_eq!(found(&data, "pg_roles WHERE rolname = 'bolts_reader'"), 1);
}

#[test]
fn two_projects_that_make_the_same_role_do_not_meet() {
    let one = [MIGRATIONS, ("migrations/1.sql", UNGUARDED)];
    let two = UNGUARDED.replace("1MB", "2MB");
    let Some(host) = Host::new(&one) else { return };
    let two = Project::with(&[MIGRATIONS, ("migrations/1.sql", &two)]).define("bolts", BOLTS);
    let first = host.provision(Isolation::Full);
    let request = host.engine.request(["bolts"]).project(two.path());
    let second = request.provision().unwrap();
    assert_ne!(place(&first), place(&second));
    for (data, memory) in [(&first, "1MB"), (&second, "2MB")] {
        let query = format!(
            "pg_db_role_setting WHERE setrole = 'bolts_reader'::regrole AND 'work_mem={memory}' = ANY(setconfig)"
        );
        assert_eq!(found(data, &query), 1);
    }
}

#[test]
fn roles_that_migrations_make_on_a_server_by_url_stay_and_are_told() {
    let guest = Guest::new("migrates_roles", "SUPERUSER");
    let role = format!("bolts_reader_{}", std::process::id());
    let sql = format!("CREATE ROLE {role};\nCREATE TABLE bolts (id int PRIMARY KEY, label text);");
    for (more, told) in [("", "migrations made roles"), ("\n", "they stay as they are")] {
        let files = [MIGRATIONS, ("migrations/1.sql", &format!("{sql}{more}"))];
        let project = Project::with(&files).define("bolts", BOLTS);
        let (sender, said) = channel();
        let notices = Notices::to(move |text| drop(sender.send(text.to_owned())));
        let config = Config::new().project(project.path()).workspace(project.path());
        let config = config.server(ServerChoice::Url).database_url(&guest.url).notices(notices);
        let engine = Engine::new(config);
        let data = engine.request(["bolts"]).provision().unwrap();
        assert_eq!(found(&data, &format!("pg_roles WHERE rolname = '{role}'")), 1);
        drop(data);
        engine.close();
        let said: Vec<String> = said.try_iter().collect();
        assert!(said.iter().any(|text| text.contains(told) && text.contains(&role)), "{said:?}");
    }
    guest.host.client().batch_execute(&format!("DROP ROLE {role}")).unwrap();
}

/// Roles that come, get another name and go.
const HISTORY: &str = "CREATE TABLE bolts (id int PRIMARY KEY, label text);
CREATE ROLE bolts_owner;\nGRANT SELECT ON bolts TO bolts_owner;\nREVOKE SELECT ON bolts FROM bolts_owner;
DROP ROLE bolts_owner;\nCREATE ROLE bolts_old;\nALTER ROLE bolts_old RENAME TO bolts_new;
GRANT SELECT ON bolts TO bolts_new;\nDO $$ BEGIN CREATE ROLE bolts_block; END $$;";

#[test]
fn migrations_with_a_history_of_roles_run_in_every_schema() {
    for first in ["", "-- no-transaction\n"] {
        let sql = format!("{first}{HISTORY}");
        let Some(host) = Host::new(&[MIGRATIONS, ("migrations/1.sql", &sql)]) else { return };
        for isolation in [Isolation::Schema, Isolation::Schema, Isolation::Full] {
            let data = host.provision(isolation);
            assert_eq!(found(&data, "pg_roles WHERE rolname IN ('bolts_new', 'bolts_block')"), 2);
            assert_eq!(data.dataset("bolts").len(), 20);
            data.release();
        }
    }
}
