//! What is told of a panic and of a returned error, what is hidden of it, and tests that are to panic.
//!
//! The tests in `failing` and `panicking` are run by those behind them, each as a process of its own.

#![cfg(feature = "server")]
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod address;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use address::in_database;
use rstest::rstest;
use tdata::{TestData, requires_test_data};

/// Tests that fail.
mod failing {
    use super::*;

    #[requires_test_data(datasets = ["users"], volume = 5)]
    #[test]
    #[ignore = "run by another test as a process of its own"]
    fn with_values(data: TestData) {
        let (email, phone): (String, String) = {
            let user = &data.dataset("users")[2];
            (user.get("email"), user.get("phone"))
        };
        data.client()
            .batch_execute(
                "UPDATE users SET first_name = E'Zoë \"the\\\\ first\"' WHERE id = 4; \
                 CREATE TABLE notes (text text); INSERT INTO notes VALUES ('Betelgeuse')",
            )
            .unwrap();
        let written: String = data
            .client()
            .query_one("SELECT first_name FROM users WHERE id = 4", &[])
            .unwrap()
            .get(0);
        println!("values: {email} {phone}");
        panic!(
            "{:?} of order 3: <b>{email}</b>, {phone:?}, {written:?}, {:?}",
            "status", "Betelgeuse"
        );
    }

    #[requires_test_data(datasets = ["users"], volume = 5)]
    #[test]
    #[ignore = "run by another test as a process of its own"]
    fn with_a_refused_row(data: TestData) {
        let sql = "UPDATE users SET email = 'betelgeuse@corp.example' WHERE id <= 2";
        data.client().batch_execute(sql).unwrap();
    }

    #[requires_test_data(datasets = ["users"], volume = 1)]
    #[test]
    #[ignore = "run by another test as a process of its own"]
    fn in_other_forms(data: TestData) {
        data.client()
            .batch_execute(
                "CREATE DOMAIN mails AS text[]; CREATE TYPE pair AS (mail text, number numeric); \
                 CREATE TABLE forms (mails text[], square text[], domained mails, object jsonb, plain json, row pair, \
                     rows pair[], bytes bytea, parts bytea[], at timestamptz, ats timestamp[], hour time, span tsrange, \
                     code text); \
                 INSERT INTO forms VALUES (ARRAY['a@corp.uk', 'b, \"c\"@corp.uk'], '{{d@corp.uk},{e@corp.uk}}', \
                     '{f@corp.uk}', '{\"email\": \"g@corp.uk\", \"in\": [{\"n\": 123456}]}', '[\"h@corp.uk\"]', \
                     ROW('i@corp.uk', 777.50), ARRAY[ROW('j@corp.uk', 1)::pair], 'lovelace', '{babbage,\\\\x00ff01fe}', \
                     '2024-05-01 10:11:12.5Z', '{2024-06-02 20:21:22}', '13:14:15.25', \
                     '[2024-07-03 01:02:03,2024-08-04 04:05:06)', '\\x')",
            )
            .unwrap();
        let told = [
            "a@corp.uk",
            "b, \\\"c\\\"@corp.uk",
            "d@corp.uk",
            "e@corp.uk",
            "f@corp.uk",
            "g@corp.uk",
            "123456",
            "h@corp.uk",
            "i@corp.uk",
            "777.5",
            "j@corp.uk",
            "6c6f76656c616365",
            "b\"lovelace\"",
            "[108, 111, 118, 101, 108, 97, 99, 101]",
            "[\n    98,\n    97,\n    98,\n    98,\n    97,\n    103,\n    101,\n]",
            "[0, 255, 1, 254]",
            "2024-05-01T10:11:12.500Z",
            "2024-05-01 10:11:12.5 UTC",
            "2024-06-02T20:21:22",
            "13:14:15.250",
            "Included(2024-07-03T01:02:03)",
            "2024-08-04 04:05:06.0 +00:00:00",
        ];
        panic!("told: {}; end", told.join("; "));
    }

    #[requires_test_data(datasets = ["users"], volume = 5)]
    #[tokio::test]
    #[ignore = "run by another test as a process of its own"]
    async fn in_async_code(data: TestData) {
        tokio::task::yield_now().await;
        assert_eq!(data.counts()["users"], 6, "users are counted");
    }

