//! The suites: test binaries of this package, built and run as cargo does it.

use std::error::Error;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use serde_json::Value;

use crate::shop::{TESTS, THREADS};

/// A suite, built.
#[derive(Clone, Debug)]
pub struct Suite {
    name: String,
    executable: PathBuf,
}

/// The folder of this package.
#[must_use]
pub fn package() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// Builds suites, as `cargo test` does: in the profile that tests are usually run in, or the one
/// that is optimised.
///
/// # Errors
///
/// When cargo fails, or tells of no executable.
pub fn build<const N: usize>(
    names: [&str; N],
    optimised: bool,
) -> Result<[Suite; N], Box<dyn Error>> {
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let mut command = Command::new(cargo);
    command.args(["test", "--no-run", "--message-format=json", "-p", env!("CARGO_PKG_NAME")]);
    command.args(["--features", "peers"]);
    command.args(optimised.then_some("--release"));
    command.args(names.iter().flat_map(|name| ["--test", name]));
    without_package(&mut command);
    let output = command.current_dir(package()).stderr(Stdio::inherit()).output()?;
    if !output.status.success() {
        return Err(format!("cargo could not build {}", names.join(" and ")).into());
    }
    let messages: Vec<Value> = String::from_utf8(output.stdout)?
        .lines()
        .filter_map(|line| serde_json::from_str(line).ok())
        .collect();
    let mut suites = Vec::new();
    for name in names {
        let message = messages.iter().find(|message| message["target"]["name"] == name);
        let executable = message.and_then(|message| message["executable"].as_str());
        let executable = executable.ok_or_else(|| format!("cargo made no executable of {name}"))?;
        suites.push(Suite { name: name.to_owned(), executable: executable.into() });
    }
    suites.try_into().map_err(|_| "as many suites as names".into())
}

/// Takes away what cargo tells this program of its package: to build scripts it would look like a change.
pub fn without_package(command: &mut Command) {
    for (variable, _) in std::env::vars_os() {
        let name = variable.to_string_lossy();
        if name.starts_with("CARGO_PKG_") || name.starts_with("CARGO_MANIFEST_") {
            command.env_remove(&variable);
        }
    }
}

impl Suite {
    /// Runs all tests of the suite on two threads, and returns how long the process ran: from its
    /// start to its end, with everything that it cleans up.
    ///
    /// # Errors
    ///
    /// When a test fails.
    pub fn run(&self, variables: &[(&str, &str)]) -> Result<Duration, Box<dyn Error>> {
        let mut command = Command::new(&self.executable);
        command.arg(format!("--test-threads={THREADS}")).current_dir(package());
        command.envs(variables.iter().copied());
        let start = Instant::now();
        let output = command.output()?;
        let time = start.elapsed();
        let told = String::from_utf8_lossy(&output.stdout);
        if !output.status.success() || !told.contains(&format!("{TESTS} passed")) {
            let errors = String::from_utf8_lossy(&output.stderr);
            return Err(format!("{} failed:\n{told}\n{errors}", self.name).into());
        }
        Ok(time)
    }

    /// Runs one test of the suite, and returns how long the process ran.
    ///
    /// # Errors
    ///
    /// When the test fails.
    pub fn run_one(
        &self,
        test: &str,
        variables: &[(&str, &str)],
    ) -> Result<Duration, Box<dyn Error>> {
        let mut command = Command::new(&self.executable);
        command.args(["--exact", test]).current_dir(package()).envs(variables.iter().copied());
        let start = Instant::now();
        let output = command.output()?;
        let time = start.elapsed();
        let told = String::from_utf8_lossy(&output.stdout);
        if !output.status.success() || !told.contains("1 passed") {
            let errors = String::from_utf8_lossy(&output.stderr);
            return Err(format!("{test} of {} failed:\n{told}\n{errors}", self.name).into());
        }
        Ok(time)
    }

    /// Runs all tests of the suite with `cargo nextest`, a process for each, two at a time. Returns how long
    /// that took by its own account; what cargo does before is not in it.
    ///
    /// # Errors
    ///
    /// When a test fails, or there is no `cargo nextest`.
    pub fn run_with_nextest(
        &self,
        variables: &[(&str, &str)],
        optimised: bool,
    ) -> Result<Duration, Box<dyn Error>> {
        let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
        let mut command = Command::new(cargo);
        command.args(["nextest", "run", "--locked", "--cargo-quiet", "--status-level=fail"]);
        command.args(["--no-fail-fast", "--color=never"]);
        command.args(["-p", env!("CARGO_PKG_NAME"), "--features", "peers", "--test", &self.name]);
        command.arg(format!("--test-threads={THREADS}")).args(optimised.then_some("--release"));
        without_package(&mut command);
        let output = command.current_dir(package()).envs(variables.iter().copied()).output()?;
        let told = String::from_utf8_lossy(&output.stderr);
        let summary = told.lines().find_map(|line| line.trim().strip_prefix("Summary ["));
        let seconds = summary.and_then(|rest| rest.split_once("s]")?.0.trim().parse().ok());
        match seconds {
            Some(seconds) if output.status.success() => Ok(Duration::from_secs_f64(seconds)),
            _ => Err(format!("{} failed with nextest:\n{told}", self.name).into()),
        }
    }
}
