//! What is told of a failing test, and what stays of it.
//!
//! The failing tests are run by those behind them, each as a process of its own.

#![cfg(feature = "server")]
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod address;
mod guest;
mod project;

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;
use std::time::{Duration, Instant};

use address::{database, in_database};
use guest::Guest;
use project::Project;
use rstest::rstest;
use tdata::{Keep, TestData, requires_test_data};

/// What stands in for personal data that a test wrote.
const SECRET: &str = "Zaphod-Beeblebrox";

/// Tests that fail once they have changed something.
mod failing {
    use super::*;

    #[requires_test_data(datasets = ["users"], volume = { accounts = 3, organizations = 3, users = 12 })]
    #[test]
    #[ignore = "run by another test as a process of its own"]
    fn after_changes(data: TestData) {
        data.client()
            .batch_execute(&format!(
                "UPDATE accounts SET plan = 'two <b>words</b>', signup_agent = '{SECRET}' WHERE id = 1; \
                 UPDATE accounts SET plan = plan; \
                 DELETE FROM users WHERE id IN (3, 10); \
                 INSERT INTO accounts SELECT 201, '00000000-0000-0000-0000-000000000000', E'a\\tb', credit, \
                 billing_day, signup_ip, '{SECRET}', opened_on, NULL, currency FROM accounts WHERE id = 2"
            ))
            .unwrap();
        panic!("the body's own message");
    }

    #[requires_test_data(datasets = ["accounts"], volume = 3)]
    #[test]
    #[ignore = "run by another test as a process of its own"]
    fn after_changes_of_tables(data: TestData) {
        data.client()
            .batch_execute(&format!(
                "CREATE TABLE notes (text text); \
                 INSERT INTO notes VALUES ('{SECRET}'), ('{SECRET}'), (NULL); \
                 ALTER TABLE accounts ADD COLUMN nickname text DEFAULT '{SECRET}'; \
                 UPDATE accounts SET credit = 1 WHERE id = 2; \
                 CREATE SCHEMA \"My Shop\"; CREATE TABLE \"My Shop\".\"Order's\" (\"Id\" int PRIMARY KEY)"
            ))
            .unwrap();
        panic!("the body's own message");
    }

    /// The file that it names must not be there when the dump was run.
    #[requires_test_data(datasets = ["accounts"], volume = 3)]
    #[test]
    #[ignore = "run by another test as a process of its own"]
    fn with_hostile_names(data: TestData) {
        let mut db = data.client();
        db.batch_execute("ALTER TABLE accounts ALTER plan TYPE text").unwrap();
        for (id, plan) in (1..).zip(hostile(&hostile_file())) {
            db.execute("UPDATE accounts SET plan = $1 WHERE id = $2", &[&plan, &id]).unwrap();
        }
        for name in hostile(&hostile_file()) {
            let quoted = tdata_core::sql::quote_identifier(&name);
            db.batch_execute(&format!(
                "CREATE TABLE {quoted} (id int); INSERT INTO {quoted} VALUES (1); \
                 ALTER TABLE accounts ADD COLUMN {quoted} int"
            ))
            .unwrap();
        }
        panic!("the body's own message");
    }

    #[requires_test_data(datasets = ["users"], volume = 3)]
    #[test]
    #[ignore = "run by another test as a process of its own"]
    fn after_dropping_a_table(data: TestData) {
        data.client().batch_execute("DROP TABLE users; TRUNCATE organizations").unwrap();
        panic!("the body's own message");
    }

    #[requires_test_data(datasets = ["users"], volume = 7, apply_masking = false)]
    #[test]
    #[ignore = "run by another test as a process of its own"]
    fn on_unmasked_data(data: TestData) {
        data.client()
            .batch_execute("UPDATE users SET email = 'x' || email, status = 'gone'; DELETE FROM users WHERE id = 2")
            .unwrap();
        panic!("the body's own message");
    }

    #[requires_test_data(datasets = ["accounts"], volume = 3, isolation = "transaction")]
    #[test]
    #[ignore = "run by another test as a process of its own"]
    fn in_a_transaction(data: TestData) {
        data.client().batch_execute("DELETE FROM accounts WHERE id = 2").unwrap();
        panic!("the body's own message");
    }

    #[requires_test_data(datasets = ["accounts"], volume = 3, isolation = "transaction")]
    #[test]
    #[ignore = "run by another test as a process of its own"]
    fn in_a_failed_transaction(data: TestData) {
        data.client().batch_execute("DELETE FROM accounts WHERE id = 2; SELECT 1 / 0").unwrap();
    }

    #[requires_test_data(datasets = ["accounts"], volume = 3, isolation = "schema")]
    #[test]
    #[ignore = "run by another test as a process of its own"]
    fn in_a_schema(data: TestData) {
        data.client()
            .batch_execute("DELETE FROM accounts WHERE id = 2; CREATE TABLE notes (id int)")
            .unwrap();
        panic!("the body's own message");
    }

    #[requires_test_data(datasets = ["accounts"], volume = 3, scope = "test_module")]
    #[test]
    #[ignore = "run by another test as a process of its own"]
    fn on_shared_data() {
        panic!("the body's own message");
    }

