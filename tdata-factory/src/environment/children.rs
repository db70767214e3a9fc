//! What of the environment goes to programs that this process starts.

use std::process::Command;

use super::variable::{DATABASE_URLS, MASK_KEY};

/// What programs need to find their files, and the libraries that they are linked to.
const KEPT: &[&str] = &["PATH", "LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH"];

/// Gives a program that may outlive this process, or runs as somebody else, no more of the environment than it needs:
/// what it has, others can read for as long as it runs.
pub fn minimal(command: &mut Command) {
    command.env_clear();
    command.envs(KEPT.iter().filter_map(|name| Some((name, std::env::var_os(name)?))));
    // Messages that are searched for are in English, and `initdb` need not search for the machine's own zone.
    command.envs([("LC_ALL", "C"), ("TZ", "UTC")]);
}

/// Leaves tdata's secrets out of what a program gets of the environment.
pub fn without_secrets(command: &mut Command) {
    for name in DATABASE_URLS.iter().chain([&MASK_KEY]) {
        command.env_remove(name);
    }
}

/// Variables by which Cargo tells a test of its own package, which are not those of another program. Whatever else begins
/// with `CARGO_` is the user's.
const OF_THE_TEST: &[&str] = &[
    "CARGO",
    "CARGO_MANIFEST_DIR",
    "CARGO_MANIFEST_PATH",
    "CARGO_MANIFEST_LINKS",
    "CARGO_CRATE_NAME",
    "CARGO_BIN_NAME",
    "CARGO_PRIMARY_PACKAGE",
    "CARGO_TARGET_TMPDIR",
    "OUT_DIR",
];

/// Gives a program of the project's own the environment as it would have it in a terminal, and a database in place of
/// whichever the environment names.
pub fn for_project(command: &mut Command, database: &[(&'static str, String)]) {
    without_secrets(command);
    let is_of_client = |name: &str| {
        let mut letters = name.strip_prefix("PG").unwrap_or_default().chars();
        letters.next().is_some_and(|first| first.is_ascii_uppercase())
    };
    let is_of_test = |name: &str| {
        OF_THE_TEST.contains(&name)
            || ["CARGO_PKG_", "CARGO_BIN_EXE_"].iter().any(|start| name.starts_with(start))
    };
    for name in std::env::vars_os().filter_map(|(name, _)| name.into_string().ok()) {
        if is_of_client(&name) || is_of_test(&name) {
            command.env_remove(name);
        }
    }
    command.envs(database.iter().map(|(name, value)| (name, value)));
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The environment of a program.
    fn environment(give: fn(&mut Command)) -> String {
        let mut command = Command::new("env");
        command.env("TDATA_MASK_KEY", "s3cret").env("TDATA_DATABASE_URL", "s3cret");
        command.env("TEST_DATABASE_URL", "s3cret").env("OTHER_TOKEN", "s4cret");
        give(&mut command);
        String::from_utf8(command.output().unwrap().stdout).unwrap()
    }

    #[test]
    fn a_program_gets_what_it_needs_and_nothing_else() {
        let environment = environment(minimal);
        let names = environment.lines().filter_map(|line| Some(line.split_once('=')?.0));
        let others: Vec<&str> =
            names.filter(|name| !KEPT.contains(name) && !["LC_ALL", "TZ"].contains(name)).collect();
        assert!(others.is_empty(), "{others:?}");
        assert!(environment.contains("PATH="));
    }

    #[test]
    fn a_program_of_the_project_has_its_database_and_nothing_of_this_test() {
        let environment =
            environment(|command| for_project(command, &[("PGHOST", "here".to_owned())]));
        let lines: Vec<&str> = environment.lines().collect();
        assert!(lines.contains(&"PGHOST=here"), "{environment}");
        assert!(!environment.contains("s3cret"), "{environment}");
        let cargo = |line: &&&str| line.starts_with("CARGO_PKG_") || line.starts_with("CARGO=");
        assert_eq!(lines.iter().find(cargo), None);
        assert!(lines.iter().any(|line| line.starts_with("PATH=")));
    }

    #[test]
    fn secrets_of_tdata_stay_here() {
        let environment = environment(without_secrets);
        assert!(!environment.contains("s3cret"), "{environment}");
        assert!(environment.contains("OTHER_TOKEN=s4cret"), "the rest is the program's to use");
    }
}
