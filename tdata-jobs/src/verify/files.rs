//! Whether a file is as it was made.

use std::fs::File;
use std::io::{self, Read as _};
use std::path::Path;

use sha2::{Digest, Sha256};

use crate::error::JobError;
use crate::file::hexadecimal;
use crate::manifest::MadePart;
use crate::watch::Watch;

/// Says what is wrong with a file.
pub(super) fn problem(
    path: &Path,
    part: &MadePart,
    watch: &dyn Watch,
) -> Result<Option<String>, JobError> {
    let shown = path.display();
    let mut file = match File::open(path) {
        Ok(file) => file,
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            return Ok(Some(format!("{shown} is not there")));
        }
        Err(error) => return Ok(Some(format!("{shown} cannot be read: {error}"))),
    };
    let bytes = file.metadata().map_or(0, |metadata| metadata.len());
    if bytes != part.bytes {
        return Ok(Some(format!("{shown} has {bytes} bytes, and was made with {}", part.bytes)));
    }
    let mut digest = Sha256::new();
    let mut buffer = vec![0; 1 << 20];
    loop {
        if watch.is_stopped() {
            return Err(JobError::Stopped);
        }
        match file.read(&mut buffer) {
            Ok(0) => break,
            Ok(read) => digest.update(&buffer[..read]),
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Ok(Some(format!("{shown} cannot be read: {error}"))),
        }
    }
    let is_same = hexadecimal(&digest.finalize()) == part.sha256;
    Ok((!is_same).then(|| format!("{shown} was changed: its digest is another")))
}
