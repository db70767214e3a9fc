//! Rows that are divided among several databases: each row once, children with their parents, all or nothing.

#![cfg(unix)]
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod database;
mod run;

use std::collections::BTreeSet;
use std::process::{Child, Stdio};

use database::{Database, VOLUMES, signalled, wait_until};
use postgres::Client;
use run::Said;

const PAYMENTS: &str = "
apiVersion: data.automation/v1
kind: DataDefinition
metadata: { name: payments }
spec:
  table: payments
  fields:
    - { name: id, type: bigint, generator: sequence, start: 1000 }
    - { name: amount, type: \"numeric(8,2)\", generator: random_decimal }
  relationships:
    - { foreignKey: order_id, references: orders.id }
    - { foreignKey: currency, references: currencies.code }
";

const CURRENCIES: &str = "
apiVersion: data.automation/v1
kind: DataDefinition
metadata: { name: currencies }
spec:
  table: currencies
  on_every_shard: true
  fields:
    - { name: code, type: char(3) }
  primary_key: code
  rows: [{ code: EUR }, { code: SEK }]
";

const ALL: [&str; 4] = ["provision", "payments", "--volumes", "users=300,orders=900,payments=700"];

/// Three databases of a server.
struct Shards {
    databases: Vec<Database>,
    names: Vec<String>,
}

impl Shards {
    fn new() -> Self {
        let first = Database::new();
        let name: String =
            first.client().query_one("SELECT current_database()", &[]).unwrap().get(0);
        let more = ["_two", "_three"].map(|more| format!("{name}{more}"));
        let of = |other: &String| {
            first.execute(&format!("CREATE DATABASE {other}"));
            Database::of(first.url.replacen(&format!("/{name}"), &format!("/{other}"), 1))
        };
        let others: Vec<Database> = more.iter().map(of).collect();
        first.project.write("data_definitions/payments.yaml", PAYMENTS);
        first.project.write("data_definitions/currencies.yaml", CURRENCIES);
        let databases = [first].into_iter().chain(others).collect();
        Self { databases, names: more.to_vec() }
    }

    fn first(&self) -> &Database {
        &self.databases[0]
    }

    fn with<'a>(&'a self, arguments: &[&'a str]) -> Vec<&'a str> {
        let urls = self.databases.iter().flat_map(|one| ["--database-url", one.url.as_str()]);
        arguments.iter().copied().chain(urls).collect()
    }

    fn run(&self, arguments: &[&str]) -> Said {
        self.first().project.run(&self.with(arguments))
    }

    fn spawn(&self, arguments: &[&str]) -> Child {
        let mut command = self.first().project.command(&self.with(arguments));
        command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap()
    }

    fn told(&self, arguments: &[&str]) -> serde_json::Value {
        let said = self.run(&[arguments, &["--format", "json"]].concat());
        assert_eq!(said.code, Some(0), "{said:?}");
        serde_json::from_str(&said.out).unwrap()
    }

    fn execute(&self, sql: &str) {
        self.databases.iter().for_each(|database| database.execute(sql));
    }

    fn counts(&self, sql: &str) -> Vec<i64> {
        self.databases.iter().map(|database| database.count(sql)).collect()
    }

    fn tables(&self) -> Vec<BTreeSet<String>> {
        self.databases.iter().map(Database::tables).collect()
    }

    /// All rows of a table, of all shards together.
    fn rows(&self, table: &str) -> Vec<String> {
        let mut rows: Vec<String> =
            self.databases.iter().flat_map(|one| rows(one, table)).collect();
        rows.sort();
        rows
    }

    /// Tells what is in the ledgers of the shards.
    fn states(&self) -> Vec<Vec<String>> {
        let of = |database: &Database| database.states().into_iter().map(|(_, state)| state);
        self.databases.iter().map(|database| of(database).collect()).collect()
    }
}

impl Drop for Shards {
    fn drop(&mut self) {
        for name in &self.names {
            let drop = format!("DROP DATABASE IF EXISTS {name} WITH (FORCE)");
            let _ = self.first().client().batch_execute(&drop);
        }
    }
}

fn rows(database: &Database, table: &str) -> Vec<String> {
    let sql = format!("SELECT t::text FROM {table} t");
    let found = database.client().query(&sql, &[]).unwrap();
    let mut rows: Vec<String> = found.iter().map(|row| row.get(0)).collect();
    rows.sort();
    rows
}

#[test]
fn each_row_is_on_one_shard_and_children_are_with_their_parents() {
    let (shards, alone) = (Shards::new(), Database::new());
    alone.project.write("data_definitions/payments.yaml", PAYMENTS);
    alone.project.write("data_definitions/currencies.yaml", CURRENCIES);
    alone.told(&ALL);
    let told = shards.told(&ALL);
    for table in ["users", "orders", "payments"] {
        assert_eq!(shards.rows(table), rows(&alone, table), "{table}");
        let counts = shards.counts(&format!("SELECT count(*) FROM {table}"));
        assert!(counts.iter().all(|count| *count > 0), "{table}: {counts:?}");
        for (shard, count) in told["shards"].as_array().unwrap().iter().zip(counts) {
            assert_eq!(shard["record_counts"][table], count);
        }
    }
    assert_eq!(shards.counts("SELECT count(*) FROM currencies"), [2, 2, 2]);
    // Each foreign key is there, and proved.
    let keys = "SELECT count(*) FROM pg_constraint WHERE contype = 'f' AND convalidated AND connamespace = 'public'::regnamespace";
    assert_eq!(shards.counts(keys), [3, 3, 3]);
    // The shard is the partition that PostgreSQL itself would choose.
    shards.execute("CREATE TABLE judge (id int) PARTITION BY HASH (id)");
    for (at, database) in shards.databases.iter().enumerate() {
        let elsewhere = format!(
            "SELECT count(*) FROM users WHERE NOT satisfies_hash_partition('judge'::regclass, 3, {at}, id)"
        );
        assert_eq!(database.count(&elsewhere), 0);
    }
    // The next numbers are behind those of all shards.
    for database in &shards.databases {
        let next =
            "INSERT INTO orders (total, user_id) SELECT 1, min(id) FROM users RETURNING id::int8";
        assert_eq!(database.count(next), 901);
        database.execute("DELETE FROM orders WHERE id = 901; DROP TABLE judge");
    }
    let id = told["id"].as_str().unwrap();
    let status = shards.told(&["status"]);
    assert_eq!((&status[0]["id"], &status[0]["state"]), (&id.into(), &"complete".into()));
    assert_eq!(status[0]["shards"][1]["shard"], serde_json::json!({ "number": 2, "of": 3 }));
    let said = shards.run(&["status", id]);
    assert!(said.out.contains("shard 3 of 3, "), "{said:?}");
    let alone = shards.databases[1].run(&["status"]);
    assert!(alone.out.contains("  shard 2 of 3\n"), "{alone:?}");
    // A shard that is gone is told, and no mistake.
    let second = shards.databases[1].run(&["cleanup", id]);
    assert_eq!(second.code, Some(0), "{second:?}");
    let status = shards.told(&["status", id]);
    assert_eq!(status[0]["missing"], serde_json::json!([2]));
    assert_eq!(status[0]["state"], "incomplete");
    let said = shards.run(&["status"]);
    assert!(said.out.contains("its shard 2 is not among these databases"), "{said:?}");
    let cleaned = shards.told(&["cleanup", id]);
    let found: Vec<_> =
        cleaned["shards"].as_array().unwrap().iter().map(|one| &one["found"]).collect();
    assert_eq!(found, [true, false, true]);
    assert!(shards.tables().iter().all(BTreeSet::is_empty), "{:?}", shards.tables());
    assert_eq!(shards.run(&["cleanup", id]).code, Some(0), "whoever cleans twice makes no mistake");
    assert_eq!(shards.run(&["status", id]).code, Some(2));
}

#[test]
fn shards_may_be_on_several_servers() {
    let (one, other) = (Database::new(), Database::new());
    let urls = ["--database-url", &one.url, "--database-url", &other.url];
    let all = ["provision", "users", "orders", "--volumes", VOLUMES];
    let said = one.project.run(&[&all[..], &urls].concat());
    assert_eq!(said.code, Some(0), "{said:?}");
    let counts = [&one, &other].map(|database| database.count("SELECT count(*) FROM orders"));
    assert!(
        counts.iter().sum::<i64>() == 200 && counts.iter().all(|count| *count > 0),
        "{counts:?}"
    );
}

#[test]
fn many_rows_are_dealt_by_threads_and_their_keys_come_behind_them() {
    let (shards, alone) = (Shards::new(), Database::new());
    let all = ["provision", "users", "orders", "--volumes", "users=9000,orders=50000"];
    alone.told(&all);
    shards.told(&all);
    for table in ["users", "orders"] {
        assert_eq!(shards.rows(table), rows(&alone, table), "{table}");
    }
}

#[test]
fn a_dry_run_tells_how_rows_are_divided() {
    let shards = Shards::new();
    let said = shards.run(&[&ALL[..], &["--dry-run"]].concat());
    assert_eq!(said.code, Some(0), "{said:?}");
    insta::assert_snapshot!("divided_rows", said.out);
    assert!(shards.tables().iter().all(BTreeSet::is_empty));
    shards.told(&ALL);
    // What was told is what was done.
    let counts =
        shards.counts("SELECT count(*) FROM orders").into_iter().map(|count| count.to_string());
    let line = said.out.lines().find(|line| line.starts_with("orders")).unwrap();
    assert!(
        counts.into_iter().all(|count| line.split_whitespace().any(|word| word == count)),
        "{line}"
    );
}

#[test]
fn the_shards_of_the_project_are_taken_where_none_is_named() {
    let shards = Shards::new();
    let project = &shards.first().project;
    project.write("third.url", &shards.databases[2].url);
    let [one, two, _] = &shards.databases[..] else { panic!("there are three") };
    project.write(
        "tdata.toml",
        &format!(
            "as_of = 2024-05-01\nshards = [\"{}\", \"{}\", \"@third.url\"]\n",
            one.url, two.url
        ),
    );
    let said = project.run(&ALL);
    assert_eq!(said.code, Some(0), "{said:?}");
    assert!(said.err.matches(" Loaded shard ").count() == 3, "{said:?}");
    let status = project.run(&["status"]);
    let id = status.out.split_whitespace().next().unwrap();
    assert!(status.out.contains("complete"), "{status:?}");
    let said = project.run(&["cleanup", id]);
    assert_eq!(said.code, Some(0), "{said:?}");
    assert!(shards.tables().iter().all(BTreeSet::is_empty));
}

#[test]
fn a_schema_of_their_own_is_made_on_each_shard() {
    let shards = Shards::new();
    let told = shards.told(&[&ALL[..], &["--isolation", "schema"]].concat());
    let schema = told["schema"].as_str().unwrap();
    let count = shards.counts(&format!("SELECT count(*) FROM {schema}.users"));
    assert_eq!(count.iter().sum::<i64>(), 300);
    assert_eq!(shards.run(&["cleanup", told["id"].as_str().unwrap()]).code, Some(0));
    assert!(shards.tables().iter().all(BTreeSet::is_empty));
}

#[test]
fn what_does_not_go_is_told_with_the_shard() {
    let shards = Shards::new();
    let first = shards.first();
    let twice = ["--database-url", &first.url, "--database-url", &first.url];
    let said = first.project.run(&[&ALL[..], &twice].concat());
    assert_eq!(said.code, Some(2), "{said:?}");
    assert!(said.err.contains("shard 2 of 2, ") && said.err.contains("before it, too"), "{said:?}");
    for (options, told) in [
        (["--streams", "4"], "each is loaded over one connection"),
        (["--isolation", "full"], "with several databases, none is made for the rows"),
    ] {
        let said = shards.run(&[&ALL[..], &options].concat());
        assert_eq!(said.code, Some(2), "{said:?}");
        assert!(said.err.contains(told), "{said:?}");
    }
    // Rows that would be apart from what they reference.
    let orders = first.project.read("data_definitions/orders.yaml");
    first.project.write("data_definitions/orders.yaml", &(orders.clone() + "  shard_key: id\n"));
    let said = shards.run(&ALL);
    assert_eq!(said.code, Some(1), "{said:?}");
    assert!(
        said.err.contains("orders.yaml") && said.err.contains("write `shard_key: user_id`"),
        "{said:?}"
    );
    first.project.write("data_definitions/orders.yaml", &orders);
    // Tables that differ.
    shards.databases[2]
        .execute("CREATE TABLE users (id int PRIMARY KEY, email varchar(255), status varchar(20))");
    let said = shards.run(&ALL);
    assert_eq!(said.code, Some(2), "{said:?}");
    assert!(said.err.contains("the table users differs in whether it is there"), "{said:?}");
    shards.databases[2].execute("DROP TABLE users");
    // Rows that are there.
    shards.told(&ALL);
    let said = shards.run(&ALL);
    assert_eq!(said.code, Some(1), "{said:?}");
    assert!(said.err.contains("rows already"), "{said:?}");
    shards.execute("TRUNCATE users, orders, payments, currencies");
    shards.databases[1]
        .execute("INSERT INTO users (id, email, status) VALUES (7, 'x@example.com', 'no')");
    let said = shards.run(&ALL);
    assert!(
        said.err.contains("shard 2 of 3, ") && !said.err.contains("shard 1 of 3, "),
        "{said:?}"
    );
    assert!(said.err.contains("`users` has 1 row already"), "{said:?}");
    shards.told(&[&ALL[..], &["--replace"]].concat());
    assert_eq!(shards.counts("SELECT count(*) FROM users").iter().sum::<i64>(), 300);
}

#[test]
fn where_one_shard_refuses_none_has_anything() {
    let shards = Shards::new();
    shards.execute(
        "CREATE TABLE users (id int PRIMARY KEY, email varchar(255) UNIQUE, status varchar(20)); \
         CREATE TABLE orders (id int PRIMARY KEY, total numeric(8,2), user_id int NOT NULL REFERENCES users)",
    );
    shards.databases[2].execute(
        "CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN \
         IF new.id > 150 THEN RAISE 'no more orders'; END IF; RETURN new; END $$; \
         CREATE TRIGGER refuse BEFORE INSERT ON orders FOR EACH ROW EXECUTE FUNCTION refuse()",
    );
    let all = ["provision", "users", "orders", "--volumes", VOLUMES];
    let said = shards.run(&all);
    assert_eq!(said.code, Some(1), "{said:?}");
    assert!(
        said.err.contains("shard 3 of 3, ")
            && said.err.contains("the rows of the dataset `orders` cannot be loaded"),
        "{said:?}"
    );
    assert!(!said.err.contains("shard 1 of 3, "), "{said:?}");
    assert_eq!(shards.counts("SELECT count(*) FROM users"), [0, 0, 0]);
    assert_eq!(shards.states(), [[""; 0]; 3]);
    shards.databases[2].execute("DROP FUNCTION refuse CASCADE");
    shards.told(&all);
}

#[test]
fn a_promise_that_one_shard_breaks_makes_all_invalid() {
    let shards = Shards::new();
    let users = shards.first().project.read("data_definitions/users.yaml");
    let promise = "  validation:\n    - { constraint: \"id <> 7\" }\n";
    shards.first().project.write("data_definitions/users.yaml", &(users + promise));
    let said = shards.run(&ALL);
    assert_eq!(said.code, Some(3), "{said:?}");
    assert!(said.err.contains("1 row violates `id <> 7`"), "{said:?}");
    assert_eq!(
        said.err.matches("shard 1 of 3, ").count()
            + said.err.matches("shard 2 of 3, ").count()
            + said.err.matches("shard 3 of 3, ").count(),
        1,
        "{said:?}"
    );
    assert_eq!(shards.states(), [["invalid"]; 3]);
}

/// Lets the ledgers be there, so that a test can put something in their way.
fn begun() -> Shards {
    let shards = Shards::new();
    shards.told(&["provision", "currencies", "--isolation", "schema"]);
    shards
}

/// Lets the commit of the second shard stand still, or fail.
fn in_the_way(shards: &Shards, body: &str) {
    // A load lets no check wait for its end; this one is to.
    shards.databases[1].execute(&format!(
        "CREATE FUNCTION tdata.later() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN SET CONSTRAINTS ALL DEFERRED; RETURN new; END $$; \
         CREATE TRIGGER later BEFORE INSERT ON tdata.provision FOR EACH ROW EXECUTE FUNCTION tdata.later(); \
         CREATE FUNCTION tdata.wait() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN {body}; RETURN new; END $$; \
         CREATE CONSTRAINT TRIGGER wait AFTER INSERT ON tdata.provision DEFERRABLE INITIALLY DEFERRED \
         FOR EACH ROW EXECUTE FUNCTION tdata.wait()"
    ));
}

fn out_of_the_way(shards: &Shards) {
    let drop = "DROP FUNCTION tdata.wait CASCADE; DROP FUNCTION IF EXISTS tdata.later CASCADE";
    shards.databases[1].execute(drop);
}

/// Starts a run whose second shard stands still while it commits, behind the others.
fn stalled(shards: &Shards) -> (Child, Client) {
    in_the_way(shards, "PERFORM pg_advisory_xact_lock(1)");
    let mut holder = shards.databases[1].client();
    holder.batch_execute("SELECT pg_advisory_lock(1)").unwrap();
    let child = shards.spawn(&ALL);
    let waits = "SELECT count(*) FROM pg_stat_activity WHERE wait_event = 'advisory' AND datname = current_database()";
    wait_until("the stall", || shards.databases[1].count(waits) > 0);
    let there =
        "SELECT count(*) FROM pg_tables WHERE schemaname = 'public' AND tablename = 'payments'";
    wait_until("the others", || shards.counts(there) == [1, 0, 1]);
    (child, holder)
}

#[test]
fn where_one_shard_cannot_commit_the_others_are_taken_away() {
    let shards = begun();
    let before = shards.tables();
    in_the_way(&shards, "RAISE 'not today'");
    let said = shards.run(&ALL);
    assert_eq!(said.code, Some(1), "{said:?}");
    assert!(said.err.contains("shard 2 of 3, ") && said.err.contains("P0001"), "{said:?}");
    assert_eq!(shards.tables(), before);
    assert_eq!(shards.states(), [["complete"]; 3]);
    out_of_the_way(&shards);
    shards.told(&ALL);
}

#[test]
fn a_run_that_is_killed_between_commits_leaves_a_mark_and_the_next_one_starts_anew() {
    let shards = begun();
    let (mut child, holder) = stalled(&shards);
    child.kill().unwrap();
    child.wait().unwrap();
    // The server ends what nobody waits for any more.
    let end = "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE wait_event = 'advisory' AND datname = current_database()";
    shards.databases[1].count(end);
    shards.databases.iter().for_each(Database::wait_for_the_end_of_runs);
    drop(holder);
    let of_run =
        |states: Vec<Vec<String>>| states.into_iter().map(|mut states| states.split_off(1));
    let states: Vec<Vec<String>> = of_run(shards.states()).collect();
    assert_eq!(states, [vec!["unchecked"], vec![], vec!["unchecked"]]);
    let status = shards.told(&["status"]);
    let left = status.as_array().unwrap().iter().find(|one| one["state"] == "incomplete").unwrap();
    assert_eq!(left["missing"], serde_json::json!([2]));
    out_of_the_way(&shards);
    let told = shards.told(&ALL);
    assert_eq!(told["taken_away"], left["id"]);
    assert_eq!(shards.counts("SELECT count(*) FROM orders").iter().sum::<i64>(), 900);
    assert_eq!(of_run(shards.states()).collect::<Vec<_>>(), [["complete"]; 3]);
}

#[test]
fn an_interrupt_takes_away_what_was_not_finished() {
    let shards = begun();
    let before = shards.tables();
    shards.databases[1].execute(
        "CREATE FUNCTION tdata.wait() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN \
         PERFORM pg_advisory_xact_lock(1); RETURN new; END $$; \
         CREATE TRIGGER wait BEFORE INSERT ON tdata.provision FOR EACH ROW EXECUTE FUNCTION tdata.wait()",
    );
    let mut holder = shards.databases[1].client();
    holder.batch_execute("SELECT pg_advisory_lock(1)").unwrap();
    let child = shards.spawn(&ALL);
    let waits = "SELECT count(*) FROM pg_stat_activity WHERE wait_event = 'advisory' AND datname = current_database()";
    wait_until("the stall", || shards.databases[1].count(waits) > 0);
    let said = signalled(child, "INT");
    assert_eq!(said.code, Some(130), "{said:?}");
    assert!(said.err.contains("nothing is left that was not finished"), "{said:?}");
    drop(holder);
    out_of_the_way(&shards);
    assert_eq!(shards.tables(), before);
    shards.told(&ALL);
}

#[test]
fn a_killed_run_leaves_nothing_that_claims_to_be_complete_and_is_not() {
    let shards = Shards::new();
    let all = ["provision", "users", "orders", "--volume", "full"];
    let start = std::time::Instant::now();
    let id = shards.told(&all)["id"].as_str().unwrap().to_owned();
    let took = start.elapsed();
    let expected = shards.rows("orders");
    assert_eq!(shards.run(&["cleanup", &id]).code, Some(0));
    for moment in [0.3, 0.5, 0.7, 0.8, 0.9, 0.95] {
        let mut child = shards.spawn(&all);
        std::thread::sleep(took.mul_f64(moment));
        child.kill().unwrap();
        child.wait().unwrap();
        shards.databases.iter().for_each(Database::wait_for_the_end_of_runs);
        for (tables, states) in shards.tables().iter().zip(shards.states()) {
            assert_eq!(
                tables.contains("public.users"),
                !states.is_empty(),
                "{tables:?} {states:?}"
            );
        }
        if shards.states().iter().flatten().any(|state| state == "complete") {
            assert_eq!(shards.rows("orders"), expected);
            shards.told(&[&all[..], &["--replace"]].concat());
        } else {
            shards.told(&all);
        }
        assert_eq!(shards.rows("orders"), expected);
        assert_eq!(shards.states(), [["complete"]; 3]);
        let id = shards.told(&["status"])[0]["id"].as_str().unwrap().to_owned();
        assert_eq!(shards.run(&["cleanup", &id]).code, Some(0));
        assert!(shards.tables().iter().all(BTreeSet::is_empty));
    }
}
