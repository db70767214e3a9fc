//! The files of definitions and migrations, read once per engine, and again when they change.

use std::collections::HashMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::SystemTime;

use parking_lot::Mutex;
use tdata_core::definition::Files;
use tdata_core::diagnostic::Diagnostic;
use tdata_core::project::{Project, Settings};
use tdata_factory::environment::any_variable;
use tdata_postgres::migrate::{self, MigrateError, Migrations};

/// What tells whether a folder's files are still those that were read: names, times and sizes.
type Stamp = Vec<(PathBuf, Option<SystemTime>, u64)>;

/// The files that were read, with their stamp, by their folder.
#[derive(Debug, Default)]
pub(crate) struct ReadFiles {
    definitions: Mutex<HashMap<PathBuf, (Stamp, Arc<Files>)>>,
    migrations: Mutex<HashMap<PathBuf, (Stamp, Settings, ReadMigrations)>>,
}

/// Migrations, and what stands for them in fingerprints.
#[derive(Clone, Debug)]
pub(crate) struct ReadMigrations {
    pub(crate) migrations: Arc<Migrations>,
    pub(crate) digest: Arc<str>,
    /// Whether they may do something to the server as a whole.
    pub(crate) touch_server: bool,
}

impl ReadFiles {
    /// Returns the files of a project's definitions.
    pub(crate) fn of(&self, project: &Project) -> Result<Arc<Files>, Diagnostic> {
        let folder = project.definitions_folder();
        let mut stamp = Stamp::new();
        stamp_into(&mut stamp, &folder, 0);
        let mut all = self.definitions.lock();
        if let Some((read, files)) = all.get(&folder)
            && *read == stamp
        {
            return Ok(Arc::clone(files));
        }
        let files = Arc::new(project.files()?);
        all.insert(folder, (stamp, Arc::clone(&files)));
        Ok(files)
    }

    /// Returns a project's migrations, and whether they were read just now.
    pub(crate) fn migrations(
        &self,
        project: &Project,
    ) -> Result<(ReadMigrations, bool), MigrateError> {
        let settings = project.settings();
        let mut all = self.migrations.lock();
        let mut included = Vec::new();
        if let Some((stamp, under, read)) = all.get(project.root()) {
            included = looked_at(&read.migrations);
            if (stamp, under) == (&migrations_stamp(project, &included), settings) {
                return Ok((read.clone(), false));
            }
        }
        // The stamp is older than what is read. Which files are included is known only when they are read.
        let (stamp, migrations) = loop {
            let stamp = migrations_stamp(project, &included);
            let migrations = migrate::read(project, &any_variable)?;
            let now = looked_at(&migrations);
            if now == included {
                break (stamp, Arc::new(migrations));
            }
            included = now;
        };
        let digest = migrations.digest().into();
        let touch_server = migrate::touch_server(&migrations);
        let read = ReadMigrations { migrations, digest, touch_server };
        all.insert(project.root().to_owned(), (stamp, settings.clone(), read.clone()));
        Ok((read, true))
    }
}

/// Returns the paths where files were looked for that migrations include.
fn looked_at(migrations: &Migrations) -> Vec<String> {
    migrations.included.looked_at().map(str::to_owned).collect()
}

/// Returns the stamp of a project's migrations, and of files that they include.
fn migrations_stamp(project: &Project, included: &[String]) -> Stamp {
    /// How many folders deep files are looked at.
    const DEPTH: u8 = 16;
    let mut stamp = Stamp::new();
    for folder in &project.settings().migrations {
        stamp_into(&mut stamp, &project.root().join(&folder.folder), DEPTH);
    }
    for path in included.iter().map(|path| project.root().join(path)) {
        let metadata = fs::metadata(&path).ok();
        let time = metadata.as_ref().and_then(|metadata| metadata.modified().ok());
        stamp.push((path, time, metadata.map_or(0, |metadata| metadata.len())));
    }
    stamp
}

/// Adds a folder's files, and those of as many folders below each other.
fn stamp_into(stamp: &mut Stamp, folder: &Path, depth: u8) {
    let Ok(entries) = fs::read_dir(folder) else { return };
    let from = stamp.len();
    for entry in entries.flatten() {
        // As files are read: through links.
        let Ok(metadata) = fs::metadata(entry.path()) else { continue };
        stamp.push((entry.path(), metadata.modified().ok(), metadata.len()));
        let is_link = entry.file_type().is_ok_and(|kind| kind.is_symlink());
        if depth > 0 && metadata.is_dir() && !is_link {
            stamp_into(stamp, &entry.path(), depth - 1);
        }
    }
    stamp[from..].sort();
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn migrations_are_read_again_when_files_change_that_they_include() {
        let folder = tempfile::tempdir().unwrap();
        let write = |name: &str, text: &str| fs::write(folder.path().join(name), text).unwrap();
        fs::create_dir(folder.path().join("db")).unwrap();
        write("tdata.toml", "migrations = \"db\"");
        write("db/1.sql", "\\i later.sql\n\\i a.sql\n");
        write("a.sql", "\\i b.sql\n");
        write("b.sql", "SELECT 1;");
        let project = Project::at(folder.path()).unwrap();
        let files = ReadFiles::default();
        let mut digests = Vec::new();
        let mut reads = |is_expected: bool| {
            let (read, is_new) = files.migrations(&project).unwrap();
            assert_eq!(is_new, is_expected);
            if is_new {
                assert!(!digests.contains(&read.digest));
                digests.push(read.digest);
            }
        };
        reads(true);
        reads(false);
        write("b.sql", "SELECT 22;");
        reads(true);
        write("later.sql", "SELECT 3;");
        reads(true);
        reads(false);
    }
}
