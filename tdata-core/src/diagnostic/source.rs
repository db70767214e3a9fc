//! Source texts and places in them.

use std::ops::Range;
use std::sync::Arc;

/// A text that mistakes are shown in, with the name it is shown under.
#[derive(Debug, PartialEq, Eq)]
pub struct Source {
    name: String,
    text: String,
}

impl Source {
    /// Names a text; `name` is what messages call it, usually a path relative to the project.
    pub fn new(name: impl Into<String>, text: impl Into<String>) -> Arc<Self> {
        Arc::new(Self { name: name.into(), text: text.into() })
    }

    /// Returns the name messages call the text by.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Returns the whole text.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Returns the part of a span that lies in the text, widened to whole characters.
    pub(super) fn clamp(&self, span: Span) -> Span {
        let boundary = |at: &usize| self.text.is_char_boundary(*at);
        let last = self.text.len();
        let start = (0..=span.start.min(last)).rev().find(boundary).unwrap_or(0);
        let end = (span.end.clamp(start, last)..=last).find(boundary).unwrap_or(last);
        Span { start, end }
    }

    /// Returns the line and the column, both counted from 1 (columns in characters), of a byte offset.
    pub(crate) fn line_column(&self, offset: usize) -> (usize, usize) {
        let before = self.text.get(..offset).unwrap_or(&self.text);
        let line_start = before.rfind('\n').map_or(0, |newline| newline + 1);
        let line = before.matches('\n').count() + 1;
        (line, before[line_start..].chars().count() + 1)
    }
}

impl miette::SourceCode for Source {
    fn read_span<'a>(
        &'a self,
        span: &miette::SourceSpan,
        context_lines_before: usize,
        context_lines_after: usize,
    ) -> Result<Box<dyn miette::SpanContents<'a> + 'a>, miette::MietteError> {
        let contents = self.text.read_span(span, context_lines_before, context_lines_after)?;
        Ok(Box::new(miette::MietteSpanContents::new_named(
            self.name.clone(),
            contents.data(),
            *contents.span(),
            contents.line(),
            contents.column(),
            contents.line_count(),
        )))
    }
}

/// A range of bytes of a [`Source`].
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Span {
    /// The first byte.
    pub start: usize,
    /// The byte behind the last one.
    pub end: usize,
}

impl Span {
    /// Returns the span as a range of byte offsets.
    pub(crate) fn range(self) -> Range<usize> {
        self.start..self.end
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_and_columns_count_from_1_and_columns_in_characters() {
        let source = Source::new("users.yaml", "kind: X\nspéc: 1\n");
        assert_eq!(source.line_column(0), (1, 1));
        assert_eq!(source.line_column(8), (2, 1));
        assert_eq!(source.line_column(13), (2, 5));
    }
}
