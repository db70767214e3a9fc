//! The keys of a field or rule that belong to its generator or masking technique.

use super::node::{Node, NodeKind};
use crate::diagnostic::Spanned;

/// Keys and values whose meaning the generator or masking technique knows.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Parameters(Vec<(Spanned<String>, Node)>);

impl Parameters {
    pub(crate) fn new(entries: Vec<(Spanned<String>, Node)>) -> Self {
        Self(entries)
    }

    /// Returns the value of a key; null counts as absent.
    pub fn get(&self, key: &str) -> Option<&Node> {
        let (_, node) = self.0.iter().find(|(name, _)| name.value == key)?;
        (!node.is_null()).then_some(node)
    }

    /// Iterates over the keys in the order written.
    pub fn keys(&self) -> impl Iterator<Item = &Spanned<String>> {
        self.0.iter().map(|(key, _)| key)
    }

    /// Writes the parameters in one canonical way, for fingerprints.
    pub(crate) fn canonical(&self) -> String {
        let mut entries: Vec<String> =
            self.0.iter().map(|(key, node)| format!("{}={}", key.value, canonical(node))).collect();
        entries.sort();
        entries.join(";")
    }
}

fn canonical(node: &Node) -> String {
    match &node.kind {
        NodeKind::Scalar { text, plain } => format!("{text:?}{}", if *plain { "p" } else { "q" }),
        NodeKind::Sequence(items) => {
            format!("[{}]", items.iter().map(canonical).collect::<Vec<_>>().join(","))
        }
        NodeKind::Mapping(entries) => {
            let entries = entries.iter().map(|(k, v)| format!("{:?}:{}", k.value, canonical(v)));
            format!("{{{}}}", entries.collect::<Vec<_>>().join(","))
        }
    }
}
