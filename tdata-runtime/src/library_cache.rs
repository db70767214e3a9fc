//! Definitions read once per process, and again when their files change.

use std::collections::HashMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::{Arc, OnceLock};
use std::time::SystemTime;

use parking_lot::Mutex;
use tdata_core::definition::Library;
use tdata_core::diagnostic::Diagnostic;
use tdata_core::project::Project;

/// What tells whether a folder's files are still those that were read: names, times and sizes.
type Stamp = Vec<(PathBuf, Option<SystemTime>, u64)>;

/// Libraries with the stamp of their files, by the folder of these.
type Libraries = HashMap<PathBuf, (Stamp, Arc<Library>)>;

/// The libraries of this process.
static LIBRARIES: OnceLock<Mutex<Libraries>> = OnceLock::new();

/// Returns a project's definitions.
pub(crate) fn library(project: &Project) -> Result<Arc<Library>, Diagnostic> {
    let folder = project.definitions_folder();
    let stamp = stamp(&folder);
    let mut libraries = LIBRARIES.get_or_init(Mutex::default).lock();
    if let Some((read, library)) = libraries.get(&folder)
        && *read == stamp
    {
        return Ok(Arc::clone(library));
    }
    let library = Arc::new(project.library()?);
    libraries.insert(folder, (stamp, Arc::clone(&library)));
    Ok(library)
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
