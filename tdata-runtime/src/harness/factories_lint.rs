//! Proves that every trait of every factory makes records that the database takes.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;

use tdata_factory::create::Lint;
use tdata_factory::environment::package;

use crate::inject::{Current, TestData};

/// Builds and creates a record of every trait of some factories, whose lints they are, each in a transaction that is rolled
/// back, on the datasets of their records.
///
/// # Panics
///
/// When any cannot be made; the message tells all of them.
pub fn factories_lint(lints: &[Vec<Lint>], manifest_dir: &str) {
    let mut failures = Vec::new();
    let mut sound = Vec::new();
    for lint in lints.iter().flatten() {
        let built = attempt(|| {
            lint.build();
            Ok(())
        });
        match built {
            Ok(()) => sound.push(lint),
            Err(failure) => failures.push(format!("{} does not build: {failure}", lint.name)),
        }
    }
    sound.retain(|lint| lint.has_table);
    if !sound.is_empty() {
        create(&sound, manifest_dir, &mut failures);
    }
    assert!(failures.is_empty(), "{}", failures.join("\n\n"));
}

fn create(lints: &[&Lint], manifest_dir: &str, failures: &mut Vec<String>) {
    let mut datasets: Vec<&str> = lints.iter().filter_map(|lint| lint.dataset).collect();
    datasets.sort_unstable();
    datasets.dedup();
    let folder = package(Some(Path::new(manifest_dir)));
    let data = match TestData::request(datasets).project(folder).provision() {
        Ok(data) => data,
        Err(error) => {
            failures.push(format!("the tables of the factories cannot be had: {error}"));
            return;
        }
    };
    let _current = Current::enter(&data);
    for lint in lints {
        let created = attempt(|| {
            let mut client = data.try_client().map_err(|error| error.to_string())?;
            let mut transaction = client.transaction().map_err(|error| error.to_string())?;
            // Dropping the transaction rolls it back.
            lint.create(&mut transaction).map_err(|error| error.to_string())
        });
        if let Err(failure) = created {
            failures.push(format!("{} cannot be created: {failure}", lint.name));
        }
    }
    data.release();
}

/// Does something, and returns what went wrong, also by a panic.
fn attempt(work: impl FnOnce() -> Result<(), String>) -> Result<(), String> {
    match catch_unwind(AssertUnwindSafe(work)) {
        Ok(result) => result,
        Err(panic) => Err(panic
            .downcast_ref::<String>()
            .cloned()
            .or_else(|| panic.downcast_ref::<&str>().map(|text| (*text).to_owned()))
            .unwrap_or_else(|| "it panicked".to_owned())),
    }
}
