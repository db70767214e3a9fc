//! What is left of a server that nobody watches any more.

use std::fs;
use std::os::unix::process::CommandExt as _;
use std::process::Stdio;

use crate::open_folder::OpenFolder;
use crate::server::{account, detached};

/// Ends what is left of a server that nobody watches any more, and removes its folder, and the shared memory of those of
/// its programs that were killed.
pub(in crate::server) fn remove(folder: &OpenFolder) {
    let script = concat!(include_str!("remains.sh"), include_str!("sweeper.sh"));
    let mut command = detached::shell(script, "tdata-sweeper");
    command.arg(folder.path());
    command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    // Only its own user may signal everything that is left, and follow the links in the folder.
    let account = account::to_drop_to().filter(|account| account.user == folder.owner());
    if let Some(account) = account {
        command.uid(account.user).gid(account.group);
    }
    // The next boot looks again. Another process may remove it at the same time.
    let _ = command.status();
    let _ = fs::remove_dir_all(folder.path());
}
