//! Other crates' clients and pools as parameters: each sees the test's rows and works on them, is refused
//! where it cannot be given, and leaves a database that serves the next test.

#![cfg(all(
    feature = "server",
    any(
        feature = "deadpool",
        feature = "diesel",
        feature = "sea-orm",
        feature = "sea-orm-1",
        feature = "sqlx",
        feature = "sqlx-0_8",
        feature = "tokio-postgres"
    )
))]
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::process::Command;
use std::time::{Duration, Instant};

use tdata::__private::{Binary, Declaration, Test};
use tdata::TestData;

/// A test of orders. Each has a seed of its own among its options, and so clones of its own.
const fn declaration(options: &'static [(&'static str, &'static str)]) -> Declaration {
    Declaration {
        manifest_dir: env!("CARGO_MANIFEST_DIR"),
        package: env!("CARGO_PKG_NAME"),
        target: env!("CARGO_CRATE_NAME"),
        binary: Binary::Test,
        module: module_path!(),
        test: "declared",
        datasets: &["orders"],
        options,
        volumes: &[],
        should_panic: &[],
    }
}

fn database(data: &TestData) -> String {
    data.database().to_owned()
}

/// Asserts that the database that a test has used serves another one, as it was, or goes: on servers that
/// do not tell what a test did, and where they notice too late that it has ended.
fn assert_given_back(declaration: &Declaration, used: &str) {
    let (_, seed) = declaration.options.iter().find(|(name, _)| *name == "seed").unwrap();
    let seed = seed.parse().unwrap();
    let request = || TestData::request(["orders"]).every_volume(7).seed(seed);
    // Other tests get clones of their own until the server has noticed that nobody is there any more.
    let mut held = Vec::new();
    let start = Instant::now();
    loop {
        let next = request().provision().unwrap();
        assert_eq!(next.dataset("orders").len(), 7);
        let sql = "SELECT FROM pg_database WHERE datname = $1";
        let is_gone = next.client().query_opt(sql, &[&used]).unwrap().is_none();
        if is_gone || database(&next) == used {
            return;
        }
        held.push(next);
        assert!(start.elapsed() < Duration::from_secs(120), "the database does not come back");
    }
}

/// Runs tests of this program in another environment.
fn run_in(environment: &[(&str, &str)], tests: &str) {
    let mut command = Command::new(std::env::current_exe().unwrap());
    let output = command.arg(tests).envs(environment.iter().copied()).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stdout));
}

#[test]
fn every_client_reaches_the_data_in_any_environment() {
    const HOSTILE: [(&str, &str); 14] = [
        ("PGPORT", "1"),
        ("PGHOST", "nowhere.invalid"),
        ("PGHOSTADDR", "192.0.2.1"),
        ("PGSSLMODE", "require"),
        ("PGDATABASE", "nowhere"),
        ("PGUSER", "nobody"),
        ("PGPASSWORD", "wrong"),
        ("PGPASSFILE", "/nowhere"),
        ("PGTARGETSESSIONATTRS", "standby"),
        ("PGCHANNELBINDING", "require"),
        ("PGCONNECT_TIMEOUT", "2"),
        ("LC_ALL", "xx_YY.UTF-8"),
        ("TZ", "Mars/Olympus"),
        ("PGDATA", "/nowhere"),
    ];
    run_in(&HOSTILE, "it_works_on_the_data");
    run_in(&HOSTILE, "it_works_in_a_schema");
    // sqlx puts these before the options of any URL.
    let options = [("PGOPTIONS", "-c search_path=nowhere -c statement_timeout=1")];
    for client in ["tokio_postgres::it_works", "deadpool::it_works", "diesel::it_works"] {
        run_in(&options, client);
    }
}

/// Runs a test on a runtime that ends with it, and returns the name of its database.
#[cfg(any(
    feature = "deadpool",
    feature = "sea-orm",
    feature = "sea-orm-1",
    feature = "sqlx",
    feature = "sqlx-0_8",
    feature = "tokio-postgres"
))]
fn run_on_tokio<T: tdata::FromTestDataAsync>(
    declaration: &'static Declaration,
    work: impl AsyncFnOnce(T),
) -> String {
    let mut used = String::new();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(tdata::__private::run_async(declaration, async |test: &Test| {
        used = database(test.data());
        work(test.inject_async::<T>("db").make().await).await;
    }));
    used
}

