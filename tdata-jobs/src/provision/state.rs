//! How far a provision has come.

/// How far a provision has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    /// Its rows are being loaded, or were when it was cut short. None of its tables has its name yet.
    Loading,
    /// Its rows are there, and nobody has checked them yet.
    Unchecked,
    /// Its rows are there, and keep what their definitions say.
    Complete,
    /// Its rows are there, and do not keep what their definitions say.
    Invalid,
}

impl State {
    const WORDS: [(&'static str, Self); 4] = [
        ("loading", Self::Loading),
        ("unchecked", Self::Unchecked),
        ("complete", Self::Complete),
        ("invalid", Self::Invalid),
    ];

    /// Returns the word for it.
    #[must_use]
    pub fn word(self) -> &'static str {
        Self::WORDS.iter().find(|(_, state)| *state == self).map_or("", |(word, _)| word)
    }

    /// Finds the state of a word; one of a later tdata counts as unchecked.
    pub(super) fn of(word: &str) -> Self {
        let found = Self::WORDS.iter().find(|(known, _)| *known == word);
        found.map_or(Self::Unchecked, |(_, state)| *state)
    }
}
