//! Whole processes: what they leave behind, however they end.
//!
//! A child is this test binary itself, told to run one ignored test.

#![cfg(feature = "server")]
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod project;

use std::fs;
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, ChildStdout, Command, Stdio};
use std::time::{Duration, Instant};

use project::Project;
use tdata::TestData;

/// What a child prints before it waits to be killed.
const READY: &str = "child has its data at ";

fn child(test: &str, environment: &[(&str, &str)]) -> Command {
    let mut command = Command::new(std::env::current_exe().unwrap());
    command.args(["--exact", test, "--ignored", "--nocapture"]);
    command.envs(environment.iter().copied());
    command.stdout(Stdio::piped()).stderr(Stdio::piped()).stdin(Stdio::piped());
    command
}

/// A child that has its data and waits.
struct Waiting {
    process: Child,
    url: String,
    /// Closing it would let the child fail to print.
    _stdout: BufReader<ChildStdout>,
}

impl Waiting {
    fn start(environment: &[(&str, &str)]) -> Self {
        let mut process = child("a_child_that_waits", environment).spawn().unwrap();
        let mut stdout = BufReader::new(process.stdout.take().unwrap());
        let mut line = String::new();
        let url = loop {
            line.clear();
            assert!(stdout.read_line(&mut line).unwrap() > 0, "the child says where its data are");
            if let Some((_, url)) = line.trim_end().split_once(READY) {
                break url.to_owned();
            }
        };
        Self { process, url, _stdout: stdout }
    }

    fn kill(&mut self) {
        self.process.kill().unwrap();
        self.process.wait().unwrap();
    }

    /// Lets the child go on to its end.
    fn finish(&mut self) {
        drop(self.process.stdin.take());
        assert!(self.process.wait().unwrap().success());
    }
}

#[test]
#[ignore = "run by other tests as a process of its own"]
fn a_child_that_waits() {
    let data = TestData::request(["users"]).volume("users", 5).provision().unwrap();
    println!("{READY}{}", data.url());
    // Whoever started this process ends it.
    std::io::stdin().read_line(&mut String::new()).unwrap();
}

#[test]
#[ignore = "run by other tests as a process of its own"]
fn a_child_that_provisions() {
    for isolation in
        [tdata::Isolation::Full, tdata::Isolation::Schema, tdata::Isolation::Transaction]
    {
        let request = TestData::request(["users"]).volume("users", 5).isolation(isolation);
        let data = request.provision().unwrap();
        assert_eq!(data.dataset("users").len(), 5);
    }
}

#[test]
#[ignore = "run by other tests as a process of its own"]
fn a_child_that_fails() {
    let error = TestData::request(["users"]).provision().unwrap_err();
    println!("{error}");
}

#[test]
#[ignore = "run by other tests as a process of its own"]
fn a_child_whose_data_are_invalid() {
    let fields = "  fields:\n    - { name: id, type: integer, generator: sequence }\n";
    let good = Project::with(&[]).define("users", fields);
    let rules = format!("{fields}  validation:\n    - {{ constraint: \"id < 0\" }}\n");
    let bad = Project::with(&[]).define("users", &rules);
    let data = TestData::request(["users"]).project(good.path()).provision().unwrap();
    let database = data.url().rsplit_once('/').unwrap().1;
    let run = format!("{}\\_t%", database.rsplit_once('_').unwrap().0.replace('_', "\\_"));
    let count = || {
        let sql = "SELECT count(*) FROM pg_database WHERE datname LIKE $1";
        data.client().query_one(sql, &[&run]).unwrap().get::<_, i64>(0)
    };
    let before = count();
    for seed in 0..5 {
        let request = TestData::request(["users"]).project(bad.path()).seed(seed);
        request.provision().unwrap_err();
    }
    println!("\ndatabases: {before} {}", count());
}

#[test]
#[ignore = "run by other tests as a process of its own"]
fn a_child_whose_server_stops() {
    let data = TestData::request(["accounts"]).volume("accounts", 1).provision().unwrap();
    let loading = std::thread::spawn(|| {
        TestData::request(["accounts"]).volume("accounts", 2_000_000).provision().unwrap_err()
    });
    let mut db = data.client();
    let sql = "SELECT EXISTS (SELECT FROM pg_stat_progress_copy WHERE tuples_processed > 1000)";
    while !db.query_one(sql, &[]).unwrap().get::<_, bool>(0) {
        assert!(!loading.is_finished(), "the load was over before it could be cut off");
    }
    let stop = "COPY (SELECT) TO PROGRAM 'kill -QUIT $(head -n 1 postmaster.pid)'";
    let _ = db.batch_execute(stop);
    println!("{}", loading.join().unwrap());
}

/// The output of a child that ends by itself.
fn run(test: &str, environment: &[(&str, &str)]) -> String {
    let output = child(test, environment).output().unwrap();
    let text = String::from_utf8_lossy(&output.stdout).into_owned()
        + &String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{text}");
    text
}

