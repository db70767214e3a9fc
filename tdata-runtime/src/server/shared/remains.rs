//! What is left of a server that nobody watches any more.

use std::fs;
use std::os::unix::process::{CommandExt as _, ExitStatusExt as _};
use std::process::Stdio;

use crate::open_folder::OpenFolder;
use crate::server::{account, detached};

/// Ends what is left of a server that nobody watches any more, and removes its folder, and the shared memory of those of
/// its programs that were killed; unless another process is about to.
pub(in crate::server) fn remove(folder: &OpenFolder) {
    // Were one to remove the folder while the other has yet to find the memory by it, that would stay.
    let Some(lock) = folder.lock() else { return };
    let script = concat!(include_str!("remains.sh"), include_str!("sweeper.sh"));
    let mut command = detached::shell("tdata-sweeper");
    // Whatever becomes of this process, the folder is locked until the shell has ended.
    command.arg(folder.path()).stdin(lock).stderr(Stdio::null());
    // Only its own user may signal everything that is left, and follow the links in the folder.
    let account = account::to_drop_to().filter(|account| account.user == folder.owner());
    if let Some(account) = account {
        command.uid(account.user).gid(account.group);
    }
    let swept = detached::start(&mut command, script).and_then(|(mut shell, _)| shell.wait());
    // Where somebody has killed it as well, the next boot goes on.
    if swept.is_ok_and(|status| status.signal().is_none()) {
        let _ = fs::remove_dir_all(folder.path());
    }
}
