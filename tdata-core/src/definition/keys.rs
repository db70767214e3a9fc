//! Reads the keys of a mapping: each is asked for by name, the rest are unknown.

use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

use super::node::{Node, NodeKind};
use crate::diagnostic::{Diagnostic, Diagnostics, Source, Span, Spanned};

/// The keys of one mapping, checked off as they are read.
pub(crate) struct Keys<'a> {
    source: &'a Arc<Source>,
    diagnostics: &'a mut Diagnostics,
    span: Span,
    place: String,
    entries: Vec<(Spanned<String>, Option<Node>)>,
    known: Vec<&'static str>,
}

impl<'a> Keys<'a> {
    /// Opens a mapping; `place` names it in messages, such as "the field `email`".
    pub(crate) fn open(
        node: &Node,
        place: impl Into<String>,
        source: &'a Arc<Source>,
        diagnostics: &'a mut Diagnostics,
    ) -> Option<Self> {
        let place = place.into();
        match &node.kind {
            NodeKind::Mapping(entries) => {
                let entries =
                    entries.iter().map(|(key, value)| (key.clone(), Some(value.clone()))).collect();
                let (span, known) = (node.span, Vec::new());
                Some(Self { source, diagnostics, span, place, entries, known })
            }
            _ => {
                let message = format!("{place} is {}, where a mapping belongs", node.describe());
                diagnostics
                    .push(Diagnostic::new("definition::shape", message).at(source, node.span, ""));
                None
            }
        }
    }

    /// Where messages about the mapping as a whole point to: its first key.
    pub(crate) fn head(&self) -> Span {
        self.entries.first().map_or(self.span, |(key, _)| key.span)
    }

    pub(crate) fn span(&self) -> Span {
        self.span
    }

    pub(crate) fn source(&self) -> &'a Arc<Source> {
        self.source
    }

    pub(crate) fn diagnostics(&mut self) -> &mut Diagnostics {
        self.diagnostics
    }

    /// Reports a mistake in a value of this mapping.
    pub(crate) fn invalid(&mut self, span: Span, message: impl Into<String>, help: &str) {
        let diagnostic =
            Diagnostic::new("definition::value", message).at(self.source, span, "").help(help);
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
            let diagnostic = Diagnostic::new("definition::missing_key", message).at(
                self.source,
                self.head(),
                format!("`{key}` belongs here"),
            );
            self.diagnostics.push(diagnostic);
        }
        value
    }

    /// Turns a value into a text.
    pub(crate) fn text(&mut self, key: &str, node: Option<Node>) -> Option<Spanned<String>> {
        let node = node?;
        match node.as_text() {
            Some(text) => Some(Spanned::new(text.to_owned(), node.span)),
            None => {
                let message = format!("`{key}` is {}, where one value belongs", node.describe());
                self.invalid(node.span, message, "write it as `key: value`");
                None
            }
        }
    }

    pub(crate) fn required_text(&mut self, key: &'static str) -> Option<Spanned<String>> {
        let node = self.required(key);
        self.text(key, node)
    }

    pub(crate) fn optional_text(&mut self, key: &'static str) -> Option<Spanned<String>> {
        let node = self.optional(key);
        self.text(key, node)
    }

    /// Takes a key's value and parses it; `expected` says what it should be.
    pub(crate) fn optional_parsed<T: FromStr>(
        &mut self,
        key: &'static str,
        expected: &str,
    ) -> Option<Spanned<T>> {
        let text = self.optional_text(key)?;
        match text.value.parse() {
            Ok(value) => Some(Spanned::new(value, text.span)),
            Err(_) => {
                let message = format!("`{key}: {}` is not {expected}", text.value);
                self.invalid(text.span, message, &format!("give {expected}"));
                None
            }
        }
    }

    /// Takes a key whose value is `true` or `false`, in any letter case.
    pub(crate) fn optional_bool(&mut self, key: &'static str) -> Option<Spanned<bool>> {
        let text = self.optional_text(key)?;
        let help = match text.value.to_lowercase().as_str() {
            "true" => return Some(Spanned::new(true, text.span)),
            "false" => return Some(Spanned::new(false, text.span)),
            // Older YAML's words: today they are texts, and guesses are no place to start from.
            "yes" | "y" | "on" | "1" => "did you mean `true`?",
            "no" | "n" | "off" | "0" => "did you mean `false`?",
            _ => "give `true` or `false`",
        };
        let message = format!("`{key}: {}` is not `true` or `false`", text.value);
        self.invalid(text.span, message, help);
        None
    }

    /// Takes a key whose value is one of a closed set of words, in any letter case.
    pub(crate) fn optional_word<T: Copy>(
        &mut self,
        key: &'static str,
        words: &[(&'static str, T)],
    ) -> Option<Spanned<T>> {
        let node = self.optional(key);
        self.word(key, node, words)
    }

    /// Takes a key whose value is one of a closed set of words and reports its absence.
    pub(crate) fn required_word<T: Copy>(
        &mut self,
        key: &'static str,
        words: &[(&'static str, T)],
    ) -> Option<Spanned<T>> {
        let node = self.required(key);
        self.word(key, node, words)
    }

    fn word<T: Copy>(
        &mut self,
        key: &str,
        node: Option<Node>,
        words: &[(&'static str, T)],
    ) -> Option<Spanned<T>> {
        let text = self.text(key, node)?;
        let written = text.value.replace([' ', '-'], "_");
        if let Some((_, value)) = words.iter().find(|(word, _)| word.eq_ignore_ascii_case(&written))
        {
            return Some(Spanned::new(*value, text.span));
        }
        let message = format!("`{key}: {}` is not known", text.value);
        let diagnostic = Diagnostic::new("definition::value", message)
            .at(self.source, text.span, "")
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
                self.invalid(node.span, message, "start each item with `- `");
                Vec::new()
            }
        }
    }

    /// Takes all keys not read yet, without judging them.
    pub(crate) fn rest(&mut self) -> Vec<(Spanned<String>, Node)> {
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
                self.diagnostics.push(unknown_key(key, &self.place, self.source, &self.known));
            }
        }
    }
}

/// The message for a key that does not belong where it stands.
pub(crate) fn unknown_key(
    key: &Spanned<String>,
    place: impl fmt::Display,
    source: &Arc<Source>,
    known: &[&str],
) -> Diagnostic {
    Diagnostic::new("definition::unknown_key", format!("{place} has no key `{}`", key.value))
        .at(source, key.span, "")
        .did_you_mean(&key.value, known.iter().copied())
}