    #[requires_test_data(datasets = ["accounts"], volume = 3, scope = "shared", writable = true)]
    #[test]
    #[ignore = "run by another test as a process of its own"]
    fn on_writable_shared_data(data: TestData) {
        data.client().batch_execute("DELETE FROM accounts WHERE id = 2").unwrap();
        panic!("the body's own message");
    }

    #[requires_test_data(datasets = ["accounts"], volume = 3)]
    #[test]
    #[ignore = "run by another test as a process of its own"]
    fn while_a_table_is_locked(data: TestData) {
        let mut db = postgres::Client::connect(data.url(), postgres::NoTls).unwrap();
        db.batch_execute("BEGIN; LOCK TABLE accounts").unwrap();
        std::mem::forget(db);
        panic!("the body's own message");
    }

    #[requires_test_data(datasets = ["accounts"], volume = 3)]
    #[test]
    #[ignore = "run by another test as a process of its own"]
    fn without_a_database(data: TestData) {
        let url = in_database(data.url(), "postgres");
        let mut db = postgres::Client::connect(&url, postgres::NoTls).unwrap();
        db.batch_execute(&format!("DROP DATABASE {} WITH (FORCE)", data.database())).unwrap();
        panic!("the body's own message");
    }

    #[requires_test_data(datasets = ["accounts"], volume = full)]
    #[test]
    #[ignore = "run by another test as a process of its own"]
    fn after_many_changes(data: TestData) {
        data.client().batch_execute("UPDATE accounts SET credit = -1 WHERE id <= 1500").unwrap();
        panic!("the body's own message");
    }

    #[requires_test_data(datasets = ["accounts"], volume = 3, keep = On_Failure)]
    #[test]
    #[ignore = "run by another test as a process of its own"]
    fn on_data_to_keep(data: TestData) {
        data.client().batch_execute("DELETE FROM accounts WHERE id = 2").unwrap();
        panic!("the body's own message");
    }

    #[requires_test_data(datasets = ["accounts"], volume = 3, keep = "never")]
    #[test]
    #[ignore = "run by another test as a process of its own"]
    fn on_data_not_to_keep(data: TestData) {
        println!("its data are at {}", data.url());
        panic!("the body's own message");
    }

    #[requires_test_data(datasets = ["accounts"], volume = 3, isolation = "schema", keep = always)]
    #[test]
    #[ignore = "run by another test as a process of its own"]
    fn in_a_schema_to_keep(data: TestData) {
        data.client().batch_execute("DELETE FROM accounts WHERE id = 2").unwrap();
        panic!("the body's own message");
    }

    #[requires_test_data(datasets = ["accounts"], isolation = "transaction", keep = on_failure)]
    #[test]
    #[ignore = "run by another test as a process of its own"]
    fn in_a_transaction_to_keep() {
        panic!("the body's own message");
    }

    #[requires_test_data(datasets = ["accounts"], volume = 2, scope = "shared", keep = on_failure)]
    #[test]
    #[ignore = "run by another test as a process of its own"]
    fn on_shared_data_to_keep() {
        panic!("the body's own message");
    }

    /// It prints its rows.
    #[requires_test_data(datasets = ["accounts"], volume = 4, seed = 5)]
    #[test]
    #[ignore = "run by another test as a process of its own"]
    fn to_be_replayed(data: TestData) {
        print_rows(&data);
        panic!("the body's own message");
    }

    #[requires_test_data(datasets = ["accounts"], volume = 4, seed = 5)]
    #[test]
    #[ignore = "run by another test as a process of its own"]
    fn beside_one_to_be_replayed(data: TestData) {
        print_rows(&data);
        panic!("the body's own message");
    }

    #[requires_test_data(datasets = ["accounts"], volume = 2)]
    #[rstest]
    #[case::first(1)]
    #[case::second(2)]
    #[ignore = "run by another test as a process of its own"]
    fn in_cases(#[case] account: i32, data: TestData) {
        data.client().execute("DELETE FROM accounts WHERE id = $1", &[&account]).unwrap();
        panic!("the body's own message");
    }

    #[requires_test_data(datasets = ["accounts"], volume = full, version = "v1.2.0")]
    #[test]
    #[ignore = "run by another test as a process of its own"]
    fn on_an_earlier_version(data: TestData) {
        print_rows(&data);
        panic!("the body's own message");
    }

    fn print_rows(data: &TestData) {
        for row in data.client().query("SELECT a::text FROM accounts a ORDER BY id", &[]).unwrap() {
            println!("row: {}", row.get::<_, String>(0));
        }
    }

    /// It succeeds.
    #[requires_test_data(datasets = ["accounts"], volume = 2)]
    #[test]
    #[ignore = "run by another test as a process of its own"]
    fn not_at_all(data: TestData) {
        data.client().batch_execute("DELETE FROM accounts WHERE id = 2").unwrap();
    }

