//! Provisions that are taken away while others work with the database, and beside what others have put into it.

#![cfg(unix)]
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod database;
mod run;

use std::process::Child;

use database::{Database, wait_until};
use run::Said;

const OTHER_USER: &str =
    "INSERT INTO users (id, email, status) VALUES (99999, 'other@example.com', 'no')";

/// The tables, as a migration would make them.
const TABLES: &str = "\
CREATE TABLE users (id int PRIMARY KEY, email varchar(255) UNIQUE, status varchar(20));
CREATE TABLE orders (id int PRIMARY KEY, total numeric(8,2), user_id int NOT NULL REFERENCES users ON DELETE CASCADE);";

/// Waits until a run waits for a lock, and returns how it ends once somebody does something.
fn ended(database: &Database, child: Child, then: impl FnOnce()) -> Said {
    let waits = "SELECT count(*) FROM pg_locks l JOIN pg_stat_activity a USING (pid) \
                 WHERE NOT granted AND a.application_name = 'tdata' AND a.datname = current_database()";
    wait_until("the wait", || database.count(waits) > 0);
    then();
    run::said(child.wait_with_output().unwrap())
}

#[test]
fn rows_that_are_added_meanwhile_stay() {
    let database = Database::new();
    let id = database.provisioned(&[]);
    let mut client = database.client();
    let mut other = client.transaction().unwrap();
    other.batch_execute(OTHER_USER).unwrap();
    let child = database.spawn(&["cleanup", &id]);
    let said = ended(&database, child, || other.commit().unwrap());
    assert_eq!(said.code, Some(0), "{said:?}");
    assert!(said.err.contains("users: its table stays: it has rows of others"), "{said:?}");
    assert_eq!(database.count("SELECT count(*) FROM users"), 1);
}

#[test]
fn rows_that_reference_meanwhile_are_told() {
    let database = Database::new();
    database.execute(TABLES);
    let id = database.provisioned(&[]);
    let mut client = database.client();
    let mut other = client.transaction().unwrap();
    other.batch_execute("INSERT INTO orders SELECT 99999, 1, min(id) FROM users").unwrap();
    let child = database.spawn(&["cleanup", &id]);
    let said = ended(&database, child, || other.commit().unwrap());
    assert_eq!(said.code, Some(1), "{said:?}");
    assert!(said.err.contains("1 row of public.orders by the foreign key"), "{said:?}");
    assert_eq!(database.count("SELECT count(*) FROM orders"), 201);
}

/// A role that owns all and is no superuser, so that forced row-level security holds for it.
fn owner(database: &Database) -> (Database, String) {
    let name: String =
        database.client().query_one("SELECT current_database()", &[]).unwrap().get(0);
    let role = format!("{name}_owner");
    database.execute(&format!(
        "CREATE ROLE {role} LOGIN PASSWORD 'secret'; GRANT ALL ON DATABASE {name} TO {role}; \
         GRANT ALL ON SCHEMA public TO {role}"
    ));
    let config: postgres::Config = database.url.parse().unwrap();
    let at = database.url.rfind('@').unwrap();
    assert!(config.get_user().is_some());
    (Database::of(format!("postgres://{role}:secret{}", &database.url[at..])), role)
}

fn drop_role(database: &Database, role: &str) {
    database.execute(&format!("DROP OWNED BY {role} CASCADE; DROP ROLE {role}"));
}

const FORCE: &str = "\
ALTER TABLE users ENABLE ROW LEVEL SECURITY; ALTER TABLE users FORCE ROW LEVEL SECURITY; \
CREATE POLICY few ON users USING (id = 0);";

