//! A PostgreSQL server that tdata did not boot, with settings of its own: what others call their database.

#![allow(dead_code, clippy::allow_attributes, reason = "not every test uses all of it")]

use std::fs;
use std::net::TcpListener;
use std::os::unix::fs::{MetadataExt, chown};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use postgres::{Client, NoTls};
use tempfile::TempDir;

/// A server of this machine's programs that ends with this value.
pub(crate) struct ForeignServer {
    process: Child,
    port: u16,
    programs: PathBuf,
    settings: Vec<String>,
    folder: TempDir,
}

impl ForeignServer {
    /// Boots a server with settings of its own from a folder of programs.
    pub(crate) fn start(programs: &Path, settings: &[&str]) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let initialised = run(programs, "initdb", folder.path())
            .args(["-U", "owner", "-A", "trust", "--no-sync", "--no-locale"])
            .status();
        assert!(initialised.unwrap().success());
        let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let settings: Vec<String> = settings.iter().map(|setting| (*setting).to_owned()).collect();
        let process = boot(programs, folder.path(), port, &settings);
        let server = Self { process, port, programs: programs.to_owned(), settings, folder };
        server.wait();
        server
    }

    /// Lets it crash: all of its processes end at once, and nothing is written any more.
    pub(crate) fn crash(&mut self) {
        assert!(signal("-QUIT", self.process.id()));
        self.process.wait().unwrap();
    }

    /// Boots it again, and waits until it has recovered.
    pub(crate) fn boot_again(&mut self) {
        self.process = boot(&self.programs, self.folder.path(), self.port, &self.settings);
        self.wait();
    }

    /// Lets it crash, and boots it as a standby, which only reads: its primary is silent.
    pub(crate) fn become_standby(&mut self) {
        self.crash();
        fs::write(self.folder.path().join("data/standby.signal"), "").unwrap();
        self.boot_again();
    }

    /// Returns the URL of its maintenance database.
    pub(crate) fn url(&self) -> String {
        format!("postgres://owner@127.0.0.1:{}/postgres", self.port)
    }

    /// Waits until it answers.
    pub(crate) fn wait(&self) -> Client {
        let start = Instant::now();
        loop {
            match Client::connect(&self.url(), NoTls) {
                Ok(client) => return client,
                Err(error) => assert!(start.elapsed() < Duration::from_secs(120), "{error}"),
            }
            std::thread::sleep(Duration::from_millis(20));
        }
    }
}

/// A program of the server, for its data, as a user who may run it.
fn run(programs: &Path, program: &str, folder: &Path) -> Command {
    let user = give(folder);
    let mut command = Command::new(programs.join(program));
    command.arg("-D").arg(folder.join("data")).stdout(Stdio::null()).stderr(Stdio::null());
    command.current_dir(folder);
    if let Some(user) = user {
        command.uid(user).gid(user);
    }
    command
}

fn boot(programs: &Path, folder: &Path, port: u16, settings: &[String]) -> Child {
    let mut server = run(programs, "postgres", folder);
    server.args(["-h", "127.0.0.1", "-k", "", "-F", "-p"]).arg(port.to_string());
    server.args(settings.iter().flat_map(|setting| ["-c", setting]));
    server.spawn().unwrap()
}

impl Drop for ForeignServer {
    fn drop(&mut self) {
        // Whoever is connected is cut off.
        let _ = signal("-INT", self.process.id());
        let _ = self.process.wait();
    }
}

/// Sends a signal to a process; tells whether it was there.
pub(crate) fn signal(signal: &str, process: u32) -> bool {
    Command::new("kill").args([signal, &process.to_string()]).status().unwrap().success()
}

/// PostgreSQL refuses to run as root: root's folder becomes another user's, whose number is returned.
fn give(folder: &Path) -> Option<u32> {
    const NOBODY: u32 = 65_534;
    let owner = folder.metadata().unwrap().uid();
    // It may be given already.
    let is_given = owner == NOBODY && fs::metadata("/proc/self").is_ok_and(|own| own.uid() == 0);
    let is_root = owner == 0 || is_given;
    is_root.then(|| chown(folder, Some(NOBODY), Some(NOBODY)).unwrap()).map(|()| NOBODY)
}

/// Finds this machine's server programs.
pub(crate) fn programs() -> Option<PathBuf> {
    if let Some(named) = std::env::var_os("TDATA_PG_BIN") {
        return Some(named.into());
    }
    let path = std::env::var_os("PATH").unwrap_or_default();
    let folders: Vec<PathBuf> = std::env::split_paths(&path).collect();
    let usual = std::fs::read_dir("/usr/lib/postgresql").into_iter().flatten();
    let usual = usual.filter_map(|folder| Some(folder.ok()?.path().join("bin")));
    let has_all = |folder: &PathBuf| {
        ["initdb", "postgres"].iter().all(|program| Path::exists(&folder.join(program)))
    };
    folders.into_iter().chain(usual).find(has_all)
}
