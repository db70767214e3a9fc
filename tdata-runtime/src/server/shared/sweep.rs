//! Servers and folders that nobody watches any more, because their watcher was killed as well.

use std::fs;
use std::path::Path;

use super::announcement::Announcement;
use super::{folder, hold};
use crate::server::ready;
use crate::server::running::stop;

/// Ends the servers of killed watchers that nobody uses, and removes their folders.
pub(in crate::server) fn sweep() {
    for folder in folder::all() {
        if hold::is_watched(&folder) {
            continue;
        }
        let ended = match Announcement::read_left_behind(&folder) {
            Some(announcement) => end(&announcement, &folder),
            // It may be about to get its pipe.
            None => folder::is_settled(&folder),
        };
        if ended {
            // Another process may sweep at the same time.
            let _ = fs::remove_dir_all(&folder);
        }
    }
}

/// Ends a server; `false` where it is in use.
fn end(announcement: &Announcement, folder: &Path) -> bool {
    let Ok(mut ready) = ready::connect(&announcement.endpoint(folder)) else { return true };
    if ready.identity.as_ref() != Some(&announcement.identity) {
        return true;
    }
    // Whoever is connected uses it: tests of ours, or somebody who looks at what a test left.
    let used = "SELECT EXISTS (SELECT FROM pg_stat_activity \
                WHERE backend_type = 'client backend' AND pid <> pg_backend_pid())";
    let used = ready.client.query_one(used, &[]).map(|row| row.get(0));
    if !matches!(used, Ok(false)) {
        return false;
    }
    stop(&mut ready.client);
    true
}
