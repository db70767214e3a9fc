//! The contract itself.

use std::fmt;

use super::{Isolation, Keep, Scope, VersionChoice, Volume, Volumes};
use crate::definition::Instant;

/// What one test needs.
///
/// `Display` writes it in one line, as failing tests print it.
///
/// ```
/// use tdata_core::contract::{Contract, Scope};
/// use tdata_core::definition::Instant;
///
/// let as_of: Instant = "2024-05-01".parse().unwrap();
/// let contract = Contract::new(["users"], as_of).volume("users", 50).scope(Scope::TestClass);
/// assert_eq!(
///     contract.to_string(),
///     "datasets = [users = 50], scope = test_class, isolation = full",
/// );
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct Contract {
    /// The datasets asked for by name; relationships bring others along.
    pub datasets: Vec<String>,
    /// How many rows of each.
    pub volumes: Volumes,
    /// How long the data lives and who shares it.
    pub scope: Scope,
    /// What separates it from other live data.
    pub isolation: Isolation,
    /// Whether personal data is masked.
    pub apply_masking: bool,
    /// Which version of the definitions.
    pub version: VersionChoice,
    /// What all random choice starts from.
    pub seed: u64,
    /// The time relative dates count from, which no generated instant exceeds unless asked.
    pub as_of: Instant,
    /// Whether tests may write to data they share.
    pub writable: bool,
    /// Whether the data stay behind the test, to be looked at.
    pub keep: Keep,
}

impl Contract {
    /// The seed where nothing names one.
    pub const DEFAULT_SEED: u64 = 42;

    /// Asks for datasets in their default volumes, masked, for one test in a database of its own.
    pub fn new<S: Into<String>>(datasets: impl IntoIterator<Item = S>, as_of: Instant) -> Self {
        Self {
            datasets: datasets.into_iter().map(Into::into).collect(),
            volumes: Volumes::default(),
            scope: Scope::default(),
            isolation: Isolation::default(),
            apply_masking: true,
            version: VersionChoice::default(),
            seed: Self::DEFAULT_SEED,
            as_of,
            writable: false,
            keep: Keep::default(),
        }
    }

    /// Asks for `rows` rows of a dataset.
    #[must_use]
    pub fn volume(mut self, dataset: impl Into<String>, rows: u64) -> Self {
        self.volumes.by_dataset.insert(dataset.into(), Volume::Rows(rows));
        self
    }

    /// Sets the volume of every dataset that is not named itself.
    #[must_use]
    pub fn every_volume(mut self, volume: impl Into<Volume>) -> Self {
        self.volumes.every = Some(volume.into());
        self
    }

    /// Sets whether personal data is masked.
    #[must_use]
    pub fn apply_masking(mut self, apply_masking: bool) -> Self {
        self.apply_masking = apply_masking;
        self
    }

    /// Sets the scope.
    #[must_use]
    pub fn scope(mut self, scope: Scope) -> Self {
        self.scope = scope;
        self
    }

    /// Sets the isolation.
    #[must_use]
    pub fn isolation(mut self, isolation: Isolation) -> Self {
        self.isolation = isolation;
        self
    }

    /// Sets the seed.
    #[must_use]
    pub fn seed(mut self, seed: u64) -> Self {
        self.seed = seed;
        self
    }
}

impl fmt::Display for Contract {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("datasets = [")?;
        for (index, dataset) in self.datasets.iter().enumerate() {
            let comma = if index > 0 { ", " } else { "" };
            write!(f, "{comma}{dataset}")?;
            if let Some(volume) = self.volumes.by_dataset.get(dataset) {
                write!(f, " = {volume}")?;
            }
        }
        f.write_str("]")?;
        if let Some(volume) = self.volumes.every {
            write!(f, ", volume = {volume}")?;
        }
        let parents = self.volumes.by_dataset.iter();
        for (dataset, volume) in parents.filter(|(name, _)| !self.datasets.contains(name)) {
            write!(f, ", volume of {dataset} = {volume}")?;
        }
        write!(f, ", scope = {}, isolation = {}", self.scope, self.isolation)?;
        if !self.apply_masking {
            f.write_str(", apply_masking = false")?;
        }
        if self.version != VersionChoice::Latest {
            write!(f, ", version = {}", self.version)?;
        }
        if self.writable {
            f.write_str(", writable = true")?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_part_can_be_set() {
        let contract = Contract {
            version: "v1.2.0".parse().unwrap(),
            writable: true,
            ..Contract::new(["users"], Instant::from_micros(0))
        };
        let contract = contract.every_volume(Volume::Full).apply_masking(false);
        assert_eq!(
            contract.to_string(),
            "datasets = [users], volume = full, scope = test_case, isolation = full, \
             apply_masking = false, version = v1.2.0, writable = true"
        );
        assert_eq!(contract.every_volume(5).volumes.rows("users", 9), 5);
    }
}
