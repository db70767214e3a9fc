//! Statements that add rows, sent together: a dump may have one for each of many thousand rows, and each would take a
//! way to the server and back.

use std::ops::Range;

use postgres::Client;
use postgres::error::SqlState;

use super::source::Source;
use crate::migrate::error::MigrateError;
use crate::migrate::steps::words;

/// How many bytes are sent together.
const MOST_BYTES: usize = 1 << 20;

/// How many statements.
const MOST: usize = 1_000;

/// Statements that were read and not sent yet, each with where it stands.
#[derive(Default)]
pub(in crate::migrate) struct Rows {
    list: Vec<(Range<usize>, String)>,
    bytes: usize,
}

/// Tells whether a statement adds rows, and what it does may as well be done together with others.
pub(super) fn adds_rows(text: &str) -> bool {
    words(text).next().is_some_and(|word| word == "insert")
}

impl Rows {
    /// Adds a statement, and sends all where they are many.
    pub(super) fn add(
        &mut self,
        client: &mut Client,
        source: &Source<'_>,
        statement: Range<usize>,
        text: String,
    ) -> Result<(), MigrateError> {
        self.bytes += text.len();
        self.list.push((statement, text));
        match self.bytes >= MOST_BYTES || self.list.len() >= MOST {
            true => self.send(client, source),
            false => Ok(()),
        }
    }

    /// Sends the statements that wait, if any do.
    ///
    /// Where the server refuses them, they are undone and sent one by one: only then it tells of one statement alone.
    pub(super) fn send(
        &mut self,
        client: &mut Client,
        source: &Source<'_>,
    ) -> Result<(), MigrateError> {
        let Self { list, .. } = std::mem::take(self);
        let Some((first, text)) = list.first() else { return Ok(()) };
        if list.len() > 1 {
            // On its own: of a message that is no SQL as a whole nothing is done.
            let save = "SAVEPOINT tdata_rows";
            client.batch_execute(save).map_err(|error| source.failed(first, save, error))?;
            let mut message = String::new();
            for (_, text) in &list {
                message.push_str(text);
                message.push_str(";\n");
            }
            message.push_str("RELEASE SAVEPOINT tdata_rows");
            let Err(error) = client.batch_execute(&message) else { return Ok(()) };
            let is_over = |code: &SqlState| {
                *code == SqlState::QUERY_CANCELED || code.code().starts_with("57P")
            };
            if error.code().is_none_or(is_over) {
                return Err(source.failed(first, text, error));
            }
            let undo = "ROLLBACK TO SAVEPOINT tdata_rows; RELEASE SAVEPOINT tdata_rows";
            client.batch_execute(undo).map_err(|error| source.failed(first, undo, error))?;
        }
        list.iter().try_for_each(|(statement, text)| {
            let done = client.batch_execute(text);
            done.map_err(|error| source.failed(statement, text, error))
        })
    }
}
