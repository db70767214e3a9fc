//! Servers that all processes of a workspace share.
//!
//! A shared server has a folder, in memory or among the temporary files, whose name tells its key: the
//! workspace and everything that the server was configured by. In it are a named pipe, whose other end a
//! watcher reads, and the announcement, which says how the server is reached. Whoever finds the folder
//! takes hold of the pipe, and the server stays up while anybody does: the kernel closes the pipe of a
//! process that ends, however it ends. Who finds none boots a server, one process at a time.
//!
//! In folders beside the pipe are files by which processes tell each other what there is on the server: templates,
//! fingerprints, clones, and the runs that have anything there that goes with them.

mod announcement;
mod election;
mod folder;
mod hold;
mod key;
pub(crate) mod locked_file;
mod roll;
mod sweep;
mod watcher;

pub(super) use announcement::{Announcement, is_announced};
pub(super) use election::{doubt, elect, find};
pub(super) use folder::new as new_folder;
pub(super) use hold::Hold;
pub(crate) use roll::Entry;
pub(super) use roll::{ended, is_time_to_look};
pub(super) use sweep::sweep;
#[cfg(feature = "container")]
pub(super) use watcher::Tie;
pub(super) use watcher::{Boot, Ward, Watched};
