//! PostgreSQL's own programs, without tdata: the peer.

use std::error::Error;
use std::net::TcpListener;
use std::os::unix::fs::chown;
use std::os::unix::process::CommandExt as _;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use super::programs::Programs;

/// How long the server may take to answer.
const PATIENCE: Duration = Duration::from_secs(60);

/// Makes a cluster, starts a server on it, and returns how long it took until a connection answered. The cluster is in
/// memory where tdata's would be, and nothing is synced.
pub(crate) fn boot(programs: &Programs) -> Result<Duration, Box<dyn Error>> {
    let parent = match Path::new("/dev/shm").is_dir() {
        true => "/dev/shm".into(),
        false => std::env::temp_dir(),
    };
    let folder = parent.join(format!("bare-cold-start-{}", std::process::id()));
    std::fs::create_dir(&folder)?;
    let account = account();
    if let Some((user, group)) = account {
        chown(&folder, Some(user), Some(group))?;
    }
    let command = |program: &str| {
        let mut command = programs.command(program);
        command.arg("-D").arg(folder.join("data")).env("LC_ALL", "C").env("TZ", "UTC");
        command.current_dir("/").stdout(Stdio::null()).stderr(Stdio::null());
        if let Some((user, group)) = account {
            command.uid(user).gid(group);
        }
        command
    };
    let time = measure(command);
    std::fs::remove_dir_all(&folder)?;
    time
}

fn measure(command: impl Fn(&str) -> Command) -> Result<Duration, Box<dyn Error>> {
    let port = TcpListener::bind("127.0.0.1:0")?.local_addr()?.port().to_string();
    let start = Instant::now();
    let mut initdb = command("initdb");
    initdb.args(["-U", "postgres", "-A", "trust", "-E", "UTF8", "--locale=C", "--no-sync"]);
    if !initdb.status()?.success() {
        return Err("initdb failed".into());
    }
    let mut postgres = command("postgres");
    postgres.args(["-p", &port, "-h", "127.0.0.1", "-k", "", "-c", "fsync=off"]);
    let mut server = postgres.spawn()?;
    let answered = wait(&port, start);
    stop(&mut server)?;
    answered
}

/// Waits until a connection answers a query.
fn wait(port: &str, start: Instant) -> Result<Duration, Box<dyn Error>> {
    let url = format!("postgres://postgres@127.0.0.1:{port}/postgres");
    loop {
        let connected = postgres::Client::connect(&url, postgres::NoTls);
        match connected.and_then(|mut client| client.simple_query("SELECT 1")) {
            Ok(_) => return Ok(start.elapsed()),
            Err(error) if start.elapsed() > PATIENCE => return Err(error.into()),
            Err(_) => std::thread::sleep(Duration::from_millis(2)),
        }
    }
}

/// Stops a server at once, and waits for its end.
fn stop(server: &mut Child) -> Result<(), Box<dyn Error>> {
    Command::new("kill").args(["-QUIT", &server.id().to_string()]).status()?;
    server.wait()?;
    Ok(())
}

/// Whom root runs PostgreSQL as: user and group.
fn account() -> Option<(u32, u32)> {
    let id = Command::new("id").arg("-u").output().ok()?;
    if id.stdout.trim_ascii() != b"0" {
        return None;
    }
    let users = std::fs::read_to_string("/etc/passwd").ok()?;
    let find = |name: &str| {
        let line = users.lines().find(|line| line.split(':').next() == Some(name))?;
        let mut numbers = line.split(':').skip(2).map(str::parse::<u32>);
        Some((numbers.next()?.ok()?, numbers.next()?.ok()?))
    };
    find("postgres").or_else(|| find("nobody"))
}
