//! How long provisioned data lives and who shares it.

use std::fmt;
use std::str::FromStr;

use super::word::{UnknownWord, find_word};

/// How long provisioned data lives and who shares it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Scope {
    /// One test has it alone; it goes when the test ends.
    #[default]
    TestCase,
    /// The tests of one module share it.
    TestClass,
    /// The tests of one test binary share it.
    TestModule,
    /// All tests of the test run share it.
    Shared,
}

impl Scope {
    /// The words for scopes.
    pub const WORDS: &'static [&'static str] =
        &["test_case", "test_class", "test_module", "shared"];

    /// Returns the scope's word.
    pub fn word(self) -> &'static str {
        match self {
            Self::TestCase => "test_case",
            Self::TestClass => "test_class",
            Self::TestModule => "test_module",
            Self::Shared => "shared",
        }
    }

    /// Tells whether several tests may hold the same data.
    pub fn is_shared(self) -> bool {
        self != Self::TestCase
    }
}

impl FromStr for Scope {
    type Err = UnknownWord;

    fn from_str(text: &str) -> Result<Self, UnknownWord> {
        let words = [
            ("test_case", Self::TestCase),
            ("test_class", Self::TestClass),
            ("test_module", Self::TestModule),
            ("shared", Self::Shared),
            ("testcase", Self::TestCase),
            ("testclass", Self::TestClass),
            ("testmodule", Self::TestModule),
        ];
        find_word(text, &words, Self::WORDS)
    }
}

impl fmt::Display for Scope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.word())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scopes_are_read_in_any_letter_case() {
        for text in ["test_class", "TEST_CLASS", "test-class", "TestClass"] {
            assert_eq!(text.parse(), Ok(Scope::TestClass), "{text}");
        }
        let unknown = "test_suite".parse::<Scope>().unwrap_err();
        assert_eq!(unknown.valid, Scope::WORDS);
        assert!(unknown.to_string().ends_with("`test_module` or `shared`"), "{unknown}");
    }
}
