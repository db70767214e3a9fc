//! What stands in the way of programs that migrate.

use std::io;
use std::process::ExitStatus;
use std::time::Duration;

/// What stands in the way of a program that migrates.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ProgramError {
    /// A command cannot be started.
    #[error("the command `{command}` ({place}) cannot be started: {error}")]
    Start {
        /// The command.
        command: String,
        /// What names it.
        place: String,
        /// Why.
        #[source]
        error: io::Error,
    },
    /// A command failed.
    #[error(
        "the command `{command}` ({place}) failed with {}{}{}",
        ending(*status), last_lines(output), in_a_line_of_its_own(*advice)
    )]
    Failed {
        /// The command.
        command: String,
        /// What names it.
        place: String,
        /// How it ended.
        status: ExitStatus,
        /// The last lines that it wrote.
        output: Vec<String>,
        /// What to do.
        advice: Option<&'static str>,
    },
    /// A command took longer than it may.
    #[error(
        "the command `{command}` ({place}) was stopped when its time was over: {} s\n\
         If it needs longer, say so in tdata.toml: migration_timeout = \"30m\"{}",
        limit.as_secs(), last_lines(output)
    )]
    TooLong {
        /// The command.
        command: String,
        /// What names it.
        place: String,
        /// How long it may take.
        limit: Duration,
        /// The last lines that it wrote.
        output: Vec<String>,
    },
    /// A function failed.
    #[error("the function that migrates (version {version:?}) failed: {reason}")]
    Function {
        /// The version that the configuration gives it.
        version: String,
        /// Its error with its causes, or the message of its panic.
        reason: String,
    },
    /// A function took longer than it may.
    #[error(
        "the function that migrates (version {version:?}) is not done, and its time is over: {} s\n\
         If it needs longer, say so in tdata.toml: migration_timeout = \"30m\"",
        limit.as_secs()
    )]
    FunctionTooLong {
        /// The version that the configuration gives it.
        version: String,
        /// How long it may take.
        limit: Duration,
    },
    /// No thread can be had for a function.
    #[error("no thread can be had for the function that migrates: {0}")]
    Thread(#[source] io::Error),
}

impl ProgramError {
    /// Adds to a failure what may help. `in_schema` says that all tables are in one schema, `is_repeated` that the
    /// program has run on this server before.
    pub(crate) fn with_advice(self, in_schema: bool, is_repeated: bool) -> Self {
        match self {
            Self::Failed { command, place, status, output, advice: _ } => {
                let advice = advice(&output, in_schema, is_repeated);
                Self::Failed { command, place, status, output, advice }
            }
            Self::Function { version, mut reason } => {
                let advice = advice(std::slice::from_ref(&reason), in_schema, is_repeated);
                reason.push_str(&in_a_line_of_its_own(advice));
                Self::Function { version, reason }
            }
            error => error,
        }
    }
}

/// Returns what may help behind some lines that a program wrote, as PostgreSQL says it in English.
fn advice(lines: &[String], in_schema: bool, is_repeated: bool) -> Option<&'static str> {
    let says =
        |what: [&str; 2]| lines.iter().any(|line| what.iter().all(|part| line.contains(part)));
    let is_missing = |kind| says([kind, "does not exist"]);
    if is_repeated && says(["role \"", "already exists"]) {
        return Some(
            "It has run on this server before, where roles stay: make them in a file that tdata.toml names, \
             before_migrations = [\"roles.sql\"]",
        );
    }
    if is_missing("role \"") || is_missing("type \"") || is_missing("function ") {
        return Some(
            "Roles and extensions that it needs are made in a file that tdata.toml names, before_migrations = \
             [\"roles.sql\"]",
        );
    }
    (in_schema && (is_missing("schema \"") || is_missing("relation \""))).then_some(
        "Under `schema` isolation it gets a schema of its own by `options` of the URL, and must not name another: use \
         isolation = \"full\"",
    )
}

/// Tells how a command ended.
fn ending(status: ExitStatus) -> String {
    use std::os::unix::process::ExitStatusExt as _;
    match (status.code(), status.signal()) {
        (Some(code), _) => format!("exit code {code}"),
        (None, Some(signal)) => format!("signal {signal}"),
        (None, None) => "no exit code".to_owned(),
    }
}

fn in_a_line_of_its_own(advice: Option<&str>) -> String {
    advice.map(|advice| format!("\n{advice}")).unwrap_or_default()
}

fn last_lines(output: &[String]) -> String {
    if output.is_empty() {
        return "\nIt wrote nothing".to_owned();
    }
    let lines: String = output.iter().map(|line| format!("\n  {line}")).collect();
    format!("\nIts last lines:{lines}")
}
