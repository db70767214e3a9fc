//! Servers in containers. These tests run where `TDATA_SERVER=container` says that an engine is there;
//! elsewhere they say that they did not.

#![cfg(feature = "server")]
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use tdata::TestData;

fn is_wanted() -> bool {
    let wanted = std::env::var("TDATA_SERVER").is_ok_and(|source| source == "container");
    if !wanted {
        use std::io::Write;
        // Past the capture of the test harness.
        let mut stderr = std::io::stderr();
        writeln!(stderr, "not run: TDATA_SERVER=container is not set").unwrap();
    }
    wanted
}

fn docker(arguments: &[&str]) -> String {
    let output = Command::new("docker").args(arguments).output().unwrap();
    String::from_utf8(output.stdout).unwrap()
}

/// The container whose port a URL names.
fn container_at(url: &str) -> Option<String> {
    let port = url.rsplit_once(':')?.1.split('/').next()?.to_owned();
    let list = docker(&["ps", "--all", "--no-trunc", "--format", "{{.ID}} {{.Ports}}"]);
    let line = list.lines().find(|line| line.contains(&format!(":{port}->")))?.to_owned();
    line.split(' ').next().map(str::to_owned)
}

fn wait_until(what: &str, mut condition: impl FnMut() -> bool) {
    let start = Instant::now();
    while !condition() {
        assert!(start.elapsed() < Duration::from_secs(30), "{what} did not happen");
        std::thread::sleep(Duration::from_millis(50));
    }
}

#[test]
#[ignore = "run by other tests as a process of its own"]
fn a_child_that_waits() {
    let data = TestData::request(["accounts"]).volume("accounts", 5).provision().unwrap();
    println!("child has its data at {}", data.url());
    std::io::stdin().read_line(&mut String::new()).unwrap();
}

/// Runs a child in a container that it shares with nobody, of an image of that name.
fn container_of_a_child(name: &str, end: impl FnOnce(&mut std::process::Child)) -> String {
    use std::io::{BufRead, BufReader};
    let image = std::env::var("TDATA_POSTGRES_IMAGE").unwrap();
    let name = format!("tdata-test-{name}:{}", std::process::id());
    docker(&["tag", &image, &name]);
    let mut child = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "a_child_that_waits", "--ignored", "--nocapture"])
        .envs([("TDATA_POSTGRES_IMAGE", name.as_str()), ("TDATA_KEEP_ALIVE", "1s")])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut stdout = BufReader::new(child.stdout.take().unwrap());
    let mut line = String::new();
    let url = loop {
        line.clear();
        assert!(stdout.read_line(&mut line).unwrap() > 0);
        if let Some((_, url)) = line.trim_end().split_once("child has its data at ") {
            break url.to_owned();
        }
    };
    let container = container_at(&url).unwrap();
    end(&mut child);
    child.wait().unwrap();
    docker(&["rmi", "--no-prune", "--force", &name]);
    container
}

fn exists(container: &str) -> bool {
    docker(&["ps", "--all", "--no-trunc", "--quiet"]).contains(container)
}

#[test]
fn a_container_goes_with_its_process() {
    if !is_wanted() {
        return;
    }
    let container = container_of_a_child("ended", |child| drop(child.stdin.take()));
    wait_until("the end of the container", || !exists(&container));
}

#[test]
fn a_container_goes_also_when_its_process_is_killed() {
    if !is_wanted() {
        return;
    }
    let container = container_of_a_child("killed", |child| child.kill().unwrap());
    wait_until("the end of the container", || !exists(&container));
}

#[test]
fn a_container_listens_only_where_this_machine_reaches_it() {
    if !is_wanted() {
        return;
    }
    let data = TestData::request(["accounts"]).volume("accounts", 1).provision().unwrap();
    let container = container_at(data.url()).unwrap();
    let ports = docker(&["port", &container]);
    assert!(!ports.contains("0.0.0.0") && !ports.contains("[::]"), "{ports}");
    data.release();
}

#[test]
fn data_in_containers_are_kept_in_memory() {
    if !is_wanted() {
        return;
    }
    let data = TestData::request(["accounts"]).volume("accounts", 1).provision().unwrap();
    let container = container_at(data.url()).unwrap();
    let mounts = docker(&["exec", &container, "cat", "/proc/mounts"]);
    assert!(mounts.lines().any(|line| line.starts_with("tmpfs /var/lib/tdata ")), "{mounts}");
    data.release();
}

#[test]
fn an_image_that_cannot_be_had_is_told() {
    if !is_wanted() {
        return;
    }
    let output = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "a_child_that_waits", "--ignored", "--nocapture"])
        .env("TDATA_POSTGRES_IMAGE", "localhost:1/no-such-image:1")
        .output()
        .unwrap();
    assert!(!output.status.success());
    let text = String::from_utf8_lossy(&output.stderr).into_owned();
    for part in [
        "pulling the image localhost:1/no-such-image:1",
        "could not run",
        "TDATA_POSTGRES_IMAGE names another",
    ] {
        assert!(text.contains(part), "{part:?} is missing in:\n{text}");
    }
}
