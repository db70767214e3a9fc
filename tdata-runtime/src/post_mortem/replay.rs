//! A test's data again, from its bundle.

use std::path::{Path, PathBuf};

use tdata_core::contract::{Contract, VersionChoice, Volume, Volumes};
use tdata_core::definition::Instant;
use tdata_core::diagnostic::Diagnostic;
use tdata_core::plan::Fingerprint;
use toml::de::{DeTable, DeValue};

use super::contract_file;
use super::test_id::TestId;

/// What a bundle says of the data that its test ran on.
#[derive(Debug)]
pub(crate) struct Replay {
    /// The bundle, which is a project.
    pub(crate) bundle: PathBuf,
    datasets: Vec<String>,
    volumes: Volumes,
    apply_masking: bool,
    seed: u64,
    as_of: Instant,
    masking_key: String,
    fingerprint: String,
    tdata: String,
}

/// Reads a bundle; `None` where it is of another test.
pub(crate) fn replay(bundle: &Path, id: &TestId) -> Result<Option<Replay>, Diagnostic> {
    let file = bundle.join(contract_file::NAME);
    let wrong = |reason: String| {
        let message = format!(
            "TDATA_REPLAY names {}, which is no bundle that can be read: {reason}",
            bundle.display()
        );
        Diagnostic::new("replay::unreadable", message)
            .help("name the folder that a failing test says it wrote, or unset TDATA_REPLAY")
    };
    let text = std::fs::read_to_string(&file)
        .map_err(|error| wrong(format!("{}: {error}", contract_file::NAME)))?;
    let table = DeTable::parse(&text)
        .map_err(|error| wrong(format!("{}: {}", contract_file::NAME, error.message())))?;
    let contents = Contents(table.get_ref());
    let read = |contents: &Contents<'_, '_>| {
        let [package, target, test] = ["package", "target", "test"].map(|key| contents.text(key));
        if !id.is(package?, target?, test?) {
            return Ok(None);
        }
        contents.replay(bundle).map(Some)
    };
    read(&contents)
        .map_err(|key: &str| wrong(format!("{} has no `{key}` to go by", contract_file::NAME)))
}

/// The keys of `contract.toml`; an error is the key that is missing or malformed.
struct Contents<'a, 'text>(&'a DeTable<'text>);

impl<'a, 'text> Contents<'a, 'text> {
    fn value<'key, T>(
        &self,
        key: &'key str,
        read: impl FnOnce(&'a DeValue<'text>) -> Option<T>,
    ) -> Result<T, &'key str> {
        self.0.get(key).and_then(|value| read(value.get_ref())).ok_or(key)
    }

    fn text<'key>(&self, key: &'key str) -> Result<&'a str, &'key str> {
        self.value(key, DeValue::as_str)
    }

    fn replay(&self, bundle: &Path) -> Result<Replay, &'static str> {
        let datasets = self.value("datasets", |value| {
            let names = value.as_array()?.iter();
            names.map(|name| name.get_ref().as_str().map(str::to_owned)).collect()
        })?;
        let by_dataset = self.value("volumes", |value| {
            let volumes = value.as_table()?.iter();
            let rows = |value: &DeValue<'_>| number(value).map(Volume::Rows);
            volumes
                .map(|(name, value)| Some((name.get_ref().to_string(), rows(value.get_ref())?)))
                .collect()
        })?;
        Ok(Replay {
            bundle: bundle.to_owned(),
            datasets,
            volumes: Volumes { every: None, by_dataset },
            apply_masking: self.value("apply_masking", DeValue::as_bool)?,
            seed: self.value("seed", number)?,
            as_of: self.value("as_of", |value| value.as_str()?.parse().ok())?,
            masking_key: self.text("masking_key")?.to_owned(),
            fingerprint: self.text("fingerprint")?.to_owned(),
            tdata: self.text("tdata")?.to_owned(),
        })
    }
}

fn number(value: &DeValue<'_>) -> Option<u64> {
    let number = value.as_integer()?;
    u64::from_str_radix(number.as_str(), number.radix()).ok()
}

impl Replay {
    /// Asks for the data of the bundle; for how they are lived in, the test's own word holds.
    pub(crate) fn put_into(&self, contract: &mut Contract) {
        contract.datasets.clone_from(&self.datasets);
        contract.volumes.clone_from(&self.volumes);
        contract.apply_masking = self.apply_masking;
        contract.version = VersionChoice::Latest;
        contract.seed = self.seed;
        contract.as_of = self.as_of;
    }

    /// Tells why the data differ from those of the bundle, where they do.
    pub(crate) fn difference(
        &self,
        fingerprint: &Fingerprint,
        masking_key: &str,
    ) -> Option<String> {
        if self.fingerprint == fingerprint.to_string() {
            return None;
        }
        Some(match self.apply_masking && self.masking_key != masking_key {
            true => "masked values differ from those of the failure: TDATA_MASK_KEY was another \
                     key then"
                .to_owned(),
            false => format!(
                "the data may differ from those of the failure: the bundle was changed, or tdata {} \
                 makes other values than {} did",
                env!("CARGO_PKG_VERSION"),
                self.tdata,
            ),
        })
    }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    const TEXT: &str = "package = \"shop\"\ntarget = \"checkout\"\ntest = \"pays\"\n\
                        datasets = [\"orders\"]\napply_masking = false\nseed = 18446744073709551615\n\
                        as_of = \"2024-05-01T00:00:00Z\"\nmasking_key = \"k\"\nfingerprint = \"f\"\n\
                        tdata = \"0.1.0\"\n[volumes]\n\"orders\" = 20\n\"users\" = 5\n";

    fn read(text: &str, test: &str) -> Result<Option<Replay>, String> {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join(contract_file::NAME), text).unwrap();
        let [package, target, test] = ["shop", "checkout", test].map(str::to_owned);
        let id = TestId { package, target, test, is_whole: true };
        replay(folder.path(), &id).map_err(|diagnostic| diagnostic.to_string())
    }

    #[test]
    fn a_bundle_is_for_its_own_test() {
        let replay = read(TEXT, "pays").unwrap().unwrap();
        let mut contract = Contract::new(["users"], Instant::from_micros(0)).volume("users", 9);
        replay.put_into(&mut contract);
        assert_eq!(contract.datasets, ["orders"]);
        assert_eq!(
            (contract.volumes.rows("orders", 100), contract.volumes.rows("users", 100)),
            (20, 5)
        );
        assert_eq!((contract.seed, contract.apply_masking), (u64::MAX, false));
        assert_eq!(contract.as_of, "2024-05-01".parse().unwrap());
        assert!(read(TEXT, "refunds").unwrap().is_none());
    }

    #[test]
    fn what_is_no_bundle_is_told() {
        for (text, told) in [
            ("seed = ", "contract.toml: "),
            ("seed = 1", "has no `package` to go by"),
            (&TEXT.replace("seed", "sede"), "has no `seed` to go by"),
            (&TEXT.replace("= 20", "= -1"), "has no `volumes` to go by"),
        ] {
            let error = read(text, "pays").unwrap_err();
            assert!(error.contains(told) && error.contains("unset TDATA_REPLAY"), "{error}");
        }
    }
}
