//! What a test is compiled into, and how cargo is told of it.

use std::fs;
use std::path::Path;

use toml::de::{DeTable, DeValue};

/// What a test is compiled into, as far as the compiler tells.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Binary {
    /// The package's library.
    Library,
    /// A program or an example of this name.
    Program(&'static str),
    /// An integration test, or a benchmark.
    Test,
}

/// The two that the compiler does not tell apart: the option of cargo, the key of the manifest, and the folder.
const TESTS: [(&str, &str, &str); 2] =
    [("--test", "test", "tests"), ("--bench", "bench", "benches")];

impl Binary {
    /// Returns the option of `cargo test` that picks it, and its name where the option takes one. `target` is the
    /// name of the crate, `package` the package's folder, and `program` the program that runs.
    pub(super) fn option(
        self,
        target: &str,
        package: &Path,
        program: Option<&Path>,
    ) -> (&'static str, Option<String>) {
        match self {
            Self::Library => ("--lib", None),
            Self::Program(name) => {
                let folder = program.and_then(Path::parent).and_then(Path::file_name);
                let is_example = folder.is_some_and(|folder| folder == "examples");
                (if is_example { "--example" } else { "--bin" }, Some(name.to_owned()))
            }
            Self::Test => {
                let manifest = fs::read_to_string(package.join("Cargo.toml")).unwrap_or_default();
                let named = TESTS.iter().find_map(|(option, key, folder)| {
                    let mut names = declared(&manifest, key);
                    names.extend(discovered(&package.join(folder)));
                    let name = names.into_iter().find(|name| name.replace('-', "_") == target)?;
                    Some((*option, Some(name)))
                });
                named.unwrap_or_else(|| ("--test", Some(target.to_owned())))
            }
        }
    }
}

/// The names that a manifest gives: those of `[[test]]`.
fn declared(manifest: &str, key: &str) -> Vec<String> {
    let Ok(manifest) = DeTable::parse(manifest) else { return Vec::new() };
    let targets = manifest.get_ref().get(key).and_then(|value| value.get_ref().as_array());
    let name =
        |target: &DeValue<'_>| Some(target.as_table()?.get("name")?.get_ref().as_str()?.to_owned());
    targets.into_iter().flatten().filter_map(|target| name(target.get_ref())).collect()
}

/// The names that cargo finds in a folder: those of files, and of folders with a `main.rs`.
fn discovered(folder: &Path) -> Vec<String> {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    let name = |path: &Path| {
        let is_file = path.extension().is_some_and(|ending| ending == "rs");
        let is_target = is_file || path.join("main.rs").is_file();
        path.file_stem().filter(|_| is_target).map(|name| name.to_string_lossy().into_owned())
    };
    entries.filter_map(|entry| name(&entry.path())).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cargo_is_told_by_the_name_that_it_knows() {
        let package = tempfile::tempdir().unwrap();
        let folder = package.path();
        for file in ["tests/check-out.rs", "tests/refunds/main.rs", "benches/speed.rs"] {
            let path = folder.join(file);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, "").unwrap();
        }
        let manifest =
            "[package]\nname = \"shop\"\n[[test]]\nname = \"far-away\"\npath = \"x.rs\"\n";
        fs::write(folder.join("Cargo.toml"), manifest).unwrap();
        let option = |binary: Binary, target: &str, program: &str| {
            let (option, name) = binary.option(target, folder, Some(Path::new(program)));
            format!("{option} {}", name.unwrap_or_default())
        };
        for (binary, target, program, told) in [
            (Binary::Test, "check_out", "", "--test check-out"),
            (Binary::Test, "refunds", "", "--test refunds"),
            (Binary::Test, "far_away", "", "--test far-away"),
            (Binary::Test, "speed", "", "--bench speed"),
            (Binary::Test, "gone", "", "--test gone"),
            (Binary::Library, "shop", "", "--lib "),
            (Binary::Program("my-shop"), "my_shop", "/t/debug/deps/my_shop-1", "--bin my-shop"),
            (Binary::Program("demo"), "demo", "/t/debug/examples/demo-1", "--example demo"),
        ] {
            assert_eq!(option(binary, target, program), told);
        }
    }
}
