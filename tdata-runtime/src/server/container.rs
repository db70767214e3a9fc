//! `container`: a server booted in a container, by an engine with Docker's API.

mod guard;
mod pulls;
mod unstarted;
mod watcher_connections;

use std::io;
use std::os::unix::net::UnixStream;
use std::path::Path;
use std::time::Duration;

use tdata_core::project::ServerChoice;
use testcontainers_modules::postgres::Postgres;
use testcontainers_modules::testcontainers::bollard::Docker;
use testcontainers_modules::testcontainers::bollard::errors::Error as EngineError;
use testcontainers_modules::testcontainers::bollard::models::PortBinding;
use testcontainers_modules::testcontainers::core::{Mount, WaitFor};
use testcontainers_modules::testcontainers::runners::SyncRunner;
use testcontainers_modules::testcontainers::{Container, ContainerRequest, ImageExt};
use tokio::runtime::Runtime;

use super::error::ServerError;
use super::running::Server;
use super::server_source::ServerSource;
use super::settings::ServerSettings;
use super::shared::{self, Announcement, Hold, Ward, Watched};
use super::{ready, role, secret, tuning};
use crate::notice::Notices;
use crate::open_folder::OpenFolder;
use guard::Guard;
use pulls::Pulls;

const LOOPBACK: &str = "127.0.0.1";

/// The pause between two attempts to connect; with each the engine is asked about the container.
const PAUSE: Duration = Duration::from_millis(10);

/// A folder in memory. Not the image's own: some images refuse data elsewhere when that is mounted.
const MEMORY: &str = "/var/lib/tdata";

/// Boots a server in a container.
pub(super) fn boot(settings: &ServerSettings, notices: &Notices) -> Result<Server, ServerError> {
    let image = settings.image.as_str();
    let engine = ask_engine(settings)?;
    let secrets =
        || Ok((secret::generate()?, secret::generate()?, shared::new_folder(settings, None)?));
    let (password, identity, folder) =
        secrets().map_err(|error: io::Error| ServerError::Container {
            reason: format!("no password could be made: {error}"),
            help: "tdata reads /dev/urandom for it".to_owned(),
        })?;
    let failed = |error| refused(image, &error);
    let name = folder.file_name().unwrap_or_default().to_string_lossy();
    let (label, workspace) = unstarted::label(&settings.workspace);
    let mut request = request(image, &password, &identity, engine.listen_address.clone())
        .with_container_name(name.as_ref())
        .with_label(label, workspace);
    if !engine.has_image {
        let pulls = Pulls::of(image, settings.engine.as_deref());
        // Where nothing else may be asked, it is tried each time.
        let is_sole = settings.choice == ServerChoice::Container;
        if let Some(reason) = pulls.failed().filter(|_| !is_sole) {
            return Err(not_pulled(image, &reason));
        }
        notices.say(format_args!("pulling the image {image}; this happens once"));
        request = request.pull_image().map_err(|error| {
            let reason = pulls::in_short(&told(&error));
            pulls.remember(&reason);
            not_pulled(image, &reason)
        })?;
    }
    notices.say(format_args!("booting PostgreSQL in a container of {image}"));
    // If no guard starts, the next boot removes a container that this boot abandoned.
    let guard = Guard::start(settings.engine.as_deref(), &name).ok();
    let container = request.start().map_err(failed)?;
    let host = match container.get_host().map_err(failed)?.to_string() {
        // The name also stands for an address that nothing listens on.
        host if host == "localhost" => LOOPBACK.to_owned(),
        host => host,
    };
    let port = container.get_host_port_ipv4(5432).map_err(failed)?;
    let source = ServerSource::Container;
    let mut announcement = Announcement::of_superuser(source, identity, (host, port), password);
    let mut endpoint = announcement.endpoint();
    let mut ready = ready::wait(&endpoint, &announcement.identity, PAUSE, notices, |_| {
        let running = container.is_running().unwrap_or(false);
        (!running).then(|| ended(image, &container))
    })?;
    announcement.version = ready.version;
    if !settings.superuser {
        let refused = |refusal| ServerError::NotPrepared { place: endpoint.place(), refusal };
        (announcement.user, announcement.password) =
            role::make_ordinary(&mut ready.client).map_err(refused)?;
        endpoint = announcement.endpoint();
        ready = ready::connect(&endpoint, notices)?;
    }
    // Others may use it when this process has ended: its own watcher ends it, and the engine removes it.
    std::mem::forget(container);
    let announced = engine.runtime.block_on(announce(settings, &folder, &announcement));
    if let Some(guard) = guard {
        guard.release();
    }
    engine.runtime.block_on(unstarted::remove(&engine.api, &engine.unstarted));
    match announced {
        Ok((folder, hold)) => {
            Ok(Server::announced(announcement, folder, settings.keep_alive, hold, notices))
        }
        Err(error) => {
            notices.say(format_args!("other processes will not find this server: {error}"));
            let superuser = Some(announcement.superuser());
            Ok(Server::alone(source, endpoint, superuser, ready, settings, notices))
        }
    }
}

