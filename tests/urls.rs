//! URLs: those that tdata hands out depend on no environment, and those that it is given are taken, or told as what they
//! are.

#![cfg(feature = "server")]
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod foreign_server;
mod guest;
#[expect(dead_code, reason = "other tests use the rest")]
mod own_server;
mod project;

use std::net::TcpListener;
use std::process::Command;
use std::thread;
use std::time::{Duration, Instant};

use foreign_server::ForeignServer;
use guest::Guest;
use own_server::{OwnServer, child, in_containers, programs};
use postgres::{Client, NoTls};
use project::Project;
use tdata::{Config, Engine, Isolation, Notices, ServerChoice, TestData};

const FIELDS: &str = "  volume: { count: 20 }
  fields:
    - { name: id, type: integer, generator: sequence }
    - { name: label, type: text, generator: word }
";

/// What an environment says that clients listen to.
const HOSTILE: [(&str, &str); 17] = [
    ("PGOPTIONS", "-c search_path=nowhere -c statement_timeout=1"),
    ("PGPORT", "1"),
    ("PGDATA", "/nowhere"),
    ("PGHOST", "nowhere.invalid"),
    ("PGHOSTADDR", "192.0.2.1"),
    ("PGSSLMODE", "require"),
    ("PGSSLROOTCERT", "/nowhere"),
    ("PGDATABASE", "nowhere"),
    ("PGUSER", "nobody"),
    ("PGPASSWORD", "wrong"),
    ("PGPASSFILE", "/nowhere"),
    ("PGTARGETSESSIONATTRS", "standby"),
    ("PGCHANNELBINDING", "require"),
    ("PGCONNECT_TIMEOUT", "2"),
    ("LC_ALL", "xx_YY.UTF-8"),
    ("LANG", "xx_YY.UTF-8"),
    ("TZ", "Mars/Olympus"),
];

/// Told what a child finds.
const FOUND: &str = "the child found: ";

#[test]
#[ignore = "run by other tests as a process of its own"]
fn a_child_with_clients() {
    for isolation in [Isolation::Full, Isolation::Schema] {
        let data = TestData::request(["accounts"]).volume("accounts", 5).isolation(isolation);
        let data = data.provision().unwrap();
        let sql = "SELECT count(*)::text || current_setting('is_superuser') FROM accounts";
        let found: String =
            Client::connect(data.url(), NoTls).unwrap().query_one(sql, &[]).unwrap().get(0);
        println!("{FOUND}postgres {found}");
        if let Ok(output) = Command::new("psql").args([data.url(), "-XAtc", sql]).output() {
            println!("{FOUND}psql {}", String::from_utf8_lossy(&output.stdout).trim());
        }
    }
}

/// Runs the child, and returns what its clients found.
fn clients(environment: &[(&str, &str)], change: impl Fn(&mut Command)) -> Vec<String> {
    let mut command = child("a_child_with_clients", environment);
    change(&mut command);
    let output = command.output().unwrap();
    let text = String::from_utf8_lossy(&output.stdout).into_owned()
        + &String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{text}");
    let found: Vec<String> =
        text.lines().filter_map(|line| Some(line.split_once(FOUND)?.1.to_owned())).collect();
    assert!(found.len() >= 2, "{text}");
    found
}

#[test]
fn clients_reach_the_data_in_any_environment() {
    let Some(server) = OwnServer::new() else { return };
    let own = server.environment("1s");
    for found in clients(&[&own[..], &HOSTILE].concat(), |_| {}) {
        assert!(found.ends_with(" 5on"), "{found}");
    }
    server.wait_for_the_end();
}

#[test]
fn a_server_by_url_is_reached_in_any_environment() {
    let guest = Guest::new("anywhere", "CREATEDB");
    for found in clients(&[&guest.environment()[..], &HOSTILE].concat(), |_| {}) {
        assert!(found.ends_with(" 5off"), "{found}");
    }
}

