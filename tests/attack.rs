//! Tests that do whatever comes to mind, at random: none finds what another did.
//!
//! CI runs them for two minutes. By hand `TDATA_TEST_ATTACK=1800 cargo test --test attack -- --ignored no_test` goes on for
//! half an hour. `TDATA_TEST_ATTACK_SEED` says from which number; a failure prints it.

#![cfg(feature = "server")]
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod chance;
#[expect(dead_code, reason = "other tests use the rest")]
mod own_server;
mod project;

use std::collections::HashMap;
use std::sync::Mutex;
use std::time::{Duration, Instant, SystemTime};

use chance::Chance;
use own_server::OwnServer;
use postgres::{Client, NoTls};
use project::Project;
use tdata::{Config, Engine, Isolation, Notices, Scope, TestData};

const TABLES: &str = "
CREATE TABLE shops (id serial PRIMARY KEY, name text UNIQUE);
CREATE TABLE visits (id int, day int, shop_id int REFERENCES shops, page text, PRIMARY KEY (id, day))
  PARTITION BY RANGE (day);
CREATE TABLE visits_early PARTITION OF visits FOR VALUES FROM (0) TO (16);
CREATE TABLE visits_late PARTITION OF visits FOR VALUES FROM (16) TO (100);
CREATE UNLOGGED TABLE notes (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, body text);
INSERT INTO notes (body) VALUES ('one'), ('two');
CREATE SEQUENCE numbers;
CREATE FUNCTION twice(n int) RETURNS int LANGUAGE sql AS 'SELECT 2 * n';
CREATE VIEW late AS SELECT * FROM visits WHERE day > 15;
CREATE MATERIALIZED VIEW days AS SELECT day, count(*) FROM visits GROUP BY day;";

const SHOPS: &str = "  volume: { count: 5 }
  fields:
    - { name: id, type: integer, generator: sequence }
    - { name: name, type: text, generator: pattern, pattern: 'shop {{index}}', unique: true }
";

const VISITS: &str = "  volume: { count: 30 }
  fields:
    - { name: id, type: integer, generator: sequence }
    - { name: day, type: integer, generator: random_int, min: 1, max: 31 }
    - { name: page, type: text, generator: choice, choices: [home, shop] }
  relationships:
    - { foreignKey: shop_id, references: shops.id }
";

/// What a test may do to its own database.
const DEEDS: [&str; 56] = [
    "INSERT INTO shops (name) VALUES ('more')",
    "INSERT INTO notes (body) SELECT 'x' FROM generate_series(1, 50)",
    "INSERT INTO visits VALUES (900, 3, 1, 'x')",
    "INSERT INTO visits_late VALUES (901, 30, 1, 'x')",
    "UPDATE shops SET name = name || '!' WHERE id = 2",
    "UPDATE visits SET day = 31 - day WHERE day BETWEEN 1 AND 30 AND id % 7 = 0",
    "DELETE FROM visits WHERE id % 3 = 0",
    "DELETE FROM notes",
    "TRUNCATE notes",
    "TRUNCATE shops, visits RESTART IDENTITY CASCADE",
    "SELECT nextval('numbers'), nextval('shops_id_seq')",
    "SELECT setval('numbers', 500)",
    "ALTER SEQUENCE numbers INCREMENT 5",
    "CREATE TABLE more (id int)",
    "CREATE TEMP TABLE mine AS SELECT 1 AS x",
    "CREATE TEMP TABLE shops (id int)",
    "ALTER TABLE shops ADD COLUMN extra int",
    "ALTER TABLE shops DROP COLUMN name CASCADE",
    "ALTER TABLE shops DISABLE TRIGGER ALL",
    "ALTER TABLE notes SET LOGGED",
    "DROP TABLE notes",
    "DROP VIEW late",
    "REFRESH MATERIALIZED VIEW days",
    "CREATE OR REPLACE FUNCTION twice(n int) RETURNS int LANGUAGE sql AS 'SELECT 3 * n'",
    "CREATE INDEX ON visits (page)",
    "CREATE TYPE colour AS ENUM ('red')",
    "CREATE DOMAIN short AS varchar(3)",
    "CREATE RULE none AS ON INSERT TO notes DO INSTEAD NOTHING",
    "ALTER TABLE notes ENABLE ROW LEVEL SECURITY",
    "CREATE POLICY only ON notes USING (false)",
    "COMMENT ON TABLE shops IS 'seen'",
    "GRANT SELECT ON shops TO PUBLIC",
    "CREATE SCHEMA other CREATE TABLE t (id int)",
    "SELECT lo_from_bytea(0, 'x')",
    "CREATE PUBLICATION news FOR ALL TABLES",
    "CREATE EXTENSION IF NOT EXISTS pgcrypto",
    "CREATE STATISTICS s ON id, day FROM visits",
    "CREATE COLLATION german (provider = icu, locale = 'de')",
    "CREATE TEXT SEARCH CONFIGURATION plain (COPY = simple)",
    "DO $$ BEGIN EXECUTE format('ALTER DATABASE %I SET app.seen = 1', current_database()); END $$",
    "DO $$ BEGIN EXECUTE format('COMMENT ON DATABASE %I IS ''seen''', current_database()); END $$",
    "DROP EVENT TRIGGER IF EXISTS tdata_guard_change, tdata_guard_drop",
    "DROP SCHEMA tdata_guard CASCADE",
    "SET search_path = pg_catalog",
    "SET statement_timeout = '7s'",
    "SET session_replication_role = replica",
    "SET ROLE pg_monitor",
    "SET SESSION AUTHORIZATION pg_monitor",
    "SET default_transaction_read_only = on",
    "LISTEN news",
    "PREPARE one AS SELECT 1",
    "SELECT pg_advisory_lock(7)",
    "DECLARE c CURSOR WITH HOLD FOR SELECT 1",
    "ANALYZE",
    "VACUUM FULL shops",
    "SELECT pg_stat_reset()",
];

