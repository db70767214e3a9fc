//! The runs that have anything on a shared server that goes with them: a file for each, in the server's folder.

use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;

use super::locked_file;

/// The folder, in that of a server, of the files.
const RUNS: &str = "runs";

/// A run's place on the roll, which it leaves when it has cleaned up behind itself. While its process lives the file
/// is locked.
#[derive(Debug)]
pub(crate) struct Entry {
    path: PathBuf,
    _lock: File,
}

impl Entry {
    /// Enters a run.
    pub(in crate::server) fn enter(folder: &Path, run: &str) -> io::Result<Self> {
        let path = folder.join(RUNS).join(run);
        let lock = locked_file::create(&path)?;
        Ok(Self { path, _lock: lock })
    }

    /// Returns the run.
    pub(crate) fn run(&self) -> &str {
        self.path.file_name().and_then(|name| name.to_str()).unwrap_or_default()
    }

    /// Takes a run off the roll, once nothing is left of it.
    pub(crate) fn leave(self) {
        // A file that stays has the next process look in vain.
        let _ = fs::remove_file(self.path);
    }
}

/// Takes the entries of runs that ended without leaving.
pub(in crate::server) fn ended(folder: &Path) -> Vec<Entry> {
    let entries = locked_file::list(folder.join(RUNS));
    let ended = entries.filter_map(|(path, _)| {
        let lock = locked_file::take(&path)?;
        Some(Entry { path, _lock: lock })
    });
    ended.collect()
}

/// Tells whether it is time to look for what processes left behind, and if so lets others know that this one does.
pub(in crate::server) fn is_time_to_look(folder: &Path) -> bool {
    /// The pause between two looks.
    const PAUSE: Duration = Duration::from_secs(1);
    let looked = folder.join("looked");
    let modified = fs::metadata(&looked).and_then(|looked| looked.modified());
    let is_recent = modified.is_ok_and(|at| at.elapsed().is_ok_and(|pause| pause < PAUSE));
    if is_recent {
        return false;
    }
    // A new file follows no link; of several processes one makes it.
    let _ = fs::remove_file(&looked);
    File::create_new(&looked).is_ok()
}
