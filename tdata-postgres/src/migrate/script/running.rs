//! Runs scripts: their statements, and the rows behind a `COPY`.

use std::borrow::Cow;
use std::ops::Range;

use postgres::Client;
use postgres::error::SqlState;
use tdata_core::sql::quote_identifier;

use super::ran::Ran;
use super::rows::{self, Rows};
use super::source::{Source, failed};
use crate::migrate::control::Control;
use crate::migrate::copy_rows;
use crate::migrate::dump;
use crate::migrate::error::MigrateError;
use crate::migrate::included::Included;
use crate::migrate::place::Place;
use crate::migrate::project_database::{Meant, ProjectDatabase, rename};
use crate::migrate::psql::{Conditions, Variables};
use crate::migrate::roles::{role_made, roles_named};
use crate::migrate::server_deeds::{ServerDeeds, touches_server};
use crate::migrate::steps::{Step, Steps, copies_to_stdout, words};

/// What PostgreSQL says of deeds to the server that were done before.
const DONE_BEFORE: [SqlState; 5] = [
    SqlState::DUPLICATE_OBJECT,
    SqlState::DUPLICATE_DATABASE,
    SqlState::UNDEFINED_OBJECT,
    SqlState::INVALID_CATALOG_NAME,
    SqlState::DEPENDENT_OBJECTS_STILL_EXIST,
];

/// What PostgreSQL says where roles and databases are of a server that is not ours: they are needed elsewhere, or there
/// already.
const NOT_OURS: [SqlState; 3] = [
    SqlState::DEPENDENT_OBJECTS_STILL_EXIST,
    SqlState::DUPLICATE_OBJECT,
    SqlState::DUPLICATE_DATABASE,
];

/// Whether a script goes on.
#[derive(PartialEq, Eq)]
pub(super) enum Flow {
    On,
    Ended,
}

/// A script that runs.
pub(in crate::migrate) struct Script<'a> {
    pub(in crate::migrate) client: &'a mut Client,
    pub(in crate::migrate) deeds: ServerDeeds,
    pub(in crate::migrate) included: &'a Included,
    pub(in crate::migrate) database: &'a mut ProjectDatabase,
    pub(in crate::migrate) ran: &'a mut Ran,
    pub(in crate::migrate) variables: Variables,
    /// The paths of the files that run, each included by the one before it.
    pub(in crate::migrate) within: Vec<String>,
    pub(in crate::migrate) in_transaction: bool,
    /// Where the transaction begins that the script itself has open.
    pub(in crate::migrate) open: Option<Place>,
    /// The statements that wait to be sent together.
    pub(in crate::migrate) rows: Rows,
}

