//! Finds the server's programs.

use std::path::{Path, PathBuf};
use std::process::Command;

use super::error::ServerError;

/// PostgreSQL's server programs.
pub(super) struct Programs {
    /// The folder of `postgres` and `initdb`.
    pub(super) folder: PathBuf,
    /// The folder of their libraries, if the system does not know it.
    pub(super) libraries: Option<PathBuf>,
    /// Their major version, if it is known without asking them.
    pub(super) major: Option<u32>,
}

impl Programs {
    /// Lets a program, and what it starts, find the libraries.
    pub(super) fn lead(&self, command: &mut Command) {
        if let Some(libraries) = &self.libraries {
            command.env("LD_LIBRARY_PATH", libraries).env("DYLD_LIBRARY_PATH", libraries);
            // Programs that come without ICU's data look for it, and end where there is none.
            command.env("OLIPHAUNT_INTERNAL_SKIP_ICU_DISCOVERY", "1");
        }
    }
}

/// Folders that packages install PostgreSQL into; `*` stands for one version's folder.
const USUAL: &[&str] = &[
    "/usr/lib/postgresql/*/bin",
    "/usr/pgsql-*/bin",
    "/usr/local/pgsql/bin",
    "/usr/libexec/postgresql*",
    "/opt/homebrew/opt/postgresql*/bin",
    "/usr/local/opt/postgresql*/bin",
    "/opt/postgresql*/bin",
    "/Library/PostgreSQL/*/bin",
    "/Applications/Postgres.app/Contents/Versions/*/bin",
];

/// Finds the folder with `postgres` and `initdb`: the one named, else one on `PATH`, else the newest
/// of the usual folders.
pub(super) fn find(named: Option<&Path>) -> Result<PathBuf, ServerError> {
    if let Some(folder) = named {
        return if is_complete(folder) {
            Ok(folder.to_owned())
        } else {
            let searched =
                format!("TDATA_PG_BIN={} holds no `postgres` and `initdb`", folder.display());
            Err(ServerError::NoPrograms { searched })
        };
    }
    let path = std::env::var_os("PATH").unwrap_or_default();
    let on_path = std::env::split_paths(&path).filter_map(|folder| {
        // Distributions link single programs; the rest of the installation is where they lead.
        let program = std::fs::canonicalize(folder.join("postgres")).ok()?;
        program.parent().map(Path::to_owned)
    });
    let mut usual: Vec<PathBuf> = USUAL.iter().flat_map(|pattern| expand(pattern)).collect();
    usual.sort_by_key(|folder| std::cmp::Reverse(version_of(folder)));
    on_path.chain(usual).find(|folder| is_complete(folder)).ok_or_else(|| {
        let searched = "none on PATH, none in the usual folders".to_owned();
        ServerError::NoPrograms { searched }
    })
}

fn is_complete(folder: &Path) -> bool {
    ["postgres", "initdb"].iter().all(|program| folder.join(program).is_file())
}

/// The first number in a path: its version.
fn version_of(folder: &Path) -> u32 {
    let text = folder.to_string_lossy();
    let digits = text.split(|c: char| !c.is_ascii_digit()).find(|digits| !digits.is_empty());
    digits.and_then(|digits| digits.parse().ok()).unwrap_or(0)
}

/// Expands the one `*` of a pattern.
fn expand(pattern: &str) -> Vec<PathBuf> {
    let Some((before, behind)) = pattern.split_once('*') else { return vec![pattern.into()] };
    let (parent, prefix) = before.rsplit_once('/').unwrap_or(("", before));
    let Ok(entries) = std::fs::read_dir(parent) else { return Vec::new() };
    entries
        .filter_map(|entry| entry.ok()?.file_name().into_string().ok())
        .filter(|name| name.starts_with(prefix))
        .map(|name| PathBuf::from(format!("{parent}/{name}{behind}")))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_without_the_programs_is_told() {
        let folder = tempfile::tempdir().unwrap();
        let error = find(Some(folder.path())).unwrap_err().to_string();
        assert!(error.contains("TDATA_PG_BIN"), "{error}");
        assert!(error.contains("apt-get install postgresql"), "{error}");
    }

    #[test]
    fn versions_are_read_from_paths() {
        assert_eq!(version_of(Path::new("/usr/lib/postgresql/15/bin")), 15);
        assert_eq!(version_of(Path::new("/usr/pgsql-18/bin")), 18);
        assert_eq!(version_of(Path::new("/usr/local/pgsql/bin")), 0);
    }
}
