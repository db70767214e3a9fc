//! What was made, so that it can be verified: the manifest of files.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};
use tdata_core::plan::Plan;

use crate::checksum::Checksum;
use crate::error::JobError;
use crate::file::Unfinished;

/// The version of the manifests that are written and read here.
const VERSION: u32 = 1;

/// What rows are added up to: see [`Checksum`].
const METHOD: &str = "sum of XXH3-128 of rows as COPY's text";

/// What was made of a contract: which rows are in which files.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Manifest {
    /// The version of the manifest itself.
    pub manifest: u32,
    /// The version of tdata that made the rows.
    pub tdata: String,
    /// The fingerprint of all that determines the rows.
    pub fingerprint: String,
    /// The version of the definitions that was asked for.
    pub version: String,
    /// What random choice started from.
    pub seed: u64,
    /// What relative dates counted from.
    pub as_of: String,
    /// Whether personal values were masked.
    pub masked: bool,
    /// How many rows each dataset of the contract has.
    pub volumes: BTreeMap<String, u64>,
    /// The format of the files.
    pub format: String,
    /// How they were made smaller.
    pub compression: Option<String>,
    /// How checksums are computed.
    pub checksums: String,
    /// The datasets that were made.
    pub datasets: Vec<MadeDataset>,
}

/// What was made of a dataset.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct MadeDataset {
    /// Its name.
    pub dataset: String,
    /// Its columns, in the order in which rows have them.
    pub columns: Vec<String>,
    /// How many rows were made.
    pub rows: u64,
    /// What they add up to.
    pub checksum: Checksum,
    /// The files they are in.
    pub parts: Vec<MadePart>,
}

/// A file that was made.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct MadePart {
    /// Where it is, from the manifest's folder on; nothing for standard output.
    pub file: Option<String>,
    /// The index of the first of its rows.
    pub first_row: u64,
    /// How many rows it has.
    pub rows: u64,
    /// How many bytes it has.
    pub bytes: u64,
    /// The SHA-256 digest of its bytes, in hexadecimal digits.
    pub sha256: String,
    /// What its rows add up to.
    pub checksum: Checksum,
}

impl Manifest {
    /// The name of the manifest of a folder of parts.
    pub const NAME: &str = "manifest.json";

    /// Begins the manifest of a plan.
    pub(crate) fn begin(plan: &Plan, fingerprint: &str) -> Self {
        let contract = &plan.contract;
        let volumes = plan.datasets.iter().map(|dataset| (dataset.name.clone(), dataset.rows));
        Self {
            manifest: VERSION,
            tdata: env!("CARGO_PKG_VERSION").to_owned(),
            fingerprint: fingerprint.to_owned(),
            version: contract.version.to_string(),
            seed: contract.seed,
            as_of: contract.as_of.to_string(),
            masked: contract.apply_masking,
            volumes: volumes.collect(),
            format: String::new(),
            compression: None,
            checksums: METHOD.to_owned(),
            datasets: Vec::new(),
        }
    }

    /// Writes it, whole or not at all.
    pub(crate) fn write(&self, path: &Path) -> Result<(), JobError> {
        let mut text = serde_json::to_vec_pretty(self)
            .map_err(|error| JobError::file("write", path)(error.into()))?;
        text.push(b'\n');
        let mut file = Unfinished::file(path, false)?;
        file.append(&text)?;
        file.finish().map(drop)
    }

    /// Reads one.
    ///
    /// # Errors
    ///
    /// When it cannot be read, or is none.
    pub fn read(path: &Path) -> Result<Self, JobError> {
        let text = std::fs::read(path).map_err(JobError::file("read", path))?;
        let read = |error: serde_json::Error| JobError::file("read", path)(error.into());
        let manifest: Self = serde_json::from_slice(&text).map_err(read)?;
        if manifest.manifest != VERSION || manifest.checksums != METHOD {
            let message = format!("{} is the manifest of another version of tdata", path.display());
            return Err(JobError::asked(message, "use that version, or make the files anew"));
        }
        Ok(manifest)
    }
}

/// Returns how a manifest names a file: from its own folder on where the file is below that.
pub(crate) fn name_of(file: &Path, manifest: &Path) -> String {
    let whole = |path: &Path| std::path::absolute(path).unwrap_or_else(|_| path.to_owned());
    let (file, folder) = (whole(file), whole(manifest));
    let below = folder.parent().and_then(|folder| file.strip_prefix(folder).ok());
    below.unwrap_or(&file).to_string_lossy().into_owned()
}

/// Returns where a file is that a manifest names.
pub(crate) fn path_of(name: &str, manifest: &Path) -> PathBuf {
    manifest.parent().unwrap_or(Path::new("")).join(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_are_named_from_the_manifest_on() {
        let manifest = Path::new("/data/manifest.json");
        for (file, name) in [
            ("/data/users/00000.csv", "users/00000.csv"),
            ("/elsewhere/users.csv", "/elsewhere/users.csv"),
        ] {
            assert_eq!(name_of(Path::new(file), manifest), name);
            assert_eq!(path_of(name, manifest), Path::new(file));
        }
    }
}
