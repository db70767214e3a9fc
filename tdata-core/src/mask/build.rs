//! What a mask is built from: its rule, and the field it masks.

use std::str::FromStr;

use super::key::MaskKey;
use crate::definition::{Definition, Field, Instant, Parameters, SqlType};
use crate::diagnostic::{Diagnostics, Span, Spanned};

/// What a mask is built from.
pub struct MaskBuild<'a> {
    /// The definition that the field stands in.
    pub definition: &'a Definition,
    /// The masked field.
    pub field: &'a Field,
    /// The column's type.
    pub sql_type: &'a SqlType,
    /// The rule's own keys; none for a rule that the field's category brought.
    pub parameters: &'a Parameters,
    /// Where the rule, or else the field, stands.
    pub span: Span,
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

    /// Tells of a mistake in the rule, at `span`.
    pub fn invalid(&mut self, span: Span, message: impl Into<String>, help: impl Into<String>) {
        let diagnostic = self.definition.diagnostic("plan::mask", message, span).help(help);
        self.diagnostics.push(diagnostic);
    }

    /// Returns a parameter's text; tells when it is no single value.
    pub fn text(&mut self, key: &str) -> Option<Spanned<String>> {
        let node = self.parameters.get(key)?;
        let (text, span) = (node.as_text().map(str::to_owned), node.span);
        if text.is_none() {
            self.invalid(span, format!("`{key}` is a single value"), "write it as `key: value`");
        }
        Some(Spanned::new(text?, span))
    }

    /// Returns a parameter, parsed; tells when it does not parse. `expected` says what it should be.
    pub fn parsed<T: FromStr>(&mut self, key: &str, expected: &str) -> Option<Spanned<T>> {
        let text = self.text(key)?;
        let parsed = text.value.parse().ok();
        if parsed.is_none() {
            let message = format!("`{key}: {}` is not {expected}", text.value);
            self.invalid(text.span, message, format!("give {expected}"));
        }
        Some(Spanned::new(parsed?, text.span))
    }
}
