//! The attribute in every place and on every kind of test.

#![cfg(feature = "server")]
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::collections::BTreeMap;
use std::process::Command;

use tdata::{
    DatabaseUrl, Dataset, Error, FromTestData, FromTestDataAsync, Parameter, TestData,
    requires_test_data,
};

#[requires_test_data(
    datasets = ["users", "orders", "payments"],
    volume = { users = 50, orders = 200, "payments" = 200 },
    scope = "test_case",
    isolation = "full",
)]
#[test]
fn declared_data_are_there(data: TestData) {
    let counts = data.counts();
    let expected = [
        ("accounts", 100),
        ("orders", 200),
        ("organizations", 100),
        ("payments", 200),
        ("users", 50),
    ];
    assert_eq!(counts, BTreeMap::from(expected));
    let user = &data.dataset("users")[0];
    let id: i32 = user.get("id");
    assert_eq!(id, 1);
    assert!(user.get::<&str>("email").ends_with("@example.com"));
    let paid: i64 = data.client().query_one("SELECT count(*) FROM payments", &[]).unwrap().get(0);
    assert_eq!(paid, 200);
    assert_eq!(
        data.dataset("orders").iter().filter(|order| order.get::<i32>("id") > 100).count(),
        100
    );
}

#[requires_test_data(datasets = ["accounts"], volume = 3)]
fn alone_it_makes_a_test(data: TestData) {
    assert_eq!(data.dataset("accounts").len(), 3);
}

#[requires_test_data(datasets = ["accounts"], volume = 3)]
fn alone_without_parameters() {
    assert_eq!(TestData::current().dataset("accounts").len(), 3);
}

#[test]
#[requires_test_data(datasets = ["accounts"], volume = 3)]
fn below_the_test_attribute() {
    assert_eq!(TestData::current().dataset("accounts").len(), 3);
}

#[test]
#[requires_test_data(datasets = ["accounts"], volume = 3)]
fn below_on_one_line() {
    assert_eq!(TestData::current().dataset("accounts").len(), 3);
}

