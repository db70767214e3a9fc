//! The data that every test gets, and what every test does with them.

use std::error::Error;

use tdata::{Request, TestData};

/// How many tests a suite has.
pub const TESTS: usize = 200;

/// How many of them run at the same time.
pub const THREADS: usize = 2;

/// The datasets that a test asks for, with their volumes. Relationships bring along `accounts` and
/// `organizations`, 100 rows each.
pub const VOLUMES: [(&str, u64); 3] = [("users", 50), ("orders", 200), ("payments", 200)];

/// The as-of time: with it fixed, the fixture is the same on every day.
pub const AS_OF: &str = "2024-05-01";

/// What a test counts.
pub const COUNTS: [&str; 3] =
    ["SELECT count(*) FROM users", "SELECT count(*) FROM orders", "SELECT count(*) FROM payments"];

/// The row that a test inserts.
pub const INSERT: &str = "\
INSERT INTO payments (order_id, cardholder, card_number, cvv, amount, paid_at) \
SELECT id, 'Test Buyer', '4242424242424242', '***', total, now() FROM orders ORDER BY id LIMIT 1";

/// What a test must count before its insert.
pub const BEFORE: [i64; 3] = [50, 200, 200];

/// What a test must count after it.
pub const AFTER: [i64; 3] = [50, 200, 201];

/// Returns the request for what a test gets.
///
/// # Errors
///
/// When the as-of time is no date.
pub fn request() -> Result<Request, Box<dyn Error>> {
    let request = TestData::request(VOLUMES.map(|(dataset, _)| dataset))
        .as_of(AS_OF.parse().map_err(|_| "the as-of time is no date")?);
    Ok(VOLUMES.iter().fold(request, |request, (dataset, rows)| request.volume(*dataset, *rows)))
}
