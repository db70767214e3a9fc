//! Which field is masked how.

use super::keys::Keys;
use super::node::Node;
use super::parameters::Parameters;
use crate::diagnostic::{Span, Spanned};

/// A masking technique chosen for a field.
#[derive(Clone, Debug, PartialEq)]
pub struct MaskingRule {
    /// The field.
    pub field: Spanned<String>,
    /// The technique's name.
    pub rule: Spanned<String>,
    /// The technique's own keys.
    pub parameters: Parameters,
    /// Where the rule stands.
    pub span: Span,
}

impl MaskingRule {
    pub(crate) fn read(node: &Node, keys: &mut Keys<'_>) -> Option<Self> {
        let source = keys.source();
        let mut keys = Keys::open(node, "a masking rule", source, keys.diagnostics())?;
        let field = keys.required_text("field");
        let rule = keys.required_text("rule");
        let parameters = Parameters::new(keys.rest());
        Some(Self { field: field?, rule: rule?, parameters, span: keys.span() })
    }
}
