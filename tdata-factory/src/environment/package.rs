//! Where the package is that runs.

use std::path::{Path, PathBuf};

/// The variable by which Cargo tells the package's folder, to what it builds and to what it runs.
const FOLDER: &str = "CARGO_MANIFEST_DIR";

/// Returns the folder of the package that runs: as Cargo tells it, else where it was compiled, else the working
/// directory. What runs may be elsewhere than it was compiled; whoever runs it tells where the package is.
pub fn package(compiled: Option<&Path>) -> PathBuf {
    let told = std::env::var_os(FOLDER).map(PathBuf::from).filter(|folder| folder.is_dir());
    let folder = told.or_else(|| compiled.map(Path::to_owned)).unwrap_or_else(|| ".".into());
    std::path::absolute(&folder).unwrap_or(folder)
}

/// Returns the folder of the workspace that the package is of: the nearest with a `Cargo.lock`, from that of the package
/// on; the package's own where there is none.
pub fn workspace(package: &Path) -> PathBuf {
    let folder = std::fs::canonicalize(package).unwrap_or_else(|_| package.to_owned());
    let locked = folder.ancestors().find(|folder| folder.join("Cargo.lock").is_file());
    locked.map(Path::to_owned).unwrap_or(folder)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cargo_says_where_the_package_is() {
        let here = Path::new(env!("CARGO_MANIFEST_DIR"));
        assert_eq!(package(Some(Path::new("/elsewhere"))), here);
        assert!(workspace(&here.join("src")).join("Cargo.lock").is_file());
        assert_eq!(workspace(Path::new("/no/such/folder")), Path::new("/no/such/folder"));
    }
}
