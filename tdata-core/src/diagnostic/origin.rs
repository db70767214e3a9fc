//! Where a part of a dataset comes from.

use std::fmt;
use std::sync::Arc;

use super::source::{Source, Span};

/// Where a part of a dataset comes from: a place in a text, or a name in plain words.
///
/// A [`Diagnostic`](super::Diagnostic) about the part shows it. Origins are cheap to clone.
#[derive(Clone, PartialEq, Eq)]
pub struct Origin(pub(super) Kind);

#[derive(Clone, PartialEq, Eq)]
pub(super) enum Kind {
    Text { source: Arc<Source>, span: Span },
    Named(Arc<str>),
}

impl Origin {
    /// A place in a text.
    ///
    /// Of a span that is not of this text, what of it there is counts: a message is no place to
    /// panic.
    pub fn in_text(source: &Arc<Source>, span: Span) -> Self {
        let span = source.clamp(span);
        Self(Kind::Text { source: Arc::clone(source), span })
    }

    /// Something that stands in no text, named in plain words.
    ///
    /// ```
    /// use tdata_core::diagnostic::{Diagnostic, Origin};
    ///
    /// let origin = Origin::named("column email of public.users");
    /// let shown = Diagnostic::new("plan::type", "`email` is no type").at(&origin).to_string();
    /// assert!(shown.contains("--> column email of public.users"));
    /// ```
    pub fn named(name: impl Into<Arc<str>>) -> Self {
        Self(Kind::Named(name.into()))
    }

    /// Returns what is written there, if it is a place in a text.
    pub fn written(&self) -> Option<&str> {
        match &self.0 {
            Kind::Text { source, span } => source.text().get(span.range()),
            Kind::Named(_) => None,
        }
    }

    /// Returns the name of the text, with the line and the column (both from 1), if it is a place in
    /// a text.
    pub fn location(&self) -> Option<(&str, usize, usize)> {
        match &self.0 {
            Kind::Text { source, span } => {
                let (line, column) = source.line_column(span.start);
                Some((source.name(), line, column))
            }
            Kind::Named(_) => None,
        }
    }

    /// Returns the first place within this one where `part` is written; this one where it is not.
    #[must_use]
    pub(crate) fn narrowed_to(&self, part: &str) -> Self {
        let Kind::Text { source, span } = &self.0 else { return self.clone() };
        let Some(at) = self.written().and_then(|written| written.find(part)) else {
            return self.clone();
        };
        let start = span.start + at;
        Self::in_text(source, Span { start, end: start + part.len() })
    }

    /// Returns another place in the same text; this one where it is in none.
    #[must_use]
    pub(crate) fn with_span(&self, span: Span) -> Self {
        match &self.0 {
            Kind::Text { source, .. } => Self::in_text(source, span),
            Kind::Named(_) => self.clone(),
        }
    }

    /// Returns which bytes of its text it is, if it is a place in a text.
    pub(crate) fn span(&self) -> Option<Span> {
        match &self.0 {
            Kind::Text { span, .. } => Some(*span),
            Kind::Named(_) => None,
        }
    }
}

/// Writes `users.yaml:12`, or the name.
impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            Kind::Text { source, span } => {
                write!(f, "{}:{}", source.name(), source.line_of(span.start).0)
            }
            Kind::Named(name) => f.write_str(name),
        }
    }
}

/// Writes what `Display` does: the whole text would hide all else.
impl fmt::Debug for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Origin({self})")
    }
}

/// A value with its origin.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Located<T> {
    /// The value.
    pub value: T,
    /// Where it comes from.
    pub origin: Origin,
}

impl<T> Located<T> {
    /// Joins a value and its origin.
    pub fn new(value: T, origin: Origin) -> Self {
        Self { value, origin }
    }
}

impl<T> std::ops::Deref for Located<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.value
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_origin_narrows_to_what_is_written_in_it() {
        let source = Source::new("users.yaml", "id: x\nrule: NOT NULL (x, y)\n");
        let rule = Origin::in_text(&source, Span { start: 6, end: 27 });
        assert_eq!(rule.narrowed_to("x").location(), Some(("users.yaml", 2, 17)));
        assert_eq!(rule.narrowed_to("id"), rule);
        let named = Origin::named("table users");
        assert_eq!((named.narrowed_to("users"), named.written()), (named.clone(), None));
        assert_eq!(
            (rule.to_string(), named.to_string()),
            ("users.yaml:2".into(), "table users".into())
        );
    }

    #[test]
    fn a_span_of_another_text_is_cut_to_what_there_is() {
        let source = Source::new("a", "n\u{e4}\nb");
        let origin = |start, end| Origin::in_text(&source, Span { start, end });
        assert_eq!(origin(2, 2).written(), Some("\u{e4}"));
        assert_eq!(origin(5, 99).location(), Some(("a", 2, 2)));
    }
}
