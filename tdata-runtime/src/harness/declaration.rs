//! What a test declares, as the attribute leaves it.

use std::path::{Path, PathBuf};

use tdata_core::contract::{ContractOption, InvalidOption, PartialContract, Scope};
use tdata_core::diagnostic::Diagnostic;
use tdata_factory::environment::package;

use super::should_panic::{ShouldPanic, case};
use crate::post_mortem::{Binary, TestId};

/// What a test declares: a constant that the attribute expands to, checked while compiling.
///
/// It holds the partial contract as text, so that a new option of contracts is none of its business, and the
/// compiler has little to read.
#[derive(Clone, Copy, Debug)]
pub struct Declaration {
    /// The folder of the test's package.
    pub manifest_dir: &'static str,
    /// The test's package.
    pub package: &'static str,
    /// The crate the test is compiled into: a test binary, a library, a program.
    pub target: &'static str,
    /// What that crate is.
    pub binary: Binary,
    /// The module the test stands in, from the crate on.
    pub module: &'static str,
    /// The test function's name.
    pub test: &'static str,
    /// `datasets`.
    pub datasets: &'static [&'static str],
    /// `volume` by dataset, each as its text: `"50"` or `"full"`.
    pub volumes: &'static [(&'static str, &'static str)],
    /// The other options that are not left out, each with the text of its value.
    pub options: &'static [(&'static str, &'static str)],
    /// What `#[should_panic]` says of the test, and of its cases.
    pub should_panic: &'static [ShouldPanic],
}

impl Declaration {
    /// Returns the test's path as `cargo test` takes it: without the crate's name.
    pub fn test_path(&self) -> String {
        match self.module.split_once("::") {
            Some((_, module)) => format!("{module}::{}", self.test),
            None => self.test.to_owned(),
        }
    }

    /// Returns which test this thread runs: the declared one, or a case of it, which has a thread of its own
    /// name.
    pub(super) fn running_test(&self) -> TestId {
        let path = self.test_path();
        let thread = std::thread::current();
        let case = thread.name().filter(|name| name.starts_with(&path));
        TestId {
            package: self.package.to_owned(),
            target: self.target.to_owned(),
            is_whole: case.is_some(),
            binary: self.binary,
            root: self.package_folder(),
            test: case.map_or(path, str::to_owned),
        }
    }

    /// Returns the folder of the test's package.
    pub(super) fn package_folder(&self) -> PathBuf {
        package(Some(Path::new(self.manifest_dir)))
    }

    /// Returns what `#[should_panic]` says of a running test.
    pub(super) fn expected_panic(&self, id: &TestId) -> Option<ShouldPanic> {
        let case = id.test.strip_prefix(&self.test_path()).and_then(case);
        self.should_panic.iter().copied().find(|one| one.is_of(case))
    }

    /// Returns what names those that share the data of a scope.
    pub(super) fn scope_key(&self, scope: Scope) -> String {
        match scope {
            Scope::TestCase => format!("{}::{}", self.module, self.test),
            Scope::TestClass => self.module.to_owned(),
            Scope::TestModule => self.target.to_owned(),
            Scope::Shared => String::new(),
        }
    }

    /// Reads the partial contract.
    ///
    /// # Errors
    ///
    /// When an option is unknown, or its value is not one. What the attribute wrote has been read before.
    pub(super) fn contract(&self) -> Result<PartialContract, Diagnostic> {
        let invalid = |reason: &str| {
            let message = format!("the test {} declares what cannot be read: {reason}", self.test);
            Diagnostic::new("contract::invalid", message)
        };
        let mut contract = PartialContract::of(self.datasets.iter().copied());
        for (dataset, rows) in self.volumes {
            let volume = rows.parse();
            let volume = volume.map_err(|_| invalid(&format!("the volume of `{dataset}`")))?;
            contract.volumes.by_dataset.insert((*dataset).to_owned(), volume);
        }
        for (name, value) in self.options {
            let option = ContractOption::named(name)
                .ok_or_else(|| invalid(&format!("there is no option `{name}`")))?;
            let read = option.read(&mut contract, value);
            read.map_err(|error: InvalidOption| invalid(&error.to_string()))?;
        }
        Ok(contract)
    }
}

#[cfg(test)]
mod tests {
    use tdata_core::contract::{Volume, Volumes};

    use super::*;

    const DECLARATION: Declaration = Declaration {
        manifest_dir: "",
        package: "",
        target: "shop",
        module: "shop::checkout",
        test: "pays",
        datasets: &["orders"],
        volumes: &[("users", "5"), ("orders", "full")],
        options: &[("scope", "shared"), ("seed", "7")],
        binary: Binary::Library,
        should_panic: &[],
    };

    #[test]
    fn what_is_declared_is_said_and_nothing_else() {
        let volumes = [("users", Volume::Rows(5)), ("orders", Volume::Full)];
        let expected = PartialContract {
            volumes: Volumes {
                every: None,
                by_dataset: volumes.map(|(dataset, rows)| (dataset.to_owned(), rows)).into(),
            },
            scope: Some(Scope::Shared),
            seed: Some(7),
            ..PartialContract::of(["orders"])
        };
        assert_eq!(DECLARATION.contract().unwrap(), expected);
    }

    #[test]
    fn what_cannot_be_read_is_told() {
        let cases: [(&'static [_], _); 2] = [
            (&[("seed", "-7")], "`seed` must be a whole number from 0 on"),
            (&[("sede", "7")], "there is no option `sede`"),
        ];
        for (options, reason) in cases {
            let error = Declaration { options, ..DECLARATION }.contract().unwrap_err();
            assert!(error.message().ends_with(reason), "{error}");
        }
    }

    #[test]
    fn the_wider_a_scope_the_more_tests_share_its_key() {
        let keys = [Scope::TestCase, Scope::TestClass, Scope::TestModule, Scope::Shared]
            .map(|scope| DECLARATION.scope_key(scope));
        assert_eq!(keys, ["shop::checkout::pays", "shop::checkout", "shop", ""]);
        assert_eq!(DECLARATION.test_path(), "checkout::pays");
    }
}
