//! Passwords of servers that tdata boots.

use std::fs::File;
use std::io::{self, Read};

/// Returns 128 random bits in hexadecimal digits.
pub(super) fn generate() -> io::Result<String> {
    let mut bytes = [0; 16];
    File::open("/dev/urandom")?.read_exact(&mut bytes)?;
    Ok(bytes.iter().map(|byte| format!("{byte:02x}")).collect())
}
