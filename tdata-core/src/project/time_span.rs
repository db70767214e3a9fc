//! Times that settings give.

use std::str::FromStr;
use std::time::Duration;

/// A time: a whole number and its unit, `30s`, `10m` or `2h`, a day at most.
///
/// ```
/// use std::time::Duration;
/// use tdata_core::project::TimeSpan;
///
/// let kept: TimeSpan = "10m".parse().unwrap();
/// assert_eq!(kept.duration(), Duration::from_secs(600));
/// assert!("10".parse::<TimeSpan>().is_err());
/// assert!("25h".parse::<TimeSpan>().is_err());
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TimeSpan(Duration);

/// A text that is no [`TimeSpan`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct InvalidTimeSpan;

impl TimeSpan {
    /// What messages say is valid.
    pub const EXPECTED: &'static str = "a time such as \"30s\", \"10m\" or \"2h\", a day at most";

    /// Returns the time.
    pub fn duration(self) -> Duration {
        self.0
    }
}

impl FromStr for TimeSpan {
    type Err = InvalidTimeSpan;

    fn from_str(text: &str) -> Result<Self, InvalidTimeSpan> {
        const DAY: u64 = 24 * 60 * 60;
        let text = text.trim();
        let unit = text.chars().last().ok_or(InvalidTimeSpan)?;
        let seconds = match unit {
            's' => 1,
            'm' => 60,
            'h' => 60 * 60,
            _ => return Err(InvalidTimeSpan),
        };
        let number: u64 = text[..text.len() - 1].trim().parse().map_err(|_| InvalidTimeSpan)?;
        let seconds = number.checked_mul(seconds).filter(|all| *all <= DAY);
        seconds.map(|all| Self(Duration::from_secs(all))).ok_or(InvalidTimeSpan)
    }
}
