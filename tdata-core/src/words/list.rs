//! A list of words.

/// A list of words, one a line of a text. Some lists repeat words.
pub(crate) struct WordList(&'static str);

impl WordList {
    pub(super) const fn new(text: &'static str) -> Self {
        Self(text)
    }

    /// The words, in the order of the list.
    pub(crate) fn iter(&self) -> impl Iterator<Item = &'static str> + use<> {
        self.0.lines()
    }
}