#[test]
fn a_server_boots_whatever_the_folders_and_rights_of_the_environment_are() {
    if in_containers() {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let long = folder.path().join("l".repeat(120));
    let blank = folder.path().join("a folder of blanks");
    for path in [&long, &blank] {
        std::fs::create_dir(path).unwrap();
    }
    let here = std::env::current_dir().unwrap();
    let relative = "target";
    assert!(here.join(relative).is_dir());
    for temporary in [long.to_str().unwrap(), blank.to_str().unwrap(), relative, "/not/there", ""] {
        let Some(server) = OwnServer::new() else { return };
        let environment = server.environment("1s");
        let found = clients(&[&environment[..], &[("TMPDIR", temporary)]].concat(), |command| {
            command.env_remove("HOME");
        });
        assert!(found.iter().all(|found| found.ends_with(" 5on")), "{temporary}: {found:?}");
        server.wait_for_the_end();
    }
}

#[test]
fn a_server_boots_where_new_files_are_nobody_elses() {
    let Some(server) = OwnServer::new() else { return };
    let environment = server.environment("1s");
    let program = std::env::current_exe().unwrap();
    let mut shell = Command::new("sh");
    shell.args(["-c", "umask 077; exec \"$0\" --exact a_child_with_clients --ignored --nocapture"]);
    let output = shell.arg(program).envs(environment).output().unwrap();
    assert!(String::from_utf8_lossy(&output.stdout).contains(" 5on"), "{output:?}");
    server.wait_for_the_end();
}

fn project() -> Project {
    Project::with(&[]).define("mugs", FIELDS)
}

/// Provisions by a URL. The data go with their engine.
fn by_url(project: &Project, url: &str) -> Result<(TestData, Engine), tdata::Error> {
    let config = Config::new().project(project.path()).workspace(project.path());
    let config = config.server(ServerChoice::Url).database_url(url).notices(Notices::none());
    let engine = Engine::new(config);
    let data = engine.request(["mugs"]).provision()?;
    Ok((data, engine))
}

#[test]
fn a_server_is_reached_by_its_socket_in_every_form() {
    let Some(programs) = programs() else { return };
    let folder = tempfile::Builder::new().prefix("tdata").tempdir_in("/tmp").unwrap();
    std::fs::set_permissions(folder.path(), std::os::unix::fs::PermissionsExt::from_mode(0o777))
        .unwrap();
    let place = folder.path().to_str().unwrap();
    let setting = format!("unix_socket_directories={place}");
    let server = ForeignServer::start(&programs, &[&setting]);
    let port = server.url().rsplit_once('/').unwrap().0.rsplit_once(':').unwrap().1.to_owned();
    let encoded = place.replace('/', "%2F");
    let project = project();
    for url in [
        format!("host={place} port={port} user=owner dbname=postgres"),
        format!("postgres://owner@{encoded}:{port}/postgres"),
        format!("postgres:///postgres?host={place}&port={port}&user=owner"),
    ] {
        let (data, _engine) = by_url(&project, &url).unwrap();
        let mut client = Client::connect(data.url(), NoTls).unwrap();
        let count: i64 = client.query_one("SELECT count(*) FROM mugs", &[]).unwrap().get(0);
        assert_eq!(count, 20, "{url}");
        let from: Option<String> =
            client.query_one("SELECT inet_client_addr()::text", &[]).unwrap().get(0);
        assert_eq!(from, None, "{url}");
        if let Ok(output) =
            Command::new("psql").args([data.url(), "-XAtc", "SELECT count(*) FROM mugs"]).output()
        {
            assert_eq!(String::from_utf8_lossy(&output.stdout).trim(), "20", "{output:?}");
        }
    }
}

#[test]
fn what_cannot_be_used_is_told_with_what_gave_it() {
    let project = project();
    for (url, part) in [
        ("mysql://app:s3cret@h/app", "a URL of MySQL"),
        ("http://h/", "a URL of HTTP"),
        ("\"postgres://app:s3cret@h/app\"", "quotes around it"),
        (" postgres://app:s3cret@h/app", "blanks around it"),
        ("postgres://app:s3c ret@h/app", "a blank in it"),
        ("postgres://app:s3@cret@h/app", "where its password ends"),
        ("postgres://app:s3cret@a,b/app", "several hosts"),
        ("service=app", "names a service"),
        ("postgres://app:s3cret@h/app?sslmode=verify-full", "connects without TLS"),
        ("postgres://app:s3cret@h/app?sslrootcert=x", "`sslrootcert`"),
    ] {
        let told = by_url(&project, url).unwrap_err().to_string();
        assert!(told.contains(part) && told.contains("Config::database_url"), "{url}: {told}");
        assert!(!told.contains("s3"), "{told}");
    }
    let told =
        by_url(&project, "postgres://app:s3cret@no-such-host.invalid/app").unwrap_err().to_string();
    assert!(told.contains("The name of the host in Config::database_url is not known"), "{told}");
}

#[test]
fn a_server_that_refuses_is_told_with_what_gave_its_url() {
    let guest = Guest::new("told", "CREATEDB");
    let project = project();
    for (url, parts) in [
        (
            guest.url.replace(":guest@", ":wrong@"),
            ["answers, and refuses", "Check role and password in Config::database_url"],
        ),
        (
            guest.url.replace(":guest@", "@"),
            ["answers, and refuses: it asks for a password", "PGPASSWORD"],
        ),
        (
            guest.url.replace("/postgres", "/nowhere"),
            ["answers, and refuses", "Name a database that exists in Config::database_url"],
        ),
    ] {
        let told = by_url(&project, &url).unwrap_err().to_string();
        for part in parts {
            assert!(told.contains(part), "{part:?} is missing in:\n{told}");
        }
        assert!(!told.contains("wrong") && !told.contains("guest@"), "{told}");
    }
}

/// Provisions by the URL of a listener, and returns the message and how long it took.
fn at(listener: &TcpListener, parameters: &str) -> (String, Duration) {
    let port = listener.local_addr().unwrap().port();
    let start = Instant::now();
    let url = format!("postgres://app:s3cret@127.0.0.1:{port}/app{parameters}");
    let told = by_url(&project(), &url).unwrap_err().to_string();
    assert!(!told.contains("s3cret"), "{told}");
    assert!(
        told.contains(&format!("the PostgreSQL server at 127.0.0.1:{port} does not answer")),
        "{told}"
    );
    assert!(told.contains("Check host and port in Config::database_url"), "{told}");
    (told, start.elapsed())
}

#[test]
fn whoever_never_answers_is_not_waited_for_without_end() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let (told, time) = at(&listener, "?connect_timeout=1");
    assert!(told.contains("nothing came back within 2 s"), "{told}");
    assert!(time < Duration::from_secs(15), "{time:?}");
    let (told, time) = at(&listener, "");
    assert!(told.contains("nothing came back within 20 s"), "{told}");
    assert!(time < Duration::from_secs(60), "{time:?}");
}