    #[requires_test_data(datasets = ["users"], volume = 5, isolation = "transaction")]
    #[tokio::test]
    #[ignore = "run by another test as a process of its own"]
    async fn by_an_error(data: TestData) -> Result<(), String> {
        let email: String = data.dataset("users")[0].get("email");
        println!("values: {email} {email}");
        Err(format!("no mail to {email}"))
    }

    #[requires_test_data(datasets = ["users"], volume = 5, scope = "shared")]
    #[test]
    #[ignore = "run by another test as a process of its own"]
    fn on_shared_data(data: TestData) {
        let email: String = data.dataset("users")[0].get("email");
        println!("values: {email} {email}");
        panic!("no mail to {email}");
    }

    #[requires_test_data(datasets = ["users"], volume = 2)]
    #[test]
    #[ignore = "run by another test as a process of its own"]
    fn without_a_database(data: TestData) {
        let url = in_database(data.url(), "postgres");
        let mut db = postgres::Client::connect(&url, postgres::NoTls).unwrap();
        db.batch_execute(&format!("DROP DATABASE {} WITH (FORCE)", data.database())).unwrap();
        panic!("Betelgeuse");
    }

    #[requires_test_data(datasets = ["users"], volume = 1)]
    #[test]
    #[should_panic(expected = "another message")]
    #[ignore = "run by another test as a process of its own"]
    fn by_another_panic() {
        panic!("the body's own message");
    }

    #[requires_test_data(datasets = ["users"], volume = 1)]
    #[test]
    #[should_panic]
    #[ignore = "run by another test as a process of its own"]
    fn by_no_panic() {}
}

/// Tests that are to panic, and never run.
mod without_data {
    use super::*;
    use tdata::{Error, FromTestData, Parameter};

    /// What no data give.
    struct Nothing;

    impl FromTestData for Nothing {
        fn from_test_data(_: &TestData, _: &Parameter) -> Result<Self, Error> {
            Err(Error::other("nothing is there"))
        }
    }

    #[requires_test_data(datasets = ["users"], volume = 1)]
    #[test]
    #[should_panic]
    #[ignore = "run by another test as a process of its own"]
    fn whatever_it_says(_data: TestData, _nothing: Nothing) {
        panic!("the body ran");
    }

    #[requires_test_data(datasets = ["users"], volume = 1)]
    #[tokio::test]
    #[should_panic]
    #[ignore = "run by another test as a process of its own"]
    async fn in_async_code(_nothing: Nothing) {
        panic!("the body ran");
    }
}

/// Tests that panic, as they are to.
mod panicking {
    use super::*;

    #[requires_test_data(datasets = ["users"], volume = 1, keep = on_failure)]
    #[test]
    #[should_panic]
    #[ignore = "run by another test as a process of its own"]
    fn whatever_it_says() {
        panic!("the body's own message");
    }

    #[should_panic(expected = "body's own")]
    #[requires_test_data(datasets = ["users"], volume = 1)]
    #[test]
    #[ignore = "run by another test as a process of its own"]
    fn said_above() {
        panic!("the body's own {}", "message");
    }

    #[test]
    #[should_panic = "body's own"]
    #[requires_test_data(datasets = ["users"], volume = 1)]
    #[ignore = "run by another test as a process of its own"]
    fn below_the_test_attribute() {
        panic!("the body's own message");
    }

    #[test]
    #[requires_test_data(datasets = ["users"], volume = 1)]
    #[ignore = "run by another test as a process of its own"]
    #[should_panic]
    fn said_below() {
        panic!("the body's own message");
    }

    #[requires_test_data(datasets = ["users"], volume = 1)]
    #[should_panic]
    #[ignore = "run by another test as a process of its own"]
    fn alone() {
        panic!("the body's own message");
    }

    #[requires_test_data(datasets = ["users"], volume = 1)]
    #[cfg_attr(not(any()), test, should_panic(expected = "body's own"))]
    #[ignore = "run by another test as a process of its own"]
    fn on_a_condition() {
        panic!("the body's own message");
    }

    #[requires_test_data(datasets = ["users"], volume = 1)]
    #[tokio::test]
    #[should_panic(expected = "body's own")]
    #[ignore = "run by another test as a process of its own"]
    async fn in_async_code() {
        tokio::task::yield_now().await;
        panic!("the body's own message");
    }

