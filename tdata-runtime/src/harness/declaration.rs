//! What a test declares, as the attribute leaves it.

use tdata_core::contract::{Contract, Isolation, Keep, Scope, VersionChoice, Volume, Volumes};
use tdata_core::definition::Instant;
use tdata_core::diagnostic::Diagnostic;

use crate::post_mortem::TestId;

/// What a test declares: a constant that the attribute expands to, checked while compiling.
///
/// Options left out are `None` and come from the environment, `tdata.toml` or the defaults.
#[derive(Clone, Copy, Debug)]
pub struct Declaration {
    /// The folder of the test's package.
    pub manifest_dir: &'static str,
    /// The test's package.
    pub package: &'static str,
    /// The crate the test is compiled into: a test binary, a library, a program.
    pub target: &'static str,
    /// The module the test stands in, from the crate on.
    pub module: &'static str,
    /// The test function's name.
    pub test: &'static str,
    /// `datasets`.
    pub datasets: &'static [&'static str],
    /// `volume` by dataset.
    pub volumes: &'static [(&'static str, Volume)],
    /// `volume` for every dataset.
    pub every_volume: Option<Volume>,
    /// `scope`.
    pub scope: Scope,
    /// `isolation`.
    pub isolation: Isolation,
    /// `apply_masking`.
    pub apply_masking: bool,
    /// `version`, checked.
    pub version: Option<&'static str>,
    /// `seed`.
    pub seed: Option<u64>,
    /// `as_of`, checked.
    pub as_of: Option<&'static str>,
    /// `writable`.
    pub writable: bool,
    /// `keep`.
    pub keep: Option<Keep>,
}

impl Declaration {
    /// A declaration of nothing, in no crate, where each option has its default: what the attribute
    /// writes, it writes over this.
    pub const DEFAULT: Self = Self {
        manifest_dir: "",
        package: "",
        target: "",
        module: "",
        test: "",
        datasets: &[],
        volumes: &[],
        every_volume: None,
        scope: Scope::TestCase,
        isolation: Isolation::Full,
        apply_masking: true,
        version: None,
        seed: None,
        as_of: None,
        writable: false,
        keep: None,
    };

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
            test: case.map_or(path, str::to_owned),
        }
    }

    /// Completes the declaration; `seed` and `as_of` hold where it names none.
    pub(crate) fn contract(&self, seed: u64, as_of: Instant) -> Result<Contract, Diagnostic> {
        let invalid = |option: &str, value: &str| {
            let message = format!("`{option} = \"{value}\"` of the test {} is invalid", self.test);
            Diagnostic::new("contract::invalid", message)
        };
        let version = match self.version {
            None => VersionChoice::Latest,
            Some(text) => text.parse().map_err(|_| invalid("version", text))?,
        };
        let as_of = match self.as_of {
            None => as_of,
            Some(text) => text.parse().map_err(|_| invalid("as_of", text))?,
        };
        Ok(Contract {
            datasets: self.datasets.iter().map(|name| (*name).to_owned()).collect(),
            volumes: Volumes {
                every: self.every_volume,
                by_dataset: self
                    .volumes
                    .iter()
                    .map(|(name, volume)| ((*name).to_owned(), *volume))
                    .collect(),
            },
            scope: self.scope,
            isolation: self.isolation,
            apply_masking: self.apply_masking,
            version,
            seed: self.seed.unwrap_or(seed),
            as_of,
            writable: self.writable,
        })
    }
}