    #[requires_test_data(datasets = ["accounts"], volume = 2)]
    #[tokio::test]
    #[ignore = "run by another test as a process of its own"]
    async fn in_async_code(data: TestData) -> Result<(), String> {
        let (client, connection) =
            tokio_postgres::connect(data.url(), tokio_postgres::NoTls).await.unwrap();
        tokio::spawn(connection);
        client.batch_execute("DELETE FROM accounts WHERE id = 2").await.unwrap();
        Err("the body's own message".to_owned())
    }
}

/// Runs a failing test.
fn child(test: &str, environment: &[(&str, &str)]) -> Command {
    let mut command = Command::new(std::env::current_exe().unwrap());
    command.args(["--exact", &format!("failing::{test}"), "--ignored"]);
    command.envs(environment.iter().copied());
    command
}

/// Runs a failing test, and returns what it prints.
fn output_of(test: &str) -> String {
    output_with(test, &[])
}

fn output_with(test: &str, environment: &[(&str, &str)]) -> String {
    let output = child(test, environment).output().unwrap();
    assert!(!output.status.success());
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(text.contains("tdata: the test ran on"), "{text}");
    text
}

/// The folder of the bundle that a failing test says it wrote.
fn bundle_in(text: &str) -> PathBuf {
    let (_, rest) = text.split_once("tdata: all of it is in ").unwrap_or_else(|| panic!("{text}"));
    let page = Path::new(rest.lines().next().unwrap());
    page.parent().unwrap().to_owned()
}

/// What `failing::after_changes` prints; it is run once.
fn after_changes() -> &'static str {
    static OUTPUT: OnceLock<String> = OnceLock::new();
    OUTPUT.get_or_init(|| output_with("after_changes", &[("TDATA_AS_OF", DAY)]))
}

const DAY: &str = "2024-05-01";

fn assert_contains(text: &str, parts: &[&str]) {
    for part in parts {
        assert!(text.contains(part), "{part:?} is missing in:\n{text}");
    }
}

fn read(bundle: &Path, file: &str) -> String {
    fs::read_to_string(bundle.join(file)).unwrap()
}

/// All files below a folder.
fn files(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() { found.extend(files(&path)) } else { found.push(path) }
    }
    found
}

#[test]
fn real_differences_are_told_row_by_row() {
    let text = after_changes();
    assert_contains(
        text,
        &[
            "tdata: what it changed:\n    public.accounts: 1 inserted, 1 updated, 0 deleted\n",
            "      ~ id=1 plan: '",
            "' -> 'two <b>words</b>', signup_agent: (hidden)\n",
            "      + id=201 public_id=00000000-0000-0000-0000-000000000000 plan='a b' credit=",
            "    public.users: 0 inserted, 0 updated, 2 deleted\n      - id=3 ",
        ],
    );
    // Rows come in the order of their keys.
    assert!(text.find("- id=3 ") < text.find("- id=10 "), "{text}");
    assert!(!text.contains("public.organizations"), "{text}");
    assert!(!text.contains(SECRET), "{text}");
    let own = text.find("the body's own message");
    assert!(own.is_some() && own < text.find("tdata: the test ran on"), "{text}");
}

#[test]
fn a_bundle_holds_all_that_is_known() {
    let environment =
        [("TDATA_SEED", "11"), ("TDATA_AS_OF", "2024-05-01"), ("NEXTEST_ATTEMPT", "2")];
    let text = output_with("in_a_schema", &environment);
    assert_contains(
        &text,
        &[
            ", attempt 2\n",
            "    accounts: 0 inserted, 0 updated, 1 deleted\n      - id=2 ",
            "    notes: table created; 0 inserted, 0 updated, 0 deleted\n",
        ],
    );
    let bundle = bundle_in(&text);
    assert!(bundle.ends_with("tdata/failures/tdata.post_mortem.failing.in_a_schema"), "{text}");
    let contract = read(&bundle, "contract.toml");
    let head = "package = \"tdata\"\ntarget = \"post_mortem\"\ntest = \"failing::in_a_schema\"\n";
    assert_contains(
        &contract,
        &[
            head,
            "attempt = 2",
            "isolation = \"schema\"",
            "seed = 11",
            "2024-05-01",
            "[volumes]\n\"accounts\" = 3\n",
        ],
    );
    assert_contains(
        &read(&bundle, "plan.txt"),
        &["signup_ip", "inet", "ip_address", "anonymize_ip"],
    );
    assert_contains(
        &read(&bundle, "changes.json"),
        &["{\"change\": \"deleted\", \"before\": {\"id\": \"2\", ", "\"hidden\": [\"signup_ip\", "],
    );
    let dump = read(&bundle, "dump.sql");
    assert_contains(
        &dump,
        &[
            "-- accounts: 2 rows\n-- hidden: signup_ip, signup_agent\nINSERT INTO \"accounts\" (\"id\", ",
        ],
    );
    let (_, rows) = dump.split_once(" VALUES\n").unwrap();
    let rows: Vec<&str> = rows.lines().take_while(|line| line.starts_with('(')).collect();
    assert_eq!(rows.iter().map(|row| &row[..3]).collect::<Vec<_>>(), ["(1,", "(3,"]);
    assert!(rows[0].ends_with("),") && rows[1].ends_with(");"), "{rows:?}");
    let page = read(&bundle, "index.html");
    assert_contains(&page, &["<h1>in_a_schema</h1>", "1 deleted", "table created", "The plan"]);
    // It is a project, of the same data.
    let definition = fs::read_to_string("data_definitions/accounts.yaml").unwrap();
    assert_eq!(read(&bundle, "definitions/accounts.yaml"), definition);
    let again =
        TestData::request(["accounts"]).every_volume(3).project(&bundle).provision().unwrap();
    assert_eq!((again.seed(), again.as_of()), (11, "2024-05-01".parse().unwrap()));
}