impl Script<'_> {
    /// Runs a file.
    pub(in crate::migrate) fn run(&mut self, source: Source<'_>) -> Result<(), MigrateError> {
        self.within.push(source.path.to_owned());
        self.set_known(&source)?;
        let mut steps = Steps::new(source.text);
        let mut conditions = Conditions::default();
        steps.set_standard_strings(self.has_standard_strings(&source)?);
        while let Some(step) = steps.next() {
            if !matches!(step, Step::Statement(_)) {
                self.rows.send(self.client, &source)?;
            }
            let asks_anew = match step {
                Step::Unclosed(at) => {
                    return Err(MigrateError::Unclosed { place: source.place(at, &(at..at)) });
                }
                Step::Command { statement, line } => {
                    let flow =
                        self.command(&source, &mut steps, &mut conditions, (statement, line))?;
                    if flow == Flow::Ended {
                        break;
                    }
                    true
                }
                Step::BesideCopy(at) => {
                    let reason = "more stands behind COPY … FROM stdin in its line; begin a new line behind its rows";
                    return Err(source.told(at, reason));
                }
                _ if !conditions.runs() => false,
                Step::Statement(statement) => {
                    let text = self.variables.expand(&source.text[statement.clone()]);
                    let changes_settings = changes_settings(&text);
                    // Outside of a transaction each is kept by itself.
                    if self.in_transaction
                        && !changes_settings
                        && self.deeds != ServerDeeds::Repeated
                        && rows::adds_rows(&text)
                    {
                        self.rows.add(self.client, &source, statement, text.into_owned())?;
                    } else {
                        self.rows.send(self.client, &source)?;
                        self.statement(&source, &statement, &text)?;
                    }
                    changes_settings
                }
                Step::Copy { statement, rows } => {
                    let text = self.variables.expand(&source.text[statement.clone()]);
                    let first = source.place(rows.start, &statement);
                    let rows = source.text[rows].as_bytes();
                    self.copy(&source, (&statement, &text), first, rows)?;
                    false
                }
            };
            if asks_anew {
                steps.set_standard_strings(self.has_standard_strings(&source)?);
            }
        }
        self.rows.send(self.client, &source)?;
        self.within.pop();
        match conditions.is_open() {
            true => Err(source.told(source.text.len(), "\\endif is missing for an \\if")),
            false => Ok(()),
        }
    }

    /// Sets the variables that `psql` itself sets, as far as a file uses them.
    fn set_known(&mut self, source: &Source<'_>) -> Result<(), MigrateError> {
        const KNOWN: [(&str, &str); 5] = [
            ("DBNAME", "current_database()::text"),
            ("USER", "session_user::text"),
            ("ENCODING", "'UTF8'"),
            ("SERVER_VERSION_NUM", "current_setting('server_version_num')"),
            ("SERVER_VERSION_NAME", "current_setting('server_version')"),
        ];
        for (name, value) in KNOWN {
            let forms = ["", "'", "\"", "{?"].map(|open| format!(":{open}{name}"));
            if forms.iter().any(|form| source.text.contains(form)) {
                let value = self.ask(source, &(0..0), &format!("SELECT {value}"), None)?;
                self.variables.set(name, value);
            }
        }
        Ok(())
    }

    /// Runs a statement, unless the server is as it says. `text` is what is sent of it.
    pub(super) fn statement(
        &mut self,
        source: &Source<'_>,
        statement: &Range<usize>,
        text: &str,
    ) -> Result<(), MigrateError> {
        const OF_ROWS: [&str; 4] = ["insert", "select", "update", "delete"];
        let first = words(text).next().unwrap_or_default();
        let text = match OF_ROWS.contains(&first.as_str()) {
            true => Cow::Borrowed(text),
            false => match self.meant(source, statement, text)? {
                Some(text) => text,
                None => return Ok(()),
            },
        };
        if self.deeds == ServerDeeds::Repeated && touches_server(&text) {
            self.repeat(source, statement, &text, &DONE_BEFORE)?;
        } else if self.deeds == ServerDeeds::DoneUnlessRolesExist
            // Of a block all would be passed over, what belongs to the database as well.
            && first != "do"
            && touches_server(&text)
        {
            if !self.repeat(source, statement, &text, &NOT_OURS)? {
                let what = "this server is not tdata's own, and has what it makes already, or needs what it drops";
                self.ran.pass_over(&source.place(statement.start, statement), what);
            }
        } else {
            self.execute(source, statement, &text)?;
        }
        if let Some(control) = Control::of(&text) {
            self.in_transaction = matches!(control, Control::Begins);
            self.open = self.in_transaction.then(|| source.place(statement.start, statement));
        }
        Ok(())
    }

    /// Runs a statement that has run on this server before. What shows that it has is no failure:
    /// what it makes is there, or what it changes is gone. Tells whether it did something.
    fn repeat(
        &mut self,
        source: &Source<'_>,
        statement: &Range<usize>,
        text: &str,
        done_before: &[SqlState],
    ) -> Result<bool, MigrateError> {
        let here = statement.start..statement.start;
        if self.in_transaction {
            self.execute(source, &here, "SAVEPOINT tdata_deed")?;
        }
        let done = self.client.batch_execute(text);
        let end = match &done {
            Ok(()) => "RELEASE SAVEPOINT tdata_deed",
            Err(error) if error.code().is_some_and(|code| done_before.contains(code)) => {
                "ROLLBACK TO SAVEPOINT tdata_deed"
            }
            Err(_) => {
                let failed = done.map_err(|error| source.failed(statement, text, error));
                return failed.map(|()| true);
            }
        };
        if self.in_transaction {
            self.execute(source, &here, end)?;
        }
        Ok(done.is_ok())
    }

    /// Returns what is run of a statement, if anything is.
    fn meant<'t>(
        &mut self,
        source: &Source<'_>,
        statement: &Range<usize>,
        text: &'t str,
    ) -> Result<Option<Cow<'t, str>>, MigrateError> {
        let is_owned = self.deeds != ServerDeeds::DoneUnlessRolesExist;
        if says_encoding(text) {
            return Ok(None);
        }
        match self.database.meant(text) {
            Meant::PassOver => return Ok(None),
            Meant::Own(_) if !is_owned && words(text).any(|word| word == "owner") => {
                return Ok(None);
            }
            Meant::Own(at) => {
                let name = self.ask(source, statement, "SELECT current_database()::text", None)?;
                let text = rename(text, at, &name);
                if is_owned {
                    self.make_roles(source, statement, &text)?;
                }
                return Ok(Some(Cow::Owned(text)));
            }
            Meant::Other => {}
        }
        if !is_owned && let Some(role) = role_made(text) {
            let sql =
                "SELECT EXISTS (SELECT FROM pg_catalog.pg_roles WHERE rolname = $1::text)::text";
            if self.ask(source, statement, sql, Some(&role))? == "true" {
                self.ran.existing_roles.push(role);
                return Ok(None);
            }
        }
        let asks = source.is_dump || (is_owned && sets_password(text));
        if let Some(question) = asks.then(|| dump::question(text)).flatten() {
            let sql = format!("SELECT ({})::text", question.sql);
            if self.ask(source, statement, &sql, Some(&question.name))? == "true" {
                if question.is_told {
                    let what = format!(
                        "this server has no setting {}, which the dump sets",
                        question.name
                    );
                    self.ran.pass_over(&source.place(statement.start, statement), &what);
                }
                return Ok(None);
            }
        }
        if is_owned {
            self.make_roles(source, statement, text)?;
        }
        Ok(Some(Cow::Borrowed(text)))
    }

    /// Makes the roles that a statement names and that are not there: on a server of ours nobody else can.
    pub(super) fn make_roles(
        &mut self,
        source: &Source<'_>,
        statement: &Range<usize>,
        text: &str,
    ) -> Result<(), MigrateError> {
        const IS_MISSING: &str = "SELECT (NOT EXISTS (SELECT FROM pg_catalog.pg_roles WHERE rolname = $1::text) \
            AND EXISTS (SELECT FROM pg_catalog.pg_roles \
                        WHERE rolname = current_user AND (rolsuper OR rolcreaterole)))::text";
        for role in roles_named(text) {
            if !self.ran.made_roles.contains(&role)
                && self.ask(source, statement, IS_MISSING, Some(&role))? == "true"
            {
                let sql = format!("CREATE ROLE {} NOLOGIN", quote_identifier(&role));
                self.execute(source, statement, &sql)?;
                self.ran.made_roles.push(role);
            }
        }
        Ok(())
    }

    pub(super) fn copy(
        &mut self,
        source: &Source<'_>,
        (statement, text): (&Range<usize>, &str),
        first: Place,
        rows: &[u8],
    ) -> Result<(), MigrateError> {
        let sent = copy_rows::send(self.client, text, rows);
        sent.map_err(|error| match copy_rows::row(&error) {
            Some(row) => {
                let mut place = first;
                place.line += row - 1;
                failed(place, None, error)
            }
            None => source.failed(statement, text, error),
        })
    }

    pub(super) fn execute(
        &mut self,
        source: &Source<'_>,
        statement: &Range<usize>,
        text: &str,
    ) -> Result<(), MigrateError> {
        let done = match copies_to_stdout(text) {
            true => copy_rows::discard(self.client, text),
            false => self.client.batch_execute(text),
        };
        done.map_err(|error| source.failed(statement, text, error))
    }

    /// Asks for one text.
    pub(super) fn ask(
        &mut self,
        source: &Source<'_>,
        statement: &Range<usize>,
        sql: &str,
        name: Option<&str>,
    ) -> Result<String, MigrateError> {
        let answer = match &name {
            Some(name) => self.client.query_one(sql, &[name]),
            None => self.client.query_one(sql, &[]),
        };
        Ok(answer.map_err(|error| source.failed(statement, sql, error))?.get(0))
    }

    fn has_standard_strings(&mut self, source: &Source<'_>) -> Result<bool, MigrateError> {
        Ok(self.ask(source, &(0..0), "SHOW standard_conforming_strings", None)? == "on")
    }
}

