//! Servers that all processes of a workspace share.
//!
//! A shared server has a folder, in memory or among the temporary files, whose name tells its key: the
//! workspace and everything that the server was configured by. In it are a named pipe, whose other end a
//! watcher reads, and the announcement, which says how the server is reached. Whoever finds the folder
//! takes hold of the pipe, and the server stays up while anybody does: the kernel closes the pipe of a
//! process that ends, however it ends. Who finds none boots a server, one process at a time.
//!
//! In folders beside the pipe are files by which processes tell each other which databases there are: the registry's.

mod announcement;
mod folder;
mod hold;
mod key;
mod remains;
mod watcher;

pub(super) use announcement::{Announcement, give_up, is_announced};
pub(super) use folder::{
    all as all_folders, is_full, is_in_memory, is_settled, new as new_folder, room, tell_full,
    with_key as folders_with_key,
};
pub(super) use hold::{Hold, is_alive, is_watched, stay_until, was_watched};
pub(super) use key::Key;
pub(super) use remains::remove as remove_remains;
pub(super) use watcher::SCRIPT as WATCHER;
#[cfg(feature = "container")]
pub(super) use watcher::WatcherConnections;
pub(super) use watcher::{Boot, Origin, Ward, Watched, was_killed};
