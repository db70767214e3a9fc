//! What clients and pools that work on tokio have in common.

use tokio::runtime::Handle;

use super::data::TestData;
use super::error::ReadError;

/// How many connections a pool may have: enough for a test, few enough for many tests at once.
#[cfg(any(
    feature = "deadpool",
    feature = "sea-orm",
    feature = "sea-orm-1",
    feature = "sqlx",
    feature = "sqlx-0_8"
))]
pub(super) const MOST_CONNECTIONS: u8 = 5;

/// Refuses what cannot be given under transaction isolation, or where no runtime drives it.
pub(super) fn check(data: &TestData, given: &'static str) -> Result<(), ReadError> {
    if data.in_transaction() {
        return Err(ReadError::InTransaction { given });
    }
    match Handle::try_current() {
        Ok(_) => Ok(()),
        Err(_) => Err(ReadError::NoRuntime { given }),
    }
}
