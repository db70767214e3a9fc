//! Boots a server in a folder of its own, in memory where there is room.

use std::fs;
use std::io;
use std::net::TcpListener;
use std::os::unix::fs::{PermissionsExt, chown};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use super::account::{self, Account};
use super::programs;
use crate::server::endpoint::Endpoint;
use crate::server::error::ServerError;
use crate::server::running::{Keeper, Server, ServerSource};
use crate::server::settings::ServerSettings;
use crate::server::{ready, secret, tuning};

/// The superuser of servers that tdata boots.
const USER: &str = "tdata";

/// Where data are kept in memory.
const MEMORY: &str = "/dev/shm";

/// The free memory file system that makes it worth using, in bytes: enough for most suites.
const ROOM: u64 = 1 << 30;

/// The first version whose passwords can be checked with few rounds (`scram_iterations`).
const FEW_ROUNDS_SINCE: u32 = 16;

/// How often a port is tried that somebody else may take first.
const ATTEMPTS: u32 = 5;

/// Boots a server from this machine's programs.
pub(in crate::server) fn boot(settings: &ServerSettings) -> Result<Server, ServerError> {
    let programs = programs::find(settings.binaries.as_deref())?;
    let mut attempt = 1;
    loop {
        match boot_once(&programs) {
            Err(ServerError::NotStarted { log, .. })
                if attempt < ATTEMPTS && log.contains("Address already in use") =>
            {
                attempt += 1;
            }
            result => return result,
        }
    }
}

fn boot_once(programs: &Path) -> Result<Server, ServerError> {
    let not_started = |reason: String, log: String| ServerError::NotStarted {
        programs: programs.to_owned(),
        reason,
        log,
    };
    let failed =
        |what: &str, error: io::Error| not_started(format!("{what}: {error}"), String::new());
    let account = account::to_drop_to();
    let major = major_version(programs).map_err(|error| failed("asking its version", error))?;
    let password = secret::generate().map_err(|error| failed("making a password", error))?;
    let port = free_port().map_err(|error| failed("finding a free port", error))?;
    let folder = make_folder(account, &password, major)
        .map_err(|error| failed("making its folder", error))?;
    let pipe = start_watcher(programs, &folder, port, account, major)
        .map_err(|error| failed("starting a shell", error))?;
    let endpoint = Endpoint::new("127.0.0.1", port, USER, &password);
    let (client, version) = ready::wait(&endpoint, || {
        let exit = fs::read_to_string(folder.join("exit")).ok()?;
        let reason = format!("it ended with status {}", exit.trim());
        Some(not_started(reason, log_end(&folder)))
    })
    .map_err(|error| match error {
        ServerError::Unreachable { refusal, .. } => {
            not_started(format!("it does not answer: {refusal}"), log_end(&folder))
        }
        error => error,
    })?;
    let keeper = Keeper::Watcher { _pipe: pipe };
    Server::take_up(ServerSource::Local, endpoint, version, client, keeper)
}

fn major_version(programs: &Path) -> io::Result<u32> {
    let output = Command::new(programs.join("postgres")).arg("--version").output()?;
    let text = String::from_utf8_lossy(&output.stdout);
    let digits = text.split(|c: char| !c.is_ascii_digit()).find(|digits| !digits.is_empty());
    Ok(digits.and_then(|digits| digits.parse().ok()).unwrap_or(0))
}

/// A port that is free now. The server may find it taken; then another is tried.
fn free_port() -> io::Result<u16> {
    Ok(TcpListener::bind("127.0.0.1:0")?.local_addr()?.port())
}

fn make_folder(account: Option<Account>, password: &str, major: u32) -> io::Result<PathBuf> {
    let parent = if has_room(MEMORY) { PathBuf::from(MEMORY) } else { temporary(account) };
    let folder = tempfile::Builder::new().prefix("tdata-").tempdir_in(parent)?;
    // A server checks passwords for every connection; the secret is random and long enough for the
    // older, cheaper check where the newer one cannot be made cheap.
    let auth = if major >= FEW_ROUNDS_SINCE { "scram-sha-256" } else { "md5" };
    let files = [("password", password), ("auth", auth)];
    for (name, text) in files {
        let file = folder.path().join(name);
        fs::write(&file, text)?;
        fs::set_permissions(&file, fs::Permissions::from_mode(0o600))?;
    }
    if let Some(account) = account {
        for path in files.map(|(name, _)| folder.path().join(name)) {
            chown(path, Some(account.user), Some(account.group))?;
        }
        chown(folder.path(), Some(account.user), Some(account.group))?;
    }
    // From here on the watcher removes it.
    Ok(folder.keep())
}

/// The folder for temporary files; one that the other account may enter.
fn temporary(account: Option<Account>) -> PathBuf {
    let folder = std::env::temp_dir();
    let open = |path: &Path| {
        fs::metadata(path).is_ok_and(|metadata| metadata.permissions().mode() & 0o001 != 0)
    };
    if account.is_none() || folder.ancestors().all(open) { folder } else { "/tmp".into() }
}

fn has_room(folder: &str) -> bool {
    rustix::fs::statvfs(folder).is_ok_and(|free| free.f_bavail * free.f_frsize >= ROOM)
}

fn start_watcher(
    programs: &Path,
    folder: &Path,
    port: u16,
    account: Option<Account>,
    major: u32,
) -> io::Result<std::process::ChildStdin> {
    let mut command = Command::new("/bin/sh");
    command.args(["-c", include_str!("watcher.sh"), "tdata-watcher"]);
    command.arg(folder).arg(programs);
    command.args(["-p", &port.to_string(), "-h", "127.0.0.1", "-k", ""]);
    command.args(tuning::arguments());
    if major >= FEW_ROUNDS_SINCE {
        command.args(["-c", "scram_iterations=1"]);
    }
    command.current_dir("/").stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::null());
    // A group of its own keeps a terminal's Ctrl-C away from the watcher.
    command.process_group(0);
    if let Some(account) = account {
        command.uid(account.user).gid(account.group);
    }
    let mut child = command.spawn()?;
    child.stdin.take().ok_or_else(|| io::Error::other("the shell has no standard input"))
}

/// The last lines of the server's log, as a block of its own.
fn log_end(folder: &Path) -> String {
    let log = fs::read_to_string(folder.join("log")).unwrap_or_default();
    let lines: Vec<&str> = log.lines().collect();
    let end = &lines[lines.len().saturating_sub(5)..];
    end.iter().map(|line| format!("\n    {line}")).collect()
}
