//! What all values start from.

use tdata_core::contract::Contract;
use tdata_core::definition::Instant;
use tdata_core::diagnostic::Diagnostics;
use tdata_core::project::{Project, Settings};

use super::clock::today;
use super::package::package;
use super::variable::parsed;

/// What all values start from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Start {
    /// The seed.
    pub seed: u64,
    /// The as-of time.
    pub as_of: Instant,
}

impl Start {
    /// Takes what somebody says over a project's settings; where neither says anything, the seed is 42 and the as-of
    /// time 00:00 UTC of the day.
    pub fn over(seed: Option<u64>, as_of: Option<Instant>, settings: &Settings) -> Self {
        Self {
            seed: seed.or(settings.seed).unwrap_or(Contract::DEFAULT_SEED),
            as_of: as_of.or(settings.as_of).unwrap_or_else(today),
        }
    }

    /// Reads `TDATA_SEED` and `TDATA_AS_OF`.
    pub fn variables(diagnostics: &mut Diagnostics) -> (Option<u64>, Option<Instant>) {
        let seed = parsed("TDATA_SEED", "a whole number from 0 on", diagnostics);
        (seed, parsed("TDATA_AS_OF", "a date such as 2024-05-01", diagnostics))
    }

    /// Reads them over the settings of the project of the package that runs; factories need no project.
    pub(crate) fn of_this_process() -> Result<Self, Diagnostics> {
        let folder = package(None);
        let settings = match Project::exists(&folder) {
            true => Project::discover(&folder)?.settings().clone(),
            false => Settings::default(),
        };
        let mut diagnostics = Diagnostics::new();
        let (seed, as_of) = Self::variables(&mut diagnostics);
        diagnostics.into_result(Self::over(seed, as_of, &settings))
    }
}
