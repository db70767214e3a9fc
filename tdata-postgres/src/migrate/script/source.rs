//! A file that runs, and the places in it.

use std::ops::Range;

use postgres::error::ErrorPosition;

use crate::migrate::advice;
use crate::migrate::dump;
use crate::migrate::error::MigrateError;
use crate::migrate::place::Place;
use crate::refusal::Refusal;

/// A file that runs.
#[derive(Clone, Copy, Debug)]
pub(in crate::migrate) struct Source<'a> {
    /// Its name in messages.
    pub(super) name: &'a str,
    /// Its path below the project's folder.
    pub(super) path: &'a str,
    pub(super) text: &'a str,
    pub(super) is_dump: bool,
}

impl<'a> Source<'a> {
    pub(in crate::migrate) fn of(name: &'a str, path: &'a str, text: &'a str) -> Self {
        Self { name, path, text, is_dump: dump::is_dump(text) }
    }

    pub(super) fn place(&self, at: usize, statement: &Range<usize>) -> Place {
        Place::at(self.name, self.text, at, &self.text[statement.clone()])
    }

    pub(super) fn told(&self, at: usize, reason: impl Into<String>) -> MigrateError {
        MigrateError::Command { place: self.place(at, &(at..at)), reason: reason.into() }
    }

    pub(super) fn failed(
        &self,
        statement: &Range<usize>,
        sent: &str,
        error: postgres::Error,
    ) -> MigrateError {
        let text = &self.text[statement.clone()];
        // What was put in place of it has other positions.
        let position = match error.as_db_error().and_then(|refused| refused.position()) {
            Some(ErrorPosition::Original(position)) if sent == text => *position as usize,
            _ => 1,
        };
        // PostgreSQL counts characters, from 1.
        let before = text.char_indices().nth(position.saturating_sub(1));
        let at = statement.start + before.map_or(0, |(at, _)| at);
        failed(self.place(at, statement), advice::of_statement(sent, self.is_dump, &error), error)
    }
}

pub(super) fn failed(place: Place, advice: Option<String>, error: postgres::Error) -> MigrateError {
    let refusal = Refusal::from(error);
    let refusal = match advice {
        Some(advice) => refusal.with_advice(&advice),
        None => refusal,
    };
    MigrateError::Failed { place, refusal }
}