#[test]
fn rows_that_policies_hide_are_seen() {
    let database = Database::new();
    let (owned, role) = owner(&database);
    // Tables of its own, with a row of others that it does not see.
    let id = owned.provisioned(&[]);
    database.execute(&format!("{FORCE} {OTHER_USER}"));
    let told = owned.told(&["cleanup", &id]);
    assert_eq!(told["datasets"][1]["deleted"], 50, "{told}");
    assert_eq!(database.count("SELECT count(*) FROM users"), 1);
    let forced = "SELECT count(*) FROM pg_class WHERE relname = 'users' AND relforcerowsecurity";
    assert_eq!(database.count(forced), 1);
    database.execute("DROP TABLE users");
    // Tables of a migration.
    owned.execute(TABLES);
    owned.execute(FORCE);
    let id = owned.provisioned(&[]);
    owned.told(&["cleanup", &id]);
    assert_eq!(database.count("SELECT count(*) FROM users"), 0);
    assert_eq!(database.count(forced), 1);
    drop_role(&database, &role);
}

#[test]
fn rows_that_a_trigger_keeps_are_told() {
    let database = Database::new();
    database.execute(TABLES);
    let id = database.provisioned(&[]);
    database.execute(
        "CREATE FUNCTION keep() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN NULL; END $$; \
         CREATE TRIGGER keep BEFORE DELETE ON orders FOR EACH ROW EXECUTE FUNCTION keep()",
    );
    let said = database.run(&["cleanup", &id]);
    assert_eq!(said.code, Some(1), "{said:?}");
    assert!(said.err.contains("200 of public.orders"), "{said:?}");
    assert!(said.err.contains("triggers = \"off\""), "{said:?}");
    assert_eq!(database.states(), [(id.clone(), "complete".to_owned())]);
    database.project.write("tdata.toml", "as_of = 2024-05-01\ntriggers = \"off\"\n");
    database.told(&["cleanup", &id]);
    assert_eq!(database.count("SELECT count(*) FROM orders"), 0);
    let fires = "SELECT count(*) FROM pg_trigger WHERE tgname = 'keep' AND tgenabled = 'O'";
    assert_eq!(database.count(fires), 1);
}

#[test]
fn rows_that_triggers_change_as_others_go_are_still_known() {
    let database = Database::new();
    database.execute(TABLES);
    let id = database.provisioned(&[]);
    database.execute(
        "CREATE FUNCTION note() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN \
         UPDATE users SET status = 'left' WHERE id = old.user_id; RETURN old; END $$; \
         CREATE TRIGGER note AFTER DELETE ON orders FOR EACH ROW EXECUTE FUNCTION note()",
    );
    let told = database.told(&["cleanup", &id]);
    assert_eq!(told["datasets"][1]["deleted"], 50, "{told}");
    assert_eq!(database.count("SELECT count(*) FROM users"), 0);
}

#[test]
fn a_missing_index_is_passed_by_or_told() {
    let database = Database::new();
    database.execute(TABLES);
    let id = database.provisioned(&[]);
    let told = database.told(&["cleanup", &id]);
    assert_eq!(told["datasets"][1]["deleted"], 50, "{told}");
    assert_eq!(told["warnings"], serde_json::json!([]), "all was emptied together");
    database.execute(OTHER_USER);
    let id = {
        let users = database.project.read("data_definitions/users.yaml");
        let hybrid = users.replace("  table: users\n", "  table: users\n  source: hybrid\n");
        database.project.write("data_definitions/users.yaml", &hybrid);
        database.told(&["provision", "users", "--volumes", "users=5"])["id"].clone()
    };
    let told = database.told(&["cleanup", id.as_str().unwrap()]);
    let warning = told["warnings"][0].as_str().unwrap();
    assert!(warning.starts_with("public.orders has no index on \"user_id\""), "{warning}");
    assert_eq!(database.count("SELECT count(*) FROM users"), 1);
}

#[test]
fn the_ledger_stays_where_something_needs_it() {
    let database = Database::new();
    let id = database.provisioned(&[]);
    database.execute("CREATE VIEW provisions AS SELECT id FROM tdata.provision");
    database.told(&["cleanup", &id]);
    assert_eq!(database.states(), []);
    database.execute("DROP VIEW provisions; CREATE TABLE tdata.mine (id int)");
    let id = database.provisioned(&[]);
    database.told(&["cleanup", &id]);
    assert_eq!(database.tables(), ["tdata.mine".to_owned()].into());
}

