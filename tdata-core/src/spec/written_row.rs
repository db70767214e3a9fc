//! Rows that a definition writes out.

use super::node::Node;
use crate::diagnostic::{Located, Origin};

/// A row that a definition writes out: the columns that it gives, each with its value.
#[derive(Clone, Debug, PartialEq)]
pub struct WrittenRow {
    /// The columns and their values, in the order written; none comes twice.
    pub cells: Vec<(Located<String>, Node)>,
    /// Where the row stands.
    pub origin: Origin,
}

impl WrittenRow {
    /// Returns the value that the row gives for a column.
    pub fn cell(&self, column: &str) -> Option<&Node> {
        self.cells.iter().find(|(name, _)| name.value == column).map(|(_, value)| value)
    }
}