    #[tokio::test]
    #[should_panic]
    #[requires_test_data(datasets = ["users"], volume = 1)]
    #[ignore = "run by another test as a process of its own"]
    async fn below_the_runtime() {
        panic!("the body's own message");
    }

    #[requires_test_data(datasets = ["users"], volume = 1)]
    #[test]
    #[should_panic]
    #[ignore = "run by another test as a process of its own"]
    fn without_a_text() {
        std::panic::panic_any(5);
    }

    #[requires_test_data(datasets = ["users"], volume = 1)]
    mod module {
        #[test]
        #[should_panic]
        #[ignore = "run by another test as a process of its own"]
        fn of_a_module() {
            panic!("the body's own message");
        }
    }

    #[requires_test_data(datasets = ["users"], volume = 1)]
    #[rstest]
    #[case(1)]
    #[should_panic(expected = "own 2")]
    #[case::named(2)]
    #[should_panic]
    #[case(3)]
    #[ignore = "run by another test as a process of its own"]
    fn in_some_cases(#[case] number: i32) {
        assert!(number == 1, "the body's own {number}");
    }

    #[rstest]
    #[case(1)]
    #[case(2)]
    #[should_panic(expected = "body's own")]
    #[requires_test_data(datasets = ["users"], volume = 1)]
    #[ignore = "run by another test as a process of its own"]
    fn below_rstest(#[case] number: i32) {
        panic!("the body's own {number}");
    }
}

fn run(test: &str) -> Output {
    let mut command = Command::new(std::env::current_exe().unwrap());
    command.args([test, "--ignored", "--nocapture", "--test-threads=1"]).output().unwrap()
}

fn text_of(output: &Output) -> String {
    let [out, err] = [&output.stdout, &output.stderr].map(|bytes| String::from_utf8_lossy(bytes));
    format!("{out}{err}")
}

/// Runs a test that fails, and returns what it prints, and its bundle.
fn failed(test: &str) -> (String, PathBuf) {
    let output = run(&format!("failing::{test}"));
    let text = text_of(&output);
    assert!(!output.status.success(), "{text}");
    assert_eq!(text.matches("tdata: the test ran on").count(), 1, "{text}");
    let (_, rest) = text.split_once("tdata: all of it is in ").unwrap_or_else(|| panic!("{text}"));
    let page = Path::new(rest.lines().next().unwrap());
    let bundle = page.parent().unwrap().to_owned();
    (text, bundle)
}

fn page(bundle: &Path) -> String {
    fs::read_to_string(bundle.join("index.html")).unwrap()
}

/// Asserts that none of the values that a test printed is in a file of its bundle but the definitions.
fn assert_hidden(text: &str, bundle: &Path) {
    let (_, values) = text.split_once("values: ").unwrap();
    let values: Vec<&str> = values.lines().next().unwrap().split(' ').collect();
    for file in ["index.html", "changes.json", "dump.sql", "contract.toml", "plan.txt"] {
        let written = fs::read_to_string(bundle.join(file)).unwrap();
        for value in &values {
            assert!(
                !value.is_empty() && !written.contains(value),
                "{value} is in {file}:\n{written}"
            );
        }
    }
}

#[test]
fn a_page_starts_with_the_failure_and_hides_values_in_it() {
    let (text, bundle) = failed("with_values");
    assert_hidden(&text, &bundle);
    let page = page(&bundle);
    let told = "<section><h2>The failure</h2>\n<p>It panicked at tests/panics.rs:";
    let failure = page.find(told).unwrap_or_else(|| panic!("{page}"));
    let message = "<pre class=\"message\">&quot;status&quot; of order 3: &lt;b&gt;(hidden)&lt;/b&gt;, \
                   &quot;(hidden)&quot;, &quot;(hidden)&quot;, &quot;(hidden)&quot;</pre>";
    assert!(page.contains(message), "{page}");
    assert!(failure < page.find("<h2>What it changed</h2>").unwrap());
    let json = fs::read_to_string(bundle.join("changes.json")).unwrap();
    let told = "{\n\"failure\": {\"how\": \"It panicked\", \"place\": \"tests/panics.rs:";
    assert!(json.starts_with(told), "{json}");
    assert!(json.contains("\"message\": \"\\\"status\\\" of order 3: <b>(hidden)</b>"), "{json}");
}

