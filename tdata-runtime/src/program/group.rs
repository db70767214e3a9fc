//! A group of processes that ends with this process, however that ends.

use std::io;
use std::os::unix::process::CommandExt as _;
use std::process::{Child, Command, Stdio};

use rustix::process::{Pid, Signal, kill_process_group};
use tdata_factory::environment;

/// What the guard does: it waits until the other end of its input is closed, which the kernel does if this process is
/// killed, and ends the group, itself included.
const GUARD: &str = "cat >/dev/null; kill -KILL 0";

/// A group of processes. All of them end when it is dropped.
///
/// A terminal's Ctrl-C does not reach them: it ends this process, and so the guard ends them.
pub(super) struct Group {
    /// Its process is the first of the group, whose number is not given to others before this value is dropped.
    guard: Child,
}

impl Group {
    /// Starts the guard.
    pub(super) fn start() -> io::Result<Self> {
        let mut guard = Command::new("/bin/sh");
        environment::minimal(&mut guard);
        guard.args(["-c", GUARD, "tdata-guard"]).current_dir("/").process_group(0);
        guard.stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::null());
        Ok(Self { guard: guard.spawn()? })
    }

    /// Starts a program in the group.
    pub(super) fn spawn(&self, program: &mut Command) -> io::Result<Child> {
        program.process_group(self.guard.id().try_into().unwrap_or_default()).spawn()
    }

    /// Ends all processes of the group.
    pub(super) fn kill(&self) {
        // Nobody is left where it fails.
        let _ = kill_process_group(Pid::from_child(&self.guard), Signal::KILL);
    }
}

impl Drop for Group {
    fn drop(&mut self) {
        self.kill();
        let _ = self.guard.wait();
    }
}
