//! `local`: a server booted from this machine's programs, in a folder of its own, in memory where there is room.

use std::io;
use std::net::TcpListener;
use std::os::unix::process::CommandExt as _;
use std::path::Path;
use std::process::Command;

use tdata_factory::environment;

use super::account::{self, Account};
use super::error::ServerError;
use super::running::Server;
use super::server_source::ServerSource;
use super::settings::ServerSettings;
use super::shared::{self, Announcement, Boot, Ward, Watched};
use super::{programs, ready, role, secret, tuning};
use crate::notice::Notices;
use crate::open_folder::OpenFolder;

/// The first version whose passwords can be checked with few rounds (`scram_iterations`).
const FEW_ROUNDS_SINCE: u32 = 16;

/// How often a boot is begun that somebody else may cut off.
const ATTEMPTS: u32 = 5;

/// Why a server did not boot.
enum Failure {
    /// Somebody else has taken its port.
    PortTaken(ServerError),
    /// Somebody has killed its watcher, or a shell of that.
    Unwatched(ServerError),
    /// What another attempt would not change.
    Lasting(ServerError),
}

impl From<ServerError> for Failure {
    fn from(error: ServerError) -> Self {
        Self::Lasting(error)
    }
}

/// Boots a server from this machine's programs.
pub(super) fn boot(settings: &ServerSettings, notices: &Notices) -> Result<Server, ServerError> {
    let programs = programs::find(settings.binaries.as_deref())?;
    let mut attempt = 1;
    loop {
        match boot_once(&programs, settings, notices) {
            Ok(server) => return Ok(server),
            Err(Failure::PortTaken(_)) if attempt < ATTEMPTS => {}
            Err(Failure::Unwatched(_)) if attempt < ATTEMPTS => {
                notices.say("the watcher of a booting server was killed: another one is booted");
            }
            Err(
                Failure::PortTaken(error) | Failure::Unwatched(error) | Failure::Lasting(error),
            ) => return Err(error),
        }
        attempt += 1;
    }
}

fn boot_once(
    programs: &Path,
    settings: &ServerSettings,
    notices: &Notices,
) -> Result<Server, Failure> {
    let not_started = |reason: String, log: String| ServerError::NotStarted {
        programs: programs.to_owned(),
        reason,
        log,
    };
    let failed =
        |what: &str, error: io::Error| not_started(format!("{what}: {error}"), String::new());
    let account = account::to_drop_to();
    let major =
        major_version(programs, account).map_err(|error| failed("asking its version", error))?;
    let port = free_port().map_err(|error| failed("finding a free port", error))?;
    let (password, identity) = secret::generate()
        .and_then(|password| Ok((password, secret::generate()?)))
        .map_err(|error| failed("making a password", error))?;
    let few_rounds = major >= FEW_ROUNDS_SINCE;
    let folder = shared::new_folder(settings, account)
        .map_err(|error| failed("naming a folder for it", error))?;
    // Nobody but its owner may enter the folder: who reaches the socket needs no password.
    let takes_one = |path: &&str| path.len() <= LONGEST_FOLDER && !path.contains([',', '"']);
    let socket = folder.to_str().filter(takes_one).unwrap_or_default();
    let port_argument = port.to_string();
    let mut arguments =
        ["-p", &port_argument, "-h", "127.0.0.1", "-k", socket].map(str::to_owned).to_vec();
    arguments.extend(tuning::arguments(&identity, shared::room(&folder)));
    if few_rounds {
        arguments.extend(["-c", "scram_iterations=1"].map(str::to_owned));
    }
    // A server checks passwords for every connection; the secret is random and long enough for the
    // older, cheaper check where the newer one cannot be made cheap.
    let auth = if few_rounds { "scram-sha-256" } else { "md5" };
    let boot = Boot { programs, arguments, password: &password, auth };
    let watched =
        Watched::start(settings, &folder, account, Ward::New(&boot)).map_err(|error| {
            let was_killed = shared::was_killed(&error);
            let error = failed("starting it in a folder of its own", error);
            if was_killed { Failure::Unwatched(error) } else { Failure::Lasting(error) }
        })?;
    let place = ("127.0.0.1".to_owned(), port);
    let mut announcement =
        Announcement::of_superuser(ServerSource::Local, identity, place, password);
    let folder = watched.folder();
    let endpoint = announcement.endpoint().with_socket_in(folder.path());
    let mut ready = ready::wait(&endpoint, &announcement.identity, notices, || {
        let is_watched = shared::is_watched(folder);
        let is_alive = shared::is_alive(folder);
        let exit = folder.read("exit").ok();
        if !is_watched || !is_alive && exit.is_none() {
            shared::remove_remains(folder);
            return Some(Failure::Unwatched(not_started(
                "its watcher was killed".to_owned(),
                String::new(),
            )));
        }
        let exit = exit?;
        let log = log_end(folder);
        let is_port_taken = log.contains("Address already in use");
        let error = not_started(format!("it ended with status {}", exit.trim()), log);
        Some(if is_port_taken { Failure::PortTaken(error) } else { Failure::Lasting(error) })
    })
    .map_err(|failure| match failure {
        Failure::Lasting(ServerError::Unreachable { refusal, .. }) => {
            not_started(format!("it does not answer: {refusal}"), log_end(folder)).into()
        }
        failure => failure,
    })?;
    announcement.version = ready.version;
    if !settings.superuser {
        let refused = |refusal| ServerError::NotPrepared { place: endpoint.place(), refusal };
        (announcement.user, announcement.password) =
            role::make_ordinary(&mut ready.client).map_err(refused)?;
    }
    let (folder, hold) =
        watched.announce(&announcement).map_err(|error| failed("announcing it", error))?;
    Ok(Server::announced(announcement, folder, settings.keep_alive, hold, notices))
}

/// The longest path of a folder with a socket: addresses of sockets have about a hundred bytes, by system. Commas
/// would part a list of folders.
const LONGEST_FOLDER: usize = 80;

fn major_version(programs: &Path, account: Option<Account>) -> io::Result<u32> {
    let mut command = Command::new(programs.join("postgres"));
    environment::minimal(&mut command);
    if let Some(account) = account {
        command.uid(account.user).gid(account.group);
    }
    let output = command.arg("--version").current_dir("/").output()?;
    let text = String::from_utf8_lossy(&output.stdout);
    let digits = text.split(|c: char| !c.is_ascii_digit()).find(|digits| !digits.is_empty());
    Ok(digits.and_then(|digits| digits.parse().ok()).unwrap_or(0))
}

/// A port that is free now. The server may find it taken; then another is tried.
fn free_port() -> io::Result<u16> {
    Ok(TcpListener::bind("127.0.0.1:0")?.local_addr()?.port())
}

/// The last lines of the server's log, as a block of its own.
fn log_end(folder: &OpenFolder) -> String {
    let log = folder.read("log").unwrap_or_default();
    let lines: Vec<&str> = log.lines().collect();
    let end = &lines[lines.len().saturating_sub(5)..];
    end.iter().map(|line| format!("\n    {line}")).collect()
}
