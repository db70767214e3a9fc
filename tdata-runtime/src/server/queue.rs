//! The processes of a workspace that want to boot a server, or to begin on one: one after the other.

use std::fs::{File, TryLockError};
use std::path::Path;
use std::time::{Duration, Instant};

use crate::notice::Notices;

/// The pause between two attempts.
const PAUSE: Duration = Duration::from_millis(20);

/// The right of the one that is first; the kernel takes it back when its process ends.
#[derive(Debug)]
pub(crate) struct Front {
    _lock: Option<File>,
}

/// Waits until no other process of a workspace is first, or until `is_needless` says that this one need not be any more.
///
/// The right is a lock on the workspace's folder itself, so that no file stays. Everybody who may read the folder can
/// lock it, other users too, so it is not waited for without an end. Then, and where the file system has no locks, more
/// than one process may be first.
pub(super) fn wait(
    workspace: &Path,
    patience: Patience,
    notices: &Notices,
    mut is_needless: impl FnMut() -> bool,
) -> Front {
    let folder = File::open(workspace).ok();
    let start = Instant::now();
    let mut is_told = false;
    loop {
        let lock = folder.as_ref().map(File::try_lock);
        let is_over = start.elapsed() > patience.end;
        let is_first = is_over || !matches!(lock, Some(Err(TryLockError::WouldBlock)));
        // Whoever was first before may have done what this process wants.
        if is_needless() || is_first {
            return Front { _lock: folder };
        }
        if start.elapsed() > patience.notice && !std::mem::replace(&mut is_told, true) {
            let folder = workspace.display();
            notices.say(format_args!("waits for another process, which has locked {folder}"));
        }
        std::thread::sleep(PAUSE);
    }
}

/// How long a process waits while another is first.
#[derive(Clone, Copy, Debug)]
pub(super) struct Patience {
    /// Until it says so.
    notice: Duration,
    /// Until it goes on without: longer than a boot takes, and than fetching an image usually does.
    end: Duration,
}

impl Default for Patience {
    fn default() -> Self {
        Self { notice: Duration::from_secs(20), end: Duration::from_secs(300) }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc::channel;

    use super::*;

    #[test]
    fn nobody_holds_up_others_for_good() {
        let folder = tempfile::tempdir().unwrap();
        // As any user can who may read the folder.
        let held = File::open(folder.path()).unwrap();
        held.lock().unwrap();
        let (sender, notices) = channel();
        let sink = Notices::to(move |text| sender.send(text.to_owned()).unwrap());
        let patience = Patience { notice: Duration::ZERO, end: Duration::from_millis(100) };
        drop(wait(folder.path(), patience, &sink, || false));
        let told: Vec<String> = notices.try_iter().collect();
        assert!(told.len() == 1 && told[0].contains("has locked"), "{told:?}");
    }

    #[test]
    fn one_process_at_a_time_is_first() {
        let folder = tempfile::tempdir().unwrap();
        let wait = |is_needless: bool| {
            super::wait(folder.path(), Patience::default(), &Notices::none(), || is_needless)
        };
        let first = wait(false);
        let other = File::open(folder.path()).unwrap();
        assert!(matches!(other.try_lock(), Err(TryLockError::WouldBlock)));
        // Who finds what it wants waits for nobody.
        drop(wait(true));
        drop(first);
        other.try_lock().unwrap();
        drop(other);
        drop(wait(false));
    }
}
