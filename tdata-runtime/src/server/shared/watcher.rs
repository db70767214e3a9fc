//! The watcher: a process that outlives those that use a server, and ends it behind them.

use std::io::{self, BufRead as _, BufReader, Write as _};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use super::announcement::Announcement;
use super::hold::Hold;
use crate::server::account::Account;
use crate::server::settings::ServerSettings;

/// A server to be booted: PostgreSQL's programs, and what they are given.
pub(in crate::server) struct Boot<'a> {
    /// The folder of the programs.
    pub(in crate::server) programs: &'a Path,
    /// The arguments of `postgres`.
    pub(in crate::server) arguments: Vec<String>,
    /// The superuser's password.
    pub(in crate::server) password: &'a str,
    /// How it is checked.
    pub(in crate::server) auth: &'a str,
}

/// A folder whose end is seen to, and that of the server in it, if there is one.
#[derive(Debug)]
pub(in crate::server) struct Watched {
    folder: PathBuf,
    account: Option<Account>,
    hold: Hold,
}

impl Watched {
    /// Starts a watcher of a new folder as `account`, with a server or without.
    pub(in crate::server) fn start(
        settings: &ServerSettings,
        folder: PathBuf,
        account: Option<Account>,
        boot: Option<&Boot<'_>>,
    ) -> io::Result<Self> {
        start(&folder, account, boot)?;
        let gone = || io::Error::other("its watcher ended at once");
        let hold = Hold::take(&folder, settings.keep_alive).ok_or_else(gone)?;
        Ok(Self { folder, account, hold })
    }

    /// Returns the folder.
    pub(in crate::server) fn folder(&self) -> &Path {
        &self.folder
    }

    /// Lets other processes find the server, now that it answers.
    pub(in crate::server) fn announce(self, announcement: &Announcement) -> io::Result<Hold> {
        announcement.write(&self.folder, self.account)?;
        Ok(self.hold)
    }
}

fn start(folder: &Path, account: Option<Account>, boot: Option<&Boot<'_>>) -> io::Result<()> {
    let shell = "/bin/sh";
    // A session of its own keeps a terminal's Ctrl-C and hang-up away.
    let own_session =
        ["/usr/bin/setsid", "/bin/setsid"].iter().find(|path| Path::new(path).exists());
    let mut command = match own_session {
        Some(setsid) => {
            let mut command = Command::new(setsid);
            command.arg(shell);
            command
        }
        None => {
            let mut command = Command::new(shell);
            command.process_group(0);
            command
        }
    };
    command.args(["-c", include_str!("watcher.sh"), "tdata-watcher"]).arg(folder);
    if let Some(boot) = boot {
        command.arg(boot.programs).args(&boot.arguments);
    }
    command.current_dir("/").stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null());
    if let Some(account) = account {
        command.uid(account.user).gid(account.group);
    }
    let mut child = command.spawn()?;
    let (Some(mut input), Some(output)) = (child.stdin.take(), child.stdout.take()) else {
        return Err(io::Error::other("the shell has no standard input and output"));
    };
    if let Some(boot) = boot {
        writeln!(input, "{}\n{}", boot.password, boot.auth)?;
    }
    drop(input);
    let mut ready = String::new();
    BufReader::new(output).read_line(&mut ready)?;
    match ready.trim_end() {
        "ready" => Ok(()),
        _ => Err(io::Error::other(format!("{} cannot be made", folder.display()))),
    }
}
