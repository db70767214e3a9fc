//! Runs migrations.

use std::ops::Range;

use postgres::Client;
use postgres::error::{ErrorPosition, SqlState};

use super::commands::{self, Command};
use super::copy_rows;
use super::error::MigrateError;
use super::limit::Limit;
use super::migration::{Migration, Migrations, Mode};
use super::place::Place;
use super::server_deeds::{is_server_deed, role_made};
use super::steps::{Step, Steps, copies_to_stdout, words};

/// What becomes of statements that do something to the server as a whole, such as making a role.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ServerDeeds {
    /// They run.
    Done,
    /// They run, but for those that make a role that exists.
    DoneUnlessRolesExist,
    /// They have run on this server before.
    PassedOver,
}

/// Runs the migrations in order, each in a transaction of its own unless it says otherwise. Returns the roles that are not
/// made because they exist.
///
/// # Errors
///
/// The first failure, with its place. The connection may be within a transaction then.
pub fn run(
    client: &mut Client,
    migrations: &Migrations,
    deeds: ServerDeeds,
) -> Result<Vec<String>, MigrateError> {
    let mut existing = Vec::new();
    for migration in &migrations.list {
        let limit = Limit::start(client, migrations.limit);
        let client = &mut *client;
        let mut running = Running { client, migration, limit, deeds, existing: &mut existing };
        running.run().map_err(|error| match running.limit.is_over() {
            true => error.too_long(migrations.limit),
            false => error,
        })?;
    }
    Ok(existing)
}

/// A migration that runs.
struct Running<'a> {
    client: &'a mut Client,
    migration: &'a Migration,
    limit: Limit,
    deeds: ServerDeeds,
    /// The roles that were not made because they exist.
    existing: &'a mut Vec<String>,
}

impl Running<'_> {
    fn run(&mut self) -> Result<(), MigrateError> {
        let sql = &self.migration.sql;
        if self.migration.mode == Mode::Together {
            self.execute(0..0, "BEGIN")?;
        }
        let mut steps = Steps::new(sql);
        steps.set_standard_strings(self.has_standard_strings()?);
        // Where the transaction begins that the migration itself has open.
        let mut begun = None;
        while let Some(step) = steps.next() {
            let statement = self.take(step)?;
            let text = &sql[statement.clone()];
            match Control::of(text) {
                Some(Control::Begins) => begun = Some(statement),
                Some(Control::Ends) => begun = None,
                None => {}
            }
            if text.contains("standard_conforming_strings") {
                steps.set_standard_strings(self.has_standard_strings()?);
            }
        }
        if let Some(begun) = begun {
            return Err(MigrateError::Open { place: self.place(begun.start, &begun) });
        }
        if self.migration.mode == Mode::Together {
            self.execute(sql.len()..sql.len(), "COMMIT")?;
        }
        // Dumps and the like set things for their session; the next one starts afresh.
        self.execute(sql.len()..sql.len(), "RESET ALL; RESET ROLE")
    }

    /// Does a step. Returns its statement.
    fn take(&mut self, step: Step) -> Result<Range<usize>, MigrateError> {
        let migration = self.migration;
        match step {
            Step::Statement(statement) => {
                let text = &migration.sql[statement.clone()];
                if !self.passes_over(&statement, text)? {
                    self.execute(statement.clone(), text)?;
                }
                Ok(statement)
            }
            Step::Copy { statement, rows } => {
                let text = &migration.sql[statement.clone()];
                let sent = copy_rows::send(self.client, text, &migration.sql[rows.clone()]);
                sent.map_err(|error| match copy_rows::row(&error) {
                    Some(row) => {
                        let mut place = self.place(rows.start, &statement);
                        place.line += row - 1;
                        failed(place, error)
                    }
                    None => self.failed(&statement, error),
                })?;
                Ok(statement)
            }
            Step::Command { statement, line } => match commands::read(&migration.sql[line.clone()])
            {
                Command::Nothing if statement.is_empty() => Ok(statement),
                Command::Nothing => Err(MigrateError::Command {
                    place: self.place(line.start, &statement),
                    reason: "a command of psql stands within a statement; end it before".to_owned(),
                }),
                Command::Refused(reason) => {
                    Err(MigrateError::Command { place: self.place(line.start, &statement), reason })
                }
            },
            Step::Unclosed(at) => Err(MigrateError::Unclosed { place: self.place(at, &(at..at)) }),
        }
    }

    /// Tells whether a statement is not run because the server is as it says.
    fn passes_over(&mut self, statement: &Range<usize>, text: &str) -> Result<bool, MigrateError> {
        match self.deeds {
            ServerDeeds::Done => Ok(false),
            ServerDeeds::PassedOver => Ok(is_server_deed(text)),
            ServerDeeds::DoneUnlessRolesExist => {
                let Some(role) = role_made(text) else { return Ok(false) };
                let sql = "SELECT FROM pg_roles WHERE rolname = $1";
                let found = self.client.query_opt(sql, &[&role]);
                let exists = found.map_err(|error| self.failed(statement, error))?.is_some();
                if exists {
                    self.existing.push(role);
                }
                Ok(exists)
            }
        }
    }

    fn execute(&mut self, statement: Range<usize>, text: &str) -> Result<(), MigrateError> {
        let done = match copies_to_stdout(text) {
            true => copy_rows::discard(self.client, text),
            false => self.client.batch_execute(text),
        };
        done.map_err(|error| self.failed(&statement, error))
    }

    fn has_standard_strings(&mut self) -> Result<bool, MigrateError> {
        let asked = self.client.query_one("SHOW standard_conforming_strings", &[]);
        let row = asked.map_err(|error| self.failed(&(0..0), error))?;
        Ok(row.get::<_, String>(0) == "on")
    }

    fn failed(&self, statement: &Range<usize>, error: postgres::Error) -> MigrateError {
        let text = &self.migration.sql[statement.clone()];
        let position = match error.as_db_error().and_then(|refused| refused.position()) {
            Some(ErrorPosition::Original(position)) => *position as usize,
            _ => 1,
        };
        // PostgreSQL counts characters, from 1.
        let before = text.char_indices().nth(position.saturating_sub(1));
        let at = statement.start + before.map_or(0, |(at, _)| at);
        failed(self.place(at, statement), error)
    }

    fn place(&self, at: usize, statement: &Range<usize>) -> Place {
        let Migration { name, sql, .. } = self.migration;
        Place::at(name, sql, at, &sql[statement.clone()])
    }
}

