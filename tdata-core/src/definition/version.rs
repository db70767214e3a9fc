//! Versions of definitions.

use std::fmt;
use std::str::FromStr;

/// A semantic version with a leading `v`, such as `v2.1.0`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Version {
    /// Raised when readers of the data must change.
    pub major: u32,
    /// Raised when something is added.
    pub minor: u32,
    /// Raised otherwise.
    pub patch: u32,
}

/// A text that is no version.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not a version such as `v1.2.0`")]
pub struct InvalidVersion;

impl FromStr for Version {
    type Err = InvalidVersion;

    fn from_str(text: &str) -> Result<Self, InvalidVersion> {
        let mut parts = text.strip_prefix('v').ok_or(InvalidVersion)?.split('.').map(|part| {
            let canonical = part == "0" || !part.starts_with('0');
            let digits = !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
            if canonical && digits {
                part.parse().map_err(|_| InvalidVersion)
            } else {
                Err(InvalidVersion)
            }
        });
        let mut next = || parts.next().unwrap_or(Err(InvalidVersion));
        let version = Self { major: next()?, minor: next()?, patch: next()? };
        if parts.next().is_some() { Err(InvalidVersion) } else { Ok(version) }
    }
}

impl fmt::Display for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "v{}.{}.{}", self.major, self.minor, self.patch)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_v_and_three_numbers_are_a_version() {
        assert_eq!("v2.10.0".parse::<Version>().unwrap().to_string(), "v2.10.0");
        for text in ["2.1.0", "v2.1", "v2.1.0.0", "v02.1.0", "v2.1.x", "v2..0", "v+1.0.0"] {
            assert_eq!(text.parse::<Version>(), Err(InvalidVersion), "{text}");
        }
    }
}
