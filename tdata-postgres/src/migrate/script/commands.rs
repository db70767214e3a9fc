//! Does the commands of `psql`.

use std::ops::Range;

use postgres::SimpleQueryMessage;
use tdata_core::sql::quote_identifier;

use super::running::{Flow, Script};
use super::source::Source;
use crate::migrate::error::MigrateError;
use crate::migrate::place::Place;
use crate::migrate::project_database::Connection;
use crate::migrate::psql::{
    Command, Conditions, CopyCommand, Rows, Variables, arguments, command, holds, without_quotes,
};
use crate::migrate::server_deeds::ServerDeeds;
use crate::migrate::steps::Steps;
use crate::migrate::text::{NoText, decode};

/// How many files deep includes go.
const DEPTH: usize = 16;

/// A row: names and values.
type Row = Vec<(String, Option<String>)>;

impl Script<'_> {
    /// Does a command, with the statement before it that nothing has ended.
    pub(super) fn command(
        &mut self,
        source: &Source<'_>,
        steps: &mut Steps<'_>,
        conditions: &mut Conditions,
        (statement, line): (Range<usize>, Range<usize>),
    ) -> Result<Flow, MigrateError> {
        let command = command(&source.text[line.clone()]);
        let told = |reason| source.told(line.start, reason);
        let ends_statement = matches!(
            command,
            Command::Run | Command::RunResult | Command::KeepResult(_) | Command::Forget
        );
        let is_condition =
            matches!(command, Command::If(_) | Command::Elif(_) | Command::Else | Command::EndIf);
        if !conditions.runs() && !is_condition {
            return Ok(Flow::On);
        }
        if !statement.is_empty() && !ends_statement && !matches!(command, Command::Refused(_)) {
            return Err(told(
                "a command of psql stands within a statement; end it before".to_owned(),
            ));
        }
        let said = |said: &str, variables: &Variables| arguments(said, variables).map_err(told);
        match command {
            Command::Nothing | Command::Forget => {}
            Command::Refused(reason) => return Err(told(reason)),
            Command::Set(what) => self.set(&said(what, &self.variables)?).map_err(told)?,
            Command::Unset(what) => {
                let names = said(what, &self.variables)?;
                names.iter().for_each(|name| self.variables.unset(name));
            }
            Command::If(what) => {
                let runs = conditions.runs();
                let is_true =
                    runs && holds(&said(what, &self.variables)?.join(" ")).map_err(told)?;
                conditions.begin(is_true);
            }
            Command::Elif(what) => {
                let asks = conditions.asks_elif();
                let is_true =
                    asks && holds(&said(what, &self.variables)?.join(" ")).map_err(told)?;
                conditions.elif(is_true).map_err(told)?;
            }
            Command::Else => conditions.otherwise().map_err(told)?,
            Command::EndIf => conditions.end().map_err(told)?,
            Command::Include { file, is_relative } => {
                let names = said(file, &self.variables)?;
                let named = names.first().ok_or_else(|| told("it names no file".to_owned()))?;
                self.include(source, line.start, &without_quotes(named), is_relative)?;
            }
            Command::Run if statement.is_empty() => {}
            Command::Run => {
                let text = self.variables.expand(&source.text[statement.clone()]);
                self.statement(source, &statement, &text)?;
            }
            Command::RunResult => {
                for row in self.rows_of(source, &statement)? {
                    for text in row.into_iter().filter_map(|(_, value)| value) {
                        self.statement(source, &statement, &text)?;
                    }
                }
            }
            Command::KeepResult(what) => {
                let prefix = said(what, &self.variables)?.concat();
                let mut rows = self.rows_of(source, &statement)?;
                let (Some(row), true) = (rows.pop(), rows.is_empty()) else {
                    return Err(told(
                        "\\gset takes one row, and the statement has none or more".to_owned(),
                    ));
                };
                for (name, value) in row {
                    match value {
                        Some(value) => self.variables.set(&format!("{prefix}{name}"), value),
                        None => self.variables.unset(&format!("{prefix}{name}")),
                    }
                }
            }
            Command::Copy(what) => {
                let copy = CopyCommand::of(what).map_err(told)?;
                self.copy_from(source, steps, line, copy)?;
            }
            Command::Connect(what) => {
                let connection = Connection::of(&said(what, &self.variables)?).map_err(told)?;
                self.connect(source, line.start, connection)?;
            }
            Command::Quit => return Ok(Flow::Ended),
        }
        Ok(Flow::On)
    }

    fn set(&mut self, said: &[String]) -> Result<(), String> {
        let Some((name, values)) = said.split_first() else { return Ok(()) };
        let value = values.concat();
        if name == "AUTOCOMMIT" && holds(&value) == Ok(false) {
            return Err(
                "tdata's transactions are those of the file: write BEGIN and COMMIT in place of it"
                    .to_owned(),
            );
        }
        self.variables.set(name, value);
        Ok(())
    }

    fn include(
        &mut self,
        source: &Source<'_>,
        at: usize,
        named: &str,
        is_relative: bool,
    ) -> Result<(), MigrateError> {
        let (included, by) = (self.included, source.path);
        let found = included.find(named, by, is_relative);
        let (path, bytes) = found.map_err(|reason| source.told(at, reason))?;
        if self.within.iter().any(|file| file == path) {
            let circle = format!("{} -> {path}", self.within.join(" -> "));
            return Err(
                source.told(at, format!("the files include each other in a circle: {circle}"))
            );
        }
        if self.within.len() > DEPTH {
            return Err(
                source.told(at, format!("the files include each other more than {DEPTH} deep"))
            );
        }
        let text = decode(bytes).map_err(|NoText { line, text }| {
            let line = line.map_or(String::new(), |line| format!(":{line}"));
            source.told(at, format!("{path}{line} {text}"))
        })?;
        self.run(Source::of(path, path, &text))
    }

    /// Runs a query, and returns its rows: names and values.
    fn rows_of(
        &mut self,
        source: &Source<'_>,
        statement: &Range<usize>,
    ) -> Result<Vec<Row>, MigrateError> {
        let text = self.variables.expand(&source.text[statement.clone()]);
        let answer = self.client.simple_query(&text);
        let answer = answer.map_err(|error| source.failed(statement, &text, error))?;
        let row = |message| match message {
            SimpleQueryMessage::Row(row) => {
                let names = row.columns().iter().enumerate();
                let values = names
                    .map(|(at, column)| (column.name().to_owned(), row.get(at).map(str::to_owned)));
                Some(values.collect())
            }
            _ => None,
        };
        Ok(answer.into_iter().filter_map(row).collect())
    }

    fn copy_from(
        &mut self,
        source: &Source<'_>,
        steps: &mut Steps<'_>,
        line: Range<usize>,
        copy: CopyCommand,
    ) -> Result<(), MigrateError> {
        let place = source.place(line.start, &line);
        match copy.rows {
            Rows::Written => {
                self.ran.pass_over(&place, "\\copy would write a file, and tdata writes none");
                Ok(())
            }
            Rows::Behind => {
                let rows = steps.rows();
                let first = source.place(rows.start, &line);
                let rows = source.text[rows].as_bytes();
                self.copy(source, (&line, &copy.statement), first, rows)
            }
            Rows::File(named) => {
                let found = self.included.find(&named, source.path, false);
                let (path, rows) = found.map_err(|reason| source.told(line.start, reason))?;
                let first = Place { name: path.to_owned(), line: 1, statement: place.statement };
                self.copy(source, (&line, &copy.statement), first, rows)
            }
        }
    }

    /// Begins a new session of the same database, as far as a script can see.
    fn connect(
        &mut self,
        source: &Source<'_>,
        at: usize,
        Connection { database, user }: Connection,
    ) -> Result<(), MigrateError> {
        if let Some(database) = &database {
            self.database.takes(database).map_err(|reason| source.told(at, reason))?;
        }
        let here = at..at;
        self.execute(source, &here, "RESET SESSION AUTHORIZATION; RESET ALL")?;
        let Some(user) = user else { return Ok(()) };
        let is_self =
            self.ask(source, &here, "SELECT (session_user = $1::text)::text", Some(&user))?;
        if is_self == "true" {
            return Ok(());
        }
        if self.deeds == ServerDeeds::DoneUnlessRolesExist {
            let reason = format!(
                "it connects as {user}, and the server's URL has the role that all is done as: leave the name out, or write \
                 SET ROLE"
            );
            return Err(source.told(at, reason));
        }
        let sql = format!("SET SESSION AUTHORIZATION {}", quote_identifier(&user));
        self.make_roles(source, &here, &sql)?;
        self.execute(source, &here, &sql)
    }
}
