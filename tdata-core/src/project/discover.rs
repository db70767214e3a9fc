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
        let (project, mistakes) = Self::discover_partly(from)?;
        mistakes.into_result(project)
    }

    /// Finds a project as [`discover`](Self::discover) does, with what of its settings can be read, and with the mistakes
    /// in the rest: to tell these with what is wrong elsewhere.
    ///
    /// # Errors
    ///
    /// When there is none, or nothing of its settings can be read.
    pub fn discover_partly(from: &Path) -> Result<(Self, Diagnostics), Diagnostics> {
        match root_of(from) {
            Some(root) => Ok(Self::read(root.to_owned())?),
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
        let (project, mistakes) = Self::read(root.into())?;
        mistakes.into_result(project)
    }

    fn read(root: PathBuf) -> Result<(Self, Diagnostics), Diagnostic> {
        let file = root.join(SETTINGS);
        let (settings_file, (settings, mistakes)) = match std::fs::read_to_string(&file) {
            Ok(text) => (Some(file), Settings::read(&Source::new(SETTINGS, text))?),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
                (None, (Settings::default(), Diagnostics::new()))
            }
            Err(error) => {
                let message = format!("cannot read {}: {error}", file.display());
                return Err(Diagnostic::new("project::unreadable", message));
            }
        };
        Ok((Self { root, settings_file, settings }, mistakes))
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
    /// When the folder cannot be read, or `definitions` in `tdata.toml` names none that is there.
    pub fn files(&self) -> Result<Files, Diagnostic> {
        let folder = self.definitions_folder();
        // Where none are needed, there need be no folder for them, unless somebody says that there is.
        if self.settings.definitions.is_some() && !folder.exists() {
            let message = format!("there is no folder {}", folder.display());
            let help = "definitions stand in `data_definitions/`, or where `definitions` in tdata.toml says";
            return Err(Diagnostic::new("definition::unreadable", message).help(help));
        }
        let files = Files::read(&folder, self.definitions())?;
        Ok(files.beside_migrations(self.settings.migrates()))
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
