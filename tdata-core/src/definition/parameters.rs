//! The keys of a field or rule that belong to its generator or masking technique.

use super::node::Node;
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
}
