//! Servers in containers: what they are like, and what becomes of them when what they consist of is killed. What
//! processes share and leave behind, on them as on others, `sharing` and `processes` test.
//!
//! These tests run where `TDATA_SERVER=container` says that an engine is there; elsewhere they say that they did not.

#![cfg(feature = "server")]
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod own_server;

use std::collections::BTreeSet;
use std::fs;
use std::io::{self, Read as _, Write as _};
use std::os::unix::net::{UnixListener, UnixStream};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Barrier;
use std::sync::mpsc::{Sender, channel};
use std::time::Duration;

use own_server::{
    OwnServer, Waiting, child, commands, docker, in_containers, port, run, say, wait_until,
};
use postgres::{Client, NoTls};
use tdata::TestData;

fn is_wanted() -> bool {
    if !in_containers() {
        say("not run: TDATA_SERVER=container is not set");
    }
    in_containers()
}

fn own_server() -> Option<OwnServer> {
    is_wanted().then(OwnServer::new).flatten()
}

/// The container whose port a URL names.
fn container_at(url: &str) -> String {
    let port = format!(":{}->", port(url));
    let list = docker(&["ps", "--all", "--format", "{{.Names}} {{.Ports}}"]);
    let line = list.lines().find(|line| line.contains(&port)).unwrap();
    line.split(' ').next().unwrap().to_owned()
}

/// The folder of the server in a container, whose name it has.
fn folder_of(container: &str) -> PathBuf {
    let parents = [PathBuf::from("/dev/shm"), std::env::temp_dir()];
    parents.iter().map(|parent| parent.join(container)).find(|folder| folder.exists()).unwrap()
}

/// Kills a container, and waits until that is noticed.
fn kill(container: &str) {
    let announcement = folder_of(container).join("endpoint");
    docker(&["kill", container]);
    wait_until("the end of the announcement", || !announcement.exists());
}

#[test]
fn a_container_listens_only_where_this_machine_reaches_it() {
    if !is_wanted() {
        return;
    }
    let data = TestData::request(["accounts"]).volume("accounts", 1).provision().unwrap();
    let ports = docker(&["port", &container_at(data.url())]);
    assert!(!ports.contains("0.0.0.0") && !ports.contains("[::]"), "{ports}");
    data.release();
}

#[test]
fn data_in_containers_are_kept_in_memory() {
    if !is_wanted() {
        return;
    }
    let data = TestData::request(["accounts"]).volume("accounts", 1).provision().unwrap();
    let mounts = docker(&["exec", &container_at(data.url()), "cat", "/proc/mounts"]);
    assert!(mounts.lines().any(|line| line.starts_with("tmpfs /var/lib/tdata ")), "{mounts}");
    data.release();
}

#[test]
fn an_image_that_cannot_be_had_is_told() {
    if !is_wanted() {
        return;
    }
    let environment = [("TDATA_POSTGRES_IMAGE", "localhost:1/no-such-image:1")];
    let output = child("own_server::a_child_that_waits", &environment).output().unwrap();
    assert!(!output.status.success());
    let text = String::from_utf8_lossy(&output.stderr).into_owned();
    for part in [
        "pulling the image localhost:1/no-such-image:1",
        "cannot be pulled",
        "TDATA_POSTGRES_IMAGE names another",
    ] {
        assert!(text.contains(part), "{part:?} is missing in:\n{text}");
    }
}

#[test]
#[ignore = "run by other tests as a process of its own"]
fn a_child_without_connections() {
    let provision = || TestData::request(["users"]).volume("users", 5).provision().unwrap();
    let data = provision();
    let mut own = Client::connect(data.url(), NoTls).unwrap();
    let others = "FROM pg_stat_activity WHERE backend_type = 'client backend' \
                  AND pid <> pg_backend_pid() AND application_name NOT IN ('tdata hold', 'tdata watcher')";
    let count = format!("SELECT count(*) {others}");
    let connections: i64 = own.query_one(&count, &[]).unwrap().get(0);
    assert_eq!(connections, 1, "who finds a clone has no other connection than that to it");
    own.execute(&format!("SELECT pg_terminate_backend(pid) {others}"), &[]).unwrap();
    drop(own);
    // Longer than a server stays that nobody uses.
    std::thread::sleep(Duration::from_secs(4));
    let mut own = Client::connect(data.url(), NoTls).unwrap();
    let users: i64 = own.query_one("SELECT count(*) FROM users", &[]).unwrap().get(0);
    assert_eq!(users, 5);
    let place = port(data.url()).to_owned();
    drop(own);
    data.release();
    assert_eq!(port(provision().url()), place);
}

