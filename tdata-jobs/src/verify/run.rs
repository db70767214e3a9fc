//! The job: manifests read, files checked, sums compared.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;
use std::path::{Path, PathBuf};

use serde::Serialize;

use super::beside::others_beside;
use super::contract::difference;
use super::cover::cover;
use super::files;
use crate::checksum::Checksum;
use crate::error::JobError;
use crate::manifest::{MadeDataset, Manifest, path_of};
use crate::watch::Watch;

/// What is to be verified.
#[derive(Clone, Debug, Default)]
pub struct Verify {
    /// The manifests of all parts.
    pub manifests: Vec<PathBuf>,
    /// A manifest whose sums must be the same.
    pub against: Option<PathBuf>,
    /// Whether only the manifests are read, and no file that they name.
    pub without_files: bool,
    /// Whether a dataset of the contract without any part is a problem. Else it may be that nobody asked for it.
    pub is_whole: bool,
}

/// What was found.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Verified {
    /// What the parts of each dataset add up to, in the order of their names.
    pub datasets: Vec<VerifiedDataset>,
    /// The datasets that the contract has, and of which there is no part.
    pub without_parts: Vec<String>,
    /// All that is wrong.
    pub problems: Vec<String>,
}

/// What the parts of a dataset add up to.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct VerifiedDataset {
    /// Its name.
    pub dataset: String,
    /// How many rows its contract says that it has.
    pub volume: u64,
    /// How many parts there are.
    pub parts: u64,
    /// How many rows these have.
    pub rows: u64,
    /// How many bytes.
    pub bytes: u64,
    /// What the rows add up to.
    pub checksum: Checksum,
    #[serde(skip)]
    ranges: Vec<Range<u64>>,
}

/// Verifies files by their manifests: each file is as it was made, the manifests are of one contract, and the parts have all
/// rows of each dataset, and each once.
///
/// What is wrong is no error: all of it is in what is returned.
///
/// # Errors
///
/// When it is told to stop.
pub fn verify(verify: &Verify, watch: &dyn Watch) -> Result<Verified, JobError> {
    let mut problems = Vec::new();
    let manifests = read(&verify.manifests, &mut problems);
    if let Some(((first_path, first), others)) = manifests.split_first() {
        for (path, other) in others {
            if let Some(difference) = difference(first, other) {
                let (first, path) = (first_path.display(), path.display());
                problems.push(format!("{path} is of another contract than {first}: {difference}"));
            }
        }
    }
    let datasets = add_up(&manifests, &mut problems);
    for dataset in &datasets {
        tell_cover(dataset, &mut problems);
    }
    let without_parts = without_parts(&manifests);
    if verify.is_whole {
        let tell = |name| format!("`{name}`: no manifest has any part, and the contract has rows");
        problems.extend(without_parts.iter().map(tell));
    }
    if !verify.without_files {
        check_files(&manifests, &mut problems, watch)?;
        problems.extend(others_beside(&files_of(&manifests)));
    }
    if let Some(against) = &verify.against {
        let other = read(std::slice::from_ref(against), &mut problems);
        if !other.is_empty() {
            let others = add_up(&other, &mut problems);
            compare(&datasets, &others, against, &mut problems);
        }
    }
    Ok(Verified { datasets, without_parts, problems })
}

/// Reads the manifests that can be read, and tells the others.
fn read<'a>(paths: &'a [PathBuf], problems: &mut Vec<String>) -> Vec<(&'a Path, Manifest)> {
    let mut manifests = Vec::new();
    for path in paths {
        match Manifest::read(path) {
            Ok(manifest) => manifests.push((path.as_path(), manifest)),
            Err(error) => problems.push(error.to_string()),
        }
    }
    manifests
}

fn add_up(manifests: &[(&Path, Manifest)], problems: &mut Vec<String>) -> Vec<VerifiedDataset> {
    let mut sums: BTreeMap<&str, VerifiedDataset> = BTreeMap::new();
    for (path, manifest) in manifests {
        for made in &manifest.datasets {
            tell_sums(path, made, problems);
            let sum = sums.entry(&made.dataset).or_insert_with(|| VerifiedDataset {
                dataset: made.dataset.clone(),
                volume: manifest.volumes.get(&made.dataset).copied().unwrap_or_default(),
                ..VerifiedDataset::default()
            });
            for part in &made.parts {
                sum.parts += 1;
                sum.rows += part.rows;
                sum.bytes += part.bytes;
                sum.checksum += part.checksum;
                sum.ranges.push(part.first_row..part.first_row.saturating_add(part.rows));
            }
        }
    }
    sums.into_values().collect()
}

