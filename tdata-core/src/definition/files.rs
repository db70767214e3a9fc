//! The files of a project's definitions, read but not parsed until somebody asks.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use sha2::{Digest, Sha256};

use super::library::Library;
use crate::diagnostic::{Diagnostic, Origin, Source, Span};

/// The files of a project's definitions, as they were read; parsed when they are first asked for.
///
/// Parsing costs more than all else that a test's process does before its data are there, and who finds
/// data that were made of the same files needs none of it.
#[derive(Debug)]
pub struct Files {
    files: Vec<File>,
    /// What messages call their folder.
    folder: String,
    digest: [u8; 32],
    library: OnceLock<Library>,
    beside_migrations: bool,
}

/// One file, which may have been unreadable.
#[derive(Debug)]
struct File {
    stem: String,
    path: PathBuf,
    /// What messages call it.
    shown: String,
    text: Result<String, Diagnostic>,
}

impl Files {
    /// Reads every `.yaml` and `.yml` file of a folder but those whose names start with a dot;
    /// `shown` is what messages call the folder.
    ///
    /// A folder that is not there has no files.
    ///
    /// # Errors
    ///
    /// One diagnostic when the folder cannot be read. Files that cannot be read, do not parse or define one dataset
    /// twice are no error here: that is told when the dataset is asked for.
    ///
    /// ```no_run
    /// use tdata_core::definition::Files;
    ///
    /// let files = Files::read("data_definitions".as_ref(), "data_definitions").unwrap();
    /// assert!(files.library().names().any(|name| name == "users"));
    /// ```
    pub fn read(folder: &Path, shown: &str) -> Result<Self, Diagnostic> {
        let paths = match std::fs::read_dir(folder) {
            Ok(listed) => listed.map(|file| file.map(|file| file.path())).collect(),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(Vec::new()),
            Err(error) => Err(error),
        };
        let mut paths: Vec<PathBuf> = paths.map_err(|error| {
            unreadable(folder, &error)
                .help("definitions stand in `data_definitions/`, or where `definitions` in tdata.toml says")
        })?;
        // Folders list their files in any order; messages are the same every time.
        paths.sort();
        let mut files: Vec<File> = Vec::new();
        let mut known: HashMap<String, usize> = HashMap::new();
        for path in paths {
            let yaml = path.extension().is_some_and(|ending| ending == "yaml" || ending == "yml");
            let (Some(stem), Some(name)) = (path.file_stem(), path.file_name()) else { continue };
            let (stem, name) = (stem.to_string_lossy().into_owned(), name.to_string_lossy());
            // Dot-files are those that editors and file systems leave behind.
            if !yaml || name.starts_with('.') || !path.is_file() {
                continue;
            }
            let shown = format!("{shown}/{name}");
            if let Some(other) = known.get(&stem) {
                let other: &mut File = &mut files[*other];
                let message =
                    format!("both {shown} and {} define the dataset `{stem}`", other.shown);
                let mistake = Diagnostic::new("definition::duplicate", message).help("remove one");
                other.text = Err(mistake);
                continue;
            }
            known.insert(stem.clone(), files.len());
            let text = read_text(&path, &shown);
            files.push(File { stem, path, shown, text });
        }
        let digest = digest(&files);
        let folder = shown.to_owned();
        Ok(Self { files, folder, digest, library: OnceLock::new(), beside_migrations: false })
    }

    /// Says whether migrations make tables, as for [`Library::set_beside_migrations`]. It is to be said before the
    /// definitions are parsed.
    #[must_use]
    pub fn beside_migrations(mut self, beside_migrations: bool) -> Self {
        self.beside_migrations = beside_migrations;
        self
    }

    /// Returns the definitions, which are parsed the first time.
    pub fn library(&self) -> &Library {
        self.library.get_or_init(|| {
            let mut library = Library::of_folder(&self.folder);
            library.set_beside_migrations(self.beside_migrations);
            for File { stem, path, shown, text } in &self.files {
                match text {
                    Ok(text) => {
                        let source = Source::new(shown.clone(), text.clone());
                        library.insert(source, stem, Some(path.clone()));
                    }
                    Err(mistake) => {
                        library.insert_unreadable(stem, path.clone(), mistake.clone());
                    }
                }
            }
            library
        })
    }

    /// Returns the SHA-256 digest of all files, names and texts: it changes whenever any definition does.
    pub fn digest(&self) -> &[u8; 32] {
        &self.digest
    }
}

/// Definitions that are parsed already, and have no files.
impl From<Library> for Files {
    fn from(library: Library) -> Self {
        let (folder, library) = (String::new(), OnceLock::from(library));
        Self { files: Vec::new(), folder, digest: digest(&[]), library, beside_migrations: false }
    }
}

/// Reads a file; `shown` is what messages call it.
fn read_text(path: &Path, shown: &str) -> Result<String, Diagnostic> {
    let bytes = std::fs::read(path).map_err(|error| unreadable(path, &error))?;
    String::from_utf8(bytes).map_err(|error| {
        let at = error.utf8_error().valid_up_to();
        let source = Source::new(shown, String::from_utf8_lossy(error.as_bytes()));
        Diagnostic::new("definition::unreadable", "these bytes are no character in UTF-8")
            .at(&Origin::in_text(&source, Span { start: at, end: at + 1 }))
            .help("save the file as UTF-8")
    })
}

fn unreadable(path: &Path, error: &std::io::Error) -> Diagnostic {
    Diagnostic::new("definition::unreadable", format!("cannot read {}: {error}", path.display()))
}

fn digest(files: &[File]) -> [u8; 32] {
    let mut digest = Sha256::new();
    for File { stem, text, .. } in files {
        // An unreadable file differs from an empty one.
        let (mark, text) = text.as_ref().map_or((0_u8, ""), |text| (1, text));
        for part in [stem.as_str(), text] {
            digest.update((part.len() as u64).to_le_bytes());
            digest.update(part);
        }
        digest.update([mark]);
    }
    digest.finalize().into()
}
