//! Source texts and places in them.

use std::ops::Range;
use std::sync::{Arc, OnceLock};

/// A text that mistakes are shown in, with the name it is shown under.
#[derive(Debug)]
pub struct Source {
    name: String,
    text: String,
    /// Where its lines start, once somebody asked.
    lines: OnceLock<Vec<usize>>,
}

impl PartialEq for Source {
    fn eq(&self, other: &Self) -> bool {
        (&self.name, &self.text) == (&other.name, &other.text)
    }
}

impl Eq for Source {}

/// What of a text is shown with a mistake: the lines of its place, or some of a line that is very long.
pub(super) struct Excerpt<'a> {
    pub(super) text: &'a str,
    /// The number of its first line, from 1.
    pub(super) line: usize,
    /// The place within it.
    pub(super) span: Span,
    /// Whether it starts within a line.
    pub(super) cut: bool,
}

/// How many bytes of a line are shown before and behind a place.
const AROUND: usize = 500;

impl Source {
    /// Names a text; `name` is what messages call it, usually a path relative to the project.
    pub fn new(name: impl Into<String>, text: impl Into<String>) -> Arc<Self> {
        Arc::new(Self { name: name.into(), text: text.into(), lines: OnceLock::new() })
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
        let (line, start) = self.line_of(offset);
        let before = self.text.get(start..offset).unwrap_or(&self.text[start..]);
        (line, before.chars().count() + 1)
    }

    /// Returns the line of a byte offset, from 1, and where it starts.
    pub(super) fn line_of(&self, offset: usize) -> (usize, usize) {
        let lines = self.lines.get_or_init(|| {
            let newlines = self.text.match_indices('\n').map(|(newline, _)| newline + 1);
            std::iter::once(0).chain(newlines).collect()
        });
        let line = lines.partition_point(|start| *start <= offset).max(1);
        (line, lines[line - 1])
    }

    /// Returns the lines of a place, so that showing one costs no more in a long text than in a short one.
    pub(super) fn excerpt(&self, span: Span) -> Excerpt<'_> {
        let (line, start) = self.line_of(span.start);
        let end = self.text[span.end..].find('\n').map_or(self.text.len(), |end| span.end + end);
        let cut = span.start - start > AROUND;
        let from = if cut { span.start - AROUND } else { start };
        let shown = self.clamp(Span { start: from, end: end.min(span.end + AROUND) });
        let within = Span { start: span.start - shown.start, end: span.end - shown.start };
        Excerpt { text: &self.text[shown.range()], line, span: within, cut }
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