#[test]
fn a_container_stays_for_a_process_that_is_not_connected() {
    let Some(server) = own_server() else { return };
    server.start("1s").finish();
    run("a_child_without_connections", &server.environment("0s"));
    server.wait_for_the_end();
}

#[test]
fn a_container_whose_watcher_is_killed_ends_behind_its_last_process() {
    let Some(server) = own_server() else { return };
    let mut child = server.start("10m");
    let container = container_at(&child.url);
    let folder = folder_of(&container);
    let is_watched = || {
        commands().any(|command| command.contains("tdata-watcher") && command.contains(&container))
    };
    assert!(is_watched());
    let main = fs::read_dir("/proc").unwrap().find_map(|entry| {
        let entry = entry.unwrap();
        let command = fs::read_to_string(entry.path().join("cmdline")).ok()?;
        // The others of its session are its children.
        let stat = fs::read_to_string(entry.path().join("stat")).ok()?;
        let session = stat.rsplit(')').next()?.split_whitespace().nth(3)?;
        let process = entry.file_name().into_string().ok()?;
        (command.contains("tdata-watcher") && command.contains(&container) && session == process)
            .then_some(process)
    });
    assert!(Command::new("kill").args(["-9", &main.unwrap()]).status().unwrap().success());
    child.kill();
    wait_until("the end of the server", || server.processes().is_empty());
    wait_until("the end of what the watcher started", || !is_watched());
    // The next boot sweeps.
    server.start("0s").finish();
    assert!(!folder.exists());
    server.wait_for_the_end();
}

#[test]
#[ignore = "run by other tests as a process of its own"]
fn a_child_whose_container_is_killed() {
    /// How many tests have their data when it happens.
    const RUNNING: usize = 4;
    let provision = || TestData::request(["users"]).volume("users", 5).provision().unwrap();
    let host = provision();
    let container = container_at(host.url());
    // It waits for the next test when the container goes.
    provision().release();
    let all_have_data = Barrier::new(RUNNING + 1);
    let is_gone = Barrier::new(RUNNING + 1);
    std::thread::scope(|scope| {
        for _ in 0..RUNNING {
            scope.spawn(|| {
                let data = provision();
                all_have_data.wait();
                is_gone.wait();
                println!("\ntold: {}", data.try_dataset("users").unwrap_err());
                data.release();
                let data = provision();
                assert_eq!(data.dataset("users").len(), 5);
                println!("\nanother: {}", container_at(data.url()));
            });
        }
        all_have_data.wait();
        kill(&container);
        assert_eq!(provision().dataset("users").len(), 5, "who comes now is not told");
        is_gone.wait();
    });
}

#[test]
fn a_container_that_is_killed_is_replaced() {
    let Some(server) = own_server() else { return };
    let text = run("a_child_whose_container_is_killed", &server.environment("1s"));
    let told: Vec<&str> = text.lines().filter_map(|line| line.strip_prefix("told: ")).collect();
    assert_eq!(told.len(), 4, "{text}");
    for told in told {
        assert!(told.starts_with("the test's data cannot be read"), "{told}");
    }
    let others: BTreeSet<&str> =
        text.lines().filter_map(|line| line.strip_prefix("another: ")).collect();
    assert_eq!(others.len(), 1, "{text}");
    server.wait_for_the_end();
}