#[test]
fn whoever_closes_the_connection_is_told_as_that() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let proxy = listener.try_clone().unwrap();
    thread::spawn(move || proxy.incoming().for_each(drop));
    let (told, _) = at(&listener, "");
    assert!(told.contains("closed before anything came back"), "{told}");
}

#[cfg(feature = "container")]
#[test]
#[ignore = "run by another test as a process of its own"]
fn a_child_without_an_engine() {
    let error = TestData::request(["accounts"]).provision().unwrap_err();
    println!("{FOUND}{}", error.to_string().replace('\n', " "));
}

#[cfg(feature = "container")]
#[test]
fn a_container_engine_that_this_user_may_not_use_is_told_with_its_socket() {
    use std::os::unix::fs::{MetadataExt, PermissionsExt};
    use std::os::unix::net::UnixListener;
    use std::os::unix::process::CommandExt;
    const NOBODY: u32 = 65_534;
    let folder = tempfile::tempdir_in("/tmp").unwrap();
    let rights = |path: &std::path::Path, mode| {
        std::fs::set_permissions(path, PermissionsExt::from_mode(mode)).unwrap();
    };
    rights(folder.path(), 0o755);
    let socket = folder.path().join("engine.sock");
    let _listener = UnixListener::bind(&socket).unwrap();
    rights(&socket, 0);
    let address = format!("unix://{}", socket.display());
    let environment = [("TDATA_SERVER", "container"), ("DOCKER_HOST", address.as_str())];
    let mut command = child("a_child_without_an_engine", &environment);
    if folder.path().metadata().unwrap().uid() == 0 {
        // To root nothing is forbidden. What nobody may run is where everybody may read it.
        let program = folder.path().join("program");
        std::fs::copy(std::env::current_exe().unwrap(), &program).unwrap();
        rights(&program, 0o755);
        let other = &mut Command::new(program);
        other.args(["--exact", "a_child_without_an_engine", "--ignored", "--nocapture"]);
        other.envs(environment).current_dir(env!("CARGO_MANIFEST_DIR")).uid(NOBODY).gid(NOBODY);
        let output = other.output().unwrap();
        return assert_names_the_socket(&output, &socket);
    }
    assert_names_the_socket(&command.output().unwrap(), &socket);
}

#[cfg(feature = "container")]
fn assert_names_the_socket(output: &std::process::Output, socket: &std::path::Path) {
    let told = String::from_utf8_lossy(&output.stdout);
    let expected =
        format!("this user may not use the container engine's socket {}", socket.display());
    assert!(told.contains(&expected) && told.contains("usermod -aG docker"), "{output:?}");
}

#[test]
fn the_name_of_the_database_is_that_of_the_url() {
    let guest = Guest::new("named", "CREATEDB");
    let (data, _engine) = by_url(&project(), &guest.url).unwrap();
    let found: String =
        data.client().query_one("SELECT current_database()::text", &[]).unwrap().get(0);
    assert_eq!(data.database(), found);
    assert!(data.url().contains(&format!("/{found}?")), "{}", data.url());
}

#[test]
fn a_role_that_lacks_what_its_databases_give_their_owner_is_told_so() {
    let project = Project::with(&[]).define("accounts", FIELDS);
    for (attributes, expected) in [
        ("NOCREATEDB", "may not create databases"),
        ("CREATEDB NOINHERIT", "ALTER ROLE name INHERIT"),
    ] {
        let guest = Guest::new("lacks", attributes);
        // Before 15 everybody could make tables in all databases, and since 16 the owner inherits all the same.
        let version = guest.host.server().version() / 10_000;
        if attributes.contains("NOINHERIT") && version != 15 {
            continue;
        }
        let config = Config::new().workspace(project.path()).database_url(&guest.url);
        let engine = Engine::new(config.project(project.path()).notices(Notices::none()));
        let told = engine.request(["accounts"]).provision().unwrap_err().to_string();
        assert!(told.contains(expected), "{told}");
    }
}