/// What ends or begins transactions, between deeds.
const TRANSACTIONS: [&str; 7] = [
    "BEGIN",
    "BEGIN READ WRITE",
    "BEGIN ISOLATION LEVEL SERIALIZABLE",
    "COMMIT",
    "ROLLBACK",
    "SAVEPOINT s",
    "SET default_transaction_read_only = off",
];

/// What a test may do to the server as a whole.
const DEEDS_TO_THE_SERVER: [&str; 8] = [
    "CREATE ROLE other_role",
    "ALTER ROLE CURRENT_USER SET statement_timeout = '7s'",
    "ALTER SYSTEM SET statement_timeout = '7s'",
    "CREATE DATABASE other_database",
    "ALTER DATABASE postgres SET statement_timeout = '7s'",
    "GRANT pg_monitor TO pg_read_all_data",
    "COMMENT ON ROLE pg_monitor IS 'seen'",
    "DROP ROLE IF EXISTS pg_nobody; CREATE ROLE second_role SUPERUSER",
];

/// All that a new session finds in a database and on its server, but for what is named after the database itself.
const WORLD: &str = "
WITH here AS (SELECT oid FROM pg_namespace WHERE nspname = current_schema()), found(line) AS (
  SELECT concat_ws(' ', 'relation', relname, relkind, relpersistence, relrowsecurity, relacl,
                   obj_description(oid, 'pg_class')) FROM pg_class
    WHERE relnamespace = (SELECT oid FROM here)
  UNION ALL SELECT concat_ws(' ', 'column', c.relname, attname, atttypid::regtype, attnotnull, attacl) FROM pg_attribute
    JOIN pg_class c ON c.oid = attrelid WHERE relnamespace = (SELECT oid FROM here) AND attnum > 0
  UNION ALL SELECT concat_ws(' ', 'function', proname, prosrc) FROM pg_proc WHERE pronamespace = (SELECT oid FROM here)
  UNION ALL SELECT concat_ws(' ', 'type', typname, typtype) FROM pg_type WHERE typnamespace = (SELECT oid FROM here)
  UNION ALL SELECT concat_ws(' ', 'constraint', conname, contype, convalidated) FROM pg_constraint
    WHERE connamespace = (SELECT oid FROM here)
  UNION ALL SELECT concat_ws(' ', 'trigger', tgname, tgenabled) FROM pg_trigger WHERE tgname !~ 'Constraint'
  UNION ALL SELECT concat_ws(' ', 'rule', rulename) FROM pg_rewrite WHERE rulename <> '_RETURN' AND ev_class >= 16384
  UNION ALL SELECT concat_ws(' ', 'policy', polname) FROM pg_policy
  UNION ALL SELECT concat_ws(' ', 'schema', nspname) FROM pg_namespace WHERE nspname !~ '^(pg_|tdata_s_)'
  UNION ALL SELECT concat_ws(' ', 'extension', extname) FROM pg_extension
  UNION ALL SELECT concat_ws(' ', 'event trigger', evtname) FROM pg_event_trigger
  UNION ALL SELECT concat_ws(' ', 'publication', pubname) FROM pg_publication
  UNION ALL SELECT concat_ws(' ', 'statistics', stxname) FROM pg_statistic_ext
  UNION ALL SELECT concat_ws(' ', 'collation', collname) FROM pg_collation WHERE oid >= 16384
  UNION ALL SELECT concat_ws(' ', 'search', cfgname) FROM pg_ts_config WHERE oid >= 16384
  UNION ALL SELECT concat_ws(' ', 'large object') FROM pg_largeobject_metadata
  UNION ALL SELECT concat_ws(' ', 'setting', name, setting) FROM pg_settings
    WHERE source NOT IN ('default', 'override', 'command line', 'configuration file', 'client')
      AND name <> 'default_transaction_read_only'
  UNION ALL SELECT concat_ws(' ', 'file', name, setting) FROM pg_file_settings WHERE sourcefile ~ 'auto.conf'
  UNION ALL SELECT concat_ws(' ', 'own', current_setting('app.seen', true), shobj_description(oid, 'pg_database'))
    FROM pg_database WHERE datname = current_database()
  UNION ALL SELECT concat_ws(' ', 'role', rolname, rolsuper, shobj_description(oid, 'pg_authid')) FROM pg_roles
  UNION ALL SELECT concat_ws(' ', 'member', member, roleid) FROM pg_auth_members
  UNION ALL SELECT concat_ws(' ', 'database', datname) FROM pg_database WHERE datname !~ '^tdata_'
  UNION ALL SELECT concat_ws(' ', 'by role', setrole, setconfig) FROM pg_db_role_setting
    JOIN pg_database d ON d.oid = setdatabase WHERE datname !~ '^tdata_'
  UNION ALL SELECT concat_ws(' ', 'by role', setrole, setconfig) FROM pg_db_role_setting WHERE setdatabase = 0
  UNION ALL SELECT concat_ws(' ', 'lock', classid, objid) FROM pg_locks
    WHERE locktype = 'advisory' AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
  UNION ALL SELECT 'shop ' || t FROM shops t UNION ALL SELECT 'visit ' || t FROM visits t
  UNION ALL SELECT 'note ' || t FROM notes t UNION ALL SELECT 'day ' || t FROM days t
)
SELECT coalesce(string_agg(replace(line, current_schema(), 'SCHEMA'), E'\\n' ORDER BY line), '') FROM found";

