//! PostgreSQL's server programs, as Cargo brings them.
//!
//! tdata boots a server from them where the machine has no PostgreSQL of its own. The programs are those of the crates
//! `liboliphaunt-native-*`: PostgreSQL 18 with `plpgsql` and no further extension. This crate only knows where Cargo has
//! put them.

use std::path::Path;

/// The major version of the programs.
pub const MAJOR: u32 = 18;

/// The targets that there are programs for.
pub const TARGETS: &str =
    "Linux on x86-64 and ARM64 with glibc 2.38 or newer, and macOS on Apple silicon";

/// Returns the folder that holds `bin`, `lib` and `share` of the programs, as it was when this crate was built; `None` on
/// targets that there are none for.
///
/// ```
/// if let Some(folder) = tdata_embedded::folder() {
///     assert!(folder.join("bin/postgres").is_file());
/// }
/// ```
pub fn folder() -> Option<&'static Path> {
    option_env!("TDATA_EMBEDDED_RUNTIME").map(Path::new)
}
