//! Memory, connections and files that are too few: tests wait for them, do with less, or are told.

use std::fs::File;
use std::io::{BufRead as _, BufReader, Write as _};
use std::process::{Command, Output, Stdio};
use std::time::{Duration, Instant};

use tdata::TestData;

use super::guest::Guest;
use super::own_server::{OwnServer, child, in_containers, run, say};

/// Runs one test of this binary in a shell, behind some commands of it.
fn behind(commands: &str, shell: &[&str], test: &str, environment: &[(&str, &str)]) -> Output {
    let mut command = Command::new(shell[0]);
    command.args(&shell[1..]).args(["-c", &format!("{commands} exec \"$0\" \"$@\"")]);
    command.arg(std::env::current_exe().unwrap());
    command.args(["--exact", test, "--ignored", "--nocapture"]);
    command.envs(environment.iter().copied()).stdin(Stdio::null());
    command.output().unwrap()
}

/// What a test says that runs with little memory for servers; `None` where nobody may mount any.
fn in_little_memory(test: &str, environment: &[(&str, &str)]) -> Option<String> {
    const MOUNT: &str = "mount -t tmpfs -o size=1200m tmpfs /dev/shm || exit 77;";
    let output = behind(MOUNT, &["unshare", "--mount", "sh"], test, environment);
    if !output.status.success() && !output.stdout.starts_with(b"\nrunning") {
        say("not run: no memory can be mounted here");
        return None;
    }
    Some(passed(&output))
}

/// What a test says that must succeed.
fn passed(output: &Output) -> String {
    let text = String::from_utf8_lossy(&output.stdout).into_owned()
        + &String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{text}");
    text
}

fn folder_of_data(data: &TestData) -> String {
    data.client().query_one("SHOW data_directory", &[]).unwrap().get(0)
}

#[test]
#[ignore = "run by other tests as a process of its own"]
fn a_child_that_writes_more_than_there_is_memory() {
    let data = TestData::request(["users"]).volume("users", 5).provision().unwrap();
    assert!(folder_of_data(&data).starts_with("/dev/shm"));
    let mut db = data.client();
    db.batch_execute("CREATE TABLE notes (text text)").unwrap();
    for _ in 0..14 {
        // A hundred megabytes of log each, and of data that go again.
        let sql = "INSERT INTO notes SELECT repeat('x', 1000) FROM generate_series(1, 100000)";
        db.batch_execute(sql).unwrap();
        db.batch_execute("TRUNCATE notes").unwrap();
    }
}

#[test]
fn the_log_of_a_server_does_not_outgrow_its_memory() {
    if in_containers() {
        return;
    }
    let Some(server) = OwnServer::new() else { return };
    let environment = server.environment("0s");
    in_little_memory("shortages::a_child_that_writes_more_than_there_is_memory", &environment);
    server.wait_for_the_end();
}

#[test]
#[ignore = "run by other tests as a process of its own"]
fn a_child_whose_memory_is_full() {
    let few = TestData::request(["users"]).volume("users", 5).provision().unwrap();
    assert!(folder_of_data(&few).starts_with("/dev/shm"));
    let mut others = File::create("/dev/shm/others").unwrap();
    let zeros = vec![0; 1 << 20];
    while free_megabytes() > 12 {
        others.write_all(&zeros).unwrap();
    }
    let many = TestData::request(["users"]).volume("users", 1_000).provision().unwrap();
    assert!(!folder_of_data(&many).starts_with("/dev/shm"));
    let count = "SELECT count(*) FROM users";
    assert_eq!(many.client().query_one(count, &[]).unwrap().get::<_, i64>(0), 1_000);
    assert_eq!(few.dataset("users").len(), 5, "who has data in memory keeps them");
}

fn free_megabytes() -> u64 {
    let output = Command::new("df").args(["-Pm", "/dev/shm"]).output().unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    text.lines().nth(1).unwrap().split_whitespace().nth(3).unwrap().parse().unwrap()
}

#[test]
fn a_server_on_the_disk_takes_the_place_of_one_whose_memory_is_full() {
    if in_containers() {
        return;
    }
    let Some(server) = OwnServer::new() else { return };
    let environment = server.environment("0s");
    if let Some(text) = in_little_memory("shortages::a_child_whose_memory_is_full", &environment) {
        assert!(text.contains("no room is left for the server in memory (/dev/shm/"), "{text}");
    }
    server.wait_for_the_end();
}

#[test]
fn files_that_a_process_may_not_open_are_waited_for() {
    let Some(server) = OwnServer::new() else { return };
    let environment = server.environment("0s");
    // As many threads as are ever there on a small machine with few files, and many more than there are files for.
    for (limit, threads) in [("128", "16"), ("256", "32"), ("96", "40")] {
        let many = [environment.as_slice(), &[("TDATA_TEST_THREADS", threads)]].concat();
        let test = "own_server::a_child_with_many_threads";
        passed(&behind(&format!("ulimit -n {limit};"), &["sh"], test, &many));
    }
    server.wait_for_the_end();
}

