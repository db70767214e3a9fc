//! What is said on standard error, and what is printed.

use std::io::{self, IsTerminal as _, Write as _};

use clap::ValueEnum;
use clap::builder::Styles;
use clap::builder::styling::{AnsiColor, Effects, Style};
use tdata_jobs::JobError;

/// The colours of Cargo.
pub(crate) const STYLES: Styles = Styles::styled()
    .header(DONE)
    .usage(DONE)
    .literal(NOTE)
    .placeholder(AnsiColor::Cyan.on_default())
    .error(ERROR)
    .valid(NOTE)
    .invalid(WARNING);

const ERROR: Style = AnsiColor::Red.on_default().effects(Effects::BOLD);
const WARNING: Style = AnsiColor::Yellow.on_default().effects(Effects::BOLD);
const NOTE: Style = AnsiColor::Cyan.on_default().effects(Effects::BOLD);
const DONE: Style = AnsiColor::Green.on_default().effects(Effects::BOLD);

/// When to use colours.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Color {
    /// On a terminal, unless `NO_COLOR` is set
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
    is_verbose: bool,
}

impl Console {
    pub(crate) fn new(color: Color, is_quiet: bool, is_verbose: bool) -> Self {
        let is_colored = match color {
            Color::Always => true,
            Color::Never => false,
            Color::Auto => {
                io::stderr().is_terminal()
                    && std::env::var_os("NO_COLOR").is_none_or(|it| it.is_empty())
            }
        };
        Self { is_colored, is_quiet, is_verbose }
    }

    /// Tells whether bars can be drawn.
    pub(crate) fn has_bars(&self) -> bool {
        !self.is_quiet && io::stderr().is_terminal()
    }

    /// Returns a console that says nothing while data go to the same terminal.
    #[must_use]
    pub(crate) fn beside_data(self) -> Self {
        let is_quiet = self.is_quiet || io::stdout().is_terminal() && io::stderr().is_terminal();
        Self { is_quiet, ..self }
    }

    /// Says what went wrong.
    pub(crate) fn error(&self, message: &str) {
        self.line(ERROR, "error", message);
    }

    /// Says what to do about it.
    pub(crate) fn help(&self, message: &str) {
        self.line(NOTE, "help", message);
    }

    /// Says how something goes on, unless nothing is to be said.
    pub(crate) fn note(&self, message: &str) {
        if !self.is_quiet {
            self.line(NOTE, "note", message);
        }
    }

    /// Says more, where that is wanted.
    pub(crate) fn detail(&self, message: &str) {
        if self.is_verbose {
            self.line(NOTE, "note", message);
        }
    }

    /// Says what was done, unless nothing is to be said.
    pub(crate) fn done(&self, word: &str, message: &str) {
        if !self.is_quiet {
            self.result(word, message);
        }
    }

    /// Says what the command was asked for, also where nothing else is to be said.
    pub(crate) fn result(&self, word: &str, message: &str) {
        let (on, off) = self.style(DONE);
        say(&format!("{on}{word:>12}{off} {message}"));
    }

    /// Says mistakes with their places, each of which begins with `error`.
    pub(crate) fn mistakes(&self, mistakes: &str) {
        let (on, off) = self.style(ERROR);
        for line in mistakes.lines() {
            match line.strip_prefix("error") {
                Some(rest) => say(&format!("{on}error{off}{rest}")),
                None => say(line),
            }
        }
    }

    /// Says a text as it is, unless nothing is to be said.
    pub(crate) fn text(&self, text: &str) {
        if !self.is_quiet {
            say(text);
        }
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

/// Prints to standard output. Who has read enough ends the telling, and not what there is to do and to decide.
pub(crate) fn print(bytes: &[u8]) -> Result<(), JobError> {
    print_to_reader(bytes).map(drop)
}

/// Prints to standard output, and tells whether anybody reads it.
pub(crate) fn print_to_reader(bytes: &[u8]) -> Result<bool, JobError> {
    let mut out = io::stdout().lock();
    match out.write_all(bytes).and_then(|()| out.flush()).map_err(JobError::stdout) {
        Ok(()) => Ok(true),
        Err(JobError::Closed) => Ok(false),
        Err(error) => Err(error),
    }
}
