//! Runs migrations.

use std::ops::Range;
use std::time::Instant;

use postgres::Client;
use postgres::error::{ErrorPosition, SqlState};

use super::commands::{self, Command};
use super::copy_rows;
use super::error::MigrateError;
use super::histories::Histories;
use super::history::{HistoryTable, When};
use super::layouts::{self, Settings};
use super::limit::Limit;
use super::migration::{Migration, Migrations, Mode, tool};
use super::own_program::OWN_PROGRAM;
use super::place::Place;
use super::server_deeds::{role_made, touches_server};
use super::steps::{Step, Steps, copies_to_stdout, words};
use crate::refusal::Refusal;

/// What becomes of statements that do something to the server as a whole, such as making a role.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ServerDeeds {
    /// They run.
    Done,
    /// They run, but for those that make a role that exists.
    DoneUnlessRolesExist,
    /// They have run on this server before: what they make may be there, and what they need may be gone.
    Repeated,
}

/// Runs the migrations in order, each in a transaction of its own unless it says otherwise, and enters them where
/// their tools do. `schema` is the one schema that all tables are in, if there is one. Returns the roles that are not made
/// because they exist.
///
/// # Errors
///
/// The first failure, with its place. The connection may be within a transaction then.
pub fn run(
    client: &mut Client,
    migrations: &Migrations,
    schema: Option<&str>,
    deeds: ServerDeeds,
) -> Result<Vec<String>, MigrateError> {
    let mut existing = Vec::new();
    let mut histories = Histories::make(client, &migrations.folders, schema)?;
    for (index, migration) in migrations.list.iter().enumerate() {
        let limit = Limit::start(client, migrations.limit);
        let history = histories.of(migration.folder);
        let mut running = Running {
            client: &mut *client,
            migration,
            limit,
            deeds,
            in_transaction: migration.mode == Mode::Together,
            existing: &mut existing,
        };
        running.run(history).map_err(|error| {
            let error =
                error.with_advice(|refusal| advice(refusal, migrations, index, schema.is_some()));
            match running.limit.is_over() {
                true => error.too_long(migrations.limit),
                false => error,
            }
        })?;
        let layout = layouts::of(migrations.folders[migration.folder].layout);
        // The tool runs once for each folder, unless it merges them.
        let goes_on = migrations.list.get(index + 1).is_some_and(|next| {
            let same = migrations.folders[next.folder].layout == layout.word;
            next.folder == migration.folder || layout.is_merged && same
        });
        match goes_on {
            true => running.end_settings(layout.settings, schema.is_some())?,
            false => running.end_settings(Settings::EndWithFile, schema.is_some())?,
        }
    }
    Ok(existing)
}

/// What PostgreSQL says of deeds to the server that were done before.
const DONE_BEFORE: [SqlState; 5] = [
    SqlState::DUPLICATE_OBJECT,
    SqlState::DUPLICATE_DATABASE,
    SqlState::UNDEFINED_OBJECT,
    SqlState::INVALID_CATALOG_NAME,
    SqlState::DEPENDENT_OBJECTS_STILL_EXIST,
];
/// Tells whether a text says in which schemas names are looked up.
fn sets_path(sql: &str) -> bool {
    let sql = sql.to_ascii_lowercase();
    sql.contains("search_path") || sql.contains("set schema '")
}

/// Ends all that a session was told.
const ALL_ENDS: &str = "RESET SESSION AUTHORIZATION; RESET ROLE; RESET ALL";

/// A migration that runs.
struct Running<'client, 'migrations> {
    client: &'client mut Client,
    migration: &'migrations Migration,
    limit: Limit,
    deeds: ServerDeeds,
    in_transaction: bool,
    /// The roles that were not made because they exist.
    existing: &'client mut Vec<String>,
}

