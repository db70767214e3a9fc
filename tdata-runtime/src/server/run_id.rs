//! What names one process's use of a server, in the names of everything it makes there.

use std::collections::hash_map::RandomState;
use std::fmt;
use std::hash::{BuildHasher, Hasher};
use std::process;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

/// The beginning of the name of every database that tdata makes.
pub(crate) const PREFIX: &str = "tdata_";

/// The beginning of the application names of leases.
pub(super) const LEASE: &str = "tdata lease ";

/// The number of digits that name a run.
const DIGITS: usize = 16;

/// What names one process's use of a server.
///
/// From its lease on the process holds a connection whose application name tells the run; databases of
/// runs without such a connection belong to nobody any more.
#[derive(Debug)]
pub(crate) struct RunId {
    digits: String,
    next: AtomicU64,
    has_named: AtomicBool,
}

impl RunId {
    pub(super) fn generate() -> Self {
        let mut hasher = RandomState::new().build_hasher();
        hasher.write_u32(process::id());
        Self {
            digits: format!("{:016x}", hasher.finish()),
            next: AtomicU64::new(0),
            has_named: AtomicBool::new(false),
        }
    }

    /// Returns a name for something new, such as `tdata_5f0e..._d7`; `kind` is one letter.
    pub(crate) fn name(&self, kind: char) -> String {
        self.has_named.store(true, Ordering::Relaxed);
        let number = self.next.fetch_add(1, Ordering::Relaxed);
        format!("{PREFIX}{}_{kind}{number}", self.digits)
    }

    /// Tells whether something got a name that goes with the run.
    pub(crate) fn has_named(&self) -> bool {
        self.has_named.load(Ordering::Relaxed)
    }

    /// Returns a name for a database that outlives the run, such as `tdata_clone_5f0e..._7`: the control
    /// database says whose it is.
    pub(crate) fn shared_name(&self, kind: &str) -> String {
        let number = self.next.fetch_add(1, Ordering::Relaxed);
        format!("{PREFIX}{kind}_{}_{number}", self.digits)
    }

    /// Tells whether this run made something of that name.
    pub(crate) fn made(&self, name: &str) -> bool {
        name.strip_prefix(PREFIX).is_some_and(|rest| rest.starts_with(&self.digits))
    }

    /// Returns the application name of the connection that says that the run is alive; for whoever looks, also in
    /// which process.
    pub(super) fn lease_name(&self) -> String {
        format!("{LEASE}{} {}", self.digits, process::id())
    }
}

impl fmt::Display for RunId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.digits)
    }
}

/// Returns the pattern, for LIKE, of all names that go with a run.
pub(crate) fn pattern_of(run: &str) -> String {
    format!("{}{run}\\_%", PREFIX.replace('_', "\\_"))
}

/// Tells whether a database has a name that a run was drawn for, so that no two servers have it.
pub(super) fn is_drawn(database: &str) -> bool {
    let is_run =
        |part: &str| part.len() == DIGITS && part.bytes().all(|byte| byte.is_ascii_hexdigit());
    database.strip_prefix(PREFIX).is_some_and(|rest| rest.split('_').any(is_run))
}

/// Returns the pattern, for LIKE, of the application name to look for before a database is taken for left
/// behind; `None` when tdata did not make the database.
pub(crate) fn lease_of(database: &str) -> Option<String> {
    let (digits, rest) = database.strip_prefix(PREFIX)?.split_once('_')?;
    let hexadecimal = digits.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'));
    let number = rest.strip_prefix(|kind: char| kind.is_ascii_lowercase())?;
    let numbered = !number.is_empty() && number.bytes().all(|byte| byte.is_ascii_digit());
    (digits.len() == DIGITS && hexadecimal && numbered).then(|| format!("{LEASE}{digits} %"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_runs_are_drawn() {
        let run = RunId::generate();
        assert!(is_drawn(&run.name('d')) && is_drawn(&run.shared_name("clone")));
        assert!(!is_drawn("tdata_control_3_tdata") && !is_drawn("postgres"));
    }

    #[test]
    fn only_names_that_tdata_made_have_a_lease() {
        let run = RunId::generate();
        let pattern = lease_of(&run.name('d')).unwrap();
        let name = run.lease_name();
        assert!(name.starts_with(pattern.strip_suffix('%').unwrap()), "{name} is not {pattern}");
        let shared = run.shared_name("clone");
        for other in [
            shared.as_str(),
            "tdata_app",
            "tdata_0123456789abcdef_data",
            "app",
            "tdata_0123456789ABCDEF_d1",
        ] {
            assert_eq!(lease_of(other), None, "{other}");
        }
    }
}
