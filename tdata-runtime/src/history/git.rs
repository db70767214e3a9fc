//! Runs Git.

use std::path::Path;
use std::process::Command;

use tdata_core::diagnostic::{Diagnostic, Diagnostics};
use tdata_factory::environment::without_secrets;

/// What has Git look at another repository than that of the folder: a hook that runs the tests sets them.
const OTHER_REPOSITORY: &[&str] = &[
    "GIT_ALTERNATE_OBJECT_DIRECTORIES",
    "GIT_COMMON_DIR",
    "GIT_DIR",
    "GIT_INDEX_FILE",
    "GIT_NAMESPACE",
    "GIT_OBJECT_DIRECTORY",
    "GIT_PREFIX",
    "GIT_SHALLOW_FILE",
    "GIT_WORK_TREE",
];

/// Runs Git in a folder; `None` when it answers no.
pub(super) fn git(folder: &Path, arguments: &[&str]) -> Result<Option<String>, Diagnostics> {
    run(folder, arguments).map(|(answer, _)| answer)
}

/// Runs Git in a folder. Returns its answer, `None` when that is no, and what it says besides.
pub(super) fn run(
    folder: &Path,
    arguments: &[&str],
) -> Result<(Option<String>, String), Diagnostics> {
    let mut command = Command::new("git");
    for variable in OTHER_REPOSITORY {
        command.env_remove(variable);
    }
    // A repository's settings may name programs for Git to run.
    without_secrets(&mut command);
    // What it says is read; and it asks nobody for a password.
    command.env("LC_ALL", "C").env("GIT_TERMINAL_PROMPT", "0");
    let output = command.arg("-C").arg(folder).args(arguments).output();
    let output = output.map_err(|error| {
        Diagnostic::new(
            "history::git",
            format!("earlier versions need Git, and it cannot run: {error}"),
        )
        .help("install Git, or use version = \"latest\"")
    })?;
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    let answer = output.status.success().then(|| text(&output.stdout));
    Ok((answer, text(&output.stderr)))
}
