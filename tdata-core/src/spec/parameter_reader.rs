//! Reads parameters, and tells of those that are not what they should be.

use std::str::FromStr;

use super::parameters::Parameters;
use crate::diagnostic::{Diagnostic, Diagnostics, Located, Origin};

/// Reads the parameters of a generator or a masking technique.
pub(crate) struct ParameterReader<'a> {
    pub(crate) parameters: &'a Parameters,
    /// The stable name of mistakes in them.
    pub(crate) code: &'static str,
    pub(crate) diagnostics: &'a mut Diagnostics,
}

impl ParameterReader<'_> {
    pub(crate) fn invalid(&mut self, origin: &Origin, message: String, help: &str) {
        let diagnostic = Diagnostic::new(self.code, message).at(origin).help(help);
        self.diagnostics.push(diagnostic);
    }

    pub(crate) fn text(&mut self, key: &str) -> Option<Located<String>> {
        let node = self.parameters.get(key)?;
        let text = node.as_text().map(str::to_owned);
        if text.is_none() {
            self.invalid(
                &node.origin,
                format!("`{key}` is a single value"),
                "write it as `key: value`",
            );
        }
        Some(Located::new(text?, node.origin.clone()))
    }

    pub(crate) fn parsed<T: FromStr>(&mut self, key: &str, expected: &str) -> Option<Located<T>> {
        let text = self.text(key)?;
        let parsed = text.value.parse().ok();
        if parsed.is_none() {
            let message = format!("`{key}: {}` is not {expected}", text.value);
            self.invalid(&text.origin, message, &format!("give {expected}"));
        }
        Some(Located::new(parsed?, text.origin))
    }

    pub(crate) fn word<T: Copy>(&mut self, key: &str, words: &[(&'static str, T)]) -> Option<T> {
        let text = self.text(key)?;
        let found = words.iter().find(|(word, _)| text.value.eq_ignore_ascii_case(word));
        if found.is_none() {
            let message = format!("`{key}: {}` is not known", text.value);
            let diagnostic = Diagnostic::new(self.code, message).at(&text.origin);
            let words = words.iter().map(|(word, _)| *word);
            self.diagnostics.push(diagnostic.did_you_mean(&text.value, words));
        }
        found.map(|(_, value)| *value)
    }
}
