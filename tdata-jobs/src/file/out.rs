//! Where files go.

use std::path::{Path, PathBuf};

/// Where files go.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Out {
    /// To standard output.
    Stdout,
    /// Into one file.
    File(PathBuf),
    /// Into parts, in a folder for each dataset.
    Folder(PathBuf),
}

impl Out {
    /// Reads where somebody wants files: `-` is standard output; a name that ends with `/`, or that of a folder, is a folder.
    pub fn read(text: &str) -> Self {
        let path = Path::new(text);
        match text {
            "-" => Self::Stdout,
            _ if text.ends_with('/') || path.is_dir() => Self::Folder(path.to_owned()),
            _ => Self::File(path.to_owned()),
        }
    }
}
