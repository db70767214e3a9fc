//! Reads parameters, and tells of those that are not what they should be.

use std::str::FromStr;

use super::document::Definition;
use super::parameters::Parameters;
use crate::diagnostic::{Diagnostics, Span, Spanned};

/// Reads the parameters of a generator or a masking technique.
pub(crate) struct ParameterReader<'a> {
    pub(crate) definition: &'a Definition,
    pub(crate) parameters: &'a Parameters,
    /// The stable name of mistakes in them.
    pub(crate) code: &'static str,
    pub(crate) diagnostics: &'a mut Diagnostics,
}

impl ParameterReader<'_> {
    pub(crate) fn invalid(&mut self, span: Span, message: String, help: &str) {
        let diagnostic = self.definition.diagnostic(self.code, message, span).help(help);
        self.diagnostics.push(diagnostic);
    }

    pub(crate) fn text(&mut self, key: &str) -> Option<Spanned<String>> {
        let node = self.parameters.get(key)?;
        let (text, span) = (node.as_text().map(str::to_owned), node.span);
        if text.is_none() {
            self.invalid(span, format!("`{key}` is a single value"), "write it as `key: value`");
        }
        Some(Spanned::new(text?, span))
    }

    pub(crate) fn parsed<T: FromStr>(&mut self, key: &str, expected: &str) -> Option<Spanned<T>> {
        let text = self.text(key)?;
        let parsed = text.value.parse().ok();
        if parsed.is_none() {
            let message = format!("`{key}: {}` is not {expected}", text.value);
            self.invalid(text.span, message, &format!("give {expected}"));
        }
        Some(Spanned::new(parsed?, text.span))
    }

    pub(crate) fn word<T: Copy>(&mut self, key: &str, words: &[(&'static str, T)]) -> Option<T> {
        let text = self.text(key)?;
        let found = words.iter().find(|(word, _)| text.value.eq_ignore_ascii_case(word));
        if found.is_none() {
            let message = format!("`{key}: {}` is not known", text.value);
            let diagnostic = self.definition.diagnostic(self.code, message, text.span);
            let words = words.iter().map(|(word, _)| *word);
            self.diagnostics.push(diagnostic.did_you_mean(&text.value, words));
        }
        found.map(|(_, value)| *value)
    }
}
