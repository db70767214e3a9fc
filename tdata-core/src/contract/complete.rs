//! The contract itself.

use std::fmt;

use super::{Contract, Defaults, Keep, PartialContract, VersionChoice, Volume};
use crate::definition::Instant;

impl PartialContract {
    /// Asks for datasets, and says nothing else.
    pub fn of<S: Into<String>>(datasets: impl IntoIterator<Item = S>) -> Self {
        Self { datasets: datasets.into_iter().map(Into::into).collect(), ..Self::default() }
    }
}

impl Contract {
    /// The seed where nothing names one.
    pub const DEFAULT_SEED: u64 = 42;

    /// Asks for datasets in their default volumes, masked, for one test in a database of its own.
    pub fn new<S: Into<String>>(datasets: impl IntoIterator<Item = S>, as_of: Instant) -> Self {
        let defaults = Defaults { seed: Self::DEFAULT_SEED, as_of, keep: Keep::default() };
        PartialContract::of(datasets).complete(defaults)
    }

    /// Asks for `rows` rows of a dataset.
    #[must_use]
    pub fn volume(mut self, dataset: impl Into<String>, rows: u64) -> Self {
        self.volumes.by_dataset.insert(dataset.into(), Volume::Rows(rows));
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
    use crate::contract::Volumes;

    #[test]
    fn every_part_can_be_set() {
        let mut contract = Contract {
            volumes: Volumes { every: Some(Volume::Full), ..Volumes::default() },
            apply_masking: false,
            version: "v1.2.0".parse().unwrap(),
            writable: true,
            ..Contract::new(["users"], Instant::from_micros(0))
        };
        assert_eq!(
            contract.to_string(),
            "datasets = [users], volume = full, scope = test_case, isolation = full, \
             apply_masking = false, version = v1.2.0, writable = true"
        );
        contract.volumes.every = Some(Volume::Rows(5));
        assert_eq!(contract.volumes.rows("users", 9), 5);
    }
}