/// Writes both attributes, or ours only, above or below the caller's.
macro_rules! written_by_a_macro {
    (both $name:ident) => {
        #[test]
        #[requires_test_data(datasets = ["accounts"], volume = 3)]
        fn $name() {
            assert_eq!(TestData::current().dataset("accounts").len(), 3);
        }
    };
    (ours below $(#[$attribute:meta])* fn $name:ident()) => {
        $(#[$attribute])*
        #[requires_test_data(datasets = ["accounts"], volume = 3)]
        fn $name() {
            assert_eq!(TestData::current().dataset("accounts").len(), 3);
        }
    };
    (ours alone fn $name:ident()) => {
        #[requires_test_data(datasets = ["accounts"], volume = 3)]
        fn $name() {
            assert_eq!(TestData::current().dataset("accounts").len(), 3);
        }
    };
}

written_by_a_macro!(both both_attributes_come_from_a_macro);
written_by_a_macro!(ours below #[test] fn a_macro_writes_ours_below());
written_by_a_macro!(ours alone fn a_macro_makes_a_test());

#[requires_test_data(datasets = ["accounts"], volume = { accounts = 3 })]
#[test]
fn several_parameters_are_injected(
    mut db: postgres::Client,
    url: DatabaseUrl,
    app: App,
    TestDataPattern { rows }: TestDataPattern,
) {
    let count: i64 = db.query_one("SELECT count(*) FROM accounts", &[]).unwrap().get(0);
    assert_eq!(count, 3);
    assert_eq!(*url, *app.url);
    assert_eq!(app.parameter, "app");
    assert_eq!(rows, 3);
}

struct App {
    url: String,
    parameter: &'static str,
}

impl FromTestData for App {
    fn from_test_data(data: &TestData, parameter: &Parameter) -> Result<Self, Error> {
        Ok(Self { url: data.url().to_owned(), parameter: parameter.name })
    }
}

struct TestDataPattern {
    rows: usize,
}

impl FromTestData for TestDataPattern {
    fn from_test_data(data: &TestData, _: &Parameter) -> Result<Self, Error> {
        Ok(Self { rows: data.try_dataset("accounts")?.len() })
    }
}

#[requires_test_data(datasets = ["users"], volume = { users = 7, accounts = 2 })]
#[test]
fn a_dataset_is_injected_by_its_name(users: Dataset, accounts: Dataset) {
    assert_eq!((users.len(), accounts.len()), (7, 2));
    assert_eq!(users.name(), "users");
}

#[requires_test_data(datasets = ["accounts"], volume = 3)]
#[test]
fn results_can_be_returned(data: TestData) -> Result<(), Box<dyn std::error::Error>> {
    let mut db = data.try_client()?;
    db.batch_execute("DELETE FROM accounts")?;
    Ok(())
}

#[requires_test_data(datasets = ["accounts"], volume = 3)]
#[test]
#[should_panic(expected = "as it should")]
fn panics_can_be_expected(_data: TestData) {
    panic!("as it should");
}

#[requires_test_data(datasets = ["accounts"], volume = 3)]
#[tokio::test]
async fn async_tests_are_awaited(data: TestData) {
    let (client, connection) =
        tokio_postgres::connect(data.url(), tokio_postgres::NoTls).await.unwrap();
    let connection = tokio::spawn(connection);
    let row = client.query_one("SELECT count(*) FROM accounts", &[]).await.unwrap();
    assert_eq!(row.get::<_, i64>(0), 3);
    assert_eq!(TestData::current().dataset("accounts").len(), 3);
    drop(client);
    connection.await.unwrap().unwrap();
}

#[requires_test_data(datasets = ["accounts"], volume = 3, isolation = transaction)]
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_current_data_follow_the_test_between_threads() {
    for _ in 0..20 {
        tokio::task::yield_now().await;
        assert_eq!(TestData::current().dataset("accounts").len(), 3);
    }
}

#[tokio::test]
#[requires_test_data(datasets = ["accounts"], volume = 3)]
async fn below_the_attribute_of_a_runtime() {
    assert_eq!(TestData::current().dataset("accounts").len(), 3);
}

#[requires_test_data(datasets = ["accounts"], volume = 3)]
#[tokio::test]
async fn async_tests_can_return_results(data: TestData) -> Result<(), Error> {
    assert_eq!(data.try_dataset("accounts")?.len(), 3);
    Ok(())
}

struct AsyncApp {
    db: tokio_postgres::Client,
    parameter: &'static str,
}

impl FromTestDataAsync for AsyncApp {
    async fn from_test_data_async(data: &TestData, parameter: &Parameter) -> Result<Self, Error> {
        let connected = tokio_postgres::connect(data.url(), tokio_postgres::NoTls).await;
        let (db, connection) = connected.map_err(Error::other)?;
        tokio::spawn(connection);
        assert_eq!(TestData::current().url(), data.url());
        Ok(Self { db, parameter: parameter.name })
    }
}

#[requires_test_data(datasets = ["accounts"], volume = 3)]
#[tokio::test]
async fn what_is_injected_may_connect_asynchronously(app: AsyncApp, url: DatabaseUrl) {
    let sql = "SELECT count(*), current_database()::text FROM accounts";
    let row = app.db.query_one(sql, &[]).await.unwrap();
    assert_eq!(row.get::<_, i64>(0), 3);
    assert!(url.contains(&format!("/{}", row.get::<_, &str>(1))));
    assert_eq!(app.parameter, "app");
}

struct NoApp;

impl FromTestDataAsync for NoApp {
    async fn from_test_data_async(_: &TestData, _: &Parameter) -> Result<Self, Error> {
        Err(Error::other("the app does not start"))
    }
}

#[requires_test_data(datasets = ["accounts"], volume = 3)]
#[tokio::test]
#[should_panic(expected = "the parameter `_app` of the test at tests/attribute.rs:")]
async fn what_cannot_be_made_is_told_with_the_test(_app: NoApp) {}

#[requires_test_data(datasets = ["accounts"], volume = 3)]
#[tokio::test]
#[should_panic(expected = "`postgres::Client` is synchronous and cannot be used in async code")]
async fn the_synchronous_client_is_refused_in_async_code(db: Synchronous) {
    drop(db);
}

/// Imported by another name, it is not known by its path.
type Synchronous = postgres::Client;

#[rstest::fixture]
fn factor() -> usize {
    2
}

#[requires_test_data(datasets = ["accounts"], volume = 3)]
#[rstest::rstest]
#[case(3, 6)]
#[case(1, 2)]
fn cases_of_rstest_get_data_each(
    #[case] rows: usize,
    data: TestData,
    factor: usize,
    #[case] doubled: usize,
    #[inject] app: App,
) {
    assert_eq!(rows * factor, doubled);
    assert_eq!(data.dataset("accounts").len(), 3);
    assert_eq!(app.url, data.url());
    data.client().batch_execute("DELETE FROM accounts").unwrap();
}

#[rstest::rstest]
#[case(1)]
#[case(2)]
#[requires_test_data(datasets = ["accounts"], volume = 3)]
fn below_rstest(#[case] number: usize) {
    assert!(number > 0);
    assert_eq!(TestData::current().dataset("accounts").len(), 3);
}

#[requires_test_data(datasets = ["users"], volume = 4)]
mod of_a_module {
    use super::*;

    fn url_of_the_module() -> String {
        TestData::current().url().to_owned()
    }

    #[test]
    fn tests_share_its_data(data: TestData) {
        assert_eq!(data.contract().scope, tdata::Scope::TestClass);
        assert_eq!(data.dataset("users").len(), 4);
        assert_eq!(url_of_the_module(), data.url());
    }

    #[test]
    fn its_data_are_read_only(data: TestData) {
        let error = data.client().execute("DELETE FROM users", &[]).unwrap_err();
        assert!(error.as_db_error().unwrap().hint().unwrap().contains("writable"));
    }

    #[tokio::test]
    async fn async_tests_take_part(data: TestData) {
        assert_eq!(data.dataset("users").len(), 4);
    }

    #[requires_test_data(datasets = ["accounts"], volume = 2)]
    #[test]
    fn a_test_with_its_own_attribute_keeps_it(data: TestData) {
        assert_eq!(data.contract().scope, tdata::Scope::TestCase);
        assert_eq!(data.dataset("accounts").len(), 2);
    }

    mod nested {
        use super::*;

        #[test]
        fn tests_of_nested_modules_take_part(data: TestData) {
            assert_eq!(data.dataset("users").len(), 4);
        }
    }
}

mod first {
    use super::*;

    #[requires_test_data(datasets = ["accounts"], volume = 1)]
    #[test]
    fn same_name(data: TestData) {
        data.client().batch_execute("DELETE FROM accounts").unwrap();
    }
}

mod second {
    use super::*;

    #[requires_test_data(datasets = ["accounts"], volume = 1)]
    #[test]
    fn same_name(data: TestData) {
        assert_eq!(data.dataset("accounts").len(), 1);
    }
}

#[requires_test_data(datasets = ["accounts"], volume = 1, isolation = schema)]
#[test]
fn a_test_whose_name_is_two_hundred_characters_long_aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa(
    data: TestData,
) {
    assert_eq!(data.dataset("accounts").len(), 1);
}

#[requires_test_data(
    datasets = ["users"],
    volume = { users = 3, accounts = 2, organizations = full },
    seed = 7,
    as_of = "2024-05-01",
    apply_masking = false,
    isolation = "Schema-Level",
    version = "latest",
)]
#[test]
fn every_option_reaches_the_contract(data: TestData) {
    assert_eq!((data.seed(), data.as_of().to_string().as_str()), (7, "2024-05-01T00:00:00Z"));
    assert_eq!(data.counts()["organizations"], 500);
    assert!(!data.contract().apply_masking);
    assert!(!data.dataset("users")[0].get::<&str>("email").starts_with("user."));
}

#[requires_test_data(datasets = ["accounts"])]
#[test]
#[ignore = "another test shows that it needs no server"]
fn ignored(_data: TestData) {}

#[test]
fn ignored_tests_provision_nothing() {
    let run = |arguments: &[&str]| {
        let mut command = Command::new(std::env::current_exe().unwrap());
        command.env("TDATA_SERVER", "url").env("TDATA_DATABASE_URL", "postgres://127.0.0.1:1/x");
        command.args(["--exact", "ignored"]).args(arguments).output().unwrap()
    };
    assert!(run(&[]).status.success());
    // Only running it asks for the server, which is not there.
    assert!(!run(&["--ignored"]).status.success());
}

/// What happens to failing tests is seen from outside: the tests below are run by those behind them.
mod failing {
    use super::*;

    #[requires_test_data(datasets = ["accounts"], volume = 3, seed = 11)]
    #[test]
    #[ignore = "run by another test as a process of its own"]
    fn by_panic(_data: TestData) {
        panic!("the body's own message");
    }

    #[requires_test_data(datasets = ["accounts"], volume = 3, as_of = "2024-05-01")]
    #[test]
    #[ignore = "run by another test as a process of its own"]
    fn by_error(_data: TestData) -> Result<(), String> {
        Err("the body's own error".to_owned())
    }

    #[requires_test_data(datasets = ["accounts"], volume = 3)]
    #[test]
    #[ignore = "run by another test as a process of its own"]
    fn after_writing(data: TestData) {
        let mut db = data.client();
        db.batch_execute("UPDATE accounts SET plan = plan; DELETE FROM accounts WHERE id = 2")
            .unwrap();
        db.batch_execute("BEGIN; DELETE FROM accounts WHERE id = 3").unwrap();
        panic!("the body's own message");
    }

    fn output_of(test: &str) -> String {
        let mut command = Command::new(std::env::current_exe().unwrap());
        let output = command.args(["--exact", test, "--ignored"]).output().unwrap();
        assert!(!output.status.success());
        String::from_utf8_lossy(&output.stdout).into_owned()
    }

    #[test]
    fn a_panic_is_followed_by_how_to_run_it_again() {
        let text = output_of("failing::by_panic");
        let own = text.find("the body's own message").unwrap();
        let ours = text
            .find("tdata: the test ran on datasets = [accounts], volume = 3, scope = test_case, isolation = full")
            .unwrap_or_else(|| panic!("{text}"));
        assert!(own < ours);
        assert!(text.contains("tdata: seed 11 as of 20"), "{text}");
        assert!(text.contains("TDATA_REPLAY=/"), "{text}");
        assert!(
            text.contains("cargo test -p tdata --test attribute failing::by_panic -- --exact"),
            "{text}"
        );
        assert!(text.contains("tdata: it changed no row"), "{text}");
    }

    #[test]
    fn a_failure_tells_what_the_test_did_to_rows() {
        let text = output_of("failing::after_writing");
        // What stayed the same, and what was rolled back, is no change.
        let told = "public.accounts: 0 inserted, 0 updated, 1 deleted\n      - id=2 ";
        assert!(text.contains(told), "{text}");
    }

    #[test]
    fn an_error_comes_with_how_to_run_it_again() {
        let text = output_of("failing::by_error");
        assert!(text.contains("the body's own error"), "{text}");
        assert!(text.contains("tdata: seed 42 as of 2024-05-01T00:00:00Z"), "{text}");
    }
}

#[test]
fn every_test_is_there_once() {
    let output = Command::new(std::env::current_exe().unwrap()).arg("--list").output().unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    let mut tests: Vec<&str> =
        text.lines().filter_map(|line| line.strip_suffix(": test")).collect();
    tests.sort_unstable();
    let all = tests.len();
    tests.dedup();
    assert_eq!(tests.len(), all, "{text}");
    for test in [
        "below_the_test_attribute",
        "below_on_one_line",
        "alone_without_parameters",
        "both_attributes_come_from_a_macro",
        "a_macro_writes_ours_below",
        "a_macro_makes_a_test",
    ] {
        assert!(tests.contains(&test), "{text}");
    }
}

#[requires_test_data(datasets = ["accounts"], volume = 3)]
#[tokio::test]
#[should_panic(
    expected = "`data.client()` is synchronous and cannot be used in async code\nTake an async client"
)]
async fn the_synchronous_client_of_the_data_says_what_to_use(data: TestData) {
    let _ = data.client().query("SELECT 1", &[]);
}

