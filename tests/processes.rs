//! Whole processes: what they leave behind, however they end.

#![cfg(feature = "server")]
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod address;
mod guest;
mod kept_clusters;
mod own_server;
mod project;
mod remains;
mod shortages;

use std::fs;
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use address::{database, in_database};
use guest::Guest;
use own_server::{OwnServer, Waiting, child, commands, in_containers, port, run, wait_until};
use project::Project;
use tdata::{Config, Engine, Notices, ServerChoice, TestData};

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
    let count = || {
        let sql = "SELECT count(*) FROM pg_database \
                   WHERE datname LIKE 'tdata\\_template%' AND datdba = current_user::regrole";
        data.client().query_one(sql, &[]).unwrap().get::<_, i64>(0)
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

#[test]
fn a_killed_process_leaves_no_server() {
    let Some(server) = OwnServer::new() else { return };
    let mut child = server.start("1s");
    assert!(!server.processes().is_empty());
    child.kill();
    server.wait_for_the_end();
}

#[test]
fn a_process_that_ends_leaves_no_server() {
    let Some(server) = OwnServer::new() else { return };
    server.start("1s").finish();
    server.wait_for_the_end();
}

/// The environments of the processes that a server consists of, its watcher included; none of containers.
fn environments(server: &OwnServer) -> Vec<String> {
    let OwnServer::Local { programs, .. } = server else { return Vec::new() };
    let entries = fs::read_dir("/proc").unwrap().filter_map(Result::ok);
    let read = |path: PathBuf| Some(String::from_utf8_lossy(&fs::read(path).ok()?).into_owned());
    let environments = entries.filter_map(|entry| {
        let command = read(entry.path().join("cmdline"))?;
        command.contains(programs).then(|| read(entry.path().join("environ")))?
    });
    environments.collect()
}

#[test]
fn servers_and_watchers_get_nothing_of_the_environment_of_who_starts_them() {
    let Some(server) = OwnServer::new() else { return };
    let mut environment = server.environment("1s").to_vec();
    // A shell gives its own variables to its children if they came from outside.
    let names =
        ["TDATA_MASK_KEY", "TEST_DATABASE_URL", "OTHER_TOKEN", "password", "PGPASSWORD", "folder"];
    environment.extend(names.map(|name| (name, "s3cret")));
    let mut child = Waiting::start(&environment);
    let environments = environments(&server);
    let is_local = matches!(server, OwnServer::Local { .. });
    assert!(!is_local || environments.len() >= 2, "the watcher's and the server's");
    let mut db = postgres::Client::connect(&child.url, postgres::NoTls).unwrap();
    db.batch_execute(
        "CREATE TEMP TABLE environment (line text); \
         COPY environment FROM PROGRAM 'env' (FORMAT csv, DELIMITER E'\\x01', QUOTE E'\\x02')",
    )
    .unwrap();
    let sql = "SELECT string_agg(line, E'\\n') FROM environment";
    let programs: String = db.query_one(sql, &[]).unwrap().get(0);
    assert!(programs.contains("PATH="), "{programs}");
    let named = |name: &str, environment: &str| {
        let mut lines = environment.split(['\0', '\n']);
        lines.any(|line| line.strip_prefix(name).is_some_and(|rest| rest.starts_with('=')))
    };
    for environment in environments.iter().chain([&programs]) {
        assert!(!environment.contains("s3cret"), "{environment}");
        for name in names.into_iter().chain(["CARGO_MANIFEST_DIR", "TDATA_KEEP_ALIVE", "HOME"]) {
            assert!(in_containers() || !named(name, environment), "{name}: {environment}");
        }
    }
    drop(db);
    child.finish();
    server.wait_for_the_end();
}

#[test]
fn users_of_one_workspace_have_servers_of_their_own() {
    use std::os::unix::process::CommandExt;

    let is_root = fs::metadata("/proc/self").is_ok_and(|this| this.uid() == 0);
    if in_containers() || !is_root {
        // Nobody else can become another user.
        return;
    }
    let Some(server) = OwnServer::new() else { return };
    // The checkout may be in a folder that only root may enter.
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name);
    fs::copy(std::env::current_exe().unwrap(), path("program")).unwrap();
    let copied = Command::new("cp").arg("-r").arg("data_definitions").arg(folder.path()).status();
    assert!(copied.unwrap().success());
    let open = Command::new("chmod").args(["-R", "a+rX"]).arg(folder.path()).status();
    assert!(open.unwrap().success());
    let mut environment = server.environment("1s").to_vec();
    environment.push(("CARGO_MANIFEST_DIR", folder.path().to_str().unwrap()));
    let mut host = Waiting::start(&environment);
    let before = server.processes().len();
    // The user that root's server runs as, whose files are in that server's folder too.
    let mut db = postgres::Client::connect(&host.url, postgres::NoTls).unwrap();
    let owner = fs::metadata(self::folder(&server, &mut db)).unwrap();
    drop(db);
    let mut others = Command::new(path("program"));
    others.args(["--exact", "a_child_that_provisions", "--ignored"]).envs(environment);
    let output =
        others.uid(owner.uid()).gid(owner.gid()).current_dir(folder.path()).output().unwrap();
    assert!(output.status.success(), "{output:?}");
    assert!(server.processes().len() > before, "another server was booted");
    host.finish();
    server.wait_for_the_end();
}

