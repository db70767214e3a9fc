//! What names a session, in the names of everything that it makes.

use std::collections::hash_map::RandomState;
use std::fmt;
use std::hash::{BuildHasher, Hasher};
use std::process;
use std::sync::atomic::{AtomicU64, Ordering};

/// The beginning of the name of every database that tdata makes.
pub(crate) const PREFIX: &str = "tdata_";

/// The number of digits that name a session.
const DIGITS: usize = 16;

/// The names of tdata's databases, as PostgreSQL's regular expressions take it: those that [`SessionId::name`] draws, and
/// the control database of whoever takes the server for one by URL.
pub(super) const NAME_PATTERN: &str = "^tdata_([a-z]+_[0-9a-f]{16}_[0-9]+$|control_)";

/// What names a session: one process's use of a server.
#[derive(Debug)]
pub(crate) struct SessionId {
    digits: String,
    next: AtomicU64,
}

impl SessionId {
    /// Draws a new one.
    pub(crate) fn generate() -> Self {
        let mut hasher = RandomState::new().build_hasher();
        hasher.write_u32(process::id());
        Self { digits: format!("{:016x}", hasher.finish()), next: AtomicU64::new(0) }
    }

    /// Returns a name for something new, such as `tdata_clone_5f0e..._7`.
    pub(crate) fn name(&self, kind: &str) -> String {
        let number = self.next.fetch_add(1, Ordering::Relaxed);
        format!("{PREFIX}{kind}_{}_{number}", self.digits)
    }

    /// Tells whether this session made something of that name.
    pub(crate) fn made(&self, name: &str) -> bool {
        name.starts_with(PREFIX) && name.split('_').any(|part| part == self.digits)
    }
}

impl fmt::Display for SessionId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.digits)
    }
}

/// Tells whether a database has a name that was drawn for a session, so that no two servers have it.
pub(super) fn is_drawn(database: &str) -> bool {
    let is_session =
        |part: &str| part.len() == DIGITS && part.bytes().all(|byte| byte.is_ascii_hexdigit());
    database.strip_prefix(PREFIX).is_some_and(|rest| rest.split('_').any(is_session))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_sessions_are_drawn() {
        let id = SessionId::generate();
        assert!(is_drawn(&id.name("clone")) && id.made(&id.name("clone")));
        assert!(!is_drawn("tdata_control_4_tdata") && !is_drawn("postgres"));
        let other = SessionId::generate();
        assert!(!other.made(&id.name("clone")) && !id.made(&format!("app_{id}")));
    }

    #[test]
    fn no_two_names_are_the_same() {
        let id = SessionId::generate();
        assert_ne!(id.name("clone"), id.name("clone"));
    }
}
