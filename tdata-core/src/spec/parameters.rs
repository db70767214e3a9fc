//! The keys of a field or rule that belong to its generator or masking technique.

use std::fmt;

use super::node::Node;
use crate::diagnostic::{Diagnostic, Located};

/// Keys and values whose meaning the generator or masking technique knows.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Parameters(Vec<(Located<String>, Node)>);

impl Parameters {
    /// Keys with their values, in order.
    pub fn new(entries: Vec<(Located<String>, Node)>) -> Self {
        Self(entries)
    }

    /// Returns the value of a key; null counts as absent.
    pub fn get(&self, key: &str) -> Option<&Node> {
        let (_, node) = self.0.iter().find(|(name, _)| name.value == key)?;
        (!node.is_null()).then_some(node)
    }

    /// Iterates over the keys in the order written.
    pub fn keys(&self) -> impl Iterator<Item = &Located<String>> {
        self.0.iter().map(|(key, _)| key)
    }

    /// Iterates over the keys and their values in the order written.
    pub(crate) fn iter(&self) -> impl Iterator<Item = (&Located<String>, &Node)> {
        self.0.iter().map(|(key, value)| (key, value))
    }
}

/// The message for a key that does not belong where it stands.
pub(crate) fn unknown_key(
    key: &Located<String>,
    place: impl fmt::Display,
    known: &[&str],
) -> Diagnostic {
    Diagnostic::new("definition::unknown_key", format!("{place} has no key `{}`", key.value))
        .at(&key.origin)
        .did_you_mean(&key.value, known.iter().copied())
}
