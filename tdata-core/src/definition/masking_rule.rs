//! Reads which field is masked how.

use super::keys::Keys;
use crate::spec::{MaskingRule, Node, Parameters};

impl MaskingRule {
    pub(super) fn read(node: &Node, keys: &mut Keys<'_>) -> Option<Self> {
        let mut keys = Keys::open(node, "a masking rule", keys.diagnostics())?;
        let field = keys.required_text("field");
        let rule = keys.required_text("rule");
        let parameters = Parameters::new(keys.rest());
        Some(Self { field: field?, rule: rule?, parameters, origin: keys.origin() })
    }
}