#[test]
fn a_ledger_out_of_a_dump_knows_no_rows() {
    let database = Database::new();
    let id = database.provisioned(&[]);
    // As a dump brings them: the rows are as they were, the transactions others.
    database.execute(
        "CREATE TEMP TABLE kept AS SELECT * FROM tdata.provisioned_dataset; \
         DELETE FROM tdata.provisioned_dataset; INSERT INTO tdata.provisioned_dataset SELECT * FROM kept",
    );
    let said = database.run(&["cleanup", &id]);
    assert_eq!(said.code, Some(1), "{said:?}");
    assert!(said.err.contains("the ledger came here with a dump"), "{said:?}");
    assert_eq!(database.count("SELECT count(*) FROM users"), 50);
    // A number that no transaction has had yet.
    let id = database.provisioned(&["--replace", "--seed", "7"]);
    database.execute(
        "UPDATE tdata.provision SET transaction = (transaction::numeric + 4294967296)::text",
    );
    let said = database.run(&["cleanup", &id]);
    assert_eq!(said.code, Some(1), "{said:?}");
    assert_eq!(database.count("SELECT count(*) FROM users"), 50);
}

#[test]
fn what_is_replaced_is_taken_over_as_a_whole() {
    let database = Database::new();
    // A table that only the first run has stays known as its own.
    let users = ["provision", "users", "--volumes", "users=50"];
    let first = ["provision", "orders", "--volumes", "users=50,orders=0"];
    let first = database.told(&first)["id"].as_str().unwrap().to_owned();
    assert_eq!(database.count("SELECT count(*) FROM orders"), 0);
    let second = database.told(&[&users[..], &["--replace", "--seed", "7"]].concat());
    assert_eq!(database.states().len(), 2);
    database.told(&["cleanup", &first]);
    assert_eq!(database.tables().iter().filter(|table| table.starts_with("public.")).count(), 1);
    database.told(&["cleanup", second["id"].as_str().unwrap()]);
    assert!(database.tables().is_empty());
    // A schema that was made goes with the run that replaces its rows.
    let definition = database.project.read("data_definitions/users.yaml");
    let elsewhere = definition.replace("table: users", "table: people.users");
    database.project.write("data_definitions/users.yaml", &elsewhere);
    database.told(&users);
    let id = database.told(&[&users[..], &["--replace", "--seed", "7"]].concat());
    assert_eq!(database.states().len(), 1);
    let told = database.told(&["cleanup", id["id"].as_str().unwrap()]);
    assert_eq!(told["schemas"], serde_json::json!(["people"]));
}

#[test]
fn a_schema_that_the_path_asked_for_goes() {
    for streams in ["1", "4"] {
        let database = Database::new();
        let settings = "as_of = 2024-05-01\n[session_settings]\nsearch_path = \"app\"\n";
        database.project.write("tdata.toml", settings);
        let id = database.provisioned(&["--streams", streams]);
        assert_eq!(database.count("SELECT count(*) FROM app.users"), 50);
        let told = database.told(&["cleanup", &id]);
        assert_eq!(told["schemas"], serde_json::json!(["app"]), "over {streams}");
    }
}

#[test]
fn replacing_leaves_what_inherits() {
    let database = Database::new();
    database.execute(&format!("{TABLES} CREATE TABLE old_users () INHERITS (users)"));
    database.provisioned(&[]);
    database.execute("INSERT INTO old_users VALUES (1, 'old@example.com', 'no')");
    database.provisioned(&["--replace", "--seed", "7"]);
    assert_eq!(database.count("SELECT count(*) FROM old_users"), 1);
}