/// What a session itself has.
const SESSION: &str = "
SELECT concat_ws(' ', current_user, session_user, (SELECT count(*) FROM pg_prepared_statement() WHERE from_sql),
  (SELECT count(*) FROM pg_cursors WHERE name = 'c'), (SELECT count(*) FROM pg_listening_channels()),
  current_setting('statement_timeout'), current_setting('session_replication_role'), to_regclass('mine'),
  (SELECT relpersistence FROM pg_class WHERE oid = 'shops'::regclass))";

const SEQUENCES: &str = "SELECT concat_ws(' ', (SELECT concat(last_value, is_called) FROM numbers), \
                         (SELECT concat(last_value, is_called) FROM shops_id_seq), \
                         (SELECT concat(last_value, is_called) FROM notes_id_seq), \
                         (SELECT increment_by FROM pg_sequences WHERE sequencename = 'numbers' \
                          AND schemaname = current_schema()))";

fn text(client: &mut Client, sql: &str) -> String {
    client.query_one(sql, &[]).unwrap().get(0)
}

/// What a test finds: by a connection of its own, and by the one that tdata lends it.
fn world(data: &TestData, isolation: Isolation) -> String {
    let mut own = Client::connect(data.url(), NoTls).unwrap();
    let mut found = text(&mut own, WORLD);
    if isolation != Isolation::Transaction {
        found.push_str(&text(&mut own, SEQUENCES));
    }
    drop(own);
    let mut lent = data.client();
    found.push_str(&text(&mut lent, SESSION));
    found
}

/// The part of two worlds that differs.
fn difference(one: &str, other: &str) -> String {
    let lines = |text: &str| -> Vec<String> { text.lines().map(str::to_owned).collect() };
    let (one, other) = (lines(one), lines(other));
    let gone = one.iter().filter(|line| !other.contains(line)).map(|line| format!("- {line}\n"));
    let come = other.iter().filter(|line| !one.contains(line)).map(|line| format!("+ {line}\n"));
    gone.chain(come).collect()
}

