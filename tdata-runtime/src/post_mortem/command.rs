//! How a test is run again on the same data.

use super::test_id::TestId;
use crate::inject::TestData;

/// Returns the command that runs a test again on the same seed and as-of time.
pub(super) fn same_seed(id: &TestId, data: &TestData) -> String {
    format!("TDATA_SEED={} TDATA_AS_OF={} {}", data.seed(), data.as_of(), cargo_test(id))
}

fn cargo_test(id: &TestId) -> String {
    let exact = if id.is_whole { " -- --exact" } else { "" };
    format!("cargo test -p {} {}{exact}", id.package, id.test)
}
