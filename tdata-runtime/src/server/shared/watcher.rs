//! The watcher: a process that outlives those that use a server, and ends it behind them.

use std::fs::File;
use std::io::{self, BufRead as _, BufReader};
use std::os::fd::OwnedFd;
use std::os::unix::process::{CommandExt as _, ExitStatusExt as _};
use std::path::Path;
use std::process::Stdio;

use super::announcement::Announcement;
use super::folder;
use super::hold::Hold;
use super::remains;
use crate::open_folder::OpenFolder;
use crate::server::account::Account;
use crate::server::detached;
use crate::server::programs::Programs;
use crate::server::settings::ServerSettings;

/// The watcher's script.
pub(in crate::server) const SCRIPT: &str =
    concat!(include_str!("remains.sh"), include_str!("watcher.sh"));

/// The server whose end is seen to.
pub(in crate::server) enum Ward<'a> {
    /// One that is to be booted.
    New(Boot<'a>),
    /// One that runs elsewhere.
    #[cfg_attr(not(feature = "container"), expect(dead_code, reason = "only containers do"))]
    Elsewhere(WatcherConnections),
}

/// Connections to a server that runs elsewhere; the watcher alone has them.
pub(in crate::server) struct WatcherConnections {
    /// While it is there the server stays up.
    pub(in crate::server) hold: OwnedFd,
    /// It ends with the server, and holds nothing up.
    pub(in crate::server) listener: OwnedFd,
}

/// A server to be booted: PostgreSQL's programs, and what they are given.
pub(in crate::server) struct Boot<'a> {
    /// The programs.
    pub(in crate::server) programs: &'a Programs,
    /// The arguments of `postgres`.
    pub(in crate::server) arguments: Vec<String>,
    /// The superuser's password; empty where it is set once the server answers.
    pub(in crate::server) password: &'a str,
    /// How it is checked.
    pub(in crate::server) auth: &'a str,
    /// Where its data comes from.
    pub(in crate::server) origin: Origin,
}

/// Where the data of a server that is to be booted comes from.
pub(in crate::server) enum Origin {
    /// `initdb` makes it.
    Initdb,
    /// `initdb` makes it, and a copy is kept in a file.
    Kept(File),
    /// A copy that was kept, opened twice, of which `cksum` says this.
    Copy([File; 2], String),
}

/// A folder whose end is seen to, and that of its server.
#[derive(Debug)]
pub(in crate::server) struct Watched {
    folder: OpenFolder,
    account: Option<Account>,
    hold: Hold,
}

impl Watched {
    /// Starts a watcher of a new folder, and of a server, as `account`.
    pub(in crate::server) fn start(
        settings: &ServerSettings,
        folder: &Path,
        account: Option<Account>,
        ward: Ward<'_>,
    ) -> io::Result<Self> {
        let started = start(folder, account, ward);
        if started.as_ref().is_err_and(was_killed) {
            // It may have been about to make it.
            let _ = folder::made_as(folder, account).map(|folder| remains::remove(&folder));
        }
        started?;
        let folder = folder::made_as(folder, account)?;
        let Some(hold) = Hold::take(&folder, settings.keep_alive) else {
            remains::remove(&folder);
            return Err(killed());
        };
        Ok(Self { folder, account, hold })
    }

    /// Returns the folder.
    pub(in crate::server) fn folder(&self) -> &OpenFolder {
        &self.folder
    }

    /// Lets other processes find the server, now that it answers.
    pub(in crate::server) fn announce(
        self,
        announcement: &Announcement,
    ) -> io::Result<(OpenFolder, Hold)> {
        announcement.write(&self.folder, self.account)?;
        Ok((self.folder, self.hold))
    }
}

/// A watcher that somebody killed.
fn killed() -> io::Error {
    io::Error::new(io::ErrorKind::BrokenPipe, "its watcher was killed")
}

/// Tells whether a watcher did not start because somebody killed it: another may live.
pub(in crate::server) fn was_killed(error: &io::Error) -> bool {
    error.kind() == io::ErrorKind::BrokenPipe
}

fn start(folder: &Path, account: Option<Account>, ward: Ward<'_>) -> io::Result<()> {
    let mut command = detached::shell("tdata-watcher");
    command.arg(folder).stdin(Stdio::null()).stderr(Stdio::null());
    let mut told = String::new();
    match ward {
        Ward::New(Boot { programs, arguments, password, auth, origin }) => {
            command.arg(&programs.folder).args(&arguments);
            programs.lead(&mut command);
            let (keeps, sum) = match origin {
                Origin::Initdb => ("", String::new()),
                Origin::Kept(file) => {
                    command.stderr(file);
                    ("yes", String::new())
                }
                Origin::Copy([one, other], sum) => {
                    command.stdin(one).stderr(other);
                    ("", sum)
                }
            };
            told = format!("password='{password}' auth='{auth}' keeps='{keeps}' sum='{sum}'\n");
        }
        Ward::Elsewhere(WatcherConnections { hold, listener }) => {
            command.stdin(hold).stderr(listener);
        }
    }
    if let Some(account) = account {
        command.uid(account.user).gid(account.group);
    }
    let (mut child, said) = detached::start(&mut command, &format!("{told}{SCRIPT}"))?;
    let mut ready = String::new();
    BufReader::new(said).read_line(&mut ready)?;
    match ready.trim_end() {
        "ready" => Ok(()),
        _ if child.wait()?.signal().is_some() => Err(killed()),
        _ => Err(io::Error::other(format!("{} cannot be made", folder.display()))),
    }
}