struct Attack<'a> {
    engine: &'a Engine,
    expected: &'a Mutex<HashMap<(Isolation, Scope), String>>,
    /// Whether no other test runs at the same time, so that it does things to the server as well.
    is_alone: bool,
}

impl Attack<'_> {
    /// One test: looks at what it finds, and does something.
    fn strike(&self, chance: &mut Chance, kept: &mut Vec<Client>) {
        // Who shares a database at the same time may see what nothing can refuse; who comes later does not.
        let isolations = [Isolation::Full, Isolation::Schema, Isolation::Transaction];
        let isolation = if self.is_alone { chance.of(&isolations) } else { Isolation::Full };
        let scopes = [Scope::TestCase, Scope::TestCase, Scope::Shared];
        let scope = if self.is_alone { chance.of(&scopes) } else { Scope::TestCase };
        let request = self.engine.request(["visits"]).isolation(isolation).scope(scope, "");
        let data = request.provision().unwrap();
        let found = world(&data, isolation);
        let expected = self
            .expected
            .lock()
            .unwrap()
            .entry((isolation, scope))
            .or_insert(found.clone())
            .clone();
        assert!(found == expected, "{isolation} {scope}:\n{}", difference(&expected, &found));
        for _ in 0..chance.below(3) + 1 {
            let is_lent = chance.below(2) == 0;
            let own;
            let mut lent;
            let client: &mut Client = if is_lent {
                lent = data.client();
                &mut lent
            } else {
                own = Client::connect(data.url(), NoTls).unwrap();
                kept.push(own);
                kept.last_mut().unwrap()
            };
            // Nobody waits for its own other connection. What is refused is refused.
            let _ = client.batch_execute("SET lock_timeout = '200ms'");
            for _ in 0..chance.below(5) + 1 {
                let deed = match chance.below(10) {
                    0..4 => chance.of(&TRANSACTIONS),
                    4 if self.is_alone => chance.of(&DEEDS_TO_THE_SERVER),
                    _ => chance.of(&DEEDS),
                };
                let _ = client.batch_execute(deed);
            }
        }
        // Some connections stay open behind the test.
        if chance.below(4) > 0 {
            kept.clear();
        }
        data.release();
        kept.clear();
    }
}

fn attack(threads: u64, seconds: u64) {
    let Some(server) = OwnServer::new() else { return };
    let OwnServer::Local { programs, .. } = &server else { return };
    let files = [("tdata.toml", "migrations = \"migrations\"\n"), ("migrations/1.sql", TABLES)];
    let project = Project::with(&files).define("shops", SHOPS).define("visits", VISITS);
    let config = Config::new().project(project.path()).server(tdata::ServerChoice::Local);
    let engine = Engine::new(config.programs(programs).notices(Notices::none()));
    let time = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap().as_secs();
    let seed = std::env::var("TDATA_TEST_ATTACK_SEED").map_or(time, |seed| seed.parse().unwrap());
    println!("TDATA_TEST_ATTACK_SEED={seed}");
    let (start, expected) = (Instant::now(), Mutex::default());
    let strikes: u32 = std::thread::scope(|scope| {
        let threads: Vec<_> = (0..threads)
            .map(|thread| {
                let is_alone = threads == 1;
                let attack = Attack { engine: &engine, expected: &expected, is_alone };
                scope.spawn(move || {
                    let (mut chance, mut kept, mut strikes) =
                        (Chance(seed ^ thread), Vec::new(), 0);
                    while start.elapsed() < Duration::from_secs(seconds) {
                        attack.strike(&mut chance, &mut kept);
                        strikes += 1;
                    }
                    strikes
                })
            })
            .collect();
        threads.into_iter().map(|thread| thread.join().unwrap()).sum()
    });
    println!("{strikes} tests");
    assert!(strikes > 0);
}

/// How long each attack goes on, in seconds.
fn seconds() -> u64 {
    std::env::var("TDATA_TEST_ATTACK").map_or(5, |seconds| seconds.parse().unwrap())
}

#[test]
#[ignore = "takes as long as it is told"]
fn no_test_finds_what_another_did_to_its_database() {
    attack(4, seconds());
}

#[test]
#[ignore = "takes as long as it is told"]
fn no_test_finds_what_one_before_did_to_the_server() {
    attack(1, seconds());
}
