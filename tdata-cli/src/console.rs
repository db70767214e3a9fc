//! What is said on standard error.

use std::io::{self, IsTerminal as _, Write as _};

use clap::ValueEnum;
use clap::builder::Styles;
use clap::builder::styling::{AnsiColor, Effects, Style};

/// The colours of Cargo.
pub(crate) const STYLES: Styles = Styles::styled()
    .header(AnsiColor::Green.on_default().effects(Effects::BOLD))
    .usage(AnsiColor::Green.on_default().effects(Effects::BOLD))
    .literal(AnsiColor::Cyan.on_default().effects(Effects::BOLD))
    .placeholder(AnsiColor::Cyan.on_default())
    .error(ERROR)
    .valid(AnsiColor::Cyan.on_default().effects(Effects::BOLD))
    .invalid(AnsiColor::Yellow.on_default().effects(Effects::BOLD));

const ERROR: Style = AnsiColor::Red.on_default().effects(Effects::BOLD);
const NOTE: Style = AnsiColor::Cyan.on_default().effects(Effects::BOLD);
const DONE: Style = AnsiColor::Green.on_default().effects(Effects::BOLD);

/// When to use colours.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Color {
    /// On a terminal, unless NO_COLOR is set
    Auto,
    /// Always
    Always,
    /// Never
    Never,
}

/// Where all is told: on standard error, so that standard output has data alone.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Console {
    is_colored: bool,
    is_quiet: bool,
    verbose: u8,
}

impl Console {
    pub(crate) fn new(color: Color, is_quiet: bool, verbose: u8) -> Self {
        let is_colored = match color {
            Color::Always => true,
            Color::Never => false,
            Color::Auto => io::stderr().is_terminal() && !is_set("NO_COLOR"),
        };
        Self { is_colored, is_quiet, verbose }
    }

    /// Says what went wrong.
    pub(crate) fn error(&self, message: &str) {
        self.line(ERROR, "error", message);
    }

    /// Says what to do about it.
    pub(crate) fn help(&self, message: &str) {
        self.line(NOTE, "help", message);
    }

    /// Says what was done, unless nothing is to be said.
    pub(crate) fn done(&self, word: &str, message: &str) {
        if self.is_quiet {
            return;
        }
        let (on, off) = self.style(DONE);
        say(&format!("{on}{word:>12}{off} {message}"));
    }

    /// Says a text as it is, such as mistakes with their places.
    pub(crate) fn text(&self, text: &str) {
        say(text);
    }

    fn line(&self, style: Style, word: &str, message: &str) {
        let (on, off) = self.style(style);
        say(&format!("{on}{word}{off}: {message}"));
    }

    fn style(&self, style: Style) -> (String, String) {
        match self.is_colored {
            true => (style.render().to_string(), style.render_reset().to_string()),
            false => (String::new(), String::new()),
        }
    }
}

/// Writes a line to standard error; where nobody reads it, nobody is told.
fn say(text: &str) {
    let _ = writeln!(io::stderr().lock(), "{text}");
}

fn is_set(name: &str) -> bool {
    std::env::var_os(name).is_some_and(|value| !value.is_empty())
}
