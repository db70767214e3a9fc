//! One mistake, and all the mistakes of a pass.

use std::fmt;

use annotate_snippets::{AnnotationKind, Level, Renderer, Snippet};

use super::origin::{Kind, Origin};
use super::visible::in_lines;
use super::{nearest, or_list};

/// The most valid names that a help lists.
const MOST_LISTED: usize = 50;

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
            None if valid.len() > MOST_LISTED => {
                let (listed, others) = valid.split_at(MOST_LISTED);
                let listed: Vec<String> = listed.iter().map(|name| format!("`{name}`")).collect();
                self.help(format!("use {} or one of {} others", listed.join(", "), others.len()))
            }
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
            Some(Kind::Text { source, span }) => {
                let excerpt = source.excerpt(*span);
                let annotation = AnnotationKind::Primary.span(excerpt.span.range());
                let snippet = Snippet::source(excerpt.text).line_start(excerpt.line);
                let snippet = snippet.annotation(annotation.label(&*self.label));
                match excerpt.cut {
                    false => title.element(snippet.path(source.name())),
                    true => {
                        let (line, column) = source.line_column(span.start);
                        let path = annotate_snippets::Origin::path(source.name());
                        title.element(path.line(line).char_column(column)).element(snippet)
                    }
                }
            }
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

/// The most mistakes of a pass that are told: nobody reads more of them at once.
const MOST_TOLD: usize = 100;

/// All the mistakes of a pass; an error when there is at least one.
///
/// The first hundred are told, the rest are counted.
#[derive(Clone, Debug, Default)]
pub struct Diagnostics {
    told: Vec<Diagnostic>,
    untold: usize,
    /// Which of the mistakes are not to be told, where some are not.
    is_left_out: Option<fn(&Diagnostic) -> bool>,
    /// How many of these there are.
    left_out: usize,
}

impl Diagnostics {
    /// Starts with no mistake.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a mistake.
    pub fn push(&mut self, diagnostic: Diagnostic) {
        self.push_with(|| diagnostic);
    }

    /// Adds a mistake whose message takes time to make, such as one with the nearest of many names:
    /// it is made only where it is told.
    pub(crate) fn push_with(&mut self, diagnostic: impl FnOnce() -> Diagnostic) {
        if self.told.len() >= MOST_TOLD && self.is_left_out.is_none() {
            self.untold += 1;
            return;
        }
        let diagnostic = diagnostic();
        match self.is_left_out {
            Some(is_left_out) if is_left_out(&diagnostic) => self.left_out += 1,
            _ if self.told.len() >= MOST_TOLD => self.untold += 1,
            _ => self.told.push(diagnostic),
        }
    }

    /// Adds all mistakes of another pass.
    pub fn extend(&mut self, other: Self) {
        self.untold += other.untold;
        self.left_out += other.left_out;
        other.told.into_iter().for_each(|diagnostic| self.push(diagnostic));
    }

    /// Leaves out some of the mistakes that are added from now on. They are counted as long as the pass lasts, to which they
    /// are mistakes like others, up to [`end_leaving_out`](Self::end_leaving_out).
    pub(crate) fn leave_out(&mut self, is_left_out: fn(&Diagnostic) -> bool) {
        self.is_left_out = Some(is_left_out);
    }

    /// Forgets what was left out.
    #[must_use]
    pub(crate) fn end_leaving_out(self) -> Self {
        Self { is_left_out: None, left_out: 0, ..self }
    }

    /// Orders the mistakes of one text by their places, those without a place first.
    pub(crate) fn sort_by_place(&mut self) {
        self.told.sort_by_key(|diagnostic| Some(diagnostic.origin.as_ref()?.span()?.start));
    }

    /// Tells whether nothing is wrong.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Returns how many mistakes there are, those that are only counted among them.
    pub fn len(&self) -> usize {
        self.told.len() + self.untold + self.left_out
    }

    /// Iterates over the mistakes that are told, in the order they were found.
    pub fn iter(&self) -> std::slice::Iter<'_, Diagnostic> {
        self.told.iter()
    }

    /// Returns what to say of the mistakes that are only counted, if there are any.
    ///
    /// ```
    /// use tdata_core::diagnostic::{Diagnostic, Diagnostics};
    ///
    /// let mut mistakes = Diagnostics::new();
    /// (0..142).for_each(|_| mistakes.push(Diagnostic::new("definition::value", "a mistake")));
    /// assert_eq!((mistakes.iter().count(), mistakes.len()), (100, 142));
    /// assert_eq!(mistakes.rest().as_deref(), Some("and 42 more mistakes: mend these first"));
    /// ```
    pub fn rest(&self) -> Option<String> {
        let noun = if self.untold == 1 { "mistake" } else { "mistakes" };
        (self.untold > 0).then(|| format!("and {} more {noun}: mend these first", self.untold))
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
        Self { told: vec![diagnostic], ..Self::default() }
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
        for (index, diagnostic) in self.told.iter().enumerate() {
            if index > 0 {
                f.write_str("\n\n")?;
            }
            diagnostic.fmt(f)?;
        }
        match self.rest() {
            Some(rest) => write!(f, "\n\n{rest}"),
            None => Ok(()),
        }
    }
}

impl std::error::Error for Diagnostics {}

impl miette::Diagnostic for Diagnostics {
    fn related<'a>(&'a self) -> Option<Box<dyn Iterator<Item = &'a dyn miette::Diagnostic> + 'a>> {
        Some(Box::new(self.told.iter().map(|diagnostic| diagnostic as &dyn miette::Diagnostic)))
    }
}
