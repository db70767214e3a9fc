//! The definitions of the project whose code is being compiled.

use std::collections::BTreeSet;
use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use tdata_core::contract::Contract;
use tdata_core::definition::Library;
use tdata_core::diagnostic::{Diagnostic, Diagnostics};
use tdata_core::plan::mistakes_while_compiling;
use tdata_core::project::{Project, unnamed_migrations};
use tdata_core::spec::DatasetSpec;

use crate::cache::{Cache, Stamp};

/// A project's definitions, as the macros check against them.
#[derive(Debug, Default)]
pub(crate) struct Definitions {
    /// The definitions themselves.
    pub(crate) library: Library,
    /// `tdata.toml`, where the project has one.
    pub(crate) settings_file: Option<PathBuf>,
    /// Whether migrations make tables and types, which are not known while compiling.
    pub(crate) migrates: bool,
    /// What to say of a folder of migrations that `tdata.toml` does not name.
    pub(crate) unnamed_migrations: Option<String>,
    /// The datasets that nothing is wrong with, nor with what they bring along, as far as is known so far.
    pub(crate) sound: Mutex<BTreeSet<String>>,
}

static LOADED: Cache<Definitions> = Cache::new();

/// The definitions that were looked at last: when, for which package's folder, and what was found.
static LATEST: Mutex<Option<(Instant, OsString, Arc<Definitions>)>> = Mutex::new(None);

/// How long files count as unchanged after a look at them. A compiler expands hundreds of macros in
/// that time. What it misses by this cargo sees: the file is then younger than the build.
const UNCHANGED: Duration = Duration::from_millis(100);

impl Definitions {
    /// Returns the definitions of the project that the package being compiled belongs to.
    ///
    /// # Errors
    ///
    /// When there is no project, its settings are wrong or its definitions cannot be read. A
    /// definition that does not parse is no error here: see [`Library`].
    pub(crate) fn of_this_package() -> Result<Arc<Self>, Diagnostics> {
        let folder = std::env::var_os("CARGO_MANIFEST_DIR").ok_or_else(|| {
            let message = "the package's folder is unknown: CARGO_MANIFEST_DIR is not set";
            Diagnostic::new("project::no_package", message).help("build with cargo")
        })?;
        let mut latest = LATEST.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((looked, package, definitions)) = &*latest
            && *package == folder
            && looked.elapsed() < UNCHANGED
        {
            return Ok(Arc::clone(definitions));
        }
        let now = Instant::now();
        let definitions = Self::of_package(Path::new(&folder))?;
        *latest = Some((now, folder, Arc::clone(&definitions)));
        Ok(definitions)
    }

    /// Returns the definitions of the project that the package in `folder` belongs to.
    fn of_package(folder: &Path) -> Result<Arc<Self>, Diagnostics> {
        // Paths end up in `include_bytes!`, which takes relative ones from the source file's folder.
        let folder = std::path::absolute(folder).unwrap_or_else(|_| folder.to_owned());
        let project = Project::discover(&folder)?;
        let mut stamp = Stamp::of_folder(&project.definitions_folder());
        let settings_file = project.settings_file().map(Path::to_owned);
        if let Some(file) = &settings_file {
            stamp.add(file);
        }
        LOADED.get(project.root(), stamp, || {
            let library = project.library().map_err(Diagnostics::from)?;
            let (root, settings) = (project.root(), project.settings());
            let unnamed_migrations = unnamed_migrations(root, settings);
            let (migrates, sound) = (settings.migrates(), Mutex::default());
            Ok(Self { library, settings_file, migrates, unnamed_migrations, sound })
        })
    }

    /// Returns what the compiler can tell to be wrong with a dataset and all that it brings along. `contract` asks for it.
    pub(crate) fn mistakes(&self, dataset: &str, contract: &Contract) -> Diagnostics {
        let mut sound = self.sound.lock().unwrap_or_else(PoisonError::into_inner);
        if sound.contains(dataset) {
            return Diagnostics::new();
        }
        let contract = Contract { datasets: vec![dataset.to_owned()], ..contract.clone() };
        let mistakes = mistakes_while_compiling(&contract, &self.library, self.migrates);
        if mistakes.is_empty() {
            sound.insert(dataset.to_owned());
        }
        mistakes
    }

    /// Returns the files that decide what the macros make of these definitions: when one changes,
    /// the code must be compiled again.
    pub(crate) fn files<'a>(
        &'a self,
        definitions: impl IntoIterator<Item = &'a Arc<DatasetSpec>>,
    ) -> Vec<PathBuf> {
        let files = definitions.into_iter().filter_map(|one| self.library.path(&one.name));
        self.settings_file.as_deref().into_iter().chain(files).map(Path::to_owned).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TAGS: &str = "
apiVersion: data.automation/v1
kind: DataDefinition
metadata: { name: tags }
spec:
  table: tags
  fields:
    - { name: id, type: integer, generator: sequence }
";

    #[test]
    fn a_project_is_read_once_and_again_when_it_changes() {
        let root = tempfile::tempdir().unwrap();
        let folder = root.path().join("data_definitions");
        let package = root.path().join("crates/app");
        std::fs::create_dir_all(&folder).unwrap();
        std::fs::create_dir_all(&package).unwrap();
        std::fs::write(folder.join("tags.yaml"), TAGS).unwrap();

        let first = Definitions::of_package(&package).unwrap();
        assert_eq!(first.library.names().collect::<Vec<_>>(), ["tags"]);
        let closure = first.library.closure(["tags"]).unwrap();
        assert_eq!(first.files(&closure), [folder.join("tags.yaml")]);
        assert!(Arc::ptr_eq(&first, &Definitions::of_package(&package).unwrap()));

        std::fs::write(folder.join("labels.yaml"), TAGS.replace("tags", "labels")).unwrap();
        let second = Definitions::of_package(&package).unwrap();
        assert_eq!(second.library.names().collect::<Vec<_>>(), ["labels", "tags"]);

        std::fs::write(root.path().join("tdata.toml"), "definitions = \"elsewhere\"\n").unwrap();
        assert!(Definitions::of_package(&package).unwrap_err().to_string().contains("elsewhere"));
    }
}
