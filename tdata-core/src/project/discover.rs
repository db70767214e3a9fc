//! Finds the project that a crate belongs to.

use std::path::{Path, PathBuf};

use super::settings::Settings;
use crate::definition::{Files, Library};
use crate::diagnostic::{Diagnostic, Diagnostics, Source};

/// The folder of the definitions where settings name none.
const DEFINITIONS: &str = "data_definitions";

/// The name of the settings file.
const SETTINGS: &str = "tdata.toml";

/// A project: a folder with `tdata.toml`, or with definitions, and all below it.
#[derive(Clone, Debug)]
pub struct Project {
    root: PathBuf,
    settings_file: Option<PathBuf>,
    settings: Settings,
}

impl Project {
    /// Finds the project that a folder, usually a crate's, belongs to: the nearest folder from there
    /// upwards that holds `tdata.toml` or `data_definitions/`.
    ///
    /// # Errors
    ///
    /// When there is none, or its settings are wrong.
    pub fn discover(from: &Path) -> Result<Self, Diagnostics> {
        match root_of(from) {
            Some(root) => Self::at(root),
            None => Err(Diagnostic::new(
                "project::not_found",
                format!(
                    "no folder from {} upwards has a `{DEFINITIONS}` folder or a `{SETTINGS}`",
                    from.display()
                ),
            )
            .help("write one definition per dataset, such as `data_definitions/users.yaml`")
            .into()),
        }
    }

    /// Tells whether a folder belongs to a project.
    pub fn exists(from: &Path) -> bool {
        root_of(from).is_some()
    }

    /// Opens the project whose folder is `root`.
    ///
    /// # Errors
    ///
    /// When its settings cannot be read or are wrong.
    pub fn at(root: impl Into<PathBuf>) -> Result<Self, Diagnostics> {
        let root = root.into();
        let file = root.join(SETTINGS);
        let (settings_file, settings) = match std::fs::read_to_string(&file) {
            Ok(text) => (Some(file), Settings::parse(&Source::new(SETTINGS, text))?),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
                (None, Settings::default())
            }
            Err(error) => {
                let message = format!("cannot read {}: {error}", file.display());
                return Err(Diagnostic::new("project::unreadable", message).into());
            }
        };
        Ok(Self { root, settings_file, settings })
    }

    /// Returns the project's folder.
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// Returns the path of `tdata.toml`, where there is one.
    pub fn settings_file(&self) -> Option<&Path> {
        self.settings_file.as_deref()
    }

    /// Returns the settings.
    pub fn settings(&self) -> &Settings {
        &self.settings
    }

    /// Returns the folder of the definitions.
    pub fn definitions_folder(&self) -> PathBuf {
        self.root.join(self.definitions())
    }

    /// Reads all definitions. Files that do not parse tell so when their dataset is asked for.
    ///
    /// # Errors
    ///
    /// When the folder or a file in it cannot be read.
    pub fn library(&self) -> Result<Library, Diagnostic> {
        Ok(self.files()?.library().clone())
    }

    /// Reads the files of all definitions, and leaves parsing them to whoever needs them parsed.
    ///
    /// # Errors
    ///
    /// When the folder cannot be read, or two files define one dataset.
    pub fn files(&self) -> Result<Files, Diagnostic> {
        Files::read(&self.definitions_folder(), self.definitions())
    }

    fn definitions(&self) -> &str {
        self.settings.definitions.as_deref().unwrap_or(DEFINITIONS)
    }
}

fn root_of(from: &Path) -> Option<&Path> {
    let is_root =
        |folder: &&Path| folder.join(SETTINGS).is_file() || folder.join(DEFINITIONS).is_dir();
    from.ancestors().find(is_root)
}
