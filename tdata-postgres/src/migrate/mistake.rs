//! What stands in the way of reading a file as a migration.

use tdata_core::diagnostic::Origin;

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

impl Mistake {
    /// Tells what is wrong with a setting.
    pub(super) fn at(origin: &Origin, text: String) -> Self {
        match origin.location() {
            Some((file, line, _)) => Self { file: file.to_owned(), line: Some(line), text },
            None => Self { file: origin.to_string(), line: None, text },
        }
    }
}
