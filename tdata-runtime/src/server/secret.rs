//! Passwords of servers that tdata boots, and whatever else nobody may guess.

use std::fs::File;
use std::io::{self, Read};

/// Returns 128 random bits in hexadecimal digits.
pub(crate) fn generate() -> io::Result<String> {
    let mut bytes = [0; 16];
    File::open("/dev/urandom")?.read_exact(&mut bytes)?;
    Ok(bytes.iter().map(|byte| format!("{byte:02x}")).collect())
}
