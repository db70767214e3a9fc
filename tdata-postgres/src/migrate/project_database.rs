//! The database that a script takes for the project's own: it makes it, connects to it and speaks of it by its name.

use std::ops::Range;
use std::str::FromStr as _;

use postgres::Config;
use tdata_core::sql::{Lexer, Token, TokenKind, quote_identifier};

use super::psql::{Command, Variables, arguments, command, without_quotes};
use super::steps::{Step, Steps};

/// Databases that every server has: whoever connects to them means the server.
const OF_SERVER: &[&str] = &["postgres", "template1", "template0"];

/// The name of the project's database in its scripts, where they connect to one.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct ProjectDatabase(Option<String>);

/// What to do with a statement that speaks of a database.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Meant {
    /// It speaks of none, or of another one.
    Other,
    /// The database is there already, and is tdata's.
    PassOver,
    /// It speaks of the project's own database, whose name is at these bytes.
    Own(Range<usize>),
}

impl ProjectDatabase {
    /// Finds the first database that some scripts connect to.
    pub(super) fn of<'a>(mut texts: impl Iterator<Item = &'a str>) -> Self {
        Self(texts.find_map(first_connection))
    }

    /// Tells whether a connection to a database stays where it is.
    pub(super) fn takes(&mut self, name: &str) -> Result<(), String> {
        if OF_SERVER.contains(&name) {
            return Ok(());
        }
        match &self.0 {
            Some(known) if known != name => Err(format!(
                "it connects to the database {name} besides {known}, and a project has one database here: put what \
                 belongs to {name} into a project of its own"
            )),
            _ => {
                self.0 = Some(name.to_owned());
                Ok(())
            }
        }
    }

    /// Finds out what a statement says of the project's database.
    pub(super) fn meant(&self, statement: &str) -> Meant {
        let Some(own) = &self.0 else { return Meant::Other };
        let tokens: Vec<Token> = Lexer::new(statement)
            .filter(|token| !matches!(token.kind, TokenKind::Blank | TokenKind::Comment))
            .collect();
        let text = |token: &Token| &statement[token.start..token.end];
        let is = |at: usize, word: &str| {
            tokens.get(at).is_some_and(|token| text(token).eq_ignore_ascii_case(word))
        };
        let Some(database) = (0..tokens.len()).find(|at| is(*at, "database")) else {
            return Meant::Other;
        };
        let makes = database == 1 && (is(0, "create") || is(0, "drop"));
        let alters = database == 1 && is(0, "alter");
        let before = database.wrapping_sub(1);
        let is_first = |words: [&str; 3]| words.iter().any(|word| is(0, word));
        let speaks = is(before, "on") && is_first(["comment", "grant", "revoke"])
            || is(before, "in") && is(0, "alter");
        let mut name = database + 1;
        if is(name, "if") {
            name += if is(name + 1, "not") { 3 } else { 2 };
        }
        let Some(named) = tokens.get(name).filter(|token| name_of(text(token)) == *own) else {
            return Meant::Other;
        };
        let sets = is(name + 1, "set") && !is(name + 2, "tablespace")
            || is(name + 1, "reset")
            || is(name + 1, "owner");
        match (makes, alters, speaks) {
            (true, ..) => Meant::PassOver,
            (_, true, _) if !sets => Meant::PassOver,
            (_, true, _) | (_, _, true) => Meant::Own(named.start..named.end),
            _ => Meant::Other,
        }
    }
}

/// Puts another name for a database into a statement.
pub(super) fn rename(statement: &str, at: Range<usize>, name: &str) -> String {
    format!("{}{}{}", &statement[..at.start], quote_identifier(name), &statement[at.end..])
}

fn name_of(text: &str) -> String {
    if text.starts_with('"') { without_quotes(text) } else { text.to_ascii_lowercase() }
}

/// Whom and where to connect to.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Connection {
    pub(super) database: Option<String>,
    pub(super) user: Option<String>,
}

impl Connection {
    /// Reads the arguments of `\connect`.
    pub(super) fn of(said: &[String]) -> Result<Self, String> {
        let said = said.iter().filter(|word| !word.starts_with("-reuse-previous"));
        let mut said =
            said.map(|word| without_quotes(word)).map(|word| (word != "-").then_some(word));
        let first = said.next().flatten();
        let (mut database, mut user) = (first, said.next().flatten());
        if let Some(described) = database.take_if(|name| name.contains('=') || name.contains("://"))
        {
            // The parser's own error shows what it parsed, and that may hold a password.
            let config = Config::from_str(&described)
                .map_err(|_| "what it connects to cannot be read: write a database's name")?;
            database = config.get_dbname().map(str::to_owned);
            user = user.or(config.get_user().map(str::to_owned));
        }
        Ok(Self { database, user })
    }
}

