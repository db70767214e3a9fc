//! Files made smaller.

use std::fmt;
use std::io;
use std::path::Path;

/// How files are made smaller.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Compression {
    /// Zstandard: one frame for every few rows, so that several threads can make them, and parts make the same ones.
    Zstd,
}

/// The level of the command `zstd`.
const LEVEL: i32 = 3;

impl Compression {
    /// Returns its word.
    pub fn word(self) -> &'static str {
        match self {
            Self::Zstd => "zstd",
        }
    }

    /// Returns the ending that the names of files get.
    pub fn ending(self) -> &'static str {
        match self {
            Self::Zstd => ".zst",
        }
    }

    /// Finds how a file is made smaller by its name.
    pub fn of_file(file: &Path) -> Option<Self> {
        let name = file.file_name()?.to_str()?;
        name.ends_with(Self::Zstd.ending()).then_some(Self::Zstd)
    }
}

impl fmt::Display for Compression {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.word())
    }
}

/// Makes bytes smaller, a frame at a time.
pub(crate) struct Compressor(zstd::bulk::Compressor<'static>);

impl Compressor {
    pub(crate) fn new() -> io::Result<Self> {
        let mut compressor = zstd::bulk::Compressor::new(LEVEL)?;
        compressor.include_checksum(true)?;
        Ok(Self(compressor))
    }

    /// Puts a frame in the place of `out`.
    pub(crate) fn frame(&mut self, bytes: &[u8], out: &mut Vec<u8>) -> io::Result<()> {
        out.clear();
        out.reserve(zstd::zstd_safe::compress_bound(bytes.len()));
        self.0.compress_to_buffer(bytes, out)?;
        Ok(())
    }
}
