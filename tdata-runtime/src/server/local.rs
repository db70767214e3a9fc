//! `local`: a server booted from this machine's programs, in a folder of its own, in memory where there is room.

use std::fs::File;
use std::io;
use std::net::TcpListener;
use std::os::unix::process::CommandExt as _;
use std::process::Command;
use std::time::Duration;

use tdata_factory::environment;

use super::account::{self, Account};
use super::error::ServerError;
use super::kept_cluster::{Draft, Kept, Shelf};
use super::programs::{self, Programs};
use super::role::{self, SUPERUSER};
use super::running::Server;
use super::server_source::ServerSource;
use super::settings::ServerSettings;
use super::shared::{self, Announcement, Boot, Origin, Ward, Watched};
use super::{ready, secret, tuning};
use crate::notice::Notices;
use crate::open_folder::OpenFolder;

/// The first version whose passwords can be checked with few rounds (`scram_iterations`).
const FEW_ROUNDS_SINCE: u32 = 16;

/// How often a boot is begun that somebody else may cut off.
const ATTEMPTS: u32 = 5;

/// The pause between two attempts to connect to a server that boots.
const PAUSE: Duration = Duration::from_millis(2);

/// Why a server did not boot.
enum Failure {
    /// Somebody else has taken its port.
    PortTaken(ServerError),
    /// Somebody has killed its watcher, or a shell of that.
    Unwatched(ServerError),
    /// It was to run on a cluster that was kept, which may be at fault.
    Kept(ServerError),
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
    let folder = programs::find(settings.binaries.as_deref())?;
    let programs = Programs { folder, libraries: None, major: None };
    boot_from(&programs, ServerSource::Local, settings, notices)
}

/// Boots a server from programs.
pub(super) fn boot_from(
    programs: &Programs,
    source: ServerSource,
    settings: &ServerSettings,
    notices: &Notices,
) -> Result<Server, ServerError> {
    let mut attempt = 1;
    loop {
        match boot_once(programs, source, settings, notices) {
            Ok(server) => return Ok(server),
            Err(Failure::PortTaken(_) | Failure::Kept(_)) if attempt < ATTEMPTS => {}
            Err(Failure::Unwatched(_)) if attempt < ATTEMPTS => {
                notices.say("the watcher of a booting server was killed: another one is booted");
            }
            Err(
                Failure::PortTaken(error)
                | Failure::Unwatched(error)
                | Failure::Kept(error)
                | Failure::Lasting(error),
            ) => return Err(error),
        }
        attempt += 1;
    }
}

fn boot_once(
    programs: &Programs,
    source: ServerSource,
    settings: &ServerSettings,
    notices: &Notices,
) -> Result<Server, Failure> {
    let not_started = |reason: String, log: String| ServerError::NotStarted {
        programs: programs.folder.clone(),
        reason,
        log,
    };
    let failed =
        |what: &str, error: io::Error| not_started(format!("{what}: {error}"), String::new());
    let account = account::to_drop_to();
    let shelf = Shelf::open(&programs.folder, shared::WATCHER);
    let kept = shelf.as_ref().and_then(Shelf::find);
    let major = match kept.as_ref().map(|kept| kept.major).or(programs.major) {
        Some(major) => major,
        None => {
            major_version(programs, account).map_err(|error| failed("asking its version", error))?
        }
    };
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
    // A cluster that is kept has no password: it is set over the socket, once the server answers there.
    let has_socket = !socket.is_empty();
    let mut cluster = Cluster::of(shelf.filter(|_| has_socket), kept);
    let origin = cluster.origin();
    let given = if has_socket { "" } else { &password };
    let boot = Boot { programs, arguments, password: given, auth, origin };
    let watched = Watched::start(settings, &folder, account, Ward::New(boot)).map_err(|error| {
        let was_killed = shared::was_killed(&error);
        let error = failed("starting it in a folder of its own", error);
        if was_killed { Failure::Unwatched(error) } else { Failure::Lasting(error) }
    })?;
    let place = ("127.0.0.1".to_owned(), port);
    let mut announcement = Announcement::of_superuser(source, identity, place, password);
    let folder = watched.folder();
    let endpoint = announcement.endpoint();
    let endpoint = match has_socket {
        true => endpoint.with_coming_socket_in(folder.path()),
        false => endpoint,
    };
    // What refuses over the socket is this server: over the network it may be another one.
    let socket_name = format!(".s.PGSQL.{port}");
    let mut had_socket = false;
    let mut ready = ready::wait(&endpoint, &announcement.identity, PAUSE, notices, |refusal| {
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
        let is_own = std::mem::replace(&mut had_socket, has_socket && folder.has(&socket_name));
        if let Some(refusal) = refusal.filter(|refusal| is_own && refusal.is_authorization()) {
            let reason = format!("it lets nobody in: {refusal}");
            return Some(cluster.failed(not_started(reason, log_end(folder))));
        }
        let exit = exit?;
        let log = log_end(folder);
        let is_port_taken = log.contains("Address already in use");
        let error = not_started(format!("it ended with status {}", exit.trim()), log);
        Some(match is_port_taken {
            true => Failure::PortTaken(error),
            false => cluster.failed(error),
        })
    })
    .map_err(|failure| match failure {
        Failure::Lasting(ServerError::Unreachable { refusal, .. }) => {
            cluster.failed(not_started(format!("it does not answer: {refusal}"), log_end(folder)))
        }
        failure => failure,
    })?;
    announcement.version = ready.version;
    cluster.settle(folder, major);
    if has_socket {
        // The way in which passwords are checked is the way in which they are to be stored.
        let sql = format!(
            "SET password_encryption = '{auth}'; ALTER ROLE {SUPERUSER} PASSWORD '{}'; RESET password_encryption",
            announcement.superuser_password
        );
        let set = ready.client.batch_execute(&sql);
        set.map_err(|error| {
            let (place, refusal) = (endpoint.place(), error.into());
            cluster.failed(ServerError::NotPrepared { place, refusal })
        })?;
    }
    if !settings.superuser {
        let refused = |refusal| ServerError::NotPrepared { place: endpoint.place(), refusal };
        (announcement.user, announcement.password) =
            role::make_ordinary(&mut ready.client).map_err(refused)?;
    }
    let (folder, hold) =
        watched.announce(&announcement).map_err(|error| failed("announcing it", error))?;
    Ok(Server::announced(announcement, folder, settings.keep_alive, hold, notices))
}

