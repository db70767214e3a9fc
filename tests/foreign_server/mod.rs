//! A PostgreSQL server that tdata did not boot, with settings of its own: what others call their database.

use std::net::TcpListener;
use std::os::unix::fs::{MetadataExt, chown};
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use postgres::{Client, NoTls};
use tempfile::TempDir;

/// A server of this machine's programs that ends with this value.
pub(crate) struct ForeignServer {
    process: Child,
    port: u16,
    _folder: TempDir,
}

impl ForeignServer {
    /// Boots a server with settings of its own from a folder of programs.
    pub(crate) fn start(programs: &Path, settings: &[&str]) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let data = folder.path().join("data");
        let user = give(folder.path());
        let run = |program: &str| {
            let mut command = Command::new(programs.join(program));
            command.arg("-D").arg(&data).stdout(Stdio::null()).stderr(Stdio::null());
            command.current_dir(folder.path());
            if let Some(user) = user {
                command.uid(user).gid(user);
            }
            command
        };
        let initialised =
            run("initdb").args(["-U", "owner", "-A", "trust", "--no-sync", "--no-locale"]).status();
        assert!(initialised.unwrap().success());
        let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let mut server = run("postgres");
        server.args(["-h", "127.0.0.1", "-k", "", "-F", "-p"]).arg(port.to_string());
        server.args(settings.iter().flat_map(|setting| ["-c", setting]));
        let server = Self { process: server.spawn().unwrap(), port, _folder: folder };
        server.wait();
        server
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
    let is_root = folder.metadata().unwrap().uid() == 0;
    is_root.then(|| chown(folder, Some(NOBODY), Some(NOBODY)).unwrap()).map(|()| NOBODY)
}
