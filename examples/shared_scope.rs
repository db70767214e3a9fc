//! Data that the tests of a module share: provisioned once, read by all, protected by the database.
//!
//! `cargo test --example shared_scope` runs the tests; `cargo run --example shared_scope` shows the
//! same without a test.

use std::error::Error;

use tdata::{Scope, TestData};

/// The code under test: a report over many orders.
fn revenue_by_status(db: &mut postgres::Client) -> Result<Vec<(String, String)>, postgres::Error> {
    let sql = "SELECT status, sum(total)::text FROM orders GROUP BY status ORDER BY status";
    Ok(db.query(sql, &[])?.iter().map(|row| (row.get(0), row.get(1))).collect())
}

fn main() -> Result<(), Box<dyn Error>> {
    let request =
        || TestData::request(["orders"]).volume("orders", 5_000).scope(Scope::TestClass, "reports");
    let first = request().provision()?;
    let second = request().provision()?;
    println!("Two requests of one scope share their data: {}", first.url() == second.url());
    for (status, revenue) in revenue_by_status(&mut second.client())? {
        println!("{status:>10}: {revenue:>14}");
    }
    if let Err(error) = first.client().execute("DELETE FROM orders", &[]) {
        let refused = error.as_db_error();
        println!("A write fails: {}", refused.map_or("", |refused| refused.message()));
        println!("  {}", refused.and_then(|refused| refused.hint()).unwrap_or_default());
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use tdata::requires_test_data;

    #[requires_test_data(datasets = ["orders"], volume = { orders = 5000 })]
    mod reports {
        use super::super::*;

        #[test]
        fn every_status_has_revenue(data: TestData) {
            assert_eq!(revenue_by_status(&mut data.client()).unwrap().len(), 4);
        }

        #[test]
        fn writes_are_refused(data: TestData) {
            assert!(data.client().execute("DELETE FROM orders", &[]).is_err());
        }
    }
}
