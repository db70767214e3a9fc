//! How long a server outlives its last user.

use std::str::FromStr;
use std::time::Duration;

/// How long a server that tdata booted outlives the last process that used it: a whole number and its
/// unit, `30s`, `10m` or `2h`, a day at most.
///
/// ```
/// use std::time::Duration;
/// use tdata_core::project::KeepAlive;
///
/// let kept: KeepAlive = "10m".parse().unwrap();
/// assert_eq!(kept.duration(), Duration::from_secs(600));
/// assert!("10".parse::<KeepAlive>().is_err());
/// assert!("25h".parse::<KeepAlive>().is_err());
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct KeepAlive(Duration);

/// A text that is no [`KeepAlive`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct InvalidKeepAlive;

impl KeepAlive {
    /// What messages say is valid.
    pub const EXPECTED: &'static str = "a time such as \"30s\", \"10m\" or \"2h\", a day at most";

    /// Returns the time.
    pub fn duration(self) -> Duration {
        self.0
    }
}

impl Default for KeepAlive {
    /// Five seconds: longer than the pause between two test binaries of a test run.
    fn default() -> Self {
        Self(Duration::from_secs(5))
    }
}

impl FromStr for KeepAlive {
    type Err = InvalidKeepAlive;

    fn from_str(text: &str) -> Result<Self, InvalidKeepAlive> {
        const DAY: u64 = 24 * 60 * 60;
        let text = text.trim();
        let unit = text.chars().last().ok_or(InvalidKeepAlive)?;
        let seconds = match unit {
            's' => 1,
            'm' => 60,
            'h' => 60 * 60,
            _ => return Err(InvalidKeepAlive),
        };
        let number: u64 = text[..text.len() - 1].trim().parse().map_err(|_| InvalidKeepAlive)?;
        let seconds = number.checked_mul(seconds).filter(|all| *all <= DAY);
        seconds.map(|all| Self(Duration::from_secs(all))).ok_or(InvalidKeepAlive)
    }
}
