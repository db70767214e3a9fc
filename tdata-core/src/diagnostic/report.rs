//! One mistake, and all the mistakes of a pass.

use std::fmt;
use std::sync::Arc;

use annotate_snippets::{AnnotationKind, Level, Renderer, Snippet};

use super::{Source, Span, nearest, or_list};

/// One mistake: what it is, where it was made, and what to do about it.
///
/// `Display` renders it the way rustc does, with the line underlined; it is a
/// [`miette::Diagnostic`] too, for programs that report through miette.
#[derive(Clone, Debug)]
pub struct Diagnostic {
    code: &'static str,
    message: String,
    place: Option<Place>,
    help: Option<String>,
}

#[derive(Clone, Debug)]
struct Place {
    source: Arc<Source>,
    span: Span,
    label: String,
}

impl Diagnostic {
    /// Starts a diagnostic. `code` is a stable name such as `definition::unknown_key`.
    pub fn new(code: &'static str, message: impl Into<String>) -> Self {
        Self { code, message: message.into(), place: None, help: None }
    }

    /// Adds the place, underlined with `label` (which may be empty).
    ///
    /// A span that is not of this text shows what of it there is: a message is no place to panic.
    #[must_use]
    pub fn at(mut self, source: &Arc<Source>, span: Span, label: impl Into<String>) -> Self {
        let span = source.clamp(span);
        self.place = Some(Place { source: Arc::clone(source), span, label: label.into() });
        self
    }

    /// Adds what to do about it.
    #[must_use]
    pub fn help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }

    /// Adds the help for a name that is not one of `valid`: the nearest one, or all of them.
    #[must_use]
    pub fn did_you_mean<'a>(self, written: &str, valid: impl IntoIterator<Item = &'a str>) -> Self {
        let valid: Vec<&str> = valid.into_iter().collect();
        match nearest(written, valid.iter().copied()) {
            Some(name) => self.help(format!("did you mean `{name}`?")),
            None if valid.is_empty() => self,
            None => self.help(format!("use {}", or_list(valid))),
        }
    }

    /// Returns the stable name of this kind of mistake.
    pub fn code(&self) -> &'static str {
        self.code
    }

    /// Returns what went wrong, in one sentence.
    pub fn message(&self) -> &str {
        &self.message
    }

    /// Returns what to do about it.
    pub fn help_text(&self) -> Option<&str> {
        self.help.as_deref()
    }

    /// Returns the source's name with the line and column (from 1), where the place is known.
    pub fn location(&self) -> Option<(&str, usize, usize)> {
        let place = self.place.as_ref()?;
        let (line, column) = place.source.line_column(place.span.start);
        Some((place.source.name(), line, column))
    }
}

impl fmt::Display for Diagnostic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let title = Level::ERROR.primary_title(self.message.as_str()).id(self.code);
        let mut group = match &self.place {
            Some(place) => title.element(
                Snippet::source(place.source.text()).path(place.source.name()).annotation(
                    AnnotationKind::Primary.span(place.span.range()).label(&*place.label),
                ),
            ),
            None => annotate_snippets::Group::with_title(title),
        };
        if let Some(help) = &self.help {
            group = group.element(Level::HELP.message(help.as_str()));
        }
        f.write_str(&Renderer::plain().render(&[group]))
    }
}

impl std::error::Error for Diagnostic {}

impl miette::Diagnostic for Diagnostic {
    fn code<'a>(&'a self) -> Option<Box<dyn fmt::Display + 'a>> {
        Some(Box::new(self.code))
    }

    fn help<'a>(&'a self) -> Option<Box<dyn fmt::Display + 'a>> {
        self.help.as_ref().map(|help| Box::new(help) as Box<dyn fmt::Display>)
    }

    fn source_code(&self) -> Option<&dyn miette::SourceCode> {
        self.place.as_ref().map(|place| &*place.source as &dyn miette::SourceCode)
    }

    fn labels(&self) -> Option<Box<dyn Iterator<Item = miette::LabeledSpan> + '_>> {
        self.place.as_ref().map(|place| {
            let label = miette::LabeledSpan::new_primary_with_span(
                Some(place.label.clone()),
                place.span.range(),
            );
            Box::new(std::iter::once(label)) as Box<dyn Iterator<Item = _>>
        })
    }
}

/// All the mistakes of a pass; an error when there is at least one.
#[derive(Clone, Debug, Default)]
pub struct Diagnostics(Vec<Diagnostic>);

impl Diagnostics {
    /// Starts with no mistake.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a mistake.
    pub fn push(&mut self, diagnostic: Diagnostic) {
        self.0.push(diagnostic);
    }

    /// Adds all mistakes of another pass.
    pub fn extend(&mut self, other: Self) {
        self.0.extend(other.0);
    }

    /// Orders the mistakes of one text by their places, those without a place first.
    pub(crate) fn sort_by_place(&mut self) {
        self.0.sort_by_key(|diagnostic| diagnostic.place.as_ref().map(|place| place.span.start));
    }

    /// Tells whether nothing is wrong.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Returns how many mistakes there are.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Iterates over the mistakes in the order they were found.
    pub fn iter(&self) -> std::slice::Iter<'_, Diagnostic> {
        self.0.iter()
    }

    /// Returns `value` when nothing is wrong.
    ///
    /// # Errors
    ///
    /// Returns the mistakes themselves when there are any.
    pub fn into_result<T>(self, value: T) -> Result<T, Self> {
        if self.is_empty() { Ok(value) } else { Err(self) }
    }
}

impl From<Diagnostic> for Diagnostics {
    fn from(diagnostic: Diagnostic) -> Self {
        Self(vec![diagnostic])
    }
}

impl<'a> IntoIterator for &'a Diagnostics {
    type Item = &'a Diagnostic;
    type IntoIter = std::slice::Iter<'a, Diagnostic>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}

impl fmt::Display for Diagnostics {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, diagnostic) in self.0.iter().enumerate() {
            if index > 0 {
                f.write_str("\n\n")?;
            }
            diagnostic.fmt(f)?;
        }
        Ok(())
    }
}

impl std::error::Error for Diagnostics {}

impl miette::Diagnostic for Diagnostics {
    fn related<'a>(&'a self) -> Option<Box<dyn Iterator<Item = &'a dyn miette::Diagnostic> + 'a>> {
        Some(Box::new(self.0.iter().map(|diagnostic| diagnostic as &dyn miette::Diagnostic)))
    }
}