#[test]
fn tables_that_came_or_were_altered_are_told() {
    let text = output_of("after_changes_of_tables");
    assert_contains(
        &text,
        &[
            "    My Shop.Order's: table created; 0 inserted, 0 updated, 0 deleted\n",
            "    public.accounts: table altered; 0 inserted, 1 updated, 0 deleted\n      ~ id=2 credit: '",
            "    public.notes: table created; 3 inserted, 0 updated, 0 deleted\n",
        ],
    );
    let bundle = bundle_in(&text);
    assert_contains(
        &read(&bundle, "dump.sql"),
        &[
            "-- public.notes: 3 rows\n-- hidden: text\n",
            "-- hidden: signup_ip, signup_agent, nickname\n",
        ],
    );
    for file in files(&bundle) {
        assert!(!fs::read_to_string(&file).unwrap().contains(SECRET), "{}", file.display());
    }
}

/// Short, because names are.
fn hostile_file() -> String {
    std::env::var("HOSTILE_FILE").unwrap()
}

/// Texts that run a command where `psql` takes a part of them for more than a text, or that talk to a terminal.
fn hostile(file: &str) -> [String; 3] {
    [
        format!("a\n\\! touch {file}\n"),
        format!("\t `touch {file}`"),
        format!("';\r\\! touch {file}\r\u{1b}[2J\u{202e}"),
    ]
}

/// Runs a script with `psql`, without a user's own settings.
fn psql(url: &str, script: &str, arguments: &[&str]) -> std::process::Output {
    use std::io::Write;

    let mut command = Command::new("psql");
    command.args(["-X", "-q", "-d", url]).args(arguments).stdin(std::process::Stdio::piped());
    command.stdout(std::process::Stdio::piped()).stderr(std::process::Stdio::piped());
    let mut process = command.spawn().unwrap();
    process.stdin.take().unwrap().write_all(script.as_bytes()).unwrap();
    process.wait_with_output().unwrap()
}

#[test]
fn no_name_and_no_value_runs_a_command_or_talks_to_a_terminal() {
    let folder = tempfile::tempdir_in("/tmp").unwrap();
    let file = folder.path().join("f").to_str().unwrap().to_owned();
    let text = output_with("with_hostile_names", &[("HOSTILE_FILE", &file)]);
    let (_, report) = text.split_once("tdata: the test ran on").unwrap();
    assert_contains(report, &["public.a\\n\\! touch ", "table created"]);
    let bundle = bundle_in(&text);
    let dump = read(&bundle, "dump.sql");
    // Programs get the name as it is.
    assert_contains(&read(&bundle, "changes.json"), &["{\"table\": \"public.a\\n\\\\! touch "]);
    for text in [report, &dump, &read(&bundle, "index.html"), &read(&bundle, "changes.json")] {
        let others = text.chars().filter(|c| c.is_control() && !"\n\t".contains(*c));
        assert_eq!(others.count(), 0, "{text:?}");
    }
    if Command::new("psql").arg("--version").output().is_err() {
        eprintln!("no psql here to run the dump");
        return;
    }
    // Elsewhere nothing of it can be loaded, and an older `psql` knows no restriction.
    let data = TestData::request(["accounts"]).every_volume(3).provision().unwrap();
    let elsewhere = in_database(data.url(), "postgres");
    let unrestricted = dump.replace("\\restrict", "--").replace("\\unrestrict", "--");
    for script in [&dump, &unrestricted] {
        let output = psql(&elsewhere, script, &[]);
        assert!(String::from_utf8_lossy(&output.stderr).contains("does not exist"), "{output:?}");
        assert!(!Path::new(&file).exists());
    }
    // Where the tables are, the rows come again as they were.
    let mut db = data.client();
    db.batch_execute(
        "TRUNCATE accounts CASCADE; ALTER TABLE accounts ALTER plan TYPE text, ALTER signup_ip DROP NOT NULL, \
         ALTER signup_agent DROP NOT NULL",
    )
    .unwrap();
    let output = psql(data.url(), &unrestricted, &["-v", "ON_ERROR_STOP=1"]);
    assert!(output.status.success(), "{output:?}");
    let rows = db.query("SELECT plan FROM accounts ORDER BY id", &[]).unwrap();
    let plans: Vec<String> = rows.iter().map(|row| row.get(0)).collect();
    assert_eq!(plans, hostile(&file));
    assert!(!Path::new(&file).exists());
}