fn wait_until(what: &str, mut condition: impl FnMut() -> bool) {
    let start = Instant::now();
    while !condition() {
        assert!(start.elapsed() < Duration::from_secs(20), "{what} did not happen");
        std::thread::sleep(Duration::from_millis(20));
    }
}

/// Whether a local server that listens there still has a process.
fn local_server_runs(port: &str) -> bool {
    fs::read_dir("/proc").unwrap().filter_map(Result::ok).any(|entry| {
        let command = fs::read(entry.path().join("cmdline")).unwrap_or_default();
        let arguments: Vec<&[u8]> = command.split(|byte| *byte == 0).collect();
        let ours = arguments.iter().any(|argument| argument.ends_with(b"/postgres"));
        let here = arguments.windows(2).any(|pair| pair == [b"-p".as_slice(), port.as_bytes()]);
        ours && here
    })
}

fn port(url: &str) -> &str {
    url.rsplit_once(':').unwrap().1.split('/').next().unwrap()
}

#[test]
fn a_killed_process_leaves_no_local_server() {
    if !on_this_machine() {
        return;
    }
    let mut child = Waiting::start(&[("TDATA_SERVER", "local")]);
    assert!(local_server_runs(port(&child.url)));
    child.kill();
    wait_until("the end of the server", || !local_server_runs(port(&child.url)));
}

#[test]
fn a_process_that_ends_leaves_no_local_server() {
    if !on_this_machine() {
        return;
    }
    let mut child = Waiting::start(&[("TDATA_SERVER", "local")]);
    child.finish();
    wait_until("the end of the server", || !local_server_runs(port(&child.url)));
}

#[test]
fn a_server_that_stops_in_mid_load_is_told() {
    if !on_this_machine() {
        return;
    }
    let text = run("a_child_whose_server_stops", &[("TDATA_SERVER", "local")]);
    for part in ["the rows of the dataset `accounts` cannot be loaded", "The server went away"] {
        assert!(text.contains(part), "{part:?} is missing in:\n{text}");
    }
}

/// Runs one process's databases on the server of another.
fn with_foreign_server(work: impl FnOnce(&str, &TestData)) {
    let host = TestData::request(["accounts"]).volume("accounts", 1).provision().unwrap();
    let url = host.server().endpoint().url("postgres");
    work(&url, &host);
    host.release();
}

fn databases_of(host: &TestData, run: &str) -> i64 {
    let sql = "SELECT count(*) FROM pg_database WHERE datname LIKE $1";
    let pattern = format!("tdata\\_{run}\\_%");
    host.client().query_one(sql, &[&pattern]).unwrap().get(0)
}

fn run_of(url: &str) -> String {
    let database = url.rsplit_once('/').unwrap().1;
    database.strip_prefix("tdata_").unwrap().split('_').next().unwrap().to_owned()
}

#[test]
fn a_process_that_ends_drops_its_databases_on_a_foreign_server() {
    with_foreign_server(|url, host| {
        let environment = [("TDATA_SERVER", "url"), ("TDATA_DATABASE_URL", url)];
        let mut child = Waiting::start(&environment);
        let run_id = run_of(&child.url);
        assert!(databases_of(host, &run_id) >= 2);
        child.finish();
        assert_eq!(databases_of(host, &run_id), 0);
    });
}

#[test]
fn what_a_killed_process_left_on_a_foreign_server_the_next_one_drops() {
    with_foreign_server(|url, host| {
        let environment = [("TDATA_SERVER", "url"), ("TDATA_DATABASE_URL", url)];
        let mut child = Waiting::start(&environment);
        let run_id = run_of(&child.url);
        child.kill();
        assert!(databases_of(host, &run_id) >= 2);
        wait_until("the sweep", || {
            // The server notices the end of the killed process's connections in its own time.
            run("a_child_that_provisions", &environment);
            databases_of(host, &run_id) == 0
        });
    });
}

#[test]
fn databases_that_tdata_did_not_make_are_left_alone() {
    with_foreign_server(|url, host| {
        let mut db = postgres::Client::connect(url, postgres::NoTls).unwrap();
        db.batch_execute("CREATE DATABASE tdata_production").unwrap();
        let environment = [("TDATA_SERVER", "url"), ("TDATA_DATABASE_URL", url)];
        run("a_child_that_provisions", &environment);
        let sql = "SELECT count(*) FROM pg_database WHERE datname = 'tdata_production'";
        let count: i64 = host.client().query_one(sql, &[]).unwrap().get(0);
        assert_eq!(count, 1);
        db.batch_execute("DROP DATABASE tdata_production").unwrap();
    });
}

