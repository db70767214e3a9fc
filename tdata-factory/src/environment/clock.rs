//! What the clock says.

use std::time::SystemTime;

use tdata_core::definition::Instant;

/// Returns 00:00 UTC of the day.
pub fn today() -> Instant {
    let since = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
    let micros = i64::try_from(since.as_micros()).unwrap_or(i64::MAX);
    Instant::from_micros(micros).start_of_day()
}
