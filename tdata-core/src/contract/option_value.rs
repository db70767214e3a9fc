//! The values that options take, and how each is written.

use std::fmt::Display;
use std::str::FromStr;

use super::{Isolation, Keep, Scope, VersionChoice, Volume};
use crate::definition::Instant;
use crate::diagnostic::or_list;

/// How the value of an option is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// One of these words.
    Word(&'static [&'static str]),
    /// A text in quotes; this is what messages say of it.
    Text(&'static str),
    /// A whole number from 0 on.
    Number,
    /// `true` or `false`.
    Truth,
    /// A number of rows, or `full`.
    Rows,
}

impl Form {
    /// Returns what a message says behind "`option` is".
    ///
    /// ```
    /// use tdata_core::contract::Form;
    ///
    /// assert_eq!(Form::Word(&["red", "blue"]).expected(), "`red` or `blue`");
    /// ```
    pub fn expected(self) -> String {
        match self {
            Self::Word(words) => or_list(words.iter().copied()),
            Self::Text(expected) => expected.to_owned(),
            Self::Number => "a whole number from 0 on".to_owned(),
            Self::Truth => "`true` or `false`".to_owned(),
            Self::Rows => "a number of rows, or `full`".to_owned(),
        }
    }

    /// Writes a value as the text that stands in the attribute and in TOML: in quotes unless it is a number or
    /// a truth.
    pub fn quoted(self, value: &str) -> String {
        match self {
            Self::Number | Self::Truth => value.to_owned(),
            // Words and texts that can be read hold nothing to escape.
            Self::Word(_) | Self::Text(_) | Self::Rows => format!("\"{value}\""),
        }
    }
}

/// A type of options' values: its text can be read again.
pub(super) trait OptionValue: FromStr + Display {
    /// How it is written.
    const FORM: Form;
}

impl OptionValue for Volume {
    const FORM: Form = Form::Rows;
}

impl OptionValue for Scope {
    const FORM: Form = Form::Word(Self::WORDS);
}

impl OptionValue for Isolation {
    const FORM: Form = Form::Word(Self::WORDS);
}

impl OptionValue for bool {
    const FORM: Form = Form::Truth;
}

impl OptionValue for VersionChoice {
    const FORM: Form = Form::Text("\"latest\" or a version such as \"v1.2.0\"");
}

impl OptionValue for u64 {
    const FORM: Form = Form::Number;
}

impl OptionValue for Instant {
    const FORM: Form = Form::Text("a date such as \"2024-05-01\", or an RFC 3339 time");
}

impl OptionValue for Keep {
    const FORM: Form = Form::Word(Self::WORDS);
}
