//! The formats by their names.

use std::fmt;
use std::path::Path;

/// A format of files.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Format {
    /// Comma-separated values, as PostgreSQL's `COPY … (FORMAT csv, HEADER)` reads them.
    Csv,
    /// A JSON object for each line.
    JsonLines,
    /// `INSERT` statements.
    Sql,
    /// `COPY`'s text format, as `\\copy` of psql reads it.
    PgCopy,
    /// `COPY`'s binary format.
    PgCopyBinary,
    /// Apache Parquet.
    Parquet,
}

/// A format as people know it.
struct Entry {
    format: Format,
    word: &'static str,
    ending: &'static str,
    summary: &'static str,
}

/// All formats.
const ENTRIES: &[Entry] = &[
    Entry {
        format: Format::Csv,
        word: "csv",
        ending: "csv",
        summary: "Comma-separated values, as PostgreSQL's COPY reads them",
    },
    Entry {
        format: Format::JsonLines,
        word: "jsonl",
        ending: "jsonl",
        summary: "A JSON object for each line, as row_to_json makes them",
    },
    Entry { format: Format::Sql, word: "sql", ending: "sql", summary: "INSERT statements" },
    Entry { format: Format::PgCopy, word: "pgcopy", ending: "copy", summary: "COPY's text format" },
    Entry {
        format: Format::PgCopyBinary,
        word: "pgcopy-binary",
        ending: "bin",
        summary: "COPY's binary format",
    },
    Entry {
        format: Format::Parquet,
        word: "parquet",
        ending: "parquet",
        summary: "Apache Parquet, where tdata was built with the feature parquet",
    },
];

impl Format {
    /// All formats.
    pub const ALL: [Self; ENTRIES.len()] = {
        let mut all = [Self::Csv; ENTRIES.len()];
        let mut at = 0;
        while at < all.len() {
            all[at] = ENTRIES[at].format;
            at += 1;
        }
        all
    };

    fn entry(self) -> &'static Entry {
        ENTRIES.iter().find(|entry| entry.format == self).unwrap_or(&ENTRIES[0])
    }

    /// Returns its word.
    pub fn word(self) -> &'static str {
        self.entry().word
    }

    /// Returns the ending of its files.
    pub fn ending(self) -> &'static str {
        self.entry().ending
    }

    /// Says what it is, in a sentence.
    pub fn summary(self) -> &'static str {
        self.entry().summary
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
        Self::ALL.into_iter().find(|format| format.ending() == ending)
    }
}

impl fmt::Display for Format {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.word())
    }
}
