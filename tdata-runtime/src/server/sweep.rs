//! Servers and folders that nobody watches any more, because their watcher was killed as well.

use postgres::Client;

use super::error::ServerError;
use super::ready;
use super::shared::{
    Announcement, all_folders, is_settled, is_watched, remove_remains, was_watched,
};
use crate::notice::Notices;
use crate::open_folder::OpenFolder;

/// Ends the servers of killed watchers that nobody uses, and removes their folders.
pub(super) fn sweep(notices: &Notices) {
    for folder in all_folders() {
        if is_watched(&folder) {
            continue;
        }
        let ended = match Announcement::read_left_behind(&folder) {
            Some(announcement) => end(&announcement, &folder, notices),
            None => was_watched(&folder) || is_settled(&folder),
        };
        if ended {
            remove_remains(&folder);
        }
    }
}

/// Ends a server; `false` where it is in use.
fn end(announcement: &Announcement, folder: &OpenFolder, notices: &Notices) -> bool {
    let superuser = announcement.superuser().with_socket_in(folder.path());
    let mut ready = match ready::connect(&superuser, notices) {
        Ok(ready) => ready,
        // One that has no connection to spare is in use.
        Err(ServerError::Unreachable { refusal, .. }) => {
            return refusal.is_connection() || refusal.is_authorization();
        }
        Err(_) => return true,
    };
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

/// Tells a server that tdata booted to stop at once.
fn stop(client: &mut Client) {
    // The answer is the end of the connection.
    let _ =
        client.batch_execute("COPY (SELECT) TO PROGRAM 'kill -QUIT $(head -n 1 postmaster.pid)'");
}