/// Returns the datasets that contracts have rows of, and manifests no part.
fn without_parts(manifests: &[(&Path, Manifest)]) -> Vec<String> {
    let volumes = manifests.iter().flat_map(|(_, manifest)| &manifest.volumes);
    let contract: BTreeSet<&String> =
        volumes.filter(|(_, rows)| **rows > 0).map(|(name, _)| name).collect();
    let made = manifests.iter().flat_map(|(_, manifest)| &manifest.datasets);
    let made: BTreeSet<&String> = made.map(|made| &made.dataset).collect();
    contract.difference(&made).map(|name| (*name).clone()).collect()
}

/// Tells a dataset whose sums in a manifest are not those of its parts.
fn tell_sums(path: &Path, made: &MadeDataset, problems: &mut Vec<String>) {
    let rows: u64 = made.parts.iter().map(|part| part.rows).sum();
    let mut checksum = Checksum::default();
    made.parts.iter().for_each(|part| checksum += part.checksum);
    if rows != made.rows || checksum != made.checksum {
        let (path, dataset) = (path.display(), &made.dataset);
        problems.push(format!("{path}: the parts of `{dataset}` do not add up to what it says"));
    }
}

fn tell_cover(dataset: &VerifiedDataset, problems: &mut Vec<String>) {
    let VerifiedDataset { dataset, volume, ranges, .. } = dataset;
    let cover = cover(ranges.clone(), *volume);
    let mut tell = |ranges: &[Range<u64>], says: &str| {
        if !ranges.is_empty() {
            let rows: Vec<String> =
                ranges.iter().map(|rows| format!("{}..{}", rows.start, rows.end)).collect();
            problems.push(format!("`{dataset}`: {says} rows {}", rows.join(", ")));
        }
    };
    tell(&cover.gaps, "no part has");
    tell(&cover.overlaps, "several parts have");
    tell(&cover.beyond, &format!("its volume is {volume}, and parts have"));
}

/// Returns all files that manifests name.
fn files_of(manifests: &[(&Path, Manifest)]) -> BTreeSet<PathBuf> {
    let of = |(path, manifest): &(&Path, Manifest)| {
        let parts = manifest.datasets.iter().flat_map(|made| &made.parts);
        let files = parts.filter_map(|part| part.file.as_deref());
        files.map(|file| path_of(file, path)).collect::<Vec<_>>()
    };
    manifests.iter().flat_map(of).collect()
}

fn check_files(
    manifests: &[(&Path, Manifest)],
    problems: &mut Vec<String>,
    watch: &dyn Watch,
) -> Result<(), JobError> {
    for (path, manifest) in manifests {
        for made in &manifest.datasets {
            watch.begins(&made.dataset, made.rows);
            for part in &made.parts {
                if let Some(file) = &part.file {
                    problems.extend(files::problem(&path_of(file, path), part, watch)?);
                }
                watch.did(part.rows);
            }
            watch.ends();
        }
    }
    Ok(())
}

fn compare(
    datasets: &[VerifiedDataset],
    others: &[VerifiedDataset],
    against: &Path,
    problems: &mut Vec<String>,
) {
    let against = against.display();
    let find = |among: &[VerifiedDataset], name: &str| {
        among.iter().find(|dataset| dataset.dataset == name).cloned()
    };
    for dataset in datasets {
        let name = &dataset.dataset;
        match find(others, name) {
            None => problems.push(format!("`{name}` is not in {against}")),
            Some(other) if other.rows != dataset.rows => {
                let (rows, others) = (dataset.rows, other.rows);
                problems.push(format!("`{name}` has {rows} rows, and {others} in {against}"));
            }
            Some(other) if other.checksum != dataset.checksum => {
                problems.push(format!("`{name}` has other rows than in {against}"));
            }
            Some(_) => {}
        }
    }
    for other in others {
        if find(datasets, &other.dataset).is_none() {
            problems.push(format!("`{}` is only in {against}", other.dataset));
        }
    }
}
