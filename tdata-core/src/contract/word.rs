//! Options whose values are words.

use crate::diagnostic::or_list;

/// A word that is none of the valid ones; `valid` lists those.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not one of {}", or_list(self.valid.iter().copied()))]
pub struct UnknownWord {
    /// The words that are valid.
    pub valid: &'static [&'static str],
}

/// Finds the word that was meant, letter case and `-` or `_` aside.
pub(super) fn find_word<T: Copy>(
    text: &str,
    words: &[(&str, T)],
    valid: &'static [&'static str],
) -> Result<T, UnknownWord> {
    let written = text.trim().to_lowercase().replace(['-', ' '], "_");
    let found = words.iter().find(|(word, _)| *word == written);
    found.map(|(_, value)| *value).ok_or(UnknownWord { valid })
}
