//! What a technique reads of its rule, and of the field it masks.

use std::str::FromStr;

use crate::diagnostic::{Diagnostic, Diagnostics, Located, Origin};
use crate::spec::{Field, ParameterReader, Parameters};
use crate::sql::SqlType;

/// What a technique reads of its rule, and of the field it masks.
pub(crate) struct MaskBuild<'a> {
    /// The masked field.
    pub(crate) field: &'a Field,
    /// The column's type.
    pub(crate) sql_type: &'a SqlType,
    /// The rule's own keys; none for a rule that the field's category brought.
    pub(crate) parameters: &'a Parameters,
    /// Where mistakes go.
    pub(crate) diagnostics: &'a mut Diagnostics,
}

impl MaskBuild<'_> {
    /// Tells whether the rule has a parameter.
    pub(crate) fn has(&self, key: &str) -> bool {
        self.parameters.get(key).is_some()
    }

    /// Tells of a mistake in the rule, made at `origin`.
    pub(crate) fn invalid(
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
    pub(crate) fn text(&mut self, key: &str) -> Option<Located<String>> {
        self.reader().text(key)
    }

    /// Returns a parameter, parsed; tells when it does not parse. `expected` says what it should be.
    pub(crate) fn parsed<T: FromStr>(&mut self, key: &str, expected: &str) -> Option<Located<T>> {
        self.reader().parsed(key, expected)
    }

    /// Returns a parameter that is one of a closed set of words; tells when it is none of them.
    pub(crate) fn word<T: Copy>(&mut self, key: &str, words: &[(&'static str, T)]) -> Option<T> {
        self.reader().word(key, words)
    }

    /// Returns the words that say what the field holds: its category, its generator and its name.
    pub(super) fn words(&self) -> impl Iterator<Item = &str> {
        let Field { pii_category, generator, name, .. } = self.field;
        let words = [pii_category.as_ref(), generator.as_ref(), Some(name)];
        words.into_iter().flatten().map(|word| word.value.as_str())
    }
}