fn failed(place: Place, error: postgres::Error) -> MigrateError {
    let advice = (error.code() == Some(&SqlState::ACTIVE_SQL_TRANSACTION)).then_some(
        "It cannot run in a transaction: say so in the file's first line, `-- no-transaction`, or with diesel in \
         metadata.toml, `run_in_transaction = false`",
    );
    let refusal = crate::refusal::Refusal::from(error);
    let refusal = match advice {
        Some(advice) => refusal.with_advice(advice),
        None => refusal,
    };
    MigrateError::Failed { place, refusal }
}

/// What a statement does to the transaction it is in.
enum Control {
    Begins,
    Ends,
}

impl Control {
    fn of(statement: &str) -> Option<Self> {
        let words: Vec<String> = words(statement).take(3).collect();
        let words: Vec<&str> = words.iter().map(String::as_str).collect();
        match words.as_slice() {
            ["begin", ..] | ["start", "transaction", ..] => Some(Self::Begins),
            // To a savepoint the transaction goes on.
            ["rollback", "to", ..] | ["rollback", "transaction" | "work", "to"] => None,
            ["commit" | "end" | "rollback" | "abort", ..] | ["prepare", "transaction", ..] => {
                Some(Self::Ends)
            }
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn statements_begin_and_end_transactions() {
        let is = |statement| match Control::of(statement) {
            Some(Control::Begins) => "begins",
            Some(Control::Ends) => "ends",
            None => "neither",
        };
        for begins in ["BEGIN", "begin isolation level serializable", "START TRANSACTION"] {
            assert_eq!(is(begins), "begins", "{begins}");
        }
        for ends in ["COMMIT", "END", "ROLLBACK AND CHAIN", "abort", "PREPARE TRANSACTION 'a'"] {
            assert_eq!(is(ends), "ends", "{ends}");
        }
        for neither in
            ["ROLLBACK TO a", "ROLLBACK WORK TO a", "SAVEPOINT a", "PREPARE p AS SELECT 1"]
        {
            assert_eq!(is(neither), "neither", "{neither}");
        }
    }
}
