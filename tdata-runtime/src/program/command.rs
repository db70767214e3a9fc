//! Runs a command that migrates.

use std::path::Path;
use std::process::{Command as Process, Stdio};
use std::sync::mpsc::channel;
use std::thread;

use tdata_core::diagnostic::Located;
use tdata_core::project::Command;
use tdata_factory::environment;

use super::error::ProgramError;
use super::group::Group;
use super::output::Output;
use super::target::Target;

/// Runs a command in a folder, on a database. Whatever it starts ends with it.
///
/// # Errors
///
/// When it cannot be started, fails, or takes longer than it may.
pub(crate) fn run(
    command: &Located<Command>,
    folder: &Path,
    target: &Target<'_>,
) -> Result<(), ProgramError> {
    let (text, place) = (command.value.to_string(), command.origin.to_string());
    let no_start =
        |error| ProgramError::Start { command: text.clone(), place: place.clone(), error };
    let mut process = process(&command.value);
    process.current_dir(folder).stdin(Stdio::null());
    environment::for_project(
        &mut process,
        &target.endpoint.variables(target.database, target.options),
    );
    let (reader, writer) = std::io::pipe().map_err(no_start)?;
    process.stdout(writer.try_clone().map_err(no_start)?).stderr(writer);
    let group = Group::start().map_err(no_start)?;
    let mut child = group.spawn(&mut process).map_err(no_start)?;
    // This process has the pipe's other end no more, so that reading ends with the program.
    drop(process);
    let output = Output::read(reader).map_err(no_start)?;
    let (tell, ended) = channel();
    let wait = move || drop(tell.send(child.wait()));
    thread::Builder::new().name("tdata-program".into()).spawn(wait).map_err(no_start)?;
    let status = ended.recv_timeout(target.limit);
    // Also what a program leaves behind.
    drop(group);
    let lines = || output.last_lines(|text| target.endpoint.without_password(text));
    match status {
        Ok(Ok(status)) if status.success() => Ok(()),
        Ok(Ok(status)) => {
            let output = lines();
            Err(ProgramError::Failed { command: text, place, status, output, advice: None })
        }
        Ok(Err(error)) => Err(no_start(error)),
        Err(_) => Err(ProgramError::TooLong {
            command: text,
            place,
            limit: target.limit,
            output: lines(),
        }),
    }
}

fn process(command: &Command) -> Process {
    match command {
        Command::Words(words) if !words.is_empty() => {
            let mut process = Process::new(&words[0]);
            process.args(&words[1..]);
            process
        }
        line => {
            let mut process = Process::new("/bin/sh");
            process.args(["-c", &line.to_string()]);
            process
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::{Duration, Instant};

    use tdata_core::diagnostic::Origin;
    use tdata_postgres::Endpoint;

    use super::*;

    fn run_for(command: impl Into<Command>, limit: Duration) -> Result<(), ProgramError> {
        let endpoint = Endpoint::new("h", 7, "u", "s3cr%t");
        let target = Target { endpoint: &endpoint, database: "db", options: "-c a=b", limit };
        let command = Located::new(command.into(), Origin::named("here"));
        super::run(&command, Path::new("/usr"), &target)
    }

    fn run(command: impl Into<Command>) -> Result<(), ProgramError> {
        run_for(command, Duration::from_secs(60))
    }

    #[test]
    fn commands_run_where_they_are_told_on_the_database() {
        run("test \"$PWD\" = /usr && test \"$PGDATABASE $PGOPTIONS\" = 'db -c a=b' && ! read -r line")
            .unwrap();
        run(["test", "a b", "=", "a b"]).unwrap();
    }

    #[test]
    fn a_failure_tells_command_code_and_last_lines() {
        let error =
            run("echo first; echo \"at $DATABASE_URL\" >&2; exit 7").unwrap_err().to_string();
        assert!(error.contains("exit 7` (here) failed with exit code 7\n"), "{error}");
        let lines = "Its last lines:\n  first\n  at postgresql://u:[password]@h:7/db?";
        assert!(error.contains(lines) && error.ends_with("sslmode=disable"), "{error}");
        let error = run("kill -TERM $$").unwrap_err().to_string();
        assert!(error.contains("failed with signal 15") && error.contains("wrote nothing"));
        let error = run(["/no/such/program"]).unwrap_err().to_string();
        assert!(error.contains("`/no/such/program` (here) cannot be started: "), "{error}");
    }

    /// Waits until a process is at its end. The kernel may not have got to it yet, and nobody may have asked for it.
    fn assert_ends(process: &str) {
        let start = Instant::now();
        loop {
            let asked = Process::new("ps").args(["-o", "stat=", "-p", process]).output().unwrap();
            let state = String::from_utf8(asked.stdout).unwrap();
            if state.trim().is_empty() || state.starts_with('Z') {
                return;
            }
            assert!(start.elapsed() < Duration::from_secs(120), "{process} is {state}");
            thread::sleep(Duration::from_millis(10));
        }
    }

    #[test]
    fn what_takes_too_long_ends_with_all_that_it_started() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("id");
        let command = format!("sleep 600 & echo $! >{0}; echo begun; wait", file.display());
        let error = run_for(command, Duration::from_secs(1)).unwrap_err().to_string();
        assert!(error.contains("time was over: 1 s") && error.contains("  begun"), "{error}");
        let process = std::fs::read_to_string(file).unwrap();
        assert_ends(process.trim());
    }

    #[test]
    fn what_a_command_leaves_behind_ends_and_is_not_waited_for() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("id");
        let start = Instant::now();
        run(format!("sleep 600 & echo $! >{}", file.display())).unwrap();
        assert!(start.elapsed() < Duration::from_secs(300));
        let process = std::fs::read_to_string(file).unwrap();
        assert_ends(process.trim());
    }
}