/// Returns the first database of its own that a script connects to.
fn first_connection(text: &str) -> Option<String> {
    if !text.contains("\\c") {
        return None;
    }
    let mut variables = Variables::default();
    Steps::new(text).find_map(|step| {
        let Step::Command { line, .. } = step else { return None };
        match command(&text[line]) {
            Command::Set(said) => {
                let said = arguments(said, &variables).ok()?;
                let (name, value) = said.split_first()?;
                variables.set(name, value.concat());
                None
            }
            Command::Connect(said) => {
                let connection = Connection::of(&arguments(said, &variables).ok()?).ok()?;
                connection.database.filter(|name| !OF_SERVER.contains(&name.as_str()))
            }
            _ => None,
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn connection(said: &[&str]) -> (Option<String>, Option<String>) {
        let said: Vec<String> = said.iter().map(|word| (*word).to_owned()).collect();
        let Connection { database, user } = Connection::of(&said).unwrap();
        (database, user)
    }

    #[test]
    fn connections_are_read_in_each_form() {
        let some = |text: &str| Some(text.to_owned());
        assert_eq!(connection(&["shop"]), (some("shop"), None));
        assert_eq!(connection(&["-", "app"]), (None, some("app")));
        assert_eq!(
            connection(&["\"My shop\"", "app", "localhost", "5432"]),
            (some("My shop"), some("app"))
        );
        assert_eq!(
            connection(&["-reuse-previous=on", "\"dbname='my db'\""]),
            (some("my db"), None)
        );
        assert_eq!(connection(&["postgres://app@h/shop"]), (some("shop"), some("app")));
        assert_eq!(connection(&[]), (None, None));
    }

    #[test]
    fn the_first_connection_names_the_project_database() {
        let texts = ["SELECT 1;", "\\connect postgres\n\\set d shop\n\\c :d\n", "\\c other"];
        assert_eq!(
            ProjectDatabase::of(texts.into_iter()),
            ProjectDatabase(Some("shop".to_owned()))
        );
        let mut database = ProjectDatabase::of(texts.into_iter());
        assert_eq!(database.takes("shop"), Ok(()));
        assert_eq!(database.takes("template1"), Ok(()));
        assert!(database.takes("other").unwrap_err().contains("other besides shop"));
    }

    #[test]
    fn the_project_database_is_there_and_has_another_name() {
        let database = ProjectDatabase(Some("Shop".to_owned()));
        for sql in [
            "CREATE DATABASE \"Shop\" WITH TEMPLATE = template0",
            "DROP DATABASE IF EXISTS \"Shop\"",
            "ALTER DATABASE \"Shop\" CONNECTION LIMIT 3",
            "alter database \"Shop\" SET TABLESPACE x",
        ] {
            assert_eq!(database.meant(sql), Meant::PassOver, "{sql}");
        }
        for (sql, renamed) in [
            (
                "ALTER DATABASE \"Shop\" SET timezone = 'UTC'",
                "ALTER DATABASE \"d\" SET timezone = 'UTC'",
            ),
            ("ALTER DATABASE \"Shop\" OWNER TO app", "ALTER DATABASE \"d\" OWNER TO app"),
            (
                "ALTER ROLE app IN DATABASE \"Shop\" SET work_mem TO '1MB'",
                "ALTER ROLE app IN DATABASE \"d\" SET work_mem TO '1MB'",
            ),
            ("COMMENT ON DATABASE \"Shop\" IS 'x'", "COMMENT ON DATABASE \"d\" IS 'x'"),
            (
                "REVOKE ALL ON DATABASE \"Shop\" FROM PUBLIC",
                "REVOKE ALL ON DATABASE \"d\" FROM PUBLIC",
            ),
        ] {
            let Meant::Own(at) = database.meant(sql) else { panic!("{sql}") };
            assert_eq!(rename(sql, at, "d"), renamed);
        }
        for sql in [
            "CREATE DATABASE shop",
            "CREATE TABLE database (a int)",
            "SELECT 'database'",
            "GRANT ALL ON t TO a",
        ] {
            assert_eq!(database.meant(sql), Meant::Other, "{sql}");
        }
    }
}
