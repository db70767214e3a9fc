//! How long provisioned data lives and who shares it.

use crate::diagnostic::words;

words! {
    /// How long provisioned data lives and who shares it.
    Scope {
        /// One test has it alone; it goes when the test ends.
        #[default]
        TestCase = "test_case",
        /// The tests of one module share it.
        TestClass = "test_class",
        /// The tests of one test binary share it.
        TestModule = "test_module",
        /// All tests of the test run share it.
        Shared = "shared",
    }
}

impl Scope {
    /// Tells whether several tests may hold the same data.
    pub fn is_shared(self) -> bool {
        self != Self::TestCase
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
