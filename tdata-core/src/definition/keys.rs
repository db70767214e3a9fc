//! Reads the keys of a mapping: each is asked for by name, the rest are unknown.

use std::str::FromStr;

use crate::diagnostic::{Diagnostic, Diagnostics, Located, Origin};
use crate::spec::{Node, NodeKind, unknown_key};

/// The keys of one mapping, checked off as they are read.
pub(crate) struct Keys<'a> {
    diagnostics: &'a mut Diagnostics,
    origin: Origin,
    place: String,
    entries: Vec<(Located<String>, Option<Node>)>,
    known: Vec<&'static str>,
}

impl<'a> Keys<'a> {
    /// Opens a mapping; `place` names it in messages, such as "the field `email`".
    pub(crate) fn open(
        node: &Node,
        place: impl Into<String>,
        diagnostics: &'a mut Diagnostics,
    ) -> Option<Self> {
        let place = place.into();
        match &node.kind {
            NodeKind::Mapping(entries) => {
                let entries =
                    entries.iter().map(|(key, value)| (key.clone(), Some(value.clone()))).collect();
                let (origin, known) = (node.origin.clone(), Vec::new());
                Some(Self { diagnostics, origin, place, entries, known })
            }
            _ => {
                let message = format!("{place} is {}, where a mapping belongs", node.describe());
                diagnostics.push(Diagnostic::new("definition::shape", message).at(&node.origin));
                None
            }
        }
    }

    /// Where messages about the mapping as a whole point to: its first key.
    pub(crate) fn head(&self) -> &Origin {
        self.entries.first().map_or(&self.origin, |(key, _)| &key.origin)
    }

    pub(crate) fn origin(&self) -> Origin {
        self.origin.clone()
    }

    pub(crate) fn diagnostics(&mut self) -> &mut Diagnostics {
        self.diagnostics
    }

    /// Reports a mistake in a value of this mapping.
    pub(crate) fn invalid(&mut self, origin: &Origin, message: impl Into<String>, help: &str) {
        let diagnostic = Diagnostic::new("definition::value", message).at(origin).help(help);
        self.diagnostics.push(diagnostic);
    }

    /// Takes a key's value; null counts as absent.
    pub(crate) fn optional(&mut self, key: &'static str) -> Option<Node> {
        self.optional_or_null(key).filter(|node| !node.is_null())
    }

    /// Takes a key's value, null included.
    pub(crate) fn optional_or_null(&mut self, key: &'static str) -> Option<Node> {
        self.known.push(key);
        let (_, value) = self.entries.iter_mut().find(|(name, _)| name.value == key)?;
        value.take()
    }

    /// Takes a key's value and reports its absence.
    pub(crate) fn required(&mut self, key: &'static str) -> Option<Node> {
        let value = self.optional(key);
        if value.is_none() {
            let message = format!("{} lacks the key `{key}`", self.place);
            let diagnostic = Diagnostic::new("definition::missing_key", message)
                .at(self.head())
                .label(format!("`{key}` belongs here"));
            self.diagnostics.push(diagnostic);
        }
        value
    }

    /// Turns a value into a text.
    pub(crate) fn text(&mut self, key: &str, node: Option<Node>) -> Option<Located<String>> {
        let node = node?;
        match node.as_text() {
            Some(text) => Some(Located::new(text.to_owned(), node.origin.clone())),
            None => {
                let message = format!("`{key}` is {}, where one value belongs", node.describe());
                self.invalid(&node.origin, message, "write it as `key: value`");
                None
            }
        }
    }

    /// Turns a value into names: one, or a list of them.
    pub(crate) fn names(&mut self, key: &str, node: Option<Node>) -> Option<Vec<Located<String>>> {
        let node = node?;
        match node.kind {
            NodeKind::Sequence(items) if items.is_empty() => {
                let message = format!("`{key}` is an empty list");
                self.invalid(&node.origin, message, "name a field");
                None
            }
            NodeKind::Sequence(items) => {
                items.into_iter().map(|item| self.text(key, Some(item))).collect()
            }
            _ => Some(vec![self.text(key, Some(node))?]),
        }
    }

    pub(crate) fn required_text(&mut self, key: &'static str) -> Option<Located<String>> {
        let node = self.required(key);
        self.text(key, node)
    }