#[test]
fn a_server_whose_watcher_was_killed_ends_with_the_next_boot() {
    if in_containers() {
        // One in a container ends before.
        return;
    }
    let Some(server) = OwnServer::new() else { return };
    let mut child = server.start("10m");
    kill_watcher(&child.url);
    child.kill();
    assert!(!server.processes().is_empty());
    let mut next = server.start("0s");
    assert_ne!(port(&next.url), port(&child.url));
    next.finish();
    server.wait_for_the_end();
}

/// Kills the watcher of the server of a URL, and it alone.
fn kill_watcher(url: &str) {
    let port = port(url);
    let entries = fs::read_dir("/proc").unwrap().filter_map(Result::ok);
    for entry in entries {
        let Ok(command) = fs::read(entry.path().join("cmdline")) else { continue };
        let arguments: Vec<&[u8]> = command.split(|byte| *byte == 0).collect();
        let here = arguments.windows(2).any(|pair| pair == [b"-p".as_slice(), port.as_bytes()]);
        if here && arguments.contains(&b"tdata-watcher".as_slice()) {
            let process = entry.file_name();
            assert!(Command::new("kill").arg("-9").arg(process).status().unwrap().success());
        }
    }
}

#[test]
fn a_server_that_stops_in_mid_load_is_told() {
    let Some(server) = OwnServer::new() else { return };
    let text = run("a_child_whose_server_stops", &server.environment("1s"));
    for part in ["the rows of the dataset `accounts` cannot be loaded", "The server went away"] {
        assert!(text.contains(part), "{part:?} is missing in:\n{text}");
    }
}

#[test]
fn a_process_that_ends_drops_its_databases_on_a_foreign_server() {
    let foreign = Guest::new("ends", "SUPERUSER");
    let mut child = Waiting::start(&foreign.environment());
    assert!(foreign.databases().len() >= 3);
    child.finish();
    assert_eq!(foreign.databases(), Vec::<String>::new());
}

#[test]
#[ignore = "run by other tests as a process of its own"]
fn a_child_with_migrations() {
    let fields = "  fields:\n    - { name: id, type: integer, generator: sequence }\n";
    let users = "CREATE TABLE users (id int PRIMARY KEY, noted text DEFAULT 'new');\n\
                 CREATE SEQUENCE numbers START 7;";
    let files =
        [("tdata.toml", "migrations = \"migrations\"\n"), ("migrations/1_users.sql", users)];
    let project = Project::with(&files).define("users", fields);
    for rows in [3, 4] {
        let data = TestData::request(["users"]).project(project.path()).volume("users", rows);
        let data = data.provision().unwrap();
        let sql = "SELECT count(*), nextval('numbers') FROM users";
        let row = data.client().query_one(sql, &[]).unwrap();
        let found: (i64, i64) = (row.get(0), row.get(1));
        assert_eq!(found, (rows.try_into().unwrap(), 7));
    }
}

#[test]
fn what_migrations_made_goes_from_a_foreign_server_as_well() {
    let foreign = Guest::new("migrates", "SUPERUSER");
    run("a_child_with_migrations", &foreign.environment());
    assert_eq!(foreign.databases(), Vec::<String>::new());
}

