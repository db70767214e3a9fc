//! The files of definitions, read once per engine, and again when they change.

use std::collections::HashMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::SystemTime;

use parking_lot::Mutex;
use tdata_core::definition::Files;
use tdata_core::diagnostic::Diagnostic;
use tdata_core::project::Project;

/// What tells whether a folder's files are still those that were read: names, times and sizes.
type Stamp = Vec<(PathBuf, Option<SystemTime>, u64)>;

/// The files that were read, with their stamp, by their folder.
#[derive(Debug, Default)]
pub(crate) struct ReadFiles(Mutex<HashMap<PathBuf, (Stamp, Arc<Files>)>>);

impl ReadFiles {
    /// Returns the files of a project's definitions.
    pub(crate) fn of(&self, project: &Project) -> Result<Arc<Files>, Diagnostic> {
        let folder = project.definitions_folder();
        let stamp = stamp(&folder);
        let mut all = self.0.lock();
        if let Some((read, files)) = all.get(&folder)
            && *read == stamp
        {
            return Ok(Arc::clone(files));
        }
        let files = Arc::new(project.files()?);
        all.insert(folder, (stamp, Arc::clone(&files)));
        Ok(files)
    }
}

fn stamp(folder: &Path) -> Stamp {
    let Ok(entries) = fs::read_dir(folder) else { return Vec::new() };
    let mut stamp: Stamp = entries
        .filter_map(|entry| {
            let entry = entry.ok()?;
            let metadata = entry.metadata().ok()?;
            Some((entry.path(), metadata.modified().ok(), metadata.len()))
        })
        .collect();
    stamp.sort();
    stamp
}