    pub(crate) fn optional_text(&mut self, key: &'static str) -> Option<Located<String>> {
        let node = self.optional(key);
        self.text(key, node)
    }

    /// Takes a key's value and parses it; `expected` says what it should be.
    pub(crate) fn optional_parsed<T: FromStr>(
        &mut self,
        key: &'static str,
        expected: &str,
    ) -> Option<Located<T>> {
        let text = self.optional_text(key)?;
        match text.value.parse() {
            Ok(value) => Some(Located::new(value, text.origin)),
            Err(_) => {
                let message = format!("`{key}: {}` is not {expected}", text.value);
                self.invalid(&text.origin, message, &format!("give {expected}"));
                None
            }
        }
    }

    /// Takes a key whose value is `true` or `false`, in any letter case.
    pub(crate) fn optional_bool(&mut self, key: &'static str) -> Option<Located<bool>> {
        let text = self.optional_text(key)?;
        let help = match text.value.to_lowercase().as_str() {
            "true" => return Some(Located::new(true, text.origin)),
            "false" => return Some(Located::new(false, text.origin)),
            // Older YAML's words: today they are texts, and guesses are no place to start from.
            "yes" | "y" | "on" | "1" => "did you mean `true`?",
            "no" | "n" | "off" | "0" => "did you mean `false`?",
            _ => "give `true` or `false`",
        };
        let message = format!("`{key}: {}` is not `true` or `false`", text.value);
        self.invalid(&text.origin, message, help);
        None
    }

    /// Takes a key whose value is one of a closed set of words, in any letter case.
    pub(crate) fn optional_word<T: Copy>(
        &mut self,
        key: &'static str,
        words: &[(&'static str, T)],
    ) -> Option<Located<T>> {
        let node = self.optional(key);
        self.word(key, node, words)
    }

    /// Takes a key whose value is one of a closed set of words and reports its absence.
    pub(crate) fn required_word<T: Copy>(
        &mut self,
        key: &'static str,
        words: &[(&'static str, T)],
    ) -> Option<Located<T>> {
        let node = self.required(key);
        self.word(key, node, words)
    }

    fn word<T: Copy>(
        &mut self,
        key: &str,
        node: Option<Node>,
        words: &[(&'static str, T)],
    ) -> Option<Located<T>> {
        let text = self.text(key, node)?;
        let written = text.value.replace([' ', '-'], "_");
        if let Some((_, value)) = words.iter().find(|(word, _)| word.eq_ignore_ascii_case(&written))
        {
            return Some(Located::new(*value, text.origin));
        }
        let message = format!("`{key}: {}` is not known", text.value);
        let diagnostic = Diagnostic::new("definition::value", message)
            .at(&text.origin)
            .did_you_mean(&text.value, words.iter().map(|(word, _)| *word));
        self.diagnostics.push(diagnostic);
        None
    }

    pub(crate) fn optional_list(&mut self, key: &'static str) -> Vec<Node> {
        let node = self.optional(key);
        self.list(key, node)
    }

    /// Turns a value into a list.
    pub(crate) fn list(&mut self, key: &str, node: Option<Node>) -> Vec<Node> {
        match node {
            None => Vec::new(),
            Some(Node { kind: NodeKind::Sequence(items), .. }) => items,
            Some(node) => {
                let message = format!("`{key}` is {}, where a list belongs", node.describe());
                self.invalid(&node.origin, message, "start each item with `- `");
                Vec::new()
            }
        }
    }

    /// Takes all keys not read yet, without judging them.
    pub(crate) fn rest(&mut self) -> Vec<(Located<String>, Node)> {
        self.entries
            .iter_mut()
            .filter(|(key, _)| !self.known.contains(&key.value.as_str()))
            .filter_map(|(key, value)| Some((key.clone(), value.take()?)))
            .collect()
    }

    /// Reports every key that nobody asked for.
    pub(crate) fn finish(self) {
        for (key, value) in &self.entries {
            if value.is_some() && !self.known.contains(&key.value.as_str()) {
                self.diagnostics.push_with(|| unknown_key(key, &self.place, &self.known));
            }
        }
    }
}