/// Tests what works on tokio, by its type, its name in messages, a seed, and a function that asserts seven
/// orders and leaves five.
#[cfg(any(
    feature = "deadpool",
    feature = "sea-orm",
    feature = "sea-orm-1",
    feature = "sqlx",
    feature = "sqlx-0_8",
    feature = "tokio-postgres"
))]
macro_rules! works_on_tokio {
    ($given:ty, $refused:literal, $seed:literal, $work:path) => {
        #[tdata::requires_test_data(datasets = ["orders"], volume = 7)]
        #[tokio::test]
        async fn it_works_on_the_data(db: $given) {
            $work(db).await;
        }

        #[tdata::requires_test_data(datasets = ["orders"], volume = 7)]
        #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
        async fn it_works_on_several_threads(db: $given) {
            $work(db).await;
        }

        #[tdata::requires_test_data(datasets = ["orders"], volume = 7, isolation = "schema")]
        #[tokio::test]
        async fn it_works_in_a_schema(db: $given) {
            $work(db).await;
        }

        #[tdata::requires_test_data(datasets = ["orders"], volume = 7, isolation = "transaction")]
        #[tokio::test]
        #[should_panic(expected = $refused)]
        async fn it_is_refused_under_transaction_isolation(_db: $given) {}

        #[test]
        fn its_database_serves_the_next_test() {
            static DECLARATION: crate::Declaration =
                crate::declaration(&[("volume", "7"), ("seed", $seed)]);
            let used = crate::run_on_tokio::<$given>(&DECLARATION, $work);
            crate::assert_given_back(&DECLARATION, &used);
        }
    };
}

/// Tests that a pool is refused in a test that is not async.
#[cfg(any(
    feature = "deadpool",
    feature = "sea-orm",
    feature = "sea-orm-1",
    feature = "sqlx",
    feature = "sqlx-0_8"
))]
macro_rules! needs_tokio {
    ($given:ty, $refused:literal) => {
        #[tdata::requires_test_data(datasets = ["orders"], volume = 7)]
        #[test]
        #[should_panic(expected = $refused)]
        fn it_is_refused_where_no_runtime_is(_db: $given) {}
    };
}

const COUNT: &str = "SELECT count(*) FROM orders";
const DELETE: &str = "DELETE FROM orders WHERE id > 5";

#[cfg(feature = "tokio-postgres")]
mod tokio_postgres {
    use tokio_postgres::Client;

    use crate::{COUNT, DELETE};

    async fn work(mut db: Client) {
        let transaction = db.transaction().await.unwrap();
        assert_eq!(transaction.query_one(COUNT, &[]).await.unwrap().get::<_, i64>(0), 7);
        assert_eq!(transaction.execute(DELETE, &[]).await.unwrap(), 2);
        transaction.commit().await.unwrap();
        assert_eq!(db.query_one(COUNT, &[]).await.unwrap().get::<_, i64>(0), 5);
    }

    works_on_tokio!(Client, "cannot be given away as `tokio_postgres::Client`", "4001", work);

    #[tdata::requires_test_data(datasets = ["orders"], volume = 7)]
    #[rstest::rstest]
    #[case(1)]
    #[case(3)]
    #[tokio::test]
    async fn cases_of_rstest_get_one_each(#[case] least: i32, db: Client) {
        let sql = "DELETE FROM orders WHERE id >= $1";
        assert_eq!(db.execute(sql, &[&least]).await.unwrap(), 8 - u64::try_from(least).unwrap());
    }
}

#[cfg(feature = "deadpool")]
mod deadpool {
    use deadpool_postgres::Pool;

    use crate::{COUNT, DELETE};

    async fn work(pool: Pool) {
        let (one, other) = (pool.get().await.unwrap(), pool.get().await.unwrap());
        assert_eq!(one.query_one(COUNT, &[]).await.unwrap().get::<_, i64>(0), 7);
        assert_eq!(one.execute(DELETE, &[]).await.unwrap(), 2);
        assert_eq!(other.query_one(COUNT, &[]).await.unwrap().get::<_, i64>(0), 5);
    }

    works_on_tokio!(Pool, "cannot be given away as `deadpool_postgres::Pool`", "4002", work);
    needs_tokio!(Pool, "`deadpool_postgres::Pool` needs an async test on tokio");
}

#[cfg(feature = "sea-orm")]
mod sea_orm {
    use sea_orm::{ConnectionTrait as _, DatabaseConnection, DbBackend, Statement};

    use crate::{COUNT, DELETE};

    async fn count(db: &DatabaseConnection) -> i64 {
        let statement = Statement::from_string(DbBackend::Postgres, COUNT);
        let row = db.query_one_raw(statement).await.unwrap().unwrap();
        row.try_get_by_index(0).unwrap()
    }

    async fn work(db: DatabaseConnection) {
        assert_eq!(count(&db).await, 7);
        assert_eq!(db.execute_unprepared(DELETE).await.unwrap().rows_affected(), 2);
        assert_eq!(count(&db).await, 5);
    }

