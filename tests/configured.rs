//! A test program that configures the engine which its tests share.

#![cfg(feature = "server")]
#![forbid(unsafe_code)]
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::sync::atomic::{AtomicUsize, Ordering};

use tdata::{TestData, requires_test_data};
use tokio_postgres::{Error, NoTls};

tdata::configure!(|config| config.migrate_with_async("1", migrate).seed(11));

/// How often this process migrated.
static RUNS: AtomicUsize = AtomicUsize::new(0);

/// What is only in Rust, such as a `Migrator`.
async fn migrate(url: String) -> Result<(), Error> {
    RUNS.fetch_add(1, Ordering::Relaxed);
    let (client, connection) = tokio_postgres::connect(&url, NoTls).await?;
    let connection = tokio::spawn(connection);
    client.batch_execute("CREATE TABLE made_in_rust (a int)").await?;
    drop(client);
    connection.await.unwrap()
}

fn check(data: &TestData) {
    let found = data.client().query("SELECT a FROM made_in_rust", &[]).unwrap();
    assert!(found.is_empty());
    assert_eq!(data.seed(), 11);
    // Another process of the workspace may have done it for this one.
    assert!(RUNS.load(Ordering::Relaxed) <= 1);
}

#[requires_test_data(datasets = ["accounts"], volume = 3)]
#[test]
fn tests_have_the_tables_that_a_function_makes(data: TestData) {
    check(&data);
}

#[requires_test_data(datasets = ["accounts"], volume = 4)]
#[tokio::test]
async fn async_tests_have_them(data: TestData) {
    tokio::task::spawn_blocking(move || check(&data)).await.unwrap();
}

#[test]
fn requests_have_them() {
    check(&TestData::request(["accounts"]).volume("accounts", 5).provision().unwrap());
}