#[test]
fn processes_share_templates_and_databases_on_a_foreign_server() {
    let foreign = Guest::new("shares", "SUPERUSER");
    let mut first = Waiting::start(&foreign.environment());
    let all = foreign.databases().len();
    let mut second = Waiting::start(&foreign.environment());
    assert_ne!(first.url, second.url);
    assert_eq!(foreign.databases().len(), all + 1, "one more clone, of the same template");
    let database = second.url.clone();
    second.finish();
    let mut third = Waiting::start(&foreign.environment());
    assert_eq!(third.url, database, "what one process is done with serves the next");
    first.finish();
    third.finish();
}

#[test]
fn what_a_killed_process_left_on_a_foreign_server_the_next_one_drops() {
    let foreign = Guest::new("killed", "SUPERUSER");
    let mut child = Waiting::start(&foreign.environment());
    let database = database(&child.url);
    child.kill();
    assert!(foreign.databases().contains(&database));
    wait_until("the sweep", || {
        // The server notices the end of the killed process's connections in its own time.
        run("a_child_that_provisions", &foreign.environment());
        foreign.databases().is_empty()
    });
}

#[test]
fn databases_that_tdata_did_not_make_are_left_alone() {
    let foreign = Guest::new("others", "SUPERUSER");
    let mut db = postgres::Client::connect(&foreign.url, postgres::NoTls).unwrap();
    db.batch_execute("CREATE DATABASE tdata_production").unwrap();
    run("a_child_that_provisions", &foreign.environment());
    assert_eq!(foreign.databases(), ["tdata_production"]);
    db.batch_execute("DROP DATABASE tdata_production").unwrap();
}

#[test]
fn a_role_without_createdb_is_told_what_to_grant() {
    let foreign = Guest::new("grants", "SUPERUSER");
    let mut db = foreign.host.client();
    db.batch_execute("CREATE ROLE limited LOGIN PASSWORD 'limited'").unwrap();
    let (_, place) = foreign.url.split_once('@').unwrap();
    let limited = format!("postgres://limited:limited@{place}");
    let environment = [("TDATA_SERVER", "url"), ("TDATA_DATABASE_URL", limited.as_str())];
    let text = run("a_child_that_fails", &environment);
    assert!(text.contains("may not create databases"), "{text}");
    assert!(text.contains("ALTER ROLE name CREATEDB"), "{text}");
    db.batch_execute("DROP ROLE limited").unwrap();
}