#[test]
fn a_role_without_createdb_is_told_what_to_grant() {
    with_foreign_server(|url, _| {
        let mut db = postgres::Client::connect(url, postgres::NoTls).unwrap();
        db.batch_execute("CREATE ROLE limited LOGIN PASSWORD 'limited'").unwrap();
        let (_, place) = url.split_once('@').unwrap();
        let limited = format!("postgres://limited:limited@{place}");
        let environment = [("TDATA_SERVER", "url"), ("TDATA_DATABASE_URL", limited.as_str())];
        let text = run("a_child_that_fails", &environment);
        assert!(text.contains("may not create databases"), "{text}");
        assert!(text.contains("ALTER ROLE name CREATEDB"), "{text}");
        db.batch_execute("DROP ROLE limited").unwrap();
    });
}

#[test]
fn no_server_to_be_had_lists_the_ways_to_one() {
    let empty = tempfile::tempdir().unwrap();
    let text = run(
        "a_child_that_fails",
        &[
            ("TDATA_SERVER", "auto"),
            ("TDATA_DATABASE_URL", ""),
            ("TEST_DATABASE_URL", ""),
            ("TDATA_PG_BIN", empty.path().to_str().unwrap()),
            ("DOCKER_HOST", "unix:///nonexistent/docker.sock"),
            ("TDATA_POSTGRES_IMAGE", "no-such-image:1"),
        ],
    );
    for part in [
        "no PostgreSQL server is to be had",
        "url:",
        "container:",
        "local:",
        "docker pull no-such-image:1",
        "TDATA_DATABASE_URL=postgres://",
    ] {
        assert!(text.contains(part), "{part:?} is missing in:\n{text}");
    }
}

#[test]
fn a_server_that_does_not_answer_is_told_without_its_password() {
    let url = "postgres://app:s3cret@127.0.0.1:1/app";
    let text = run("a_child_that_fails", &[("TDATA_SERVER", "url"), ("TDATA_DATABASE_URL", url)]);
    assert!(text.contains("the PostgreSQL server at 127.0.0.1:1 does not answer"), "{text}");
    assert!(!text.contains("s3cret"), "{text}");
}

#[test]
fn parameters_of_a_url_cannot_redirect_tdata() {
    with_foreign_server(|url, host| {
        let mut db = postgres::Client::connect(url, postgres::NoTls).unwrap();
        db.batch_execute("CREATE DATABASE app").unwrap();
        let redirected = format!("{url}?dbname=app&application_name=mine");
        let environment = [("TDATA_SERVER", "url"), ("TDATA_DATABASE_URL", redirected.as_str())];
        let mut child = Waiting::start(&environment);
        let run_id = run_of(&child.url);
        // Another run does not take the live one for dead.
        run("a_child_that_provisions", &environment);
        assert!(databases_of(host, &run_id) >= 2);
        child.finish();
        let app = url.replace("/postgres", "/app");
        let mut db = postgres::Client::connect(&app, postgres::NoTls).unwrap();
        let sql = "SELECT count(*) FROM pg_tables WHERE schemaname = 'public'";
        assert_eq!(db.query_one(sql, &[]).unwrap().get::<_, i64>(0), 0);
    });
}

#[test]
fn a_failure_leaves_no_database() {
    with_foreign_server(|url, _| {
        let environment = [("TDATA_SERVER", "url"), ("TDATA_DATABASE_URL", url)];
        let text = run("a_child_whose_data_are_invalid", &environment);
        let before_and_after =
            text.lines().find_map(|line| line.strip_prefix("databases: ")).unwrap();
        assert_eq!(before_and_after, "1 1", "{text}");
    });
}

#[test]
fn an_empty_masking_key_is_told() {
    let text = run("a_child_that_fails", &[("TDATA_MASK_KEY", "")]);
    assert!(text.contains("TDATA_MASK_KEY"), "{text}");
}

#[test]
fn nonsense_in_the_environment_is_told() {
    let environment = [("TDATA_SERVER", "docker"), ("TDATA_SEED", "x"), ("TDATA_AS_OF", "soon")];
    let text = run("a_child_that_fails", &environment);
    for part in ["TDATA_SERVER=docker", "TDATA_SEED=x", "TDATA_AS_OF=soon"] {
        assert!(text.contains(part), "{part:?} is missing in:\n{text}");
    }
}

/// Says something past the capture of the test harness.
fn say(text: &str) {
    use std::io::Write;
    let mut stderr = std::io::stderr();
    writeln!(stderr, "{text}").unwrap();
}

/// Whether tests can boot servers from this machine's programs, and see their processes.
fn on_this_machine() -> bool {
    let usual = fs::read_dir("/usr/lib/postgresql").is_ok_and(|folder| folder.count() > 0);
    let path = std::env::var_os("PATH").unwrap_or_default();
    let on_path = std::env::split_paths(&path).any(|folder| folder.join("postgres").exists());
    let can = (usual || on_path) && Path::new("/proc/self/cmdline").exists();
    if !can {
        say("not run: no PostgreSQL server programs here, or no /proc");
    }
    can
}
