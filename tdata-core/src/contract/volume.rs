//! Rows per dataset.

use std::collections::BTreeMap;
use std::fmt;
use std::num::ParseIntError;
use std::str::FromStr;

/// The rows a dataset has at most when a contract names no volume for it.
pub(crate) const DEFAULT_ROWS: u64 = 100;

/// How many rows of a dataset.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Volume {
    /// That many rows.
    Rows(u64),
    /// The definition's full count.
    Full,
}

impl fmt::Display for Volume {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Rows(rows) => rows.fmt(f),
            Self::Full => f.write_str("full"),
        }
    }
}

impl FromStr for Volume {
    type Err = ParseIntError;

    fn from_str(text: &str) -> Result<Self, ParseIntError> {
        if text.eq_ignore_ascii_case("full") {
            return Ok(Self::Full);
        }
        text.parse().map(Self::Rows)
    }
}

/// The volumes a contract names.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Volumes {
    /// For every dataset not named itself.
    pub every: Option<Volume>,
    /// By dataset.
    pub by_dataset: BTreeMap<String, Volume>,
}

impl Volumes {
    /// Returns the rows of a dataset whose definition's full size is `count`.
    ///
    /// ```
    /// use tdata_core::contract::{Volume, Volumes};
    ///
    /// let volumes = Volumes::default();
    /// assert_eq!(volumes.rows("users", 20_000), 100);
    /// assert_eq!(volumes.rows("plans", 3), 3);
    /// ```
    pub fn rows(&self, dataset: &str, count: u64) -> u64 {
        match self.by_dataset.get(dataset).or(self.every.as_ref()) {
            Some(Volume::Rows(rows)) => *rows,
            Some(Volume::Full) => count,
            None => count.min(DEFAULT_ROWS),
        }
    }
}

impl From<u64> for Volume {
    fn from(rows: u64) -> Self {
        Self::Rows(rows)
    }
}