#[test]
fn a_container_that_is_announced_and_gone_is_replaced_by_one() {
    let Some(server) = own_server() else { return };
    let mut host = server.start("1s");
    let gone = container_at(&host.url);
    let announcement = folder_of(&gone).join("endpoint");
    let text = fs::read(&announcement).unwrap();
    kill(&gone);
    // As if the watcher had not noticed, which the host keeps.
    fs::write(&announcement, text).unwrap();
    let mut next: Vec<Waiting> = std::thread::scope(|scope| {
        let starts: Vec<_> = (0..8).map(|_| scope.spawn(|| server.start("1s"))).collect();
        starts.into_iter().map(|start| start.join().unwrap()).collect()
    });
    let ports: BTreeSet<&str> = next.iter().map(|child| port(&child.url)).collect();
    assert_eq!((ports.len(), server.processes().len()), (1, 1), "{ports:?}");
    next.iter_mut().for_each(Waiting::finish);
    host.kill();
    server.wait_for_the_end();
}

#[test]
fn a_container_that_nobody_started_goes_with_the_next_boot() {
    let Some(server) = own_server() else { return };
    let mut host = server.start("1s");
    let label = docker(&[
        "inspect",
        "--format",
        "tdata.workspace={{index .Config.Labels \"tdata.workspace\"}}",
        &container_at(&host.url),
    ]);
    let image = std::env::var("TDATA_POSTGRES_IMAGE").unwrap();
    let left = docker(&["create", "--label", label.trim(), &image]);
    let exists = || docker(&["ps", "--all", "--quiet", "--no-trunc"]).contains(left.trim());
    assert!(exists());
    let another = own_server().unwrap();
    another.start("0s").finish();
    assert!(!exists());
    host.finish();
    another.wait_for_the_end();
    server.wait_for_the_end();
}

/// Listens in place of the engine, and passes on what it hears until a container is to be started, which it tells;
/// that it passes on as well where `starts`, and then nothing more from that client. Other clients are not cut off.
fn stand_in(socket: &Path, engine: String, starts: bool, tell: Sender<()>) {
    let listener = UnixListener::bind(socket).unwrap();
    std::thread::spawn(move || {
        for client in listener.incoming() {
            let (mut client, engine) = (client.unwrap(), UnixStream::connect(&engine).unwrap());
            let (mut from, mut to) = (engine.try_clone().unwrap(), client.try_clone().unwrap());
            std::thread::spawn(move || io::copy(&mut from, &mut to));
            let tell = tell.clone();
            std::thread::spawn(move || pass_on(&mut client, engine, starts, &tell));
        }
    });
}

fn pass_on(client: &mut UnixStream, mut engine: UnixStream, starts: bool, tell: &Sender<()>) {
    let mut request = [0; 65536];
    while let Ok(length @ 1..) = client.read(&mut request) {
        let is_start = String::from_utf8_lossy(&request[..length]).contains("/start HTTP");
        if !is_start || starts {
            engine.write_all(&request[..length]).unwrap();
        }
        if is_start {
            tell.send(()).unwrap();
            // Until the client is gone.
            let _ = client.read(&mut request);
            return;
        }
    }
}

/// Kills a process that boots a container when it asks the engine to start it.
fn cut_off(starts: bool) {
    let Some(server) = own_server() else { return };
    let engine = std::env::var("DOCKER_HOST").unwrap_or("unix:///var/run/docker.sock".to_owned());
    let Some(engine) = engine.strip_prefix("unix://") else {
        say("not run: the container engine is elsewhere");
        return;
    };
    let folder = tempfile::tempdir().unwrap();
    let socket = folder.path().join("engine.sock");
    let (tell, told) = channel();
    stand_in(&socket, engine.to_owned(), starts, tell);
    let address = format!("unix://{}", socket.display());
    let environment =
        [&server.environment("1s")[..], &[("DOCKER_HOST", address.as_str())]].concat();
    let mut process = child("own_server::a_child_that_waits", &environment).spawn().unwrap();
    told.recv_timeout(Duration::from_secs(20)).unwrap();
    assert_eq!(server.processes().len(), 1, "the container is made");
    process.kill().unwrap();
    process.wait().unwrap();
    server.wait_for_the_end();
    server.start("0s").finish();
    server.wait_for_the_end();
}

#[test]
fn a_container_that_is_made_and_not_started_goes_with_its_process() {
    cut_off(false);
}

#[test]
fn a_container_that_is_about_to_start_goes_with_its_process() {
    cut_off(true);
}
