//! Which test it is.

use std::fmt::Write as _;
use std::path::PathBuf;

use sha2::{Digest, Sha256};

use super::binary::Binary;

/// Which test it is, among all of a workspace.
#[derive(Clone, Debug)]
pub(crate) struct TestId {
    /// The package.
    pub(crate) package: String,
    /// The crate it is compiled into.
    pub(crate) target: String,
    /// Its path as `cargo test` takes it; that of a case of it, where it has cases.
    pub(crate) test: String,
    /// Whether that is all of its path: what runs it may not tell which case it is.
    pub(crate) is_whole: bool,
    /// What it is compiled into.
    pub(crate) binary: Binary,
    /// The package's folder.
    pub(crate) root: PathBuf,
}

/// The most bytes of a folder's name that tell the test; file systems take 255 all in all.
const LONGEST: usize = 150;

impl TestId {
    /// Tells whether it is that test. Where it may be any case of a test, it is each of them.
    pub(super) fn is(&self, package: &str, target: &str, test: &str) -> bool {
        let is_case = || test.strip_prefix(&self.test).is_some_and(|case| case.starts_with("::"));
        let is_here = self.package == package && self.target == target;
        is_here && (self.test == test || !self.is_whole && is_case())
    }

    /// Returns the name of its folder: readable, and another for each test, also where file systems do not tell
    /// letter cases apart.
    pub(crate) fn folder(&self) -> String {
        let Self { package, target, test, .. } = self;
        let whole = format!("{package}::{target}::{test}");
        let plain =
            |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || matches!(c, '_' | '-');
        let mut name = whole.replace("::", ".");
        let is_told = name.len() <= LONGEST && name.chars().all(|c| plain(c) || c == '.');
        if !is_told {
            let safe =
                |c: char| if plain(c) || c.is_ascii_uppercase() || c == '.' { c } else { '_' };
            name = name.chars().map(safe).take(LONGEST).collect();
            name.push('-');
            for byte in Sha256::digest(whole.as_bytes()).iter().take(6) {
                // Writing to a text does not fail.
                let _ = write!(name, "{byte:02x}");
            }
        }
        name
    }
}

#[cfg(test)]
impl TestId {
    /// A test of the library of the package `shop`.
    pub(crate) fn of_shop(target: &str, test: &str, is_whole: bool) -> Self {
        let [package, target, test] = ["shop", target, test].map(str::to_owned);
        Self { package, target, test, is_whole, binary: Binary::Library, root: PathBuf::new() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn folder(target: &str, test: &str) -> String {
        TestId::of_shop(target, test, true).folder()
    }

    #[test]
    fn a_test_is_found_again() {
        let id = |is_whole| TestId::of_shop("checkout", "pays", is_whole);
        assert!(id(true).is("shop", "checkout", "pays"));
        assert!(id(false).is("shop", "checkout", "pays::case_1"));
        assert!(!id(true).is("shop", "checkout", "pays::case_1"));
        assert!(!id(false).is("shop", "checkout", "pays_twice"));
        assert!(!id(true).is("shop", "refunds", "pays"));
        assert!(!id(true).is("store", "checkout", "pays"));
    }

    #[test]
    fn folders_are_readable_and_no_two_tests_share_one() {
        assert_eq!(folder("checkout", "orders::are_paid"), "shop.checkout.orders.are_paid");
        assert_ne!(folder("a", "b::c"), folder("a::b", "C"));
        assert_ne!(folder("a", "x::Ünit"), folder("a", "x::Änit"));
        assert_ne!(folder("a", "Case").to_lowercase(), folder("a", "case").to_lowercase());
        let long = |end: &str| folder("a", &("x".repeat(300) + end));
        assert_ne!(long("1"), long("2"));
        for name in [long("1"), folder("a", "../../etc/passwd"), folder("a", "q `$(rm)`")] {
            assert!(name.len() < 200 && !name.contains(['/', ' ', '$', '`']), "{name}");
            assert!(!name.starts_with('.'), "{name}");
        }
    }
}
