//! Files that are there when they are whole, and not before.

use std::fs::{self, File, Permissions};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use sha2::{Digest, Sha256};
use tempfile::{Builder, NamedTempFile};

use super::left::{UNFINISHED, prefix};
use crate::error::JobError;

/// A file that gets its name when it is whole. Dropped before, it is taken away.
#[derive(Debug)]
pub(crate) struct Unfinished {
    place: Place,
    bytes: u64,
    /// What all bytes are hashed into, where somebody wants to know.
    digest: Option<Sha256>,
}

/// A file that is whole.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Finished {
    /// How many bytes it has.
    pub(crate) bytes: u64,
    /// The SHA-256 digest of its bytes, in hexadecimal digits, where somebody wanted to know.
    pub(crate) digest: Option<String>,
}

#[derive(Debug)]
enum Place {
    /// A file under another name, and its own.
    Temporary(NamedTempFile, PathBuf),
    /// Something that is there and is no file, such as a pipe.
    There(File, PathBuf),
    Stdout(io::Stdout),
}

impl Unfinished {
    /// Begins to write to standard output.
    pub(crate) fn stdout(with_digest: bool) -> Self {
        Self::at(Place::Stdout(io::stdout()), with_digest)
    }

    /// Begins a file; folders that it is in are made.
    pub(crate) fn file(path: &Path, with_digest: bool) -> Result<Self, JobError> {
        let failed = |source| JobError::file("write", path)(source);
        // Through links, so that a link stays one.
        let known = fs::canonicalize(path);
        if let Ok(known) = &known
            && !known.is_file()
        {
            let there = File::options().write(true).open(known).map_err(failed)?;
            return Ok(Self::at(Place::There(there, path.to_owned()), with_digest));
        }
        let path = known.unwrap_or_else(|_| target(path));
        let folder = match path.parent() {
            Some(folder) if !folder.as_os_str().is_empty() => folder,
            _ => Path::new("."),
        };
        fs::create_dir_all(folder).map_err(JobError::file("make the folder", folder))?;
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        let begun = prefix(&name);
        let mut builder = Builder::new();
        builder.prefix(&begun).suffix(UNFINISHED);
        // As files usually are: what the user's mask takes away is taken away.
        #[cfg(unix)]
        builder.permissions(<Permissions as std::os::unix::fs::PermissionsExt>::from_mode(0o666));
        let file = locked(&builder, folder).map_err(failed)?;
        Ok(Self::at(Place::Temporary(file, path), with_digest))
    }

    fn at(place: Place, with_digest: bool) -> Self {
        Self { place, bytes: 0, digest: with_digest.then(Sha256::new) }
    }

    /// Appends bytes.
    pub(crate) fn append(&mut self, bytes: &[u8]) -> Result<(), JobError> {
        self.write_bytes(bytes).map_err(|error| self.failed(error))
    }

    fn write_bytes(&mut self, bytes: &[u8]) -> io::Result<()> {
        match &mut self.place {
            Place::Temporary(file, _) => file.as_file_mut().write_all(bytes),
            Place::There(file, _) => file.write_all(bytes),
            Place::Stdout(out) => out.write_all(bytes),
        }?;
        self.bytes += bytes.len() as u64;
        if let Some(digest) = &mut self.digest {
            digest.update(bytes);
        }
        Ok(())
    }

    /// Gives the file its name.
    pub(crate) fn finish(mut self) -> Result<Finished, JobError> {
        if let Place::Stdout(out) = &mut self.place {
            let flushed = out.flush();
            flushed.map_err(|error| self.failed(error))?;
        }
        if let Place::Temporary(file, path) = self.place {
            // A crash must not leave a name without its bytes.
            file.as_file().sync_all().map_err(JobError::file("write", &path))?;
            file.persist(&path).map_err(|error| JobError::file("write", &path)(error.error))?;
        }
        let digest = self.digest.map(|digest| hexadecimal(&digest.finalize()));
        Ok(Finished { bytes: self.bytes, digest })
    }

    fn failed(&self, error: io::Error) -> JobError {
        match &self.place {
            Place::Stdout(_) => JobError::stdout(error),
            Place::Temporary(_, path) | Place::There(_, path) => {
                JobError::file("write", path)(error)
            }
        }
    }
}

/// Returns where links lead that end at nothing yet.
fn target(path: &Path) -> PathBuf {
    /// As many as systems follow, or about so many.
    const MOST: usize = 40;
    let mut path = path.to_owned();
    for _ in 0..MOST {
        let Ok(next) = fs::read_link(&path) else { break };
        path = path.parent().map_or_else(|| next.clone(), |folder| folder.join(&next));
    }
    path
}

/// Makes a file that is locked while it is written, so that nobody takes it for one that a killed run has left.
fn locked(builder: &Builder<'_, '_>, folder: &Path) -> io::Result<NamedTempFile> {
    loop {
        let file = builder.tempfile_in(folder)?;
        // Where files cannot be locked, nobody removes them either.
        let is_locked = file.as_file().lock().is_ok();
        // Before it was locked, somebody may have taken it for one.
        if !is_locked || file.path().exists() {
            return Ok(file);
        }
    }
}

/// For what writes its own format.
impl io::Write for Unfinished {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.write_bytes(bytes)?;
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Writes bytes in hexadecimal digits.
pub(crate) fn hexadecimal(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
