//! The files that this process may have open: each connection takes several.

use std::fs;

use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

/// As many files are enough for hundreds of threads.
const ENOUGH: u64 = 4096;

/// What is left to all but connections: the registry's files, and those of the tests themselves.
const LEFT: u64 = 24;

/// Raises the limit as far as the process itself may, to what is enough.
pub(super) fn raise_limit() {
    let Rlimit { current, maximum } = getrlimit(Resource::Nofile);
    let wanted = maximum.map_or(ENOUGH, |maximum| maximum.min(ENOUGH));
    if current.is_some_and(|current| current < wanted) {
        // If it stays as it is, connections wait for each other.
        let _ = setrlimit(Resource::Nofile, Rlimit { current: Some(wanted), maximum });
    }
}

/// Returns how many files this process may have open, if these are few.
pub(super) fn low_limit() -> Option<u64> {
    getrlimit(Resource::Nofile).current.filter(|limit| *limit < ENOUGH)
}

/// Tells whether a connection more would leave too little under a limit.
pub(super) fn are_short(limit: u64) -> bool {
    let open = fs::read_dir("/dev/fd").map(|open| open.count() as u64);
    // What cannot be listed for want of a file is no doubt short.
    open.map_or(true, |open| open + LEFT.min(limit / 2) > limit)
}
