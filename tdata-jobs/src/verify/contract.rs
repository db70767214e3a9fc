//! Whether manifests are of the same contract.

use crate::manifest::Manifest;

/// Says in what two manifests differ, where they are not of the same contract.
pub(super) fn difference(one: &Manifest, other: &Manifest) -> Option<String> {
    if one.fingerprint == other.fingerprint {
        return None;
    }
    let masked = |manifest: &Manifest| if manifest.masked { "masked" } else { "not masked" };
    let mut parts = Vec::new();
    let mut compare = |what: &str, one: &str, other: &str| {
        if one != other {
            parts.push(format!("{what} {one} and {other}"));
        }
    };
    compare("tdata", &one.tdata, &other.tdata);
    compare("version", &one.version, &other.version);
    compare("seed", &one.seed.to_string(), &other.seed.to_string());
    compare("as of", &one.as_of, &other.as_of);
    compare("values", masked(one), masked(other));
    let volume = |manifest: &Manifest, dataset: &str| {
        manifest.volumes.get(dataset).map_or("none".to_owned(), u64::to_string)
    };
    let mut datasets: Vec<&String> = one.volumes.keys().chain(other.volumes.keys()).collect();
    datasets.sort();
    datasets.dedup();
    for dataset in datasets {
        let what = format!("volume of `{dataset}`");
        compare(&what, &volume(one, dataset), &volume(other, dataset));
    }
    Some(match parts.is_empty() {
        true => "their definitions or their masking keys differ".to_owned(),
        false => format!("they have {}", parts.join(", ")),
    })
}
