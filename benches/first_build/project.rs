//! The package that is built: written into the target folder.

use std::collections::BTreeMap;
use std::error::Error;
use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use serde_json::Value;
use tdata_bench::cost::Cost;
use tdata_bench::suite;

use super::trees::Tree;

/// The package.
#[derive(Debug)]
pub(crate) struct Project {
    folder: PathBuf,
    /// The lock file of this workspace, whose versions are taken.
    lock: String,
}

/// A build.
#[derive(Debug)]
pub(crate) struct Built {
    pub(crate) cost: Cost,
    /// The crates, and for how many seconds one of cargo's jobs was busy with each; the dearest first.
    pub(crate) crates: Vec<(String, f64)>,
    /// What the target folder holds.
    pub(crate) megabytes: u64,
}

impl Project {
    /// Finds the place for it.
    pub(crate) fn new() -> Result<Self, Box<dyn Error>> {
        // This program is `target/release/deps/first_build-…`.
        let program = std::env::current_exe()?;
        let target = program.ancestors().nth(3).ok_or("this program is in no target folder")?;
        let root = suite::package().parent().ok_or("this package is in no workspace")?;
        let lock = fs::read_to_string(root.join("Cargo.lock"))?;
        Ok(Self { folder: target.join("first-build"), lock })
    }

    /// Writes the package with a tree of dependencies, and builds it from nothing.
    pub(crate) fn build(&self, tree: &Tree) -> Result<Built, Box<dyn Error>> {
        if self.folder.exists() {
            fs::remove_dir_all(&self.folder)?;
        }
        let manifest = format!(
            "[package]\nname = \"first-build\"\nedition = \"2024\"\npublish = false\n\n\
             [dev-dependencies]\n{}\n[workspace]\n",
            tree.dependencies
        );
        let files = [("Cargo.toml", &*manifest), ("Cargo.lock", &self.lock), ("src/lib.rs", "")];
        let test = [("tests/first.rs", tree.test)];
        let definition = [("data_definitions/users.yaml", tree.definition)];
        for (path, text) in files.into_iter().chain(test).chain(definition) {
            let path = self.folder.join(path);
            path.parent().map(fs::create_dir_all).transpose()?;
            fs::write(path, text)?;
        }
        Cost::of(&mut self.cargo(["fetch"]))?;
        let cost = Cost::of(&mut self.cargo(["test", "--no-run", "--offline", "--timings"]))?;
        let target = self.folder.join("target");
        let timings = fs::read_to_string(target.join("cargo-timings/cargo-timing.html"))?;
        let built =
            Built { cost, crates: crates(&timings)?, megabytes: size(&target)? / 1_000_000 };
        fs::remove_dir_all(&self.folder)?;
        Ok(built)
    }

    fn cargo<const N: usize>(&self, arguments: [&str; N]) -> Command {
        let cargo = std::env::var_os("CARGO").unwrap_or_else(|| OsString::from("cargo"));
        let mut command = Command::new(cargo);
        suite::without_package(&mut command);
        command.args(arguments).arg("--quiet").env("CARGO_TARGET_DIR", self.folder.join("target"));
        command.current_dir(&self.folder).stdout(Stdio::null()).stderr(Stdio::piped());
        command
    }
}

/// Reads what cargo's report on timings tells of each crate: its build script and all of its targets together.
fn crates(report: &str) -> Result<Vec<(String, f64)>, Box<dyn Error>> {
    let (_, units) = report.split_once("const UNIT_DATA = ").ok_or("cargo reports no units")?;
    let units = serde_json::Deserializer::from_str(units).into_iter::<Vec<Value>>().next();
    let mut crates = BTreeMap::<String, f64>::new();
    for unit in units.ok_or("cargo reports no units")?? {
        let (name, version) = (unit["name"].as_str(), unit["version"].as_str());
        let (Some(name), Some(version)) = (name, version) else {
            return Err("cargo reports a unit without a name".into());
        };
        *crates.entry(format!("{name} {version}")).or_default() +=
            unit["duration"].as_f64().unwrap_or_default();
    }
    let mut crates: Vec<_> = crates.into_iter().collect();
    crates.sort_by(|(_, a), (_, b)| b.total_cmp(a));
    Ok(crates)
}

/// Returns how many bytes the files of a folder have.
fn size(folder: &Path) -> Result<u64, Box<dyn Error>> {
    let mut bytes = 0;
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        let found = fs::symlink_metadata(entry.path())?;
        bytes += if found.is_dir() { size(&entry.path())? } else { found.len() };
    }
    Ok(bytes)
}
