//! The server programs that are measured.

use std::path::PathBuf;
use std::process::Command;

/// PostgreSQL's server programs.
#[derive(Debug)]
pub(crate) struct Programs {
    /// The server source that boots from them, as `TDATA_SERVER` names it.
    pub(crate) source: &'static str,
    /// The folder of `postgres` and `initdb`.
    pub(crate) folder: PathBuf,
    /// The folder of their libraries, if the system does not know it.
    libraries: Option<PathBuf>,
}

impl Programs {
    /// Finds those that Cargo has brought where `TDATA_SERVER` is `embedded`, and this machine's elsewhere.
    pub(crate) fn find() -> Result<Self, &'static str> {
        if std::env::var_os("TDATA_SERVER").is_some_and(|source| source == "embedded") {
            let runtime = tdata_embedded::folder().ok_or("Cargo brings no programs here")?;
            let (folder, libraries) = (runtime.join("bin"), Some(runtime.join("lib")));
            return Ok(Self { source: "embedded", folder, libraries });
        }
        let named = std::env::var_os("TDATA_PG_BIN").map(PathBuf::from);
        let path = std::env::var_os("PATH").unwrap_or_default();
        let on_path = std::env::split_paths(&path).find_map(|folder| {
            let program = std::fs::canonicalize(folder.join("postgres")).ok()?;
            Some(program.parent()?.to_owned())
        });
        let folder = named.or(on_path).ok_or("no `postgres` on PATH or in TDATA_PG_BIN")?;
        Ok(Self { source: "local", folder, libraries: None })
    }

    /// A command of one of them.
    pub(crate) fn command(&self, program: &str) -> Command {
        let mut command = Command::new(self.folder.join(program));
        if let Some(libraries) = &self.libraries {
            command.env("LD_LIBRARY_PATH", libraries).env("DYLD_LIBRARY_PATH", libraries);
            // They come without ICU's data, and would look for it.
            command.env("OLIPHAUNT_INTERNAL_SKIP_ICU_DISCOVERY", "1");
        }
        command
    }
}