#[test]
fn replacing_minds_only_rows_that_reference() {
    let database = Database::new();
    database.execute(&format!(
        "{TABLES} CREATE TABLE visits (id int PRIMARY KEY, user_id int REFERENCES users)"
    ));
    database.provisioned(&[]);
    // Nothing references them, but for a key.
    database.execute("INSERT INTO visits VALUES (1, NULL)");
    let id = database.provisioned(&["--replace", "--seed", "7"]);
    assert_eq!(database.states(), [(id, "complete".to_owned())]);
    database.execute("UPDATE visits SET user_id = (SELECT min(id) FROM users)");
    let said = database.provision(&["--replace"]);
    assert_eq!(said.code, Some(2), "{said:?}");
    assert!(said.err.contains("1 row of public.visits by the foreign key"), "{said:?}");
}

#[test]
fn a_dry_run_sees_what_the_run_will() {
    let database = Database::new();
    let id = database.provisioned(&[]);
    database.execute("UPDATE tdata.provision SET state = 'unchecked'");
    let told = database.told(&[
        "provision",
        "users",
        "orders",
        "--volumes",
        database::VOLUMES,
        "--dry-run",
    ]);
    assert_eq!(told["taken_away"], id.as_str(), "{told}");
    assert_eq!(database.states(), [(id.clone(), "unchecked".to_owned())]);
    assert_eq!(database.count("SELECT count(*) FROM users"), 50);
    // What cannot be planned takes nothing away.
    database.execute("CREATE TABLE other (LIKE users); ALTER TABLE users ADD needed int");
    database.execute("UPDATE users SET needed = 1; ALTER TABLE users ALTER needed SET NOT NULL");
    let said = database.provision(&[]);
    assert_eq!(said.code, Some(1), "{said:?}");
    assert_eq!(database.count("SELECT count(*) FROM users"), 50);
}

#[test]
fn only_tables_of_the_contract_are_read() {
    let database = Database::new();
    database.execute("CREATE TABLE elsewhere (id int PRIMARY KEY)");
    let mut client = database.client();
    let mut other = client.transaction().unwrap();
    other.batch_execute("LOCK TABLE elsewhere").unwrap();
    database
        .project
        .write("tdata.toml", "as_of = 2024-05-01\n[session_settings]\nlock_timeout = \"10s\"\n");
    database.provisioned(&[]);
    other.rollback().unwrap();
}

#[test]
fn a_check_that_fails_leaves_rows_that_are_told() {
    let database = Database::new();
    database.provisioned(&["--isolation", "schema"]);
    database.execute(
        "CREATE FUNCTION tdata.fail() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE 'no room'; END $$; \
         CREATE TRIGGER fail BEFORE UPDATE ON tdata.provision FOR EACH ROW WHEN (new.state = 'complete') \
         EXECUTE FUNCTION tdata.fail()",
    );
    let said = database.provision(&[]);
    assert_eq!(said.code, Some(1), "{said:?}");
    let (id, state) = &database.states()[1];
    assert_eq!(state, "unchecked");
    assert!(
        said.err.contains("P0001") && said.err.contains(&format!("`tdata cleanup {id}`")),
        "{said:?}"
    );
}

#[test]
fn what_cannot_be_taken_away_is_told() {
    let database = Database::new();
    database.provisioned(&["--isolation", "schema"]);
    database.execute(
        "CREATE FUNCTION tdata.fail() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE 'no room'; END $$; \
         CREATE TRIGGER fail BEFORE UPDATE ON tdata.provision_part FOR EACH ROW WHEN (new.number = 2) \
         EXECUTE FUNCTION tdata.fail(); \
         CREATE TRIGGER stay BEFORE DELETE ON tdata.provision FOR EACH ROW EXECUTE FUNCTION tdata.fail()",
    );
    let said =
        database.run(&["provision", "users", "orders", "--volume", "full", "--streams", "4"]);
    assert_eq!(said.code, Some(1), "{said:?}");
    let (id, state) = &database.states()[1];
    assert_eq!(state, "loading");
    let left = format!("may be there still, as the provision {id}");
    assert!(said.err.contains("P0001") && said.err.contains(&left), "{said:?}");
}
