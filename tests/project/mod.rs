//! A project of its own for one test, in a folder that goes with it.

use std::fs;
use std::path::Path;

use tempfile::TempDir;

/// A project in a folder that goes when it is dropped.
pub(crate) struct Project {
    folder: TempDir,
}

impl Project {
    /// Writes the files: paths below the project's folder, and their texts.
    pub(crate) fn with(files: &[(&str, &str)]) -> Self {
        let folder = tempfile::tempdir().unwrap();
        fs::create_dir(folder.path().join("data_definitions")).unwrap();
        for (name, text) in files {
            let path = folder.path().join(name);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, text).unwrap();
        }
        Self { folder }
    }

    /// Writes one definition: a table of the dataset's name with the given fields, relationships and
    /// the rest of `spec`, as YAML indented by two.
    pub(crate) fn define(self, dataset: &str, spec: &str) -> Self {
        let text = format!(
            "apiVersion: data.automation/v1\nkind: DataDefinition\n\
             metadata: {{ name: {dataset} }}\nspec:\n  table: {dataset}\n{spec}"
        );
        let path = self.path().join(format!("data_definitions/{dataset}.yaml"));
        fs::write(path, text).unwrap();
        self
    }

    /// Returns the project's folder.
    pub(crate) fn path(&self) -> &Path {
        self.folder.path()
    }
}
