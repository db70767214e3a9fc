//! Commands that a project names in its settings, and the files that it names beside them.

use std::fmt;

use toml::de::DeValue;

use super::reader::Reader;
use crate::diagnostic::{Located, shell_word};

/// A command: a line for the shell, or a program with its arguments.
///
/// ```
/// use tdata_core::project::Command;
///
/// let line = Command::from("cargo run --bin migrate");
/// assert_eq!(line.to_string(), "cargo run --bin migrate");
/// let words = Command::from(["./migrate", "--to", "my shop"]);
/// assert_eq!(words.to_string(), "./migrate --to 'my shop'");
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Command {
    /// A line, as in the scripts of packages: the shell reads it.
    Line(String),
    /// A program and its arguments. No shell reads them.
    Words(Vec<String>),
}

/// A script that a project names in its settings, beside its migrations.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Script {
    /// A file with SQL, from the project's folder on.
    File(Located<String>),
    /// A command.
    Command(Located<Command>),
}

impl From<&str> for Command {
    fn from(line: &str) -> Self {
        Self::Line(line.to_owned())
    }
}

impl From<String> for Command {
    fn from(line: String) -> Self {
        Self::Line(line)
    }
}

impl<const N: usize> From<[&str; N]> for Command {
    fn from(words: [&str; N]) -> Self {
        Self::Words(words.map(str::to_owned).to_vec())
    }
}

impl From<Vec<String>> for Command {
    fn from(words: Vec<String>) -> Self {
        Self::Words(words)
    }
}

/// Writes it as one would type it.
impl fmt::Display for Command {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Line(line) => f.write_str(line),
            Self::Words(words) => {
                let words: Vec<_> = words.iter().map(|word| shell_word(word)).collect();
                f.write_str(&words.join(" "))
            }
        }
    }
}

impl Command {
    /// Tells whether there is nothing to run.
    pub fn is_empty(&self) -> bool {
        match self {
            Self::Line(line) => line.trim().is_empty(),
            Self::Words(words) => words.first().is_none_or(|program| program.trim().is_empty()),
        }
    }
}

/// Reads a command: a line, or a list of words.
pub(super) fn read(reader: &mut Reader<'_, '_>) -> Option<Located<Command>> {
    const EXPECTED: &str = "a command, such as \"cargo run --bin migrate\", or the list of its \
                            words, such as [\"cargo\", \"run\"]";
    let command = match reader.value.get_ref() {
        DeValue::String(line) => Some(Command::Line(line.to_string())),
        DeValue::Array(list) => {
            let word =
                |value: &toml::Spanned<DeValue<'_>>| value.get_ref().as_str().map(str::to_owned);
            list.iter().map(word).collect::<Option<Vec<_>>>().map(Command::Words)
        }
        _ => None,
    };
    match command.filter(|command| !command.is_empty()) {
        Some(command) => Some(reader.located(command)),
        None => {
            reader.invalid(EXPECTED);
            None
        }
    }
}

/// Reads the names of files: one, or a list.
pub(super) fn read_files(reader: &mut Reader<'_, '_>) -> Vec<Located<String>> {
    const EXPECTED: &str = "a list of files, folders and patterns, such as [\"migration/src\"]";
    let mut files = Vec::new();
    reader.each(|reader| match reader.value.get_ref() {
        DeValue::String(file) if !file.trim().is_empty() => {
            files.push(reader.located(file.to_string()));
        }
        _ => reader.invalid(EXPECTED),
    });
    files
}

/// Reads scripts: one, or a list, each a file or a command.
pub(super) fn read_scripts(reader: &mut Reader<'_, '_>) -> Vec<Script> {
    let mut scripts = Vec::new();
    reader.each(|reader| scripts.extend(script(reader)));
    scripts
}

fn script(reader: &mut Reader<'_, '_>) -> Option<Script> {
    const EXPECTED: &str =
        "a list of SQL files and commands, such as [\"roles.sql\", { command = \"…\" }]";
    match reader.value.get_ref() {
        DeValue::String(file) if !file.trim().is_empty() => {
            Some(Script::File(reader.located(file.to_string())))
        }
        DeValue::Table(table) => {
            let (mut command, mut is_wrong) = (None, false);
            for (key, value) in table {
                let mut reader = reader.inner(key, value);
                match key.get_ref().as_ref() {
                    "command" => {
                        command = read(&mut reader);
                        is_wrong |= command.is_none();
                    }
                    _ => {
                        reader.unknown(&["command"]);
                        is_wrong = true;
                    }
                }
            }
            if command.is_none() && !is_wrong {
                reader.invalid(EXPECTED);
            }
            command.map(Script::Command)
        }
        _ => {
            reader.invalid(EXPECTED);
            None
        }
    }
}
