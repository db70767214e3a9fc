//! Word lists without duplicates, which uniqueness does not bear.

use std::collections::{BTreeSet, HashSet};
use std::fmt;
use std::sync::{Arc, LazyLock};

use crate::value::{Short, Text};
use crate::words::{FIRST_NAMES, LAST_NAMES, LOREM, WordList};

/// A list of different words, cheap to clone.
#[derive(Clone)]
pub(crate) struct Words {
    words: Arc<[&'static str]>,
    /// The same, to be written; empty where one of them is too long for that.
    short: Arc<[Short]>,
    /// The lengths that words have, in characters, ascending.
    lengths: Arc<[usize]>,
    longest: usize,
}

impl Words {
    /// Lists words, each once, in the order of their first appearance.
    pub(crate) fn new(words: impl IntoIterator<Item = &'static str>) -> Self {
        let mut words: Vec<&str> = words.into_iter().collect();
        // Most lists are in order; to look each word up takes a multiple of the time.
        if !words.is_sorted_by(|one, next| one < next) {
            let mut seen = HashSet::new();
            words.retain(|word| seen.insert(*word));
        }
        Self::of(words)
    }

    fn of(words: Vec<&'static str>) -> Self {
        let mut lengths: Vec<usize> = words.iter().map(|word| word.chars().count()).collect();
        lengths.sort_unstable();
        lengths.dedup();
        let longest = lengths.last().copied().unwrap_or(0);
        let short: Option<Vec<Short>> = words.iter().map(|word| Short::of(word)).collect();
        let short = short.unwrap_or_default().into();
        Self { words: words.into(), short, lengths: lengths.into(), longest }
    }

    pub(crate) fn len(&self) -> u64 {
        self.words.len() as u64
    }

    /// Returns a word; `number` is below the length of the list.
    pub(crate) fn get(&self, number: u64) -> &'static str {
        self.words[number as usize]
    }

    /// Appends a word to a text; `number` is below the length of the list.
    #[inline]
    pub(crate) fn write(&self, number: u64, out: &mut Text<'_>) {
        match self.short.get(number as usize) {
            Some(short) => out.push_short(*short),
            None => out.push_str(self.get(number)),
        }
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = &'static str> + '_ {
        self.words.iter().copied()
    }

    /// Returns the words as they are written; `None` where one of them is too long for that.
    pub(super) fn short(&self) -> Option<Arc<[Short]>> {
        (!self.short.is_empty()).then(|| self.short.clone())
    }

    /// Returns the characters of the longest word.
    pub(crate) fn longest(&self) -> usize {
        self.longest
    }

    /// Returns the lengths that words have, in characters.
    pub(super) fn lengths(&self) -> BTreeSet<usize> {
        self.lengths.iter().copied().collect()
    }

    /// Keeps the words of at most `length` characters.
    pub(crate) fn within(&self, length: usize) -> Self {
        if self.longest <= length {
            return self.clone();
        }
        Self::of(self.iter().filter(|word| word.chars().count() <= length).collect())
    }
}

/// Thousands of words would bury whatever else is shown.
impl fmt::Debug for Words {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Words({})", self.words.len())
    }
}

/// Returns given names.
pub(crate) fn first_names() -> Words {
    static LIST: LazyLock<Words> = LazyLock::new(|| Words::new(FIRST_NAMES.iter()));
    LIST.clone()
}

/// Returns family names; some have an apostrophe, none a blank.
pub(crate) fn last_names() -> Words {
    static LIST: LazyLock<Words> = LazyLock::new(|| Words::new(LAST_NAMES.iter()));
    LIST.clone()
}

/// Returns lower-case words of pseudo-Latin.
pub(crate) fn lorem_words() -> Words {
    static LIST: LazyLock<Words> = LazyLock::new(|| Words::new(LOREM.iter()));
    LIST.clone()
}

/// Returns given names and family names as mail addresses have them: lower-case letters only.
pub(crate) fn mailbox_names() -> (Words, Words) {
    static FIRST: LazyLock<Vec<String>> = LazyLock::new(|| letters_of(&FIRST_NAMES));
    static LAST: LazyLock<Vec<String>> = LazyLock::new(|| letters_of(&LAST_NAMES));
    static LISTS: LazyLock<(Words, Words)> = LazyLock::new(|| {
        let list = |names: &'static [String]| Words::new(names.iter().map(String::as_str));
        (list(&FIRST), list(&LAST))
    });
    LISTS.clone()
}

fn letters_of(names: &WordList) -> Vec<String> {
    let letters = |name: &str| {
        let mut letters = name.to_ascii_lowercase();
        letters.retain(|letter| letter.is_ascii_alphabetic());
        letters
    };
    names.iter().map(letters).filter(|name| !name.is_empty()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_listed_once() {
        assert!(lorem_words().len() < LOREM.iter().count() as u64);
        let words = Words::new(["b", "a", "b"]);
        assert_eq!(*words.words, ["b", "a"]);
    }

    #[test]
    fn names_have_no_blanks_that_would_make_full_names_ambiguous() {
        let (first, last) = (first_names(), last_names());
        let mut names = first.iter().chain(last.iter());
        assert!(names.all(|name| name.is_ascii() && !name.contains([' ', ',', '-', '.'])));
    }
}
