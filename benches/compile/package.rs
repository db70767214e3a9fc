//! The package that the suites are in: written into the target folder, and built by cargo.

use std::error::Error;
use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use tdata_bench::cost::Cost;
use tdata_bench::suite;

use super::suites::Suite;
use super::tables::Table;

const NAME: &str = "tdata-compile-suites";

/// The package, written.
#[derive(Debug)]
pub(crate) struct Package {
    folder: PathBuf,
    target: PathBuf,
}

impl Package {
    /// Writes the package anew.
    ///
    /// # Errors
    ///
    /// When a file cannot be written.
    pub(crate) fn write() -> Result<Self, Box<dyn Error>> {
        // This program is `target/release/deps/compile-…`.
        let program = std::env::current_exe()?;
        let target = program.ancestors().nth(3).ok_or("this program is in no target folder")?;
        let folder = target.join("compile-suites");
        if folder.exists() {
            fs::remove_dir_all(&folder)?;
        }
        let package = Self { folder, target: target.to_owned() };
        let root = suite::package().parent().ok_or("this package is in no workspace")?;
        let lock = fs::read_to_string(root.join("Cargo.lock"))?;
        package.file("Cargo.toml", &manifest(root))?;
        package.file("Cargo.lock", &lock)?;
        package.file("src/lib.rs", "")?;
        let mut migration = String::new();
        for table in Table::all() {
            let name = table.name();
            package.file(format!("data_definitions/{name}.yaml"), &table.definition())?;
            package.file(format!("tests/fixtures/{name}.sql"), &table.fixture())?;
            migration += &table.migration();
        }
        package.file("migrations/20240501000000_shop.sql", &migration)?;
        for suite in Suite::ALL {
            for (path, text) in suite.files() {
                package.file(Path::new("tests").join(suite.target()).join(path), &text)?;
            }
        }
        Ok(package)
    }

    fn file(&self, path: impl AsRef<Path>, text: &str) -> Result<(), Box<dyn Error>> {
        let path = self.folder.join(path);
        path.parent().map(fs::create_dir_all).transpose()?;
        Ok(fs::write(path, text)?)
    }

    /// Builds the suites with all that they depend on. Crates that are not there yet are fetched.
    ///
    /// # Errors
    ///
    /// When cargo fails.
    pub(crate) fn prepare(&self) -> Result<(), Box<dyn Error>> {
        Cost::of(self.cargo(["test", "--no-run"]).stderr(Stdio::inherit())).map(drop)
    }

    /// Takes away what was built of the suites, but not of what they depend on.
    ///
    /// # Errors
    ///
    /// When cargo fails.
    pub(crate) fn forget(&self) -> Result<(), Box<dyn Error>> {
        Cost::of(&mut self.cargo(["clean", "--offline", "-p", NAME])).map(drop)
    }

    /// Builds a suite as it is.
    ///
    /// # Errors
    ///
    /// When cargo fails.
    pub(crate) fn build(&self, suite: Suite) -> Result<Cost, Box<dyn Error>> {
        Cost::of(&mut self.cargo(["test", "--no-run", "--offline", "--test", suite.target()]))
    }

    /// Adds a line to a test of a suite, as somebody who works on it.
    ///
    /// # Errors
    ///
    /// When the file cannot be read or written.
    pub(crate) fn edit(&self, suite: Suite, round: usize) -> Result<(), Box<dyn Error>> {
        const BEFORE: &str = "assert_eq!(deleted";
        let file = format!("tests/{}/invoices.rs", suite.target());
        let text = fs::read_to_string(self.folder.join(&file))?;
        let at = text.find(BEFORE).ok_or("the test to edit is gone")?;
        let (above, below) = text.split_at(at);
        self.file(file, &format!("{above}assert_ne!(before, {});\n    {below}", 1000 + round))
    }

    fn cargo<const N: usize>(&self, arguments: [&str; N]) -> Command {
        let cargo = std::env::var_os("CARGO").unwrap_or_else(|| OsString::from("cargo"));
        let mut command = Command::new(cargo);
        command.args(arguments).arg("--target-dir").arg(&self.target);
        suite::without_package(&mut command);
        command.current_dir(&self.folder).stdout(Stdio::null()).stderr(Stdio::piped());
        command
    }
}

/// Returns the manifest. The crates are those of the workspace, in the versions of its lock file.
fn manifest(root: &Path) -> String {
    format!(
        r#"[package]
name = "{NAME}"
edition = "2024"
publish = false

[dev-dependencies]
postgres = "0.19"
sqlx = {{ version = "0.9", default-features = false, features = ["macros", "migrate", "postgres", "runtime-tokio"] }}
tdata = {{ path = {root:?} }}
tokio = {{ version = "1", features = ["macros", "rt"] }}
tokio-postgres = "0.7"

[profile.dev]
debug = "line-tables-only"

[workspace]
"#
    )
}
