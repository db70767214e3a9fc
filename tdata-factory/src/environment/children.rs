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
    fn secrets_of_tdata_stay_here() {
        let environment = environment(without_secrets);
        assert!(!environment.contains("s3cret"), "{environment}");
        assert!(environment.contains("OTHER_TOKEN=s4cret"), "the rest is the program's to use");
    }
}
