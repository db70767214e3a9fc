//! Where this user keeps what can be made again.

use std::path::PathBuf;

/// The folder of caches in a home, as the system has it.
const USUAL: &str = if cfg!(target_os = "macos") { "Library/Caches" } else { ".cache" };

/// Returns the folder in which this user keeps what tdata can make again: `tdata` in `XDG_CACHE_HOME`, else in the
/// system's usual folder of the home. It may not be there. `None` where the environment names neither.
pub fn cache() -> Option<PathBuf> {
    let folder = |name: &str| {
        let folder = PathBuf::from(std::env::var_os(name)?);
        folder.is_absolute().then_some(folder)
    };
    let caches = folder("XDG_CACHE_HOME").or_else(|| Some(folder("HOME")?.join(USUAL)));
    Some(caches?.join("tdata"))
}