#[requires_test_data(datasets = ["accounts"], volume = 3, isolation = "transaction")]
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_synchronous_client_works_where_blocking_is_allowed(data: TestData) {
    let count = |data: &TestData| {
        let row = data.client().query_one("SELECT count(*) FROM accounts", &[]).unwrap();
        row.get::<_, i64>(0)
    };
    assert_eq!(tokio::task::block_in_place(|| count(&data)), 3);
    assert_eq!(data.dataset("accounts").len(), 3);
    let counted = tokio::task::spawn_blocking(move || count(&data)).await.unwrap();
    assert_eq!(counted, 3);
}

#[requires_test_data(datasets = ["accounts", "users"], volume = 2)]
#[test]
fn a_parameter_that_is_not_used_is_named_so(_accounts: Dataset, _users: Dataset, users: Dataset) {
    assert_eq!((_accounts.len(), _users.len(), users.len()), (2, 2, 2));
}

mod cancelled {
    use tdata::__private::{Binary, Declaration, Test, run_async};
    use tdata::TestData;

    static DECLARATION: Declaration = Declaration {
        manifest_dir: env!("CARGO_MANIFEST_DIR"),
        package: env!("CARGO_PKG_NAME"),
        target: env!("CARGO_CRATE_NAME"),
        binary: Binary::Test,
        module: module_path!(),
        test: "cancelled",
        datasets: &["accounts"],
        options: &[("volume", "1")],
        volumes: &[],
        should_panic: &[],
    };

    #[tokio::test]
    async fn the_data_of_a_cancelled_test_go() {
        let (tell, told) = tokio::sync::oneshot::channel::<TestData>();
        let test = tokio::spawn(run_async(&DECLARATION, async move |test: &Test| {
            let data = test.inject_async::<TestData>("data").make().await;
            assert!(tell.send(data).is_ok());
            std::future::pending::<()>().await;
        }));
        let data = told.await.unwrap();
        let url = data.url().to_owned();
        // A database that is changed like this is not used again.
        let handle = data.clone();
        let change = move || handle.client().batch_execute("CREATE TABLE new (id int)");
        tokio::task::spawn_blocking(change).await.unwrap().unwrap();
        test.abort();
        assert!(test.await.unwrap_err().is_cancelled());
        assert!(data.try_client().is_err());
        let start = std::time::Instant::now();
        while tokio_postgres::connect(&url, tokio_postgres::NoTls).await.is_ok() {
            assert!(start.elapsed().as_secs() < 120, "the database is still there");
            tokio::task::yield_now().await;
        }
    }
}
