//! Which version of the definitions a contract wants.

use std::fmt;
use std::str::FromStr;

use crate::definition::{InvalidVersion, Version};

/// Which version of the definitions a contract wants.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum VersionChoice {
    /// The files of the working tree.
    #[default]
    Latest,
    /// That version, from the project's Git history.
    Exact(Version),
}

impl FromStr for VersionChoice {
    type Err = InvalidVersion;

    fn from_str(text: &str) -> Result<Self, InvalidVersion> {
        if text.eq_ignore_ascii_case("latest") {
            return Ok(Self::Latest);
        }
        text.parse().map(Self::Exact)
    }
}

impl fmt::Display for VersionChoice {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Latest => f.write_str("latest"),
            Self::Exact(version) => version.fmt(f),
        }
    }
}
