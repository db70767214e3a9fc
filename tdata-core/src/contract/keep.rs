//! Whether a test's data stay behind it.

use std::fmt;
use std::str::FromStr;

use super::word::{UnknownWord, find_word};

/// Whether a test's data stay behind it, to be looked at: for as long as their server.
///
/// ```
/// use tdata_core::contract::Keep;
///
/// assert_eq!("on_failure".parse(), Ok(Keep::OnFailure));
/// assert!(Keep::OnFailure.applies(true));
/// assert!(!Keep::OnFailure.applies(false));
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Keep {
    /// They go with the test.
    #[default]
    Never,
    /// They stay when the test fails.
    OnFailure,
    /// They stay.
    Always,
}

impl Keep {
    /// The words for whether data stay.
    pub const WORDS: &'static [&'static str] = &["never", "on_failure", "always"];

    /// What messages say is valid.
    pub const EXPECTED: &'static str = "never, on_failure or always";

    /// Returns its word.
    pub fn word(self) -> &'static str {
        match self {
            Self::Never => "never",
            Self::OnFailure => "on_failure",
            Self::Always => "always",
        }
    }

    /// Tells whether the data of a test stay that has failed, or has not.
    pub fn applies(self, failed: bool) -> bool {
        match self {
            Self::Never => false,
            Self::OnFailure => failed,
            Self::Always => true,
        }
    }
}

impl FromStr for Keep {
    type Err = UnknownWord;

    fn from_str(text: &str) -> Result<Self, UnknownWord> {
        let words = [
            ("never", Self::Never),
            ("on_failure", Self::OnFailure),
            ("onfailure", Self::OnFailure),
            ("always", Self::Always),
        ];
        find_word(text, &words, Self::WORDS)
    }
}

impl fmt::Display for Keep {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.word())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_read_in_any_letter_case() {
        for text in ["on_failure", "ON_FAILURE", "on-failure", "OnFailure"] {
            assert_eq!(text.parse(), Ok(Keep::OnFailure), "{text}");
        }
        for word in Keep::WORDS {
            assert_eq!(word.parse::<Keep>().unwrap().to_string(), *word);
        }
        let unknown = "yes".parse::<Keep>().unwrap_err();
        assert!(unknown.to_string().ends_with("`never`, `on_failure` or `always`"), "{unknown}");
    }
}
