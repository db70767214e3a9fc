//! The one character that no text of PostgreSQL's holds.

use super::dataset::DatasetSpec;
use super::node::{Node, NodeKind};
use crate::diagnostic::{Diagnostic, Diagnostics, Origin};

/// The mistake of a text that holds NUL.
pub(crate) fn nul(origin: &Origin) -> Diagnostic {
    Diagnostic::new("definition::nul", "this holds the character NUL (`\\0`)")
        .at(origin)
        .help("drop it: PostgreSQL's texts hold every character but this one")
}

impl DatasetSpec {
    /// Tells of the texts that hold NUL. Those of files are told where YAML is read.
    pub(crate) fn check_texts(&self, diagnostics: &mut Diagnostics) {
        let mut check = |text: &str, origin: &Origin| {
            if text.contains('\0') {
                diagnostics.push(nul(origin));
            }
        };
        check(&self.name, &self.name.origin);
        check(&self.table.name, &self.table.origin);
        check(self.table.schema.as_deref().unwrap_or_default(), &self.table.origin);
        for field in &self.fields {
            check(&field.name, &field.name.origin);
            field.parameters.iter().for_each(|(_, value)| texts(value, &mut check));
        }
        for (_, value) in self.written.iter().flat_map(|row| &row.cells) {
            texts(value, &mut check);
        }
        for rule in &self.masking_rules {
            rule.parameters.iter().for_each(|(_, value)| texts(value, &mut check));
        }
        for constraint in &self.constraints {
            check(&constraint.text, &constraint.text.origin);
        }
    }
}

/// Hands out all texts of a value.
fn texts(value: &Node, check: &mut dyn FnMut(&str, &Origin)) {
    match &value.kind {
        NodeKind::Scalar { text, .. } => check(text, &value.origin),
        NodeKind::Sequence(items) => items.iter().for_each(|item| texts(item, check)),
        NodeKind::Mapping(entries) => entries.iter().for_each(|(_, value)| texts(value, check)),
    }
}
