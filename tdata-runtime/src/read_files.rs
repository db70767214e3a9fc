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
        /// How many folders deep files are looked at.
        const DEPTH: u8 = 16;
        let settings = project.settings();
        let mut stamp = Stamp::new();
        for folder in &settings.migrations {
            stamp_into(&mut stamp, &project.root().join(&folder.folder), DEPTH);
        }
        let mut all = self.migrations.lock();
        if let Some((read, under, migrations)) = all.get(project.root())
            && (read, under) == (&stamp, settings)
        {
            return Ok((migrations.clone(), false));
        }
        let migrations = Arc::new(migrate::read(project, &any_variable)?);
        let digest = migrations.digest().into();
        let read = ReadMigrations { migrations, digest };
        all.insert(project.root().to_owned(), (stamp, settings.clone(), read.clone()));
        Ok((read, true))
    }
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
