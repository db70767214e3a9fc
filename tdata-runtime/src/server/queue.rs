//! The processes of a workspace that want to boot a server, or to begin on one: one after the other.

use std::fs::File;
use std::path::Path;

/// The right of the one that is first; the kernel takes it back when its process ends.
#[derive(Debug)]
pub(crate) struct Front {
    _lock: Option<File>,
}

/// Waits until no other process of a workspace is first.
///
/// It is a lock on the workspace's folder itself, so that no file stays. Where the file system has no locks, all are first.
pub(super) fn wait(workspace: &Path) -> Front {
    let lock = File::open(workspace).ok().filter(|folder| folder.lock().is_ok());
    Front { _lock: lock }
}