#[test]
fn values_are_hidden_in_other_forms() {
    let (_, bundle) = failed("in_other_forms");
    let page = page(&bundle);
    let (_, rest) = page.split_once("told: ").unwrap_or_else(|| panic!("{page}"));
    let (told, _) = rest.split_once("; end").unwrap();
    let told: Vec<&str> = told.split("; ").collect();
    let hidden = "(hidden)";
    let bytes = ["[(hidden)]", "[\n    (hidden),\n]", "[(hidden)]"];
    let expected: Vec<&str> = [hidden; 12]
        .into_iter()
        .chain(["b&quot;(hidden)&quot;"])
        .chain(bytes)
        .chain([hidden; 4])
        .chain(["Included((hidden))", hidden])
        .collect();
    assert_eq!(told, expected);
}

#[test]
fn what_postgresql_quotes_of_a_row_is_hidden() {
    let (text, bundle) = failed("with_a_refused_row");
    assert!(text.contains("betelgeuse@corp.example"), "{text}");
    let page = page(&bundle);
    assert!(page.contains("users_email_key") && page.contains("(hidden)"), "{page}");
    assert!(!page.contains("betelgeuse@corp.example"), "{page}");
}

#[test]
fn a_panic_in_async_code_is_told_with_its_place() {
    let (_, bundle) = failed("in_async_code");
    let page = page(&bundle);
    assert!(page.contains("<p>It panicked at tests/panics.rs:"), "{page}");
    assert!(page.contains("users are counted\n  left: 5\n right: 6</pre>"), "{page}");
}

#[test]
fn a_returned_error_is_told_without_values() {
    for test in ["by_an_error", "on_shared_data"] {
        let (text, bundle) = failed(test);
        assert_hidden(&text, &bundle);
        assert!(page(&bundle).contains("no mail to (hidden)"), "{}", page(&bundle));
    }
    let (_, bundle) = failed("by_an_error");
    let told = "<p>It returned a failure.</p>\n<pre class=\"message\">Error: &quot;no mail";
    assert!(page(&bundle).contains(told), "{}", page(&bundle));
}

#[test]
fn a_message_that_cannot_be_checked_is_not_shown() {
    let (_, bundle) = failed("without_a_database");
    let page = page(&bundle);
    assert!(page.contains("<p>It panicked at tests/panics.rs:"), "{page}");
    assert!(page.contains("What it says is not here") && !page.contains("Betelgeuse"), "{page}");
}

#[test]
fn a_test_that_panics_as_it_is_to_tells_nothing() {
    let output = run("panicking::");
    let text = text_of(&output);
    assert!(output.status.success() && text.contains("15 passed"), "{text}");
    assert!(text.contains("the body's own message"), "{text}");
    for told in ["the test ran on", "all of it is in", "to run it again", "the data stay"] {
        assert!(!text.contains(told), "{text}");
    }
}

#[test]
fn a_test_that_is_to_panic_fails_where_it_never_runs() {
    let unreachable =
        [("TDATA_SERVER", "url"), ("TDATA_DATABASE_URL", "postgres://nobody@127.0.0.1:1/nothing")];
    let no_data: (&[(&str, &str)], _) = (&unreachable, "cannot be had");
    for (environment, told) in [no_data, (&[], "cannot be injected")] {
        let mut command = Command::new(std::env::current_exe().unwrap());
        command.envs(environment.iter().copied());
        let output = command.args(["without_data::", "--ignored", "--test-threads=1"]).output();
        let output = output.unwrap();
        let text = text_of(&output);
        assert!(!output.status.success() && text.contains("0 passed; 2 failed"), "{text}");
        assert_eq!(text.matches("test did not panic as expected").count(), 2, "{text}");
        assert!(text.contains(told) && !text.contains("the body ran"), "{text}");
    }
}

#[test]
fn another_panic_than_the_expected_one_is_told() {
    let (_, bundle) = failed("by_another_panic");
    assert!(page(&bundle).contains("the body&#39;s own message"), "{}", page(&bundle));
}

#[test]
fn a_panic_that_does_not_come_is_told() {
    let (_, bundle) = failed("by_no_panic");
    assert!(
        page(&bundle).contains("It did not panic, as `#[should_panic]` says"),
        "{}",
        page(&bundle)
    );
}
