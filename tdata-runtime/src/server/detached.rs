//! Shells that outlive the process that starts them.

use std::os::unix::process::CommandExt as _;
use std::path::Path;
use std::process::Command;

use tdata_factory::environment;

/// Describes a shell that runs a script, under a name, in a session of its own: a terminal's Ctrl-C and hang-up,
/// and signals to the group of this process, do not reach it. It has no more of the environment than it needs: what
/// it starts has it too, servers included, and whoever may look at these processes reads it.
pub(super) fn shell(script: &str, name: &str) -> Command {
    let shell = "/bin/sh";
    let own_session =
        ["/usr/bin/setsid", "/bin/setsid"].iter().find(|path| Path::new(path).exists());
    let mut command = match own_session {
        Some(setsid) => {
            let mut command = Command::new(setsid);
            command.arg(shell);
            command
        }
        None => {
            let mut command = Command::new(shell);
            command.process_group(0);
            command
        }
    };
    environment::minimal(&mut command);
    command.args(["-c", script, name]).current_dir("/");
    command
}