/// How often a watcher is started that somebody else may kill.
const ATTEMPTS: u32 = 5;

/// Lets other processes find the server.
async fn announce(
    settings: &ServerSettings,
    folder: &Path,
    announcement: &Announcement,
) -> io::Result<(OpenFolder, Hold)> {
    let mut attempt = 1;
    loop {
        let connections = watcher_connections::connect(announcement).await?;
        match Watched::start(settings, folder, None, Ward::Elsewhere(connections)) {
            Err(error) if shared::was_killed(&error) && attempt < ATTEMPTS => attempt += 1,
            watched => return watched?.announce(announcement),
        }
    }
}

fn request(
    image: &str,
    password: &str,
    identity: &str,
    listen_address: Option<String>,
) -> ContainerRequest<Postgres> {
    let (name, tag) = split_image(image);
    let mut command = vec![
        "sh".to_owned(),
        "-c".to_owned(),
        include_str!("container_watcher.sh").to_owned(),
        "tdata-watcher".to_owned(),
        "postgres".to_owned(),
    ];
    // The script asks what room there is.
    command.extend(tuning::arguments(identity, None));
    Postgres::default()
        .with_user(role::SUPERUSER)
        .with_password(password)
        .with_db_name("postgres")
        .with_name(name)
        .with_tag(tag)
        .with_env_var("PGDATA", format!("{MEMORY}/data"))
        .with_env_var("POSTGRES_INITDB_ARGS", "--no-sync --no-instructions")
        .with_mount(Mount::tmpfs_mount(MEMORY))
        .with_cmd(command)
        // A log line promises nothing; a connection that answers does.
        .with_ready_conditions(vec![WaitFor::Nothing])
        .with_host_config_modifier(move |host| {
            host.auto_remove = Some(true);
            if let Some(address) = &listen_address {
                let binding =
                    PortBinding { host_ip: Some(address.clone()), host_port: Some(String::new()) };
                host.publish_all_ports = Some(false);
                host.port_bindings =
                    Some([("5432/tcp".to_owned(), Some(vec![binding]))].into_iter().collect());
            }
        })
}

/// Splits `registry:5000/name:tag`; without a tag it is `latest`.
fn split_image(image: &str) -> (&str, &str) {
    match image.rsplit_once(':') {
        Some((name, tag)) if !tag.contains('/') => (name, tag),
        _ => (image, "latest"),
    }
}

/// What the engine says before anything is asked of it.
struct Engine {
    api: Docker,
    runtime: Runtime,
    has_image: bool,
    /// Containers that are not started, and will not be if they are not at the end of this boot.
    unstarted: Vec<String>,
    /// Where the server's port is to listen, so that only this machine reaches it; `None` for an
    /// engine elsewhere.
    listen_address: Option<String>,
}

fn ask_engine(settings: &ServerSettings) -> Result<Engine, ServerError> {
    let unusable = |error: &dyn std::fmt::Display| ServerError::Container {
        reason: format!("no container engine answers: {}", without_address(error, settings)),
        help: "Start Docker, or name a server: TDATA_DATABASE_URL=postgres://...".to_owned(),
    };
    let socket = socket(settings);
    if let Some(error) = socket.and_then(closed_to_us) {
        return Err(error);
    }
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(|error| unusable(&error))?;
    let asked = runtime.block_on(async {
        let api = Docker::connect_with_defaults().map_err(|error| unusable(&error))?;
        let has_image = match api.inspect_image(&settings.image).await {
            Ok(_) => true,
            Err(EngineError::DockerResponseServerError { status_code: 404, .. }) => false,
            Err(error) => return Err(unusable(&error)),
        };
        let listen_address = listen_address(settings, &api).await;
        let unstarted = unstarted::list(&api, &settings.workspace).await;
        Ok((api, has_image, listen_address, unstarted))
    });
    let (api, has_image, listen_address, unstarted) = asked?;
    Ok(Engine { api, runtime, has_image, unstarted, listen_address })
}