impl<'migrations> Running<'_, 'migrations> {
    fn run(
        &mut self,
        mut history: Option<&mut HistoryTable<'migrations>>,
    ) -> Result<(), MigrateError> {
        let start = Instant::now();
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
            if let Some(control) = Control::of(text) {
                self.in_transaction = matches!(control, Control::Begins);
                begun = self.in_transaction.then_some(statement);
            }
            if changes_settings(text) {
                steps.set_standard_strings(self.has_standard_strings()?);
            }
        }
        if let Some(begun) = begun {
            return Err(MigrateError::Open { place: self.place(begun.start, &begun) });
        }
        let mut enter = |client: &mut Client, when| match &mut history {
            Some(table) if table.history.when == when => {
                table.enter(client, self.migration, start.elapsed().as_nanos())
            }
            _ => Ok(()),
        };
        enter(self.client, When::Within)?;
        if self.migration.mode == Mode::Together {
            let end = sql.trim_end().len();
            self.execute(end..end, "COMMIT")?;
        }
        enter(self.client, When::Behind)
    }

    /// Ends what the migration set for its session, as far as its tool does.
    fn end_settings(
        &mut self,
        settings: Settings,
        is_one_schema: bool,
    ) -> Result<(), MigrateError> {
        let sql = &self.migration.sql;
        let end = |running: &mut Self, text| running.execute(sql.len()..sql.len(), text);
        if settings == Settings::EndWithFile {
            return end(self, ALL_ENDS);
        }
        if settings == Settings::LastWithoutRole {
            end(self, "RESET SESSION AUTHORIZATION; RESET ROLE")?;
        }
        // Under an empty path no tool finds its own table: no project lives on with it. Where all tables are in one
        // schema, it is the path that leads there.
        if sets_path(sql) && (is_one_schema || self.has("search_path", &["", "\"\""])?) {
            end(self, "RESET search_path")?;
        }
        Ok(())
    }

    /// Does a step. Returns its statement.
    fn take(&mut self, step: Step) -> Result<Range<usize>, MigrateError> {
        let migration = self.migration;
        match step {
            Step::Statement(statement) => {
                let text = &migration.sql[statement.clone()];
                self.execute_deed(&statement, text)?;
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
            Step::BesideCopy(at) => Err(MigrateError::Command {
                place: self.place(at, &(at..at)),
                reason: "more stands behind COPY … FROM stdin in its line; begin a new line behind its rows"
                    .to_owned(),
            }),
            Step::Unclosed(at) => Err(MigrateError::Unclosed { place: self.place(at, &(at..at)) }),
        }
    }

    /// Runs a statement as far as the server is not as it says already.
    fn execute_deed(&mut self, statement: &Range<usize>, text: &str) -> Result<(), MigrateError> {
        match self.deeds {
            ServerDeeds::Repeated if touches_server(text) => self.repeat(statement, text),
            ServerDeeds::DoneUnlessRolesExist => match role_made(text) {
                Some(role) if self.has_role(statement, &role)? => {
                    self.existing.push(role);
                    Ok(())
                }
                _ => self.execute(statement.clone(), text),
            },
            ServerDeeds::Done | ServerDeeds::Repeated => self.execute(statement.clone(), text),
        }
    }

    fn has_role(&mut self, statement: &Range<usize>, role: &str) -> Result<bool, MigrateError> {
        let found = self.client.query_opt("SELECT FROM pg_roles WHERE rolname = $1", &[&role]);
        Ok(found.map_err(|error| self.failed(statement, error))?.is_some())
    }

    /// Runs a statement that has run on this server before. That what it makes is there, or what it changes is gone, is no
    /// failure.
    fn repeat(&mut self, statement: &Range<usize>, text: &str) -> Result<(), MigrateError> {
        let nothing = || statement.start..statement.start;
        if self.in_transaction {
            self.execute(nothing(), "SAVEPOINT tdata_deed")?;
        }
        let done = self.client.batch_execute(text);
        let end = match &done {
            Ok(()) => "RELEASE SAVEPOINT tdata_deed",
            Err(error) if error.code().is_some_and(|code| DONE_BEFORE.contains(code)) => {
                "ROLLBACK TO SAVEPOINT tdata_deed"
            }
            Err(_) => return done.map_err(|error| self.failed(statement, error)),
        };
        if self.in_transaction {
            self.execute(nothing(), end)?;
        }
        Ok(())
    }

    fn execute(&mut self, statement: Range<usize>, text: &str) -> Result<(), MigrateError> {
        let done = match copies_to_stdout(text) {
            true => copy_rows::discard(self.client, text),
            false => self.client.batch_execute(text),
        };
        done.map_err(|error| self.failed(&statement, error))
    }

    fn has_standard_strings(&mut self) -> Result<bool, MigrateError> {
        self.has("standard_conforming_strings", &["on"])
    }

    /// Tells whether a setting has one of some values.
    fn has(&mut self, setting: &str, values: &[&str]) -> Result<bool, MigrateError> {
        let asked = self.client.query_one(&format!("SHOW {setting}"), &[]);
        let row = asked.map_err(|error| self.failed(&(0..0), error))?;
        Ok(values.contains(&row.get::<_, &str>(0)))
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
    MigrateError::Failed { place, refusal: Refusal::from(error) }
}

/// Returns what may help where a migration was refused.
fn advice(
    refusal: &Refusal,
    migrations: &Migrations,
    index: usize,
    is_one_schema: bool,
) -> Option<String> {
    const ACTIVE_SQL_TRANSACTION: &str = "25001";
    const UNDEFINED_TABLE: &str = "42P01";
    const INVALID_SCHEMA_NAME: &str = "3F000";
    const SYNTAX_ERROR: &str = "42601";
    let (before, migration) = (&migrations.list[..index], &migrations.list[index]);
    let folder = &migrations.folders[migration.folder];
    let layout = layouts::of(folder.layout);
    if refusal.is(ACTIVE_SQL_TRANSACTION) {
        return Some(format!("It cannot run in a transaction: {}", layout.outside));
    }
    if refusal.is(SYNTAX_ERROR) {
        let text = refusal.to_string();
        let is_template = ["\"{\"", "\"$\"", "\"%\""].iter().any(|mark| text.contains(mark));
        return is_template.then(|| format!("Has it the marks of a template? Then {OWN_PROGRAM}"));
    }
    if !refusal.is(UNDEFINED_TABLE) && !refusal.is(INVALID_SCHEMA_NAME) {
        return None;
    }
    let sets_path = before.iter().rev().find(|other| sets_path(&other.sql));
    let ended = match sets_path {
        Some(other) if layout.settings == Settings::EndWithFile => {
            format!("The search_path that {} set ended with that file. ", other.name)
        }
        Some(other) if is_one_schema => format!(
            "Under `schema` isolation the search_path that {} set ended with that file; with `full` it lasts. ",
            other.name
        ),
        Some(other) => {
            format!("The search_path that {} set still holds, unless it is empty. ", other.name)
        }
        None => String::new(),
    };
    let other = match folder.is_named {
        true => "as `migrations_layout` in tdata.toml says",
        false => "and `migrations_layout` in tdata.toml names another tool",
    };
    Some(format!("{ended}The folder {} is read as {}, {other}", folder.path, tool(folder.layout)))
}

/// Tells whether `standard_conforming_strings` may be another behind a statement.
fn changes_settings(statement: &str) -> bool {
    let first = words(statement).next().unwrap_or_default();
    let ends =
        matches!(first.as_str(), "commit" | "end" | "rollback" | "abort" | "reset" | "discard");
    ends || statement.to_ascii_lowercase().contains("standard_conforming_strings")
}

/// What a statement does to the transaction it is in.
enum Control {
    Begins,
    Ends,
}

impl Control {
    fn of(statement: &str) -> Option<Self> {
        let words: Vec<String> = words(statement).take(4).collect();
        let words: Vec<&str> = words.iter().map(String::as_str).collect();
        let chains = words.windows(2).any(|two| two == ["and", "chain"]);
        match words.as_slice() {
            ["begin", ..] | ["start", "transaction", ..] => Some(Self::Begins),
            ["commit" | "end" | "rollback" | "abort", ..] if chains => Some(Self::Begins),
            // To a savepoint the transaction goes on.
            ["rollback", "to", ..] | ["rollback", "transaction" | "work", "to", ..] => None,
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
        for begins in [
            "BEGIN",
            "begin isolation level serializable",
            "START TRANSACTION",
            "COMMIT AND CHAIN",
            "ROLLBACK WORK AND CHAIN",
        ] {
            assert_eq!(is(begins), "begins", "{begins}");
        }
        for ends in ["COMMIT", "END", "ROLLBACK AND NO CHAIN", "abort", "PREPARE TRANSACTION 'a'"] {
            assert_eq!(is(ends), "ends", "{ends}");
        }
        for neither in
            ["ROLLBACK TO a", "ROLLBACK WORK TO a", "SAVEPOINT a", "PREPARE p AS SELECT 1"]
        {
            assert_eq!(is(neither), "neither", "{neither}");
        }
    }
}