    works_on_tokio!(
        DatabaseConnection,
        "cannot be given away as `sea_orm::DatabaseConnection`",
        "4003",
        work
    );
    needs_tokio!(DatabaseConnection, "`sea_orm::DatabaseConnection` needs an async test on tokio");
}

#[cfg(feature = "sea-orm-1")]
mod sea_orm_1 {
    use sea_orm_1::{ConnectionTrait as _, DatabaseConnection, DbBackend, Statement};

    use crate::{COUNT, DELETE};

    async fn count(db: &DatabaseConnection) -> i64 {
        let statement = Statement::from_string(DbBackend::Postgres, COUNT);
        let row = db.query_one(statement).await.unwrap().unwrap();
        row.try_get_by_index(0).unwrap()
    }

    async fn work(db: DatabaseConnection) {
        assert_eq!(count(&db).await, 7);
        assert_eq!(db.execute_unprepared(DELETE).await.unwrap().rows_affected(), 2);
        assert_eq!(count(&db).await, 5);
    }

    works_on_tokio!(
        DatabaseConnection,
        "cannot be given away as `sea_orm::DatabaseConnection`",
        "4007",
        work
    );
    needs_tokio!(DatabaseConnection, "`sea_orm::DatabaseConnection` needs an async test on tokio");
}

#[cfg(feature = "sqlx")]
mod sqlx {
    use sqlx::PgPool;

    use crate::{COUNT, DELETE};

    async fn work(pool: PgPool) {
        let count = || sqlx::query_scalar::<_, i64>(COUNT).fetch_one(&pool);
        assert_eq!(count().await.unwrap(), 7);
        assert_eq!(sqlx::query(DELETE).execute(&pool).await.unwrap().rows_affected(), 2);
        assert_eq!(count().await.unwrap(), 5);
    }

    works_on_tokio!(PgPool, "cannot be given away as `sqlx::PgPool`", "4004", work);
    needs_tokio!(PgPool, "`sqlx::PgPool` needs an async test on tokio");
}

#[cfg(feature = "sqlx-0_8")]
mod sqlx_0_8 {
    use sqlx_0_8 as sqlx;
    use sqlx_0_8::PgPool;

    use crate::{COUNT, DELETE};

    async fn work(pool: PgPool) {
        let count = || sqlx::query_scalar::<_, i64>(COUNT).fetch_one(&pool);
        assert_eq!(count().await.unwrap(), 7);
        assert_eq!(sqlx::query(DELETE).execute(&pool).await.unwrap().rows_affected(), 2);
        assert_eq!(count().await.unwrap(), 5);
    }

    works_on_tokio!(PgPool, "cannot be given away as `sqlx::PgPool`", "4006", work);
    needs_tokio!(PgPool, "`sqlx::PgPool` needs an async test on tokio");
}

#[cfg(feature = "diesel")]
mod diesel {
    use diesel::PgConnection;
    use diesel::prelude::*;
    use tdata::requires_test_data;

    use crate::{Declaration, Test, assert_given_back, database, declaration};

    diesel::table! {
        orders (id) {
            id -> Integer,
            order_number -> Text,
        }
    }

    fn work(mut db: PgConnection) {
        let count = |db: &mut PgConnection| orders::table.count().get_result::<i64>(db).unwrap();
        assert_eq!(count(&mut db), 7);
        let late = orders::table.filter(orders::id.gt(5));
        assert_eq!(diesel::delete(late).execute(&mut db).unwrap(), 2);
        assert_eq!(count(&mut db), 5);
    }

    #[requires_test_data(datasets = ["orders"], volume = 7)]
    #[test]
    fn it_works_on_the_data(db: PgConnection) {
        work(db);
    }

    #[requires_test_data(datasets = ["orders"], volume = 7, isolation = "schema")]
    #[test]
    fn it_works_in_a_schema(db: PgConnection) {
        work(db);
    }

    #[requires_test_data(datasets = ["orders"], volume = 7)]
    #[tokio::test]
    async fn it_works_beside_a_runtime(db: PgConnection) {
        tokio::task::spawn_blocking(|| work(db)).await.unwrap();
    }

    #[requires_test_data(datasets = ["orders"], volume = 7, isolation = "transaction")]
    #[test]
    #[should_panic(expected = "cannot be given away as `diesel::PgConnection`")]
    fn it_is_refused_under_transaction_isolation(_db: PgConnection) {}

    #[test]
    fn its_database_serves_the_next_test() {
        static DECLARATION: Declaration = declaration(&[("volume", "7"), ("seed", "4005")]);
        let mut used = String::new();
        tdata::__private::run(&DECLARATION, |test: &Test| {
            used = database(test.data());
            work(test.inject("db"));
        });
        assert_given_back(&DECLARATION, &used);
    }
}
