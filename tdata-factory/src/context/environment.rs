//! What the environment and the clock say about where values start.

use std::path::Path;
use std::str::FromStr;
use std::time::SystemTime;

use tdata_core::contract::Contract;
use tdata_core::definition::Instant;
use tdata_core::diagnostic::{Diagnostic, Diagnostics};
use tdata_core::project::{Project, Settings};

/// What all values start from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Start {
    /// The seed.
    pub seed: u64,
    /// The as-of time.
    pub as_of: Instant,
}

impl Start {
    /// Reads `TDATA_SEED` and `TDATA_AS_OF` over a project's settings; where neither says anything,
    /// the seed is 42 and the as-of time 00:00 UTC of the day.
    pub fn read(settings: &Settings, diagnostics: &mut Diagnostics) -> Self {
        let seed = parsed("TDATA_SEED", "a whole number from 0 on", diagnostics);
        let as_of = parsed("TDATA_AS_OF", "a date such as 2024-05-01", diagnostics);
        Self {
            seed: seed.or(settings.seed).unwrap_or(Contract::DEFAULT_SEED),
            as_of: as_of.or(settings.as_of).unwrap_or_else(today),
        }
    }

    /// Reads them over the settings of the project of the package that runs; factories need no
    /// project.
    pub(super) fn of_this_process() -> Result<Self, Diagnostics> {
        let folder = std::env::var_os("CARGO_MANIFEST_DIR").unwrap_or_else(|| ".".into());
        let folder = std::path::absolute(&folder).unwrap_or_else(|_| folder.into());
        let settings = if Project::exists(Path::new(&folder)) {
            Project::discover(&folder)?.settings().clone()
        } else {
            Settings::default()
        };
        let mut diagnostics = Diagnostics::new();
        let start = Self::read(&settings, &mut diagnostics);
        diagnostics.into_result(start)
    }
}

/// Returns a variable of the environment that is set and not empty.
pub fn variable(name: &str) -> Option<String> {
    std::env::var(name).ok().filter(|value| !value.is_empty())
}

/// Returns a variable, parsed; tells when it does not parse.
pub fn parsed<T: FromStr>(name: &str, expected: &str, diagnostics: &mut Diagnostics) -> Option<T> {
    let text = variable(name)?;
    let parsed = text.parse().ok();
    if parsed.is_none() {
        let message = format!("the environment says {name}={text}, which is not {expected}");
        let help = format!("unset {name}, or set it to {expected}");
        diagnostics.push(Diagnostic::new("environment::value", message).help(help));
    }
    parsed
}

/// 00:00 UTC of the day.
fn today() -> Instant {
    let since = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
    let micros = i64::try_from(since.as_micros()).unwrap_or(i64::MAX);
    Instant::from_micros(micros).start_of_day()
}
