//! What separates one live instance from another.

use std::fmt;
use std::str::FromStr;

use super::word::{UnknownWord, find_word};

/// What separates one live instance from another.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Isolation {
    /// A database of its own.
    #[default]
    Full,
    /// A schema of its own in a database that instances share.
    Schema,
    /// A transaction that is rolled back.
    Transaction,
}

impl Isolation {
    /// The words for isolations.
    pub const WORDS: &'static [&'static str] = &["full", "schema", "transaction"];

    /// Returns the isolation's word.
    pub fn word(self) -> &'static str {
        match self {
            Self::Full => "full",
            Self::Schema => "schema",
            Self::Transaction => "transaction",
        }
    }
}

impl FromStr for Isolation {
    type Err = UnknownWord;

    fn from_str(text: &str) -> Result<Self, UnknownWord> {
        let words = [
            ("full", Self::Full),
            ("schema", Self::Schema),
            ("schema_level", Self::Schema),
            ("transaction", Self::Transaction),
        ];
        find_word(text, &words, Self::WORDS)
    }
}

impl fmt::Display for Isolation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.word())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn schema_level_is_schema() {
        assert_eq!("Schema-Level".parse(), Ok(Isolation::Schema));
        assert_eq!("TRANSACTION".parse(), Ok(Isolation::Transaction));
    }
}
