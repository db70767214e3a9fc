//! Contracts: what one test needs.

mod isolation;
mod request;
mod scope;
mod version_choice;
mod volume;

pub use isolation::Isolation;
pub use request::Contract;
pub use scope::Scope;
pub use version_choice::VersionChoice;
pub use volume::{DEFAULT_ROWS, Volume, Volumes};

/// A word that is none of the valid ones; `valid` lists those.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct UnknownWord {
    /// The words that are valid.
    pub valid: &'static [&'static str],
}

/// Finds the word that was meant, letter case and `-` or `_` aside.
fn find_word<T: Copy>(
    text: &str,
    words: &[(&str, T)],
    valid: &'static [&'static str],
) -> Result<T, UnknownWord> {
    let written = text.trim().to_lowercase().replace(['-', ' '], "_");
    let found = words.iter().find(|(word, _)| *word == written);
    found.map(|(_, value)| *value).ok_or(UnknownWord { valid })
}