/// Lets a role have so many connections.
fn limit_connections(foreign: &Guest, limit: u32) {
    let sql = format!("ALTER ROLE {} NOSUPERUSER CREATEDB CONNECTION LIMIT {limit}", foreign.role);
    foreign.host.client().batch_execute(&sql).unwrap();
}

#[test]
#[ignore = "run by other tests as a process of its own"]
fn a_child_that_waits_for_a_connection() {
    let provision = |rows| TestData::request(["users"]).volume("users", rows).provision().unwrap();
    let data = provision(5);
    let connect = || postgres::Client::connect(data.url(), postgres::NoTls);
    let others: Vec<_> = std::iter::from_fn(|| connect().ok()).collect();
    std::thread::scope(|scope| {
        scope.spawn(|| {
            std::io::stdin().read_line(&mut String::new()).unwrap();
            drop(others);
        });
        assert_eq!(provision(6).dataset("users").len(), 6);
    });
}

#[test]
fn connections_that_a_server_does_not_have_are_waited_for() {
    let foreign = Guest::new("short", "SUPERUSER");
    limit_connections(&foreign, 7);
    run("own_server::a_child_with_many_threads", &foreign.environment());
    let test = "shortages::a_child_that_waits_for_a_connection";
    let mut process = child(test, &foreign.environment()).spawn().unwrap();
    let mut told = BufReader::new(process.stderr.take().unwrap()).lines().map(Result::unwrap);
    let is_waiting = |line: String| line.contains("waits for a connection: all that the server at");
    assert!(told.any(is_waiting), "whoever waits says so");
    drop(process.stdin.take());
    passed(&process.wait_with_output().unwrap());
}

#[test]
fn processes_wait_for_each_other_where_connections_are_few() {
    let foreign = Guest::new("few", "SUPERUSER");
    limit_connections(&foreign, 4);
    let environment = foreign.environment();
    let start = || child("a_child_that_provisions", &environment).spawn().unwrap();
    let children: Vec<_> = (0..8).map(|_| start()).collect();
    for child in children {
        passed(&child.wait_with_output().unwrap());
    }
}

#[test]
fn too_few_connections_are_told_at_once() {
    let foreign = Guest::new("fewer", "SUPERUSER");
    limit_connections(&foreign, 3);
    let text = run("a_child_that_fails", &foreign.environment());
    for part in ["3 connections at once; tdata needs 4", "`max_connections` to at least 7"] {
        assert!(text.contains(part), "{part:?} is missing in:\n{text}");
    }
}

#[test]
#[ignore = "run by other tests as a process of its own"]
fn a_child_whose_connections_are_ended() {
    let provision = |rows| TestData::request(["users"]).volume("users", rows).provision().unwrap();
    let data = provision(5);
    let end = "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity \
               WHERE usename = current_user AND pid <> pg_backend_pid()";
    let ended: i64 = data.client().query_one(end, &[]).unwrap().get(0);
    assert!(ended > 0, "the session's lease among them");
    let other = provision(6);
    let lease = "SELECT count(*) FROM pg_stat_activity \
                 WHERE usename = current_user AND application_name LIKE 'tdata lease %'";
    assert_eq!(other.client().query_one(lease, &[]).unwrap().get::<_, i64>(0), 1);
    assert_eq!((data.dataset("users").len(), other.dataset("users").len()), (5, 6));
}

#[test]
fn a_lease_that_was_lost_is_taken_again() {
    let foreign = Guest::new("lost", "SUPERUSER");
    run("shortages::a_child_whose_connections_are_ended", &foreign.environment());
}

#[test]
#[ignore = "run by other tests as a process of its own"]
fn a_child_that_takes_all_connections() {
    let provision = || TestData::request(["users"]).volume("users", 5).provision().unwrap();
    let data = provision();
    let connect = || postgres::Client::connect(data.url(), postgres::NoTls);
    // Whoever takes the clone back finds all of its connections ended, and others in their place.
    for whose in ["pid <> pg_backend_pid()", "pid = pg_backend_pid()"] {
        let end = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity \
                   WHERE usename = current_user AND";
        let _ = data.client().batch_execute(&format!("{end} {whose}"));
    }
    let others: Vec<_> = std::iter::from_fn(|| connect().ok()).collect();
    let start = Instant::now();
    data.release();
    assert!(start.elapsed() < Duration::from_secs(120), "a server that refuses is there");
    drop(others);
    assert_eq!(provision().dataset("users").len(), 5);
}

#[test]
fn a_server_that_is_only_busy_is_not_called_dead() {
    let foreign = Guest::new("busy", "SUPERUSER");
    limit_connections(&foreign, 8);
    run("shortages::a_child_that_takes_all_connections", &foreign.environment());
}
