//! Settings of the role or the URL that are not tdata's: its own work does not depend on them.

#![cfg(feature = "server")]
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

#[expect(dead_code, reason = "other tests use the rest")]
mod guest;
mod project;

use guest::Guest;
use project::Project;
use tdata::{Config, Engine, Isolation, Notices, ServerChoice};

const BOLTS: &str = "  volume: { count: 20 }
  fields:
    - { name: id, type: bigint, generator: sequence }
    - { name: label, type: text, generator: pattern, pattern: 'it''s \\{{letters:4}}', unique: true }
    - { name: made_at, type: timestamptz, generator: datetime_between }
    - { name: born, type: date, generator: date_between }
    - { name: weight, type: double precision, generator: random_decimal, min: 0.1, max: 9.9 }
    - { name: sizes, type: 'integer[]', generator: choice, choices: ['{1,NULL}', '{NULL,2}'] }
    - { name: parent_id, type: bigint, generator: reference, null_probability: 0.3 }
  relationships:
    - { foreignKey: parent_id, references: bolts.id }
";

/// All rows, as a session of its own settings tells them.
const ROWS: &str = "SELECT string_agg(concat_ws('|', id, label, extract(epoch FROM made_at), born - date '2000-01-01', \
                    weight::numeric, array_to_string(sizes, ',', 'none'), parent_id), ' ' ORDER BY id) FROM ";

const HOSTILE: [&str; 14] = [
    "array_nulls = off",
    "search_path = app",
    "search_path = \"My App\"",
    "search_path = ''",
    "standard_conforming_strings = off",
    "DateStyle = 'German, DMY'",
    "IntervalStyle = iso_8601",
    "TimeZone = 'Asia/Tokyo'",
    "extra_float_digits = -4",
    "statement_timeout = '5ms'",
    "default_transaction_read_only = on",
    "default_transaction_isolation = serializable",
    "session_replication_role = replica",
    "row_security = off",
];

/// The rows of a provisioning by URL.
fn rows(url: &str, isolation: Isolation) -> String {
    let project = Project::with(&[]).define("bolts", BOLTS);
    let config = Config::new().project(project.path()).workspace(project.path());
    let config = config.server(ServerChoice::Url).database_url(url).notices(Notices::none());
    let engine = Engine::new(config);
    let data = engine.request(["bolts"]).isolation(isolation).provision().unwrap();
    let mut client = data.client();
    let sql =
        "RESET ALL; SET search_path = pg_catalog; SET statement_timeout = 0; SET TimeZone = 'UTC'";
    client.batch_execute(sql).unwrap();
    let table = "SELECT c.oid::regclass::text FROM pg_class c WHERE relname = 'bolts' ORDER BY c.oid DESC LIMIT 1";
    let table: String = client.query_one(table, &[]).unwrap().get(0);
    client.query_one(&format!("{ROWS}{table}"), &[]).unwrap().get(0)
}

#[test]
fn what_the_role_sets_does_not_matter() {
    let guest = Guest::new("hostile", "SUPERUSER");
    let expected = rows(&guest.url, Isolation::Full);
    let set = |sql: &str| {
        guest.host.client().batch_execute(&format!("ALTER ROLE {} {sql}", guest.role)).unwrap();
    };
    for hostile in HOSTILE {
        set(&format!("SET {hostile}"));
        for isolation in [Isolation::Full, Isolation::Schema, Isolation::Transaction] {
            assert_eq!(rows(&guest.url, isolation), expected, "{hostile} {isolation}");
        }
        set("RESET ALL");
    }
}

#[test]
fn what_the_url_sets_does_not_matter() {
    let guest = Guest::new("urls", "CREATEDB");
    let expected = rows(&guest.url, Isolation::Full);
    for options in ["search_path%3Dapp", "DateStyle%3DGerman", "standard_conforming_strings%3Doff"]
    {
        let url = format!("{}?options=-c%20{options}", guest.url);
        for isolation in [Isolation::Full, Isolation::Schema, Isolation::Transaction] {
            assert_eq!(rows(&url, isolation), expected, "{options} {isolation}");
        }
    }
}

#[test]
fn a_server_that_refuses_is_told_as_one_that_answers() {
    let guest = Guest::new("refused", "CREATEDB");
    let project = Project::with(&[]).define("bolts", BOLTS);
    for (url, parts) in [
        (
            guest.url.replace(":guest@", ":wrong@"),
            ["answers, and refuses", "Check role and password"],
        ),
        (format!("{}/nowhere", guest.url), ["answers, and refuses", "Name a database that exists"]),
    ] {
        let config = Config::new().project(project.path()).workspace(project.path());
        let config = config.server(ServerChoice::Url).database_url(&url).notices(Notices::none());
        let error = Engine::new(config).request(["bolts"]).provision().unwrap_err().to_string();
        for part in parts {
            assert!(error.contains(part), "{part:?} is missing in:\n{error}");
        }
        assert!(!error.contains("wrong"), "{error}");
    }
}
