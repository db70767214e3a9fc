//! The watcher: a process that outlives those that use a server, and ends it behind them.

use std::ffi::OsString;
use std::fs::{self, Permissions};
use std::io;
use std::os::unix::fs::PermissionsExt;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use super::announcement::Announcement;
use super::folder;
use super::hold::{Hold, NewPipe};
use super::key::Key;
use crate::server::account::Account;
use crate::server::settings::ServerSettings;

/// The folder of a server that is about to be booted.
#[derive(Debug)]
pub(in crate::server) struct NewServer {
    folder: PathBuf,
    account: Option<Account>,
}

/// A server whose end is seen to.
#[derive(Debug)]
pub(in crate::server) struct Watched {
    server: NewServer,
    pipe: NewPipe,
    hold: Hold,
}

impl NewServer {
    /// Makes the folder of a server that runs as `account`.
    pub(in crate::server) fn make(
        settings: &ServerSettings,
        account: Option<Account>,
    ) -> io::Result<Self> {
        let folder = folder::make(&Key::of(settings), account)?;
        Ok(Self { folder, account })
    }

    /// Writes a file into the folder that the server's account alone may read.
    pub(in crate::server) fn write(&self, name: &str, text: &str) -> io::Result<()> {
        let file = self.folder.join(name);
        fs::write(&file, text)?;
        fs::set_permissions(&file, Permissions::from_mode(0o600))?;
        folder::give(&file, self.account)
    }

    /// Starts the watcher. With the folder of PostgreSQL's programs and arguments for `postgres` it
    /// boots a server there as well.
    pub(in crate::server) fn watch(
        self,
        settings: &ServerSettings,
        boot: &[OsString],
    ) -> io::Result<Watched> {
        let watched = NewPipe::make(&self.folder, self.account).and_then(|pipe| {
            let hold = pipe.hold(settings.keep_alive)?;
            start(&self, boot)?;
            Ok((pipe, hold))
        });
        match watched {
            Ok((pipe, hold)) => Ok(Watched { server: self, pipe, hold }),
            Err(error) => {
                // No watcher is there to do it. The error is the one to tell.
                let _ = fs::remove_dir_all(&self.folder);
                Err(error)
            }
        }
    }
}

impl Watched {
    /// Returns the folder.
    pub(in crate::server) fn folder(&self) -> &Path {
        &self.server.folder
    }

    /// Lets other processes find the server, now that it answers.
    pub(in crate::server) fn announce(self, announcement: &Announcement) -> io::Result<Hold> {
        announcement.write(&self.server.folder, self.server.account)?;
        // The watcher has the pipe open by now.
        drop(self.pipe);
        Ok(self.hold)
    }
}

fn start(server: &NewServer, boot: &[OsString]) -> io::Result<()> {
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
    command.args(["-c", include_str!("watcher.sh"), "tdata-watcher"]);
    command.arg(&server.folder).args(boot);
    command.current_dir("/").stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    if let Some(account) = server.account {
        command.uid(account.user).gid(account.group);
    }
    command.spawn().map(drop)
}
