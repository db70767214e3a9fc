//! How a test failed.

use std::collections::BTreeSet;

use super::message::without;
use super::trouble::Trouble;
use crate::panics::Panic;

/// How a test failed.
#[derive(Clone, Debug)]
pub(crate) enum Failure {
    /// It panicked.
    Panicked(Panic),
    /// It returned an error, or an exit code, of which this is the text.
    Returned(String),
    /// It did not panic, as it was to.
    DidNotPanic,
}

impl Failure {
    /// Says in a few words how it failed.
    pub(super) fn words(&self) -> &'static str {
        match self {
            Self::Panicked(_) => "It panicked",
            Self::Returned(_) => "It returned a failure",
            Self::DidNotPanic => "It did not panic, as `#[should_panic]` says",
        }
    }

    /// Returns what it says, which may hold values of the data.
    pub(super) fn message(&self) -> Option<&str> {
        match self {
            Self::Panicked(panic) => panic.message.as_deref(),
            Self::Returned(text) => Some(text),
            Self::DidNotPanic => None,
        }
    }

    /// Returns the file, line and column that it comes from, where that is known.
    pub(super) fn place(&self) -> Option<&str> {
        match self {
            Self::Panicked(panic) => panic.place.as_deref(),
            Self::Returned(_) | Self::DidNotPanic => None,
        }
    }
}

/// A failure, as it may be shown.
#[derive(Clone, Debug)]
pub(super) struct Told {
    /// In a few words, how the test failed.
    pub(super) words: &'static str,
    /// The file, line and column that it comes from.
    pub(super) place: Option<String>,
    /// What it says, without values; or why that is not shown.
    pub(super) message: Option<Result<String, Trouble>>,
}

impl Told {
    /// Takes the values to hide that are in the message. Where they are not known, the message is not shown.
    pub(super) fn of(failure: &Failure, hidden: Result<BTreeSet<String>, Trouble>) -> Self {
        let message = failure
            .message()
            .map(|message| Ok(without(message, hidden.as_ref().map_err(Trouble::clone)?)));
        Self { words: failure.words(), place: failure.place().map(str::to_owned), message }
    }
}
