//! Shells that outlive the process that starts them.

use std::io::{self, Write as _};
use std::net::Shutdown;
use std::os::fd::OwnedFd;
use std::os::unix::net::UnixStream;
use std::os::unix::process::CommandExt as _;
use std::path::Path;
use std::process::{Child, Command, Stdio};

use tdata_factory::environment;

/// What the shell begins with. Its script is not among its arguments, which everybody may list: it reads it from its
/// standard output, which is a socket. A script whose end is missing, because whoever writes it was killed, is not begun:
/// the shell ends as if it had been killed itself.
const READER: &str = r##"exec 3<&1; script=$(cat <&3)
case $script in *'# end of script') eval "$script" ;; *) kill -KILL $$ ;; esac"##;

/// The last line of each script.
const END: &str = "\n# end of script\n";

/// Describes a shell under a name, in a session of its own: a terminal's Ctrl-C and hang-up, and signals to the group of
/// this process, do not reach it. It has no more of the environment than it needs: what it starts has it too, servers
/// included, and whoever may look at these processes reads it.
pub(super) fn shell(name: &str) -> Command {
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
    command.args(["-c", READER, name]).current_dir("/");
    command
}

/// Starts a shell, and hands it its script. Returns what it says.
pub(super) fn start(command: &mut Command, script: &str) -> io::Result<(Child, UnixStream)> {
    let (mut ours, theirs) = UnixStream::pair()?;
    let child = command.stdout(OwnedFd::from(theirs)).spawn();
    // The shell alone has the other end: what it says ends with it.
    command.stdout(Stdio::null());
    let child = child?;
    // One that is gone says nothing.
    let _ = ours.write_all(format!("{script}{END}").as_bytes());
    let _ = ours.shutdown(Shutdown::Write);
    Ok((child, ours))
}

#[cfg(test)]
mod tests {
    use std::io::Read as _;
    use std::os::unix::process::ExitStatusExt as _;

    use super::*;

    #[test]
    fn a_script_is_no_argument_of_its_shell() {
        let mut command = shell("tdata-test");
        command.args(["a b", "c"]).stdin(Stdio::null()).stderr(Stdio::null());
        let script =
            "exec 3>&-\nsecret='s3cret'\necho \"$0 $1 $2 $#\"\ntr '\\0' ' ' </proc/$$/cmdline";
        let (mut child, mut said) = start(&mut command, script).unwrap();
        let mut text = String::new();
        said.read_to_string(&mut text).unwrap();
        assert!(child.wait().unwrap().success());
        assert!(text.starts_with("tdata-test a b c 2\n"), "{text}");
        assert!(text.contains("tdata-test") && !text.contains("s3cret"), "{text}");
    }

    #[test]
    fn half_a_script_is_not_begun() {
        for script in ["", "echo begun\n", "echo begun\n# end of"] {
            let mut command = shell("tdata-test");
            command.stdin(Stdio::null()).stderr(Stdio::null());
            let (mut ours, theirs) = UnixStream::pair().unwrap();
            let mut child = command.stdout(OwnedFd::from(theirs)).spawn().unwrap();
            drop(command);
            ours.write_all(script.as_bytes()).unwrap();
            ours.shutdown(Shutdown::Write).unwrap();
            let mut text = String::new();
            ours.read_to_string(&mut text).unwrap();
            assert_eq!(text, "");
            assert!(child.wait().unwrap().signal().is_some(), "as if it had been killed");
        }
    }
}
