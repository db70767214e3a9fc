//! Async tests: any client connects to `data.url()`; here it is tokio-postgres.
//!
//! `cargo test --example async_tests` runs the tests; `cargo run --example async_tests` does the same
//! work without a test.

use std::error::Error;

use tdata::TestData;
use tokio_postgres::{Client, NoTls};

/// The code under test: how many orders a user has by status.
async fn orders_with_status(
    db: &Client,
    user: i32,
    status: &str,
) -> Result<i64, tokio_postgres::Error> {
    let sql = "SELECT count(*) FROM orders WHERE user_id = $1 AND status = $2";
    Ok(db.query_one(sql, &[&user, &status]).await?.get(0))
}

async fn connect(data: &TestData) -> Result<Client, tokio_postgres::Error> {
    let (client, connection) = tokio_postgres::connect(data.url(), NoTls).await?;
    // The connection does its work beside the client and ends with it.
    tokio::spawn(connection);
    Ok(client)
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let data = TestData::request(["orders"]).volume("orders", 500).provision()?;
    let db = connect(&data).await?;
    for status in ["pending", "paid", "shipped", "cancelled"] {
        println!("{status:>10}: {}", orders_with_status(&db, 1, status).await?);
    }
    data.release();
    Ok(())
}

#[cfg(test)]
mod tests {
    use tdata::requires_test_data;

    use super::*;

    #[requires_test_data(datasets = ["orders"], volume = { users = 1, orders = 40 })]
    #[tokio::test]
    async fn all_orders_have_a_status(data: TestData) -> Result<(), Box<dyn Error>> {
        let db = connect(&data).await?;
        let mut orders = 0;
        for status in ["pending", "paid", "shipped", "cancelled"] {
            orders += orders_with_status(&db, 1, status).await?;
        }
        assert_eq!(orders, 40);
        Ok(())
    }

    #[requires_test_data(datasets = ["orders"], volume = { users = 1, orders = 10 })]
    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    async fn each_test_has_its_own(data: TestData) -> Result<(), Box<dyn Error>> {
        let db = connect(&data).await?;
        db.batch_execute("DELETE FROM orders").await?;
        assert_eq!(orders_with_status(&db, 1, "paid").await?, 0);
        Ok(())
    }
}
