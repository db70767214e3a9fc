//! Reads what must hold for each row.

use super::keys::Keys;
use crate::spec::{Constraint, Node};

impl Constraint {
    pub(super) fn read(node: &Node, keys: &mut Keys<'_>) -> Option<Self> {
        let mut keys = Keys::open(node, "a constraint", keys.diagnostics())?;
        let text = keys.required_text("constraint");
        let description = keys.optional_text("description").map(|text| text.value);
        keys.finish();
        Some(Self { text: text?, description })
    }
}
