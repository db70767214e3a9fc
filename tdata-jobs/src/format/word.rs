//! The formats by their names.

use std::fmt;
use std::path::Path;

/// A format of files.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Format {
    /// Comma-separated values, as PostgreSQL's `COPY … (FORMAT csv, HEADER)` reads them.
    Csv,
}

/// All formats: word, ending of files, one sentence for people.
const ALL: &[(Format, &str, &str, &str)] =
    &[(Format::Csv, "csv", "csv", "Comma-separated values, as PostgreSQL's COPY reads them")];

impl Format {
    /// All formats.
    pub fn all() -> impl Iterator<Item = Self> {
        ALL.iter().map(|(format, ..)| *format)
    }

    fn entry(self) -> &'static (Self, &'static str, &'static str, &'static str) {
        ALL.iter().find(|(format, ..)| *format == self).unwrap_or(&ALL[0])
    }

    /// Returns its word.
    pub fn word(self) -> &'static str {
        self.entry().1
    }

    /// Returns the ending of its files.
    pub fn ending(self) -> &'static str {
        self.entry().2
    }

    /// Says what it is, in a sentence.
    pub fn summary(self) -> &'static str {
        self.entry().3
    }

    /// Finds the format of a file by its name; `.zst` behind the ending does not count.
    ///
    /// ```
    /// use tdata_jobs::Format;
    ///
    /// assert_eq!(Format::of_file("users.csv.zst".as_ref()), Some(Format::Csv));
    /// assert_eq!(Format::of_file("users".as_ref()), None);
    /// ```
    pub fn of_file(file: &Path) -> Option<Self> {
        let name = file.file_name()?.to_str()?;
        let name = name.strip_suffix(".zst").unwrap_or(name);
        let (_, ending) = name.rsplit_once('.')?;
        Self::all().find(|format| format.ending() == ending)
    }
}

impl fmt::Display for Format {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.word())
    }
}
