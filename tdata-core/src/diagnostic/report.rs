//! One mistake, and all the mistakes of a pass.

use std::fmt;

use annotate_snippets::{AnnotationKind, Level, Renderer, Snippet};

use super::origin::{Kind, Origin};
use super::visible::in_lines;
use super::{nearest, or_list};

/// One mistake: what it is, where it was made, and what to do about it.
///
/// `Display` renders it the way rustc does, with the line underlined; it is a
/// [`miette::Diagnostic`] too, for programs that report through miette.
#[derive(Clone, Debug)]
pub struct Diagnostic {
    code: &'static str,
    message: String,
    origin: Option<Origin>,
    label: String,
    help: Option<String>,
}

impl Diagnostic {
    /// Starts a diagnostic. `code` is a stable name such as `definition::unknown_key`.
    pub fn new(code: &'static str, message: impl Into<String>) -> Self {
        Self { code, message: message.into(), origin: None, label: String::new(), help: None }
    }

    /// Adds where it was made. A place in a text is shown with its line, underlined.
    #[must_use]
    pub fn at(mut self, origin: &Origin) -> Self {
        self.origin = Some(origin.clone());
        self
    }

    /// Adds what is written under the underlined place.
    #[must_use]
    pub fn label(mut self, label: impl Into<String>) -> Self {
        self.label = label.into();
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

    /// Returns where the mistake was made, where that is known.
    pub fn origin(&self) -> Option<&Origin> {
        self.origin.as_ref()
    }

    /// Returns the text's name with the line and column (from 1), where the mistake was made in a
    /// text.
    pub fn location(&self) -> Option<(&str, usize, usize)> {
        self.origin.as_ref()?.location()
    }
}

impl fmt::Display for Diagnostic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let title = Level::ERROR.primary_title(self.message.as_str()).id(self.code);
        let mut group = match self.origin.as_ref().map(|origin| &origin.0) {
            Some(Kind::Text { source, span }) => title.element(
                Snippet::source(source.text())
                    .path(source.name())
                    .annotation(AnnotationKind::Primary.span(span.range()).label(&*self.label)),
            ),
            Some(Kind::Named(name)) => title.element(annotate_snippets::Origin::path(&**name)),
            None => annotate_snippets::Group::with_title(title),
        };
        if let Some(help) = &self.help {
            group = group.element(Level::HELP.message(help.as_str()));
        }
        f.write_str(&in_lines(&Renderer::plain().render(&[group])))
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
        match &self.origin.as_ref()?.0 {
            Kind::Text { source, .. } => Some(&**source as &dyn miette::SourceCode),
            Kind::Named(_) => None,
        }
    }

    fn labels(&self) -> Option<Box<dyn Iterator<Item = miette::LabeledSpan> + '_>> {
        let Kind::Text { span, .. } = &self.origin.as_ref()?.0 else { return None };
        let label = Some(self.label.clone());
        let label = miette::LabeledSpan::new_primary_with_span(label, span.range());
        Some(Box::new(std::iter::once(label)))
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
        self.0.sort_by_key(|diagnostic| Some(diagnostic.origin.as_ref()?.span()?.start));
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