/// The cluster of a server that boots, and what is kept of it.
enum Cluster {
    /// A new one, of which nothing is kept.
    New,
    /// A new one that is to be kept.
    Keeping(Shelf, Draft),
    /// One that was kept.
    Kept(Shelf, Kept, Option<[File; 2]>),
}

impl Cluster {
    fn of(shelf: Option<Shelf>, kept: Option<Kept>) -> Self {
        let Some(shelf) = shelf else { return Self::New };
        if let Some(kept) = kept {
            match shelf.take(&kept) {
                Ok(files) => return Self::Kept(shelf, kept, Some(files)),
                Err(_) => shelf.discard(&kept),
            }
        }
        match shelf.draft() {
            Ok(draft) => Self::Keeping(shelf, draft),
            // Nothing can be written there.
            Err(_) => Self::New,
        }
    }

    /// Where its data comes from.
    fn origin(&mut self) -> Origin {
        match self {
            Self::New => Origin::Initdb,
            Self::Keeping(_, draft) => draft.file().map_or(Origin::Initdb, Origin::Kept),
            Self::Kept(_, kept, files) => match files.take() {
                Some(files) => Origin::Copy(files, kept.checksum.clone()),
                None => Origin::Initdb,
            },
        }
    }

    /// No server runs on it. One that was kept is kept no more.
    fn failed(&self, error: ServerError) -> Failure {
        match self {
            Self::Kept(shelf, kept, _) => {
                shelf.discard(kept);
                Failure::Kept(error)
            }
            Self::New | Self::Keeping(..) => Failure::Lasting(error),
        }
    }

    /// A server runs on it, in a folder. What the watcher said there is done: a new one is kept, and one that was kept and
    /// is not whole is removed.
    fn settle(&self, folder: &OpenFolder, major: u32) {
        match self {
            Self::New => {}
            Self::Keeping(shelf, draft) => {
                shelf.keep(draft, major, &folder.read("kept").unwrap_or_default());
            }
            Self::Kept(shelf, kept, _) => {
                if folder.has("torn") {
                    shelf.discard(kept);
                }
            }
        }
    }
}

/// The longest path of a folder with a socket: addresses of sockets have about a hundred bytes, by system. Commas
/// would part a list of folders.
const LONGEST_FOLDER: usize = 80;

/// Asks the programs for their major version, as the account that the server runs as.
pub(super) fn major_version(programs: &Programs, account: Option<Account>) -> io::Result<u32> {
    let mut command = Command::new(programs.folder.join("postgres"));
    environment::minimal(&mut command);
    programs.lead(&mut command);
    if let Some(account) = account {
        command.uid(account.user).gid(account.group);
    }
    let output = command.arg("--version").current_dir("/").output()?;
    if !output.status.success() {
        let told = String::from_utf8_lossy(&output.stderr);
        let reason = told.lines().next().unwrap_or("it says nothing");
        return Err(io::Error::other(format!("{}: {reason}", output.status)));
    }
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
