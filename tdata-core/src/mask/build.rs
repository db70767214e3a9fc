//! What a mask is built from: its rule, and the field it masks.

use std::str::FromStr;

use super::defaults::ending;
use super::key::MaskKey;
use crate::definition::Instant;
use crate::diagnostic::{Diagnostic, Diagnostics, Located, Origin};
use crate::spec::{Field, ParameterReader, Parameters};
use crate::sql::SqlType;

/// What a mask is built from.
pub struct MaskBuild<'a> {
    /// The masked field.
    pub field: &'a Field,
    /// The column's type.
    pub sql_type: &'a SqlType,
    /// The rule's own keys; none for a rule that the field's category brought.
    pub parameters: &'a Parameters,
    /// Where the rule, or else the field, comes from.
    pub origin: &'a Origin,
    /// The masking key.
    pub key: &'a MaskKey,
    /// The as-of time, which no shifted date exceeds.
    pub as_of: Instant,
    /// Where mistakes go.
    pub diagnostics: &'a mut Diagnostics,
}

impl MaskBuild<'_> {
    /// Returns the most characters a mask may have, where the column's type sets a limit.
    pub fn length_limit(&self) -> Option<usize> {
        self.sql_type.length_limit()
    }

    /// Tells whether the rule has a parameter.
    pub fn has(&self, key: &str) -> bool {
        self.parameters.get(key).is_some()
    }

    /// Tells of a mistake in the rule, made at `origin`.
    pub fn invalid(
        &mut self,
        origin: &Origin,
        message: impl Into<String>,
        help: impl Into<String>,
    ) {
        let diagnostic = Diagnostic::new("plan::mask", message).at(origin).help(help);
        self.diagnostics.push(diagnostic);
    }

    fn reader(&mut self) -> ParameterReader<'_> {
        ParameterReader {
            parameters: self.parameters,
            code: "plan::mask",
            diagnostics: self.diagnostics,
        }
    }

    /// Returns a parameter's text; tells when it is no single value.
    pub fn text(&mut self, key: &str) -> Option<Located<String>> {
        self.reader().text(key)
    }

    /// Returns a parameter, parsed; tells when it does not parse. `expected` says what it should be.
    pub fn parsed<T: FromStr>(&mut self, key: &str, expected: &str) -> Option<Located<T>> {
        self.reader().parsed(key, expected)
    }

    /// Returns a parameter that is one of a closed set of words; tells when it is none of them.
    pub fn word<T: Copy>(&mut self, key: &str, words: &[(&'static str, T)]) -> Option<T> {
        self.reader().word(key, words)
    }

    /// Returns what the first of the field's category, generator and name stands for in `words`: as
    /// a whole, or as its ending, as `city` in `billing_city`.
    pub(super) fn meaning<T: Copy>(&self, words: &[(&'static str, T)]) -> Option<T> {
        let Field { pii_category, generator, name, .. } = self.field;
        let texts = [pii_category.as_ref(), generator.as_ref(), Some(name)];
        texts.into_iter().flatten().find_map(|text| ending(text, words.iter().copied()))
    }

    /// Tells that the column is too narrow: `technique` makes no mask of fewer than `least`
    /// characters.
    pub(super) fn too_narrow(&mut self, technique: &str, least: usize) {
        let message = format!(
            "`{technique}` does not fit `{}`: its masks have at least {least} characters",
            self.sql_type
        );
        let help = "widen the column, or use `redact`, which fits any length";
        self.invalid(self.origin, message, help);
    }
}