#[test]
fn tables_that_went_are_told_with_their_rows() {
    let text = output_of("after_dropping_a_table");
    assert_contains(
        &text,
        &[
            // It counts as no deletion, and is seen all the same.
            "    public.organizations: 0 inserted, 0 updated, 3 deleted\n      - id=1 ",
            "    public.users: table dropped; 0 inserted, 0 updated, 3 deleted\n      - id=1 ",
        ],
    );
    assert!(!read(&bundle_in(&text), "dump.sql").contains("users"));
}

#[test]
fn no_personal_value_is_in_any_file() {
    let unmasked = output_with("on_unmasked_data", &[("TDATA_AS_OF", DAY)]);
    for (text, masked) in [(after_changes(), true), (unmasked.as_str(), false)] {
        let bundle = bundle_in(text);
        // The same rows once more.
        let request =
            TestData::request(["users"]).apply_masking(masked).as_of(DAY.parse().unwrap());
        let request = match masked {
            true => request.volume("accounts", 3).volume("organizations", 3).volume("users", 12),
            false => request.every_volume(7),
        };
        let data = request.provision().unwrap();
        let mut personal = vec![SECRET.to_owned()];
        for dataset in &data.plan().datasets {
            for field in &dataset.spec.fields {
                if !field.masking && dataset.spec.masking_rule(&field.name).is_none() {
                    continue;
                }
                let sql = format!(
                    "SELECT DISTINCT {}::text FROM {} WHERE {0} IS NOT NULL",
                    field.name.value, dataset.table
                );
                let rows = data.client().query(&sql, &[]).unwrap();
                // Short ones, as first names are, may be in any text.
                personal
                    .extend(rows.iter().map(|row| row.get::<_, String>(0)).filter(|v| v.len() > 7));
            }
        }
        assert!(personal.len() > 30, "{personal:?}");
        let mut told = text.to_owned();
        for file in files(&bundle) {
            told.push_str(&fs::read_to_string(file).unwrap());
        }
        for value in personal {
            assert!(!told.contains(&value), "a personal value is told: {value}");
        }
        assert_contains(&told, &["hidden"]);
    }
}

#[test]
fn a_page_takes_no_markup_from_values() {
    let bundle = bundle_in(after_changes());
    let page = read(&bundle, "index.html");
    assert_contains(&page, &["two &lt;b&gt;words&lt;/b&gt;", "<td class=\"mark\">~"]);
    assert!(!page.contains("<b>"), "{page}");
}

#[test]
fn changes_in_a_transaction_are_read_in_it() {
    let text = output_of("in_a_transaction");
    assert_contains(
        &text,
        &["    public.accounts: 0 inserted, 0 updated, 1 deleted\n      - id=2 "],
    );
    assert_contains(&read(&bundle_in(&text), "dump.sql"), &["-- public.accounts: 2 rows\n"]);
}

#[test]
fn of_a_failed_transaction_nothing_can_be_read() {
    let text = output_of("in_a_failed_transaction");
    assert_contains(
        &text,
        &[
            "cannot be had: a statement of the test failed, and PostgreSQL shows nothing of a failed transaction\n",
        ],
    );
    assert_contains(&read(&bundle_in(&text), "changes.json"), &["\"compared\": false"]);
}

#[test]
fn shared_data_are_compared_only_where_tests_write() {
    let text = output_of("on_shared_data");
    assert!(!text.contains("changed"), "{text}");
    let bundle = bundle_in(&text);
    assert_contains(&read(&bundle, "changes.json"), &["shared and read-only"]);
    assert_contains(&read(&bundle, "dump.sql"), &["-- public.accounts: 3 rows\n"]);
    let text = output_of("on_writable_shared_data");
    assert_contains(
        &text,
        &[
            "tdata: what it changed, with what other tests changed:\n    public.accounts: 0 inserted, 0 updated, 1 deleted\n",
        ],
    );
}

#[test]
fn a_lock_that_is_held_does_not_hold_up() {
    let text = output_of("while_a_table_is_locked");
    assert_contains(
        &text,
        &["tdata: public.accounts was not compared: somebody holds a lock on it\n"],
    );
    assert_contains(
        &read(&bundle_in(&text), "dump.sql"),
        &["-- public.accounts: not all of it is here"],
    );
}

#[test]
fn a_failure_is_told_whatever_is_wrong_with_its_database() {
    let text = output_of("without_a_database");
    assert_contains(
        &text,
        &["the body's own message", "tdata: the rows that it changed cannot be had: "],
    );
    // What needs no database is there.
    let bundle = bundle_in(&text);
    assert_contains(&read(&bundle, "contract.toml"), &["accounts"]);
    assert_contains(&read(&bundle, "plan.txt"), &["accounts"]);
    assert!(text.contains("test result: FAILED. 0 passed; 1 failed"), "{text}");
}

#[test]
fn of_many_changes_some_are_listed_and_all_are_counted() {
    let text = output_of("after_many_changes");
    assert_contains(
        &text,
        &["    public.accounts: 0 inserted, 1500 updated, 0 deleted\n", "      … and 1495 more\n"],
    );
    let changes = read(&bundle_in(&text), "changes.json");
    assert_contains(&changes, &["\"updated\": 1500", "\"not_listed\": 500"]);
    assert_eq!(changes.matches("\"change\": \"updated\"").count(), 1000);
}

