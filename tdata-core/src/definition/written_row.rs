//! Reads rows that a definition writes out.

use super::keys::Keys;
use crate::spec::{Node, WrittenRow};

impl WrittenRow {
    pub(super) fn read(node: &Node, keys: &mut Keys<'_>) -> Option<Self> {
        let mut keys = Keys::open(node, "a row", keys.diagnostics())?;
        Some(Self { origin: keys.head().clone(), cells: keys.rest() })
    }
}