#[test]
fn no_server_to_be_had_lists_the_ways_to_one() {
    let mut embedded = child("a_child_that_provisions", &[("TDATA_SERVER", "embedded")]);
    if embedded.output().unwrap().status.success() {
        // Where programs run that Cargo brings, there always is one.
        return;
    }
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
        "embedded:",
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
fn nothing_of_a_url_that_cannot_be_read_is_told() {
    for (variable, value) in [
        ("TDATA_DATABASE_URL", "postgres://app:first@s3cret@127.0.0.1:1/app"),
        ("TDATA_DATABASE_URL", "postgres://app:p@127.0.0.1:1/app?s3cret=x"),
        ("TDATA_DATABASE_URL", "postgress://app:s3cret@127.0.0.1:1/app?sslmode=disable"),
        // The right value in the wrong variable.
        ("TDATA_SERVER", "postgres://app:s3cret@127.0.0.1:1/app"),
        ("TDATA_KEEP_ALIVE", "postgres://app:s3cret@127.0.0.1:1/app"),
    ] {
        let text = run("a_child_that_fails", &[("TDATA_SERVER", "url"), (variable, value)]);
        assert!(text.contains(variable), "{text}");
        assert!(!text.contains("s3cret") && !text.contains("first"), "{text}");
    }
}

#[test]
fn a_server_that_puts_a_link_into_its_folder_gets_nothing_told() {
    if in_containers() {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    fs::set_permissions(folder.path(), fs::Permissions::from_mode(0o755)).unwrap();
    // Where this is root, the server's own user may not read it.
    let secret = folder.path().join("secret");
    fs::write(&secret, "s3cret").unwrap();
    fs::set_permissions(&secret, fs::Permissions::from_mode(0o600)).unwrap();
    let initdb = format!(
        "#!/bin/sh\nfor word; do case $word in */data) folder=${{word%/data}};; esac; done\n\
         rm \"$folder/log\"; ln -s '{}' \"$folder/log\"; exit 1\n",
        secret.display()
    );
    for (name, script) in [("initdb", initdb.as_str()), ("postgres", "#!/bin/sh\necho 15.1\n")] {
        let path = folder.path().join(name);
        fs::write(&path, script).unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).unwrap();
    }
    let programs = folder.path().to_str().unwrap();
    let environment = [("TDATA_SERVER", "local"), ("TDATA_PG_BIN", programs)];
    let text = run("a_child_that_fails", &environment);
    assert!(text.contains("it ended with status 1"), "{text}");
    assert!(!text.contains("s3cret"), "{text}");
}

#[test]
fn parameters_of_a_url_cannot_redirect_tdata() {
    let foreign = Guest::new("redirects", "SUPERUSER");
    let mut db = postgres::Client::connect(&foreign.url, postgres::NoTls).unwrap();
    db.batch_execute("CREATE DATABASE app").unwrap();
    let redirected = format!("{}?dbname=app&application_name=mine", foreign.url);
    let environment = [("TDATA_SERVER", "url"), ("TDATA_DATABASE_URL", redirected.as_str())];
    let mut child = Waiting::start(&environment);
    // Another session does not take the live one for dead.
    run("a_child_that_provisions", &environment);
    let database = database(&child.url);
    assert!(foreign.databases().contains(&database));
    child.finish();
    let app = foreign.url.replace("/postgres", "/app");
    let mut app = postgres::Client::connect(&app, postgres::NoTls).unwrap();
    let sql = "SELECT count(*) FROM pg_tables WHERE schemaname = 'public'";
    assert_eq!(app.query_one(sql, &[]).unwrap().get::<_, i64>(0), 0);
    drop(app);
    db.batch_execute("DROP DATABASE app WITH (FORCE)").unwrap();
}

#[test]
fn a_failure_leaves_no_database() {
    let foreign = Guest::new("fails", "SUPERUSER");
    let text = run("a_child_whose_data_are_invalid", &foreign.environment());
    let before_and_after = text.lines().find_map(|line| line.strip_prefix("databases: ")).unwrap();
    assert_eq!(before_and_after, "1 1", "{text}");
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

#[test]
#[ignore = "run by other tests as a process of its own"]
fn a_child_whose_server_dies_between_tests() {
    let provision = || TestData::request(["users"]).volume("users", 5).provision();
    let first = provision().unwrap();
    let second = provision().unwrap();
    let stop = "COPY (SELECT) TO PROGRAM 'kill -QUIT $(head -n 1 postmaster.pid)'";
    let _ = second.client().batch_execute(stop);
    // Its port is free once all of its processes are gone.
    let address = format!("127.0.0.1:{}", port(first.url()));
    wait_until("the end of the server", || std::net::TcpStream::connect(&address).is_err());
    // The test that has the data is told once, and clearly.
    println!("told: {}", first.try_dataset("users").unwrap_err());
    first.release();
    second.release();
    let next = provision().unwrap();
    assert_eq!(next.dataset("users").len(), 5);
    assert_ne!(port(next.url()), port(first.url()));
}

#[test]
fn a_server_that_dies_is_replaced() {
    let Some(server) = OwnServer::new() else { return };
    let text = run("a_child_whose_server_dies_between_tests", &server.environment("1s"));
    let told = text.lines().find_map(|line| line.strip_prefix("told: ")).unwrap();
    assert!(told.starts_with("the test's data cannot be read"), "{told}");
    server.wait_for_the_end();
}

/// Kills processes of a server, alone or with their group, each at some moment of the first `milliseconds` of its life.
fn kill_many(server: &OwnServer, kills: u32, milliseconds: u32) {
    use std::os::unix::process::CommandExt;

    for kill in 0..kills {
        let test =
            ["own_server::a_child_with_many_threads", "a_child_that_provisions"][kill as usize % 2];
        // A server that goes at once is booted by the next one.
        let environment = server.environment(["1s", "0s"][kill as usize / 2 % 2]);
        let mut command = child(test, &environment);
        command.process_group(0).stdout(Stdio::null()).stderr(Stdio::null());
        let mut process = command.spawn().unwrap();
        // All moments from the first on, in an order that is not theirs.
        let moment = kill * 37 % kills * milliseconds / kills;
        std::thread::sleep(Duration::from_millis(moment.into()));
        let group = if kill % 3 == 0 { "-" } else { "" };
        let target = format!("{group}{}", process.id());
        // It may have come to its end before.
        Command::new("kill").args(["-9", "--", &target]).stderr(Stdio::null()).status().unwrap();
        process.wait().unwrap();
    }
}

/// Folders of servers that no process is about.
fn folders_left() -> Vec<PathBuf> {
    let commands: Vec<String> = commands().collect();
    let parents = [PathBuf::from("/dev/shm"), std::env::temp_dir()];
    let entries = parents.iter().filter_map(|parent| fs::read_dir(parent).ok()).flatten();
    let folders = entries.filter_map(|entry| Some(entry.ok()?.path()));
    let ours = folders.filter(|folder| {
        let name = folder.file_name().unwrap().to_string_lossy();
        name.starts_with("tdata-") && folder.join("alive").exists()
    });
    ours.filter(|folder| {
        let path = folder.to_str().unwrap();
        !commands.iter().any(|command| command.contains(path))
    })
    .collect()
}

/// How many processes are killed: `TDATA_TEST_KILLS`, or few.
fn kills() -> u32 {
    std::env::var("TDATA_TEST_KILLS").ok().and_then(|kills| kills.parse().ok()).unwrap_or(12)
}

#[test]
fn killed_processes_leave_nothing() {
    let Some(server) = OwnServer::new() else { return };
    kill_many(&server, kills(), if in_containers() { 3000 } else { 600 });
    server.start("1s").finish();
    server.wait_for_the_end();
    wait_until("the end of all folders", || folders_left().is_empty());
}

/// The folder of a server.
fn folder(server: &OwnServer, client: &mut postgres::Client) -> PathBuf {
    if in_containers() {
        let name = server.processes().remove(0);
        let parents = [PathBuf::from("/dev/shm"), std::env::temp_dir()];
        let mut folders = parents.iter().map(|parent| parent.join(&name));
        return folders.find(|folder| folder.exists()).unwrap();
    }
    let data: String = client.query_one("SHOW data_directory", &[]).unwrap().get(0);
    Path::new(&data).parent().unwrap().to_owned()
}

#[test]
fn what_killed_processes_held_is_taken_back() {
    let Some(server) = OwnServer::new() else { return };
    let mut host = server.start("1s");
    let url = in_database(&host.url, "postgres");
    kill_many(&server, kills(), 600);
    let mut db = postgres::Client::connect(&url, postgres::NoTls).unwrap();
    let folder = folder(&server, &mut db);
    wait_until("the sweep", || {
        server.start("1s").finish();
        // A held database has a file of its name, any other one of its key's and its name.
        let kinds = ["template", "layer", "clone", "instance", "schemas"];
        let files = kinds.iter().flat_map(|kind| fs::read_dir(folder.join(kind)).unwrap());
        let names = files.map(|entry| entry.unwrap().file_name().into_string().unwrap());
        let (held, found): (Vec<String>, Vec<String>) =
            names.partition(|name| name.ends_with(".held"));
        let held: Vec<&str> = held.iter().map(|name| name.strip_suffix(".held").unwrap()).collect();
        let found = found.iter().filter_map(|name| Some(name.split_once('.')?.1));
        let known: Vec<&str> = held.iter().copied().chain(found).collect();
        let unknown: i64 = db
            .query_one(
                "SELECT count(*) FROM pg_database WHERE datname LIKE 'tdata\\_%' \
                 AND datname <> ALL ($1)",
                &[&known],
            )
            .unwrap()
            .get(0);
        // That of the host alone is held.
        held.len() == 1 && unknown == 0
    });
    drop(db);
    host.finish();
    server.wait_for_the_end();
}

#[test]
fn a_lock_that_somebody_holds_is_not_waited_for_without_end() {
    let guest = Guest::new("locked", "CREATEDB");
    let fields = "  fields:\n    - { name: id, type: integer, generator: sequence }\n";
    let project = Project::with(&[]).define("users", fields);
    let engine = || {
        let config = Config::new().project(project.path()).workspace(project.path());
        let config = config.server(ServerChoice::Url).database_url(&guest.url);
        Engine::new(config.notices(Notices::none()))
    };
    let first = engine();
    let _data = first.request(["users"]).provision().unwrap();
    let control = guest.databases().into_iter().find(|name| name.contains("control")).unwrap();
    let url = guest.url.replace("/postgres", &format!("/{control}"));
    let mut db = postgres::Client::connect(&url, postgres::NoTls).unwrap();
    db.batch_execute("BEGIN; LOCK TABLE entry").unwrap();
    let start = Instant::now();
    let told = engine().request(["users"]).provision().unwrap_err().to_string();
    assert!(told.contains("Another session has locked what this waited for"), "{told}");
    assert!(start.elapsed() < Duration::from_secs(180), "{told}");
    db.batch_execute("ROLLBACK").unwrap();
}