#[test]
fn every_case_has_a_bundle_of_its_own() {
    for (case, account) in [("case_1_first", 1), ("case_2_second", 2)] {
        let test = format!("in_cases::{case}");
        let text = output_of(&test);
        let bundle = bundle_in(&text);
        let folder = format!("tdata.post_mortem.failing.in_cases.{case}");
        assert!(bundle.ends_with(folder), "{text}");
        assert_contains(
            &text,
            &[&format!("      - id={account} "), &format!("failing::{test} -- --exact")],
        );
        let again = output_with(&test, &[("TDATA_REPLAY", bundle.to_str().unwrap())]);
        assert_contains(&again, &[&format!("      - id={account} ")]);
    }
}

#[test]
fn async_tests_are_told_as_well() {
    let text = output_of("in_async_code");
    assert_contains(
        &text,
        &["    public.accounts: 0 inserted, 0 updated, 1 deleted\n      - id=2 "],
    );
}

/// The URL that a text says kept data have.
fn kept_in(text: &str) -> Option<String> {
    let (_, rest) = text.split_once("tdata: the data stay ")?;
    Some(rest.lines().nth(1).unwrap().trim().to_owned())
}

fn accounts_at(url: &str) -> i64 {
    let mut db = postgres::Client::connect(url, postgres::NoTls).unwrap();
    db.query_one("SELECT count(*) FROM accounts", &[]).unwrap().get(0)
}

/// Data on the server that the children use as well, which goes after them.
fn host() -> TestData {
    TestData::request(["accounts"]).every_volume(1).provision().unwrap()
}

/// Whether a database cannot be dropped.
fn is_kept(host: &TestData, url: &str) -> bool {
    let database = database(url);
    let sql = "SELECT coalesce(bool_or(datistemplate), false) FROM pg_database WHERE datname = $1";
    host.client().query_one(sql, &[&database]).unwrap().get(0)
}

#[test]
fn data_that_are_kept_outlive_their_process() {
    let host = host();
    if host.server().source() == tdata::ServerSource::Url {
        return;
    }
    let nothing: &[(&str, &str)] = &[];
    for (test, environment, rows) in [
        ("on_data_to_keep", nothing, 2),
        ("in_a_schema_to_keep", nothing, 2),
        ("on_shared_data_to_keep", nothing, 2),
        ("in_async_code", &[("TDATA_KEEP", "ON_FAILURE")], 1),
    ] {
        let text = output_with(test, environment);
        let url = kept_in(&text).unwrap_or_else(|| panic!("{text}"));
        assert_eq!(accounts_at(&url), rows, "{test}");
        assert!(is_kept(&host, &url), "{test}");
    }
}

#[test]
fn without_being_asked_nothing_is_kept() {
    let host = host();
    for environment in [&[("TDATA_KEEP", "")], &[("TDATA_KEEP", "always")]] {
        // The attribute wins.
        let text = output_with("on_data_not_to_keep", environment);
        assert_eq!(kept_in(&text), None, "{text}");
        let (_, url) = text.split_once("its data are at ").unwrap();
        assert!(!is_kept(&host, url.lines().next().unwrap()), "{text}");
    }
    let output = child("not_at_all", &[("TDATA_KEEP", "on_failure")]).output().unwrap();
    assert!(output.status.success());
    assert_eq!(kept_in(&String::from_utf8_lossy(&output.stderr)), None);
}

#[test]
fn data_of_tests_that_succeed_can_be_kept_as_well() {
    let host = host();
    if host.server().source() == tdata::ServerSource::Url {
        return;
    }
    let output = child("not_at_all", &[("TDATA_KEEP", "always")]).output().unwrap();
    assert!(output.status.success());
    let text = String::from_utf8_lossy(&output.stderr);
    assert_eq!(accounts_at(&kept_in(&text).unwrap_or_else(|| panic!("{text}"))), 1);
}

#[test]
fn what_is_rolled_back_cannot_be_kept() {
    let text = output_of("in_a_transaction_to_keep");
    assert_contains(&text, &["tdata: nothing can be kept under transaction isolation"]);
    assert_eq!(kept_in(&text), None);
}

#[test]
fn requests_and_settings_can_ask_for_it() {
    let project = Project::with(&[("tdata.toml", "keep = \"Always\"\n")])
        .define("accounts", "  fields:\n    - { name: id, type: integer, generator: sequence }\n");
    let request = TestData::request(["accounts"]).every_volume(4).project(project.path());
    let provisioned = |request: tdata::Request| {
        let data = request.provision().unwrap();
        let url = data.url().to_owned();
        drop(data);
        url
    };
    let host = host();
    assert!(!is_kept(&host, &provisioned(request.clone().keep(Keep::Never))));
    let url = provisioned(request);
    assert_eq!(accounts_at(&url), 4);
    assert!(is_kept(&host, &url));
    let database = database(&url);
    for statement in ["ALTER DATABASE {} IS_TEMPLATE false", "DROP DATABASE {}"] {
        host.client().batch_execute(&statement.replace("{}", &database)).unwrap();
    }
}

