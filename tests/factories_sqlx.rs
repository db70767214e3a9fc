//! Factories through sqlx, of each version that has a feature: pools, connections and transactions.

#![cfg(all(feature = "server", any(feature = "sqlx", feature = "sqlx-0_8")))]
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::cell::Cell;

use tdata::{Factory, Record};

tdata::records!(accounts, organizations, users, factories = true);

#[derive(Clone, Debug, Record, Factory)]
#[record(dataset = "orders", partial)]
struct Order {
    id: i32,
    order_number: String,
    #[factory(association = UserFactory)]
    user_id: i32,
    total: f64,
    status: String,
    placed_at: tdata::Instant,
}

#[derive(Clone, Debug, Record, Factory)]
#[record(table = "tickets")]
struct Ticket {
    id: i32,
    #[factory(sequence = |_| code())]
    code: String,
}

/// Returns a code, which of one in 900 only PostgreSQL reads: then what was copied in binary is copied again.
fn code() -> String {
    thread_local! {
        static CODES: Cell<u32> = const { Cell::new(0) };
    }
    let code = CODES.replace(CODES.get() + 1);
    let uuid = format!("01234567-89ab-4def-8123-{code:012}");
    if code % 900 == 600 { format!("{{{uuid}}}") } else { uuid }
}

/// The tests of one version: its module, the crate, and how that takes a statement made here.
macro_rules! version {
    ($version:ident, $sqlx:ident, |$sql:ident| $statement:expr) => {
        mod $version {
            use tdata::{TestData, requires_test_data};
            use $sqlx::postgres::{PgConnection, PgPool};
            use $sqlx::{Connection as _, Executor as _, Row as _};

            use super::{OrderFactory, TicketFactory, UserFactory};

            async fn count(pool: &PgPool, table: &str) -> i64 {
                let $sql = format!("SELECT count(*) FROM {table}");
                $sqlx::raw_sql($statement).fetch_one(pool).await.unwrap().get(0)
            }

            #[requires_test_data(datasets = ["orders"], volume = 0)]
            #[tokio::test]
            async fn records_are_stored_through_a_pool(data: TestData) {
                let pool = PgPool::connect(data.url()).await.unwrap();
                let order = OrderFactory::new().create_async(&pool).await.unwrap();
                assert_eq!(order.id, 1);
                let orders = OrderFactory::new().create_batch_async(2_000, &pool).await.unwrap();
                assert_eq!(orders[1_999].id, 2_001);
                assert_eq!((count(&pool, "orders").await, count(&pool, "users").await), (2_001, 2));

                for count_of_users in [1, 100, 900] {
                    let users = UserFactory::new().email("x".repeat(256));
                    let refused =
                        users.create_batch_async(count_of_users, &pool).await.unwrap_err();
                    assert_eq!(refused.sqlstate(), Some("22001"));
                }
                assert_eq!(count(&pool, "accounts").await, 2);
                pool.close().await;
            }

            #[requires_test_data(datasets = ["accounts"], volume = 0)]
            #[tokio::test]
            async fn what_only_postgresql_reads_is_copied_again(pool: PgPool, data: TestData) {
                let sql = "CREATE TABLE tickets (id serial PRIMARY KEY, code uuid)";
                pool.execute(sql).await.unwrap();
                let mut connection = PgConnection::connect(data.url()).await.unwrap();
                for stored in 1..=3 {
                    let tickets = TicketFactory::new();
                    match stored {
                        1 => tickets.create_batch_async(900, &pool).await.unwrap(),
                        2 => tickets.create_batch_async(900, &mut connection).await.unwrap(),
                        _ => {
                            let mut transaction = pool.begin().await.unwrap();
                            let made = tickets.create_batch_async(900, &mut transaction).await;
                            transaction.commit().await.unwrap();
                            made.unwrap()
                        }
                    };
                    assert_eq!(count(&pool, "tickets").await, 900 * stored);
                }
                pool.close().await;
            }

            #[requires_test_data(datasets = ["orders"], volume = 7)]
            #[tokio::test]
            async fn a_pool_is_injected(pool: PgPool, data: TestData) {
                assert_eq!(count(&pool, "orders").await, 7);
                let transaction = pool.begin().await.unwrap();
                assert_eq!(count(&pool, "users").await, 7);
                drop(transaction);
                assert_eq!(data.counts()["orders"], 7);
            }

            #[requires_test_data(datasets = ["orders"], volume = 0)]
            #[tokio::test]
            async fn a_transaction_stays_the_callers(pool: PgPool, data: TestData) {
                let mut connection = PgConnection::connect(data.url()).await.unwrap();
                connection.execute("BEGIN").await.unwrap();
                OrderFactory::new().create_batch_async(100, &mut connection).await.unwrap();
                connection.execute("ROLLBACK").await.unwrap();
                assert_eq!(count(&pool, "orders").await, 0);

                let mut transaction = pool.begin().await.unwrap();
                OrderFactory::new().create_async(&mut transaction).await.unwrap();
                OrderFactory::new().create_batch_async(100, &mut *transaction).await.unwrap();
                transaction.rollback().await.unwrap();
                assert_eq!(count(&pool, "orders").await, 0);

                let mut pooled = pool.acquire().await.unwrap();
                OrderFactory::new().create_batch_async(3, &mut pooled).await.unwrap();
                drop(pooled);
                assert_eq!(count(&pool, "orders").await, 3);
                pool.close().await;
            }
        }
    };
}

#[cfg(feature = "sqlx")]
version!(v0_9, sqlx, |sql| sqlx::AssertSqlSafe(sql));

#[cfg(feature = "sqlx-0_8")]
version!(v0_8, sqlx_0_8, |sql| &sql);
