//! What stands in the way of reading a file as a migration.

/// What stands in the way of reading a file as a migration.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Mistake {
    /// The file, by its path from the project's folder on.
    pub file: String,
    /// The line, from 1, where there is one.
    pub line: Option<usize>,
    /// What is wrong, and what to do.
    pub text: String,
}