#[test]
fn on_a_foreign_server_data_stay_until_they_are_dropped() {
    let guest = Guest::new("keeper", "CREATEDB");
    let Guest { host, role, url: server, .. } = &guest;
    let place = host.server().endpoint().place();
    let environment = guest.environment();
    let text = output_with("on_data_to_keep", &environment);
    let told = kept_in(&text).unwrap_or_else(|| panic!("{text}"));
    assert!(told.starts_with(&format!("postgres://{role}@{place}/tdata_")), "{told}");
    // The password is not ours to tell.
    assert!(!text.contains(":guest"), "{text}");
    let url = told.replacen('@', ":guest@", 1);
    assert_eq!(accounts_at(&url), 2);
    // Whoever sweeps leaves it, and says nothing.
    let output = child("not_at_all", &environment).output().unwrap();
    assert!(output.status.success());
    assert!(!String::from_utf8_lossy(&output.stderr).contains("tdata:"), "{output:?}");
    assert_eq!(accounts_at(&url), 2);
    let database = database(&told);
    let sql = "SELECT datname::text FROM pg_database JOIN pg_roles r ON r.oid = datdba \
               WHERE rolname = $1";
    let left = host.client().query(sql, &[role]).unwrap();
    assert_eq!(left.iter().map(|row| row.get(0)).collect::<Vec<&str>>(), [&*database]);
    // As the output says.
    let mut db = postgres::Client::connect(server, postgres::NoTls).unwrap();
    let drop = format!(
        "    ALTER DATABASE {database} IS_TEMPLATE false;\n    DROP DATABASE {database};\n"
    );
    assert_contains(&text, &[&drop]);
    for statement in drop.trim().split_inclusive(';') {
        db.batch_execute(statement).unwrap();
    }
}

#[test]
fn on_a_server_of_ours_data_go_with_it() {
    let Some(programs) = host().server().source().eq(&tdata::ServerSource::Local).then(programs)
    else {
        return;
    };
    // Other programs are another server.
    let folder = tempfile::tempdir().unwrap();
    let link = folder.path().join("bin");
    std::os::unix::fs::symlink(programs, &link).unwrap();
    fs::set_permissions(folder.path(), fs::Permissions::from_mode(0o755)).unwrap();
    let environment = [("TDATA_PG_BIN", link.to_str().unwrap()), ("TDATA_KEEP_ALIVE", "1s")];
    let text = output_with("on_data_to_keep", &environment);
    assert_contains(&text, &["until their server stops, 1 s after the last process"]);
    let url = kept_in(&text).unwrap();
    let start = Instant::now();
    while postgres::Client::connect(&url, postgres::NoTls).is_ok() {
        assert!(start.elapsed() < Duration::from_secs(120), "the server is still there");
        std::thread::sleep(Duration::from_millis(20));
    }
}

/// The folder of PostgreSQL's server programs.
fn programs() -> PathBuf {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let named = std::env::var_os("TDATA_PG_BIN").map(PathBuf::from);
    let on_path = std::env::split_paths(&path).filter_map(|folder| {
        Some(fs::canonicalize(folder.join("postgres")).ok()?.parent()?.to_owned())
    });
    let usual = fs::read_dir("/usr/lib/postgresql").into_iter().flatten();
    let usual = usual.filter_map(|folder| Some(folder.ok()?.path().join("bin")));
    let mut all = named.into_iter().chain(on_path).chain(usual);
    all.find(|folder| folder.join("initdb").exists()).unwrap()
}

/// A project whose accounts have a plan and a secret, in a table that a migration makes.
fn project(plan: &str, most: u32) -> Project {
    let migrations = "CREATE TABLE accounts (id int PRIMARY KEY, plan text, secret text, ";
    let project = Project::with(&[
        ("tdata.toml", "migrations = \"db\"\n"),
        ("db/1_accounts/up.sql", "\\ir ../../tables/accounts.sql\n"),
        ("tables/accounts.sql", &format!("{migrations} score int DEFAULT {most})")),
        ("db/2_index/up.sql", "CREATE INDEX CONCURRENTLY ON accounts (plan)"),
        ("db/2_index/metadata.toml", "run_in_transaction = false"),
    ]);
    let fields = format!(
        "  volume: {{ count: {most} }}\n  fields:\n    \
         - {{ name: id, type: integer, generator: sequence }}\n    \
         - {{ name: plan, type: text, generator: pattern, pattern: \"{plan}-{{{{index}}}}\" }}\n    \
         - {{ name: secret, type: text, generator: ssn, masking: true }}\n"
    );
    project.define("accounts", &fields)
}

fn rows_in(text: &str) -> Vec<&str> {
    text.lines().filter(|line| line.starts_with("row: ")).collect()
}

