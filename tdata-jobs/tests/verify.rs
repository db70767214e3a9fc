//! Files verified by their manifests.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod shop;

use std::fs;
use std::ops::Range;
use std::path::{Path, PathBuf};

use tdata_core::plan::Plan;
use tdata_jobs::{Format, Manifest, Verified, Verify, generate, verify};

/// Makes a file of rows and its manifest.
fn made(plan: &Plan, folder: &Path, rows: Range<u64>, format: Format) -> PathBuf {
    let name = format!("{}-{}.{format}", rows.start, rows.end);
    let manifest = folder.join(format!("{name}.json"));
    let asked = shop::into_file("kinds", rows, format, &folder.join(name));
    generate(&shop::recorded(asked, &manifest, "of the contract"), plan, &()).unwrap();
    manifest
}

fn verified(manifests: &[&PathBuf]) -> Verified {
    let manifests = manifests.iter().map(|path| (*path).clone()).collect();
    verify(&Verify { manifests, ..Verify::default() }, &()).unwrap()
}

/// Writes a manifest with something changed.
fn changed(manifest: &Path, change: impl FnOnce(&mut Manifest)) {
    let mut read = Manifest::read(manifest).unwrap();
    change(&mut read);
    fs::write(manifest, serde_json::to_string(&read).unwrap()).unwrap();
}

/// A folder with the whole of a dataset, in two formats.
struct Parts {
    folder: tempfile::TempDir,
    plan: Plan,
    first: PathBuf,
    rest: PathBuf,
}

fn parts() -> Parts {
    let (plan, folder) = (shop::planned_of(&["kinds"], 6_000.into()), tempfile::tempdir().unwrap());
    let first = made(&plan, folder.path(), 0..2_000, Format::Csv);
    let rest = made(&plan, folder.path(), 2_000..6_000, Format::PgCopy);
    Parts { folder, plan, first, rest }
}

#[test]
fn parts_that_are_whole_are_well_and_add_up() {
    let Parts { folder, plan, first, rest } = parts();
    let sum = verified(&[&rest, &first]);
    assert_eq!(sum.problems, [""; 0]);
    assert_eq!((sum.datasets[0].parts, sum.datasets[0].rows), (2, 6_000));

    // Another format, another cut, the same rows.
    let whole = made(&plan, folder.path(), 0..6_000, Format::JsonLines);
    let against = |manifests: Vec<PathBuf>, other: &Path| {
        let job = Verify {
            manifests,
            against: Some(other.to_owned()),
            without_files: false,
            ..Verify::default()
        };
        verify(&job, &()).unwrap().problems
    };
    assert_eq!(against(vec![first.clone(), rest.clone()], &whole), [""; 0]);
    let problems = against(vec![whole.clone()], &first);
    assert!(problems[0].contains("`kinds` has 6000 rows, and 2000 in"), "{problems:?}");
    changed(&first, |manifest| {
        let sum = "1".parse().unwrap();
        manifest.datasets[0].parts[0].checksum += sum;
        manifest.datasets[0].checksum += sum;
    });
    let problems = against(vec![first, rest], &whole);
    assert!(problems[0].contains("`kinds` has other rows than in"), "{problems:?}");
}

#[test]
fn damaged_and_missing_files_are_told_all_at_once() {
    let Parts { folder, first, rest, .. } = parts();
    let file = folder.path().join("0-2000.csv");
    let mut bytes = fs::read(&file).unwrap();
    bytes[500] ^= 1;
    fs::write(&file, &bytes).unwrap();
    fs::remove_file(folder.path().join("2000-6000.pgcopy")).unwrap();
    let nowhere = folder.path().join("nowhere.json");
    let problems = verified(&[&first, &rest, &nowhere]).problems;
    assert_eq!(problems.len(), 3, "{problems:?}");
    for (problem, says) in problems.iter().zip(["cannot read", "was changed", "is not there"]) {
        assert!(problem.contains(says), "{problem}");
    }
    fs::write(&file, &bytes[..100]).unwrap();
    let problems = verified(&[&first, &rest]).problems;
    assert!(problems[0].contains("has 100 bytes, and was made with"), "{problems:?}");
    // Only the manifests.
    let job = Verify {
        manifests: vec![first, rest],
        against: None,
        without_files: true,
        ..Verify::default()
    };
    assert_eq!(verify(&job, &()).unwrap().problems, [""; 0]);
}

#[test]
fn datasets_without_any_part_are_told() {
    let Parts { folder: _folder, first, rest, .. } = parts();
    for manifest in [&first, &rest] {
        changed(manifest, |manifest| {
            manifest.volumes.insert("others".to_owned(), 7);
            manifest.volumes.insert("none".to_owned(), 0);
        });
    }
    let manifests = vec![first, rest];
    let mut job = Verify { manifests, ..Verify::default() };
    let told = verify(&job, &()).unwrap();
    assert_eq!((told.without_parts, told.problems), (vec!["others".to_owned()], vec![]));
    job.is_whole = true;
    let problems = verify(&job, &()).unwrap().problems;
    assert_eq!(problems, ["`others`: no manifest has any part, and the contract has rows"]);
}

#[test]
fn gaps_and_overlaps_are_told_with_their_rows() {
    let Parts { folder, plan, first, rest } = parts();
    assert_eq!(verified(&[&first]).problems, ["`kinds`: no part has rows 2000..6000"]);
    let more = made(&plan, folder.path(), 1_000..3_000, Format::Csv);
    let problems = verified(&[&first, &rest, &more]).problems;
    assert_eq!(problems, ["`kinds`: several parts have rows 1000..3000"]);
}

#[test]
fn manifests_of_other_contracts_are_told_with_what_differs() {
    let Parts { folder: _folder, first, rest, .. } = parts();
    changed(&rest, |manifest| {
        manifest.fingerprint = "of another".to_owned();
        manifest.seed = 7;
        manifest.volumes.insert("kinds".to_owned(), 7_000);
    });
    let problems = verified(&[&first, &rest]).problems;
    let says = "they have seed 42 and 7, volume of `kinds` 6000 and 7000";
    assert!(problems[0].contains(says), "{problems:?}");
    changed(&rest, |manifest| manifest.seed = 42);
    changed(&rest, |manifest| {
        manifest.volumes.insert("kinds".to_owned(), 6_000);
    });
    let problems = verified(&[&first, &rest]).problems;
    assert!(problems[0].contains("definitions or their masking keys differ"), "{problems:?}");
}

#[test]
fn a_manifest_that_does_not_add_up_is_told() {
    let Parts { folder: _folder, first, rest, .. } = parts();
    changed(&first, |manifest| manifest.datasets[0].rows += 1);
    let problems = verified(&[&first, &rest]).problems;
    assert!(problems[0].contains("do not add up"), "{problems:?}");
    fs::write(&first, "{}").unwrap();
    let problems = verified(&[&first, &rest]).problems;
    assert!(problems[0].starts_with("cannot read"), "{problems:?}");
    changed(&rest, |manifest| manifest.manifest = 9);
    let problems = verified(&[&rest]).problems;
    assert!(problems[0].contains("another version of tdata"), "{problems:?}");
}