/// Tells whether `standard_conforming_strings` may be another behind a statement.
fn changes_settings(statement: &str) -> bool {
    let first = words(statement).next().unwrap_or_default();
    let ends =
        matches!(first.as_str(), "commit" | "end" | "rollback" | "abort" | "reset" | "discard");
    ends || statement.to_ascii_lowercase().contains("standard_conforming_strings")
}

/// Tells whether a statement says which encoding the client uses: the text is sent as UTF-8, whatever its file was.
fn says_encoding(statement: &str) -> bool {
    let words: Vec<String> = words(statement).take(3).collect();
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    matches!(
        words.as_slice(),
        ["set", "client_encoding" | "names", ..]
            | ["set", "session" | "local", "client_encoding"]
            | ["reset", "client_encoding"]
    )
}

/// Tells whether a statement gives a role another password: if it is tdata's own role, nobody would be let in any more.
fn sets_password(statement: &str) -> bool {
    let mut words = words(statement);
    words.next().is_some_and(|word| word == "alter")
        && words.next().is_some_and(|word| matches!(word.as_str(), "role" | "user"))
        && words.any(|word| word == "password")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn new_passwords_are_known() {
        assert!(sets_password("ALTER USER postgres WITH PASSWORD 'x'"));
        assert!(!sets_password("ALTER ROLE postgres SET work_mem = '1MB'"));
        assert!(!sets_password("ALTER TABLE role ADD password text"));
    }

    #[test]
    fn what_is_said_of_the_encoding_is_known() {
        for sql in [
            "SET client_encoding = 'LATIN1'",
            "set names 'latin1'",
            "SET SESSION client_encoding TO x",
        ] {
            assert!(says_encoding(sql), "{sql}");
        }
        assert!(!says_encoding("SET search_path = client_encoding"));
    }
}
