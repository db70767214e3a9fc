//! Whether a test's data stay behind it.

use crate::diagnostic::words;

words! {
    /// Whether a test's data stay behind it, to be looked at: for as long as their server.
    ///
    /// ```
    /// use tdata_core::contract::Keep;
    ///
    /// assert_eq!("on_failure".parse(), Ok(Keep::OnFailure));
    /// assert!(Keep::OnFailure.applies(true));
    /// assert!(!Keep::OnFailure.applies(false));
    /// ```
    Keep {
        /// They go with the test.
        #[default]
        Never = "never",
        /// They stay when the test fails.
        OnFailure = "on_failure",
        /// They stay.
        Always = "always",
    }
}

impl Keep {
    /// What messages say is valid.
    pub const EXPECTED: &'static str = "never, on_failure or always";

    /// Tells whether the data of a test stay that has failed, or has not.
    pub fn applies(self, failed: bool) -> bool {
        match self {
            Self::Never => false,
            Self::OnFailure => failed,
            Self::Always => true,
        }
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