/// The socket of this machine's engine, unless its address names another way.
fn socket(settings: &ServerSettings) -> Option<&Path> {
    match settings.engine.as_deref() {
        None => Some(Path::new("/var/run/docker.sock")),
        Some(address) => address.strip_prefix("unix://").map(Path::new),
    }
}

/// Tells if this user may not use a socket.
fn closed_to_us(socket: &Path) -> Option<ServerError> {
    let error = UnixStream::connect(socket).err()?;
    (error.kind() == io::ErrorKind::PermissionDenied).then(|| ServerError::Container {
        reason: format!("this user may not use the container engine's socket {}", socket.display()),
        help: "Join the group that owns it, as with `sudo usermod -aG docker $USER`, and log in again; or run an engine \
               without root, and name its socket in DOCKER_HOST; or name a server: TDATA_DATABASE_URL=postgres://..."
            .to_owned(),
    })
}

/// Tells an error without the engine's address, which may hold a password.
fn without_address(error: &dyn std::fmt::Display, settings: &ServerSettings) -> String {
    let told = error.to_string();
    match &settings.engine {
        Some(address) => told.replace(address.as_str(), "DOCKER_HOST"),
        None => told,
    }
}

/// The loopback address; seen from within a container, where that is another, the address of the
/// engine's bridge.
async fn listen_address(settings: &ServerSettings, engine: &Docker) -> Option<String> {
    let here = |host: &String| host.starts_with("unix:") || host.starts_with("npipe:");
    if !settings.engine.as_ref().is_none_or(here) {
        return None;
    }
    if !Path::new("/.dockerenv").exists() {
        return Some(LOOPBACK.to_owned());
    }
    let bridge = engine.inspect_network("bridge", None).await.ok();
    let ranges = bridge.and_then(|bridge| bridge.ipam?.config).unwrap_or_default();
    let gateway = ranges.into_iter().find_map(|range| range.gateway);
    Some(gateway.filter(|address| !address.is_empty()).unwrap_or_else(|| LOOPBACK.to_owned()))
}

fn not_pulled(image: &str, reason: &str) -> ServerError {
    let help =
        format!("`docker pull {image}` fetches the image, and TDATA_POSTGRES_IMAGE names another");
    ServerError::Container { reason: format!("the image {image} cannot be pulled: {reason}"), help }
}

fn refused(image: &str, error: &dyn std::error::Error) -> ServerError {
    let reason = format!("the container engine could not run {image}: {}", told(error));
    let help = format!(
        "Check that `docker run --rm {image} true` works; `docker pull {image}` fetches the image, \
         and TDATA_POSTGRES_IMAGE names another"
    );
    ServerError::Container { reason, help }
}

/// Tells an error of the engine with its causes.
fn told(error: &dyn std::error::Error) -> String {
    let mut reason = error.to_string();
    let mut source = error.source();
    while let Some(cause) = source {
        let text = cause.to_string();
        if !reason.contains(&text) {
            reason.push_str(&format!(": {text}"));
        }
        source = cause.source();
    }
    // It says where in the client's code something failed, which helps nobody.
    reason.replace("Error in the hyper legacy client: ", "")
}

fn ended(image: &str, container: &Container<Postgres>) -> ServerError {
    let log = container.stderr_to_vec().unwrap_or_default();
    let log = String::from_utf8_lossy(&log);
    let lines: Vec<&str> = log.lines().collect();
    let end = &lines[lines.len().saturating_sub(5)..];
    ServerError::Container {
        reason: format!(
            "the container of {image} ended before PostgreSQL answered{}",
            end.iter().map(|line| format!("\n    {line}")).collect::<String>()
        ),
        help: "The image must behave as the official `postgres` image does".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn images_are_split_at_their_tag() {
        assert_eq!(split_image("postgres:18-alpine"), ("postgres", "18-alpine"));
        assert_eq!(split_image("localhost:5000/pg"), ("localhost:5000/pg", "latest"));
        assert_eq!(split_image("localhost:5000/pg:15"), ("localhost:5000/pg", "15"));
    }
}
