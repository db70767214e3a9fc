//! What is wrong with the use of a macro: gathered, and told by the compiler all at once.

use proc_macro2::{Span, TokenStream};
use quote::ToTokens;
use tdata_core::diagnostic::Diagnostic;

/// The mistakes in one use of a macro.
#[derive(Default)]
pub(crate) struct Mistakes(Option<syn::Error>);

impl Mistakes {
    /// Adds a mistake that already knows its place.
    pub(crate) fn push(&mut self, mistake: syn::Error) {
        match &mut self.0 {
            Some(first) => first.combine(mistake),
            None => self.0 = Some(mistake),
        }
    }

    /// Adds a mistake, underlined from the first of `tokens` to the last.
    pub(crate) fn at(&mut self, tokens: impl ToTokens, message: impl std::fmt::Display) {
        self.push(syn::Error::new_spanned(tokens, message));
    }

    /// Adds a mistake of the macro's use as a whole: the attribute itself is underlined.
    pub(crate) fn at_call_site(&mut self, message: impl std::fmt::Display) {
        self.push(syn::Error::new(Span::call_site(), message));
    }

    /// Tells whether nothing is wrong.
    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_none()
    }

    /// Returns the tokens that make the compiler tell all mistakes; none when nothing is wrong.
    pub(crate) fn into_compile_errors(self) -> TokenStream {
        self.0.map(syn::Error::into_compile_error).unwrap_or_default()
    }
}

/// Returns the message for a name that is not one of `valid`, with the nearest one or all of them.
pub(crate) fn unknown<'a>(
    message: impl Into<String>,
    written: &str,
    valid: impl IntoIterator<Item = &'a str>,
) -> String {
    message_of(&Diagnostic::new("macro::unknown", message).did_you_mean(written, valid))
}

/// Returns a message with its help below, as the compiler's own messages have it.
pub(crate) fn with_help(message: &str, help: &str) -> String {
    format!("{message}\nhelp: {help}")
}

/// Returns a diagnostic as the text of a compiler error, with its source if it has one.
pub(crate) fn message_of(diagnostic: &Diagnostic) -> String {
    match (diagnostic.location(), diagnostic.help_text()) {
        // The report of its own starts below the compiler's `error:`.
        (Some((file, ..)), _) => format!("{file} has a mistake\n\n{diagnostic}\n"),
        (None, Some(help)) => with_help(diagnostic.message(), help),
        (None, None) => diagnostic.message().to_owned(),
    }
}

#[cfg(test)]
impl Mistakes {
    /// Returns the messages in the order they were found.
    pub(crate) fn messages(&self) -> Vec<String> {
        self.0.iter().flatten().map(|mistake| mistake.to_string()).collect()
    }
}