#[test]
fn a_replay_gives_the_rows_of_the_failure_again() {
    let before = project("old", 7);
    let folder = before.path().to_str().unwrap();
    let there = ("CARGO_MANIFEST_DIR", folder);
    let first = output_with("to_be_replayed", &[there]);
    let bundle = bundle_in(&first);
    let named = bundle.to_str().unwrap();
    let command = format!(
        "TDATA_REPLAY={named} cargo test -p tdata --test post_mortem failing::to_be_replayed -- --exact"
    );
    assert_contains(&first, &[&command]);
    assert_eq!(rows_in(&first).len(), 4, "{first}");
    // The bundle has the migrations as files of the same tool.
    let in_bundle = |name: &str| fs::read_to_string(bundle.join(name)).unwrap();
    assert_contains(&in_bundle("tdata.toml"), &["layout = \"diesel\""]);
    assert_eq!(in_bundle("db/2_index/metadata.toml"), "run_in_transaction = false");
    assert_contains(&first, &["old-", ",7)"]);
    // Definitions and migrations are changed.
    let after = project("new", 8);
    for file in files(after.path()) {
        let name = file.strip_prefix(after.path()).unwrap();
        fs::copy(&file, before.path().join(name)).unwrap();
    }
    let replay = ("TDATA_REPLAY", named);
    let again = output_with("to_be_replayed", &[there, replay, ("TDATA_AS_OF", "2001-01-01")]);
    assert_eq!(rows_in(&again), rows_in(&first));
    // It failed again, and its bundle is as good.
    assert_eq!(rows_in(&output_with("to_be_replayed", &[there, replay])), rows_in(&first));
    // Other tests have the data of the working tree.
    let beside = output_with("beside_one_to_be_replayed", &[there, replay]);
    // A path may count from here.
    let here = std::env::current_dir().unwrap();
    if let Ok(relative) = bundle.strip_prefix(here) {
        let replay = ("TDATA_REPLAY", relative.to_str().unwrap());
        assert_eq!(rows_in(&output_with("to_be_replayed", &[there, replay])), rows_in(&first));
    }
    assert_contains(&beside, &["new-", ",8)"]);
    // Under another masking key only masked values are others, and it says so.
    let keyed = [there, replay, ("TDATA_MASK_KEY", "another")];
    let output = child("to_be_replayed", &keyed).output().unwrap();
    let (told, text) =
        (String::from_utf8_lossy(&output.stderr), String::from_utf8(output.stdout).unwrap());
    assert_contains(&told, &["tdata: masked values differ from those of the failure"]);
    let shown = |text: &str| {
        let rows = rows_in(text).into_iter();
        rows.map(|row| row.split(',').take(2).collect::<String>()).collect::<Vec<_>>()
    };
    assert_eq!(shown(&text), shown(&first));
    assert_ne!(rows_in(&text), rows_in(&first));
    // Without it the rows are those of the working tree.
    assert_contains(&output_with("to_be_replayed", &[there]), &["new-", ",8)"]);
}

#[test]
fn an_earlier_version_is_replayed_without_its_history() {
    let project = project("old", 3);
    let definition = project.path().join("data_definitions/accounts.yaml");
    let write = |text: &str, version: &str| {
        let named = format!("name: accounts, version: {version}");
        fs::write(&definition, text.replace("name: accounts }", &format!("{named} }}"))).unwrap();
    };
    let text = fs::read_to_string(&definition).unwrap();
    write(&text, "v1.2.0");
    let git = |arguments: &[&str]| {
        let mut git = Command::new("git");
        for variable in ["GIT_DIR", "GIT_INDEX_FILE", "GIT_WORK_TREE"] {
            git.env_remove(variable);
        }
        git.env("GIT_CONFIG_GLOBAL", "/dev/null").arg("-C").arg(project.path());
        git.args(["-c", "user.name=Test", "-c", "user.email=test@example.com"]).args(arguments);
        assert!(git.output().unwrap().status.success());
    };
    git(&["init", "-q"]);
    git(&["add", "-A"]);
    git(&["commit", "-q", "-m", "one"]);
    write(&text.replace("old-", "new-"), "v2.0.0");
    let there = ("CARGO_MANIFEST_DIR", project.path().to_str().unwrap());
    let first = output_with("on_an_earlier_version", &[there]);
    assert_contains(&first, &["old-", "version = v1.2.0"]);
    fs::remove_dir_all(project.path().join(".git")).unwrap();
    let bundle = bundle_in(&first);
    let replay = ("TDATA_REPLAY", bundle.to_str().unwrap());
    let again = output_with("on_an_earlier_version", &[there, replay]);
    assert_eq!(rows_in(&again), rows_in(&first));
    assert_eq!(rows_in(&first).len(), 3);
}

#[test]
fn a_bundle_that_cannot_be_read_is_told() {
    let folder = tempfile::tempdir().unwrap();
    let broken = folder.path().join("broken");
    fs::create_dir(&broken).unwrap();
    fs::write(broken.join("contract.toml"), "package = \"tdata\"\n").unwrap();
    for (bundle, told) in [
        (folder.path().join("missing"), "contract.toml: No such file or directory"),
        (broken, "contract.toml has no `target` to go by"),
    ] {
        let replay = ("TDATA_REPLAY", bundle.to_str().unwrap());
        let output = child("to_be_replayed", &[replay]).output().unwrap();
        let text = String::from_utf8_lossy(&output.stdout);
        assert_contains(&text, &["TDATA_REPLAY names ", told, "unset TDATA_REPLAY"]);
        assert!(!text.contains("tdata: the test ran on"), "{text}");
    }
}
