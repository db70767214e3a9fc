//! Children, which are the test binary itself told to run one ignored test, and servers of their own: booted from
//! this machine's programs, or where `TDATA_SERVER=container` says so in containers.

use std::collections::BTreeSet;
use std::fs;
use std::io::{BufRead, BufReader};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdout, Command, Stdio};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use tdata::TestData;

/// What a child prints before it waits to be killed.
pub(crate) const READY: &str = "child has its data at ";

pub(crate) fn child(test: &str, environment: &[(&str, &str)]) -> Command {
    let mut command = Command::new(std::env::current_exe().unwrap());
    command.args(["--exact", test, "--ignored", "--nocapture"]);
    command.envs(environment.iter().copied());
    command.stdout(Stdio::piped()).stderr(Stdio::piped()).stdin(Stdio::piped());
    command
}

/// A child that has its data and waits.
pub(crate) struct Waiting {
    process: Child,
    pub(crate) url: String,
    /// Closing it would let the child fail to print.
    _stdout: BufReader<ChildStdout>,
}

impl Waiting {
    pub(crate) fn start(environment: &[(&str, &str)]) -> Self {
        let mut process = child("own_server::a_child_that_waits", environment).spawn().unwrap();
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

    pub(crate) fn kill(&mut self) {
        self.process.kill().unwrap();
        self.process.wait().unwrap();
    }

    /// Lets the child go on to its end.
    pub(crate) fn finish(&mut self) {
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

/// How many threads of a child provision at once, unless `TDATA_TEST_THREADS` says so.
pub(crate) const THREADS: usize = 8;

#[test]
#[ignore = "run by other tests as a process of its own"]
fn a_child_with_many_threads() {
    let threads = std::env::var("TDATA_TEST_THREADS").map_or(THREADS, |text| text.parse().unwrap());
    std::thread::scope(|scope| {
        for thread in 0..threads {
            scope.spawn(move || {
                let data = TestData::request(["orders"]).every_volume(20).provision().unwrap();
                let mut db = data.client();
                let sql = format!("UPDATE users SET first_name = 'thread {thread}' WHERE id = 7");
                assert_eq!(db.execute(&sql, &[]).unwrap(), 1);
                let sql = "SELECT count(*) FROM users WHERE first_name LIKE 'thread %'";
                assert_eq!(db.query_one(sql, &[]).unwrap().get::<_, i64>(0), 1);
                println!("{READY}{}", data.url());
            });
        }
    });
}

/// The output of a child that ends by itself.
pub(crate) fn run(test: &str, environment: &[(&str, &str)]) -> String {
    let output = child(test, environment).output().unwrap();
    let text = String::from_utf8_lossy(&output.stdout).into_owned()
        + &String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{text}");
    text
}

pub(crate) fn wait_until(what: &str, mut condition: impl FnMut() -> bool) {
    let start = Instant::now();
    while !condition() {
        assert!(start.elapsed() < Duration::from_secs(120), "{what} did not happen");
        std::thread::sleep(Duration::from_millis(20));
    }
}

/// A server that is shared with nobody else, because nobody else boots it from what has that name.
pub(crate) enum OwnServer {
    /// The folder of this machine's server programs under a name of its own.
    Local { programs: String, _folder: tempfile::TempDir },
    /// The programs that Cargo brought; a folder that only this server's programs have in their `PATH`.
    Embedded { mark: String, path: String },
    /// A container image under a name of its own; the volumes that no container uses, and the networks, that were
    /// there before.
    Container { image: String, others: BTreeSet<String> },
}

impl OwnServer {
    /// `None` where tests cannot boot servers from this machine's programs, and see their processes.
    pub(crate) fn new() -> Option<Self> {
        if in_containers() {
            return Some(Self::in_a_container());
        }
        if std::env::var("TDATA_SERVER").is_ok_and(|source| source == "embedded") {
            return Some(Self::embedded());
        }
        let Some(programs) = programs().filter(|_| Path::new("/proc/self/cmdline").exists()) else {
            say("not run: no PostgreSQL server programs here, or no /proc");
            return None;
        };
        let folder = tempfile::tempdir().unwrap();
        std::os::unix::fs::symlink(programs, folder.path().join("bin")).unwrap();
        // Where this is root's, the server is another user's.
        fs::set_permissions(folder.path(), fs::Permissions::from_mode(0o755)).unwrap();
        let programs = folder.path().join("bin").to_str().unwrap().to_owned();
        Some(Self::Local { programs, _folder: folder })
    }

    fn embedded() -> Self {
        let number = NEXT.fetch_add(1, Ordering::Relaxed);
        let mark = format!("/nonexistent/tdata-test-{}-{number}", std::process::id());
        let path = format!("{}:{mark}", std::env::var("PATH").unwrap());
        Self::Embedded { mark, path }
    }

    fn in_a_container() -> Self {
        let number = NEXT.fetch_add(1, Ordering::Relaxed);
        let image = format!("tdata-test:{}-{number}", std::process::id());
        let original = std::env::var("TDATA_POSTGRES_IMAGE").unwrap();
        docker(&["tag", &original, &image]);
        Self::Container { image, others: volumes_and_networks() }
    }

    /// The environment of children that use it.
    pub(crate) fn environment<'a>(&'a self, keep_alive: &'a str) -> Vec<(&'a str, &'a str)> {
        let keep_alive = ("TDATA_KEEP_ALIVE", keep_alive);
        match self {
            Self::Local { programs, .. } => {
                vec![("TDATA_SERVER", "local"), ("TDATA_PG_BIN", programs), keep_alive]
            }
            Self::Embedded { mark, path } => {
                // Settings of its own, so a server of its own.
                let settings = [("TDATA_SERVER", "embedded"), ("TDATA_POSTGRES_IMAGE", mark)];
                [&settings[..], &[("PATH", path), keep_alive]].concat()
            }
            Self::Container { image, .. } => {
                vec![("TDATA_SERVER", "container"), ("TDATA_POSTGRES_IMAGE", image), keep_alive]
            }
        }
    }

    pub(crate) fn start(&self, keep_alive: &str) -> Waiting {
        Waiting::start(&self.environment(keep_alive))
    }

    /// The arguments of the processes that this server consists of, its watcher included; the names of containers.
    pub(crate) fn processes(&self) -> Vec<String> {
        match self {
            Self::Local { programs, .. } => {
                commands().filter(|command| command.contains(programs)).collect()
            }
            Self::Embedded { mark, .. } => marked(mark),
            Self::Container { image, .. } => {
                let list = docker(&["ps", "--all", "--format", "{{.Names}} {{.Image}}"]);
                let ours = list.lines().filter_map(|line| line.strip_suffix(image.as_str()));
                ours.map(|name| name.trim_end().to_owned()).collect()
            }
        }
    }

    pub(crate) fn wait_for_the_end(&self) {
        let containers = if in_containers() { self.processes() } else { Vec::new() };
        wait_until("the end of the server", || self.processes().is_empty());
        if let Self::Container { others, .. } = self {
            wait_until("the end of its volumes", || volumes_and_networks().is_subset(others));
        }
        // A container has the name of its folder.
        let folders = containers.iter().flat_map(|name| {
            [PathBuf::from("/dev/shm"), std::env::temp_dir()].map(|parent| parent.join(name))
        });
        for folder in folders {
            wait_until("the end of the folder", || !folder.exists());
        }
    }
}

impl Drop for OwnServer {
    fn drop(&mut self) {
        if let Self::Container { image, .. } = self {
            docker(&["rmi", "--no-prune", "--force", image]);
        }
    }
}

/// Counts the servers of this process.
static NEXT: AtomicUsize = AtomicUsize::new(0);

/// The watchers and servers whose environment has a mark.
fn marked(mark: &str) -> Vec<String> {
    let entries = fs::read_dir("/proc").into_iter().flatten().filter_map(Result::ok);
    let read = |path: PathBuf| Some(String::from_utf8_lossy(&fs::read(path).ok()?).into_owned());
    let commands = entries.filter_map(|entry| {
        let command = read(entry.path().join("cmdline"))?.replace('\0', " ");
        let is_marked = read(entry.path().join("environ"))?.contains(mark);
        (is_marked && command.contains("/tdata-")).then_some(command)
    });
    commands.collect()
}

/// The engine's volumes that no container uses, and its networks.
fn volumes_and_networks() -> BTreeSet<String> {
    let volumes = docker(&["volume", "ls", "--quiet", "--filter", "dangling=true"]);
    let networks = docker(&["network", "ls", "--quiet"]);
    volumes.lines().chain(networks.lines()).map(str::to_owned).collect()
}

/// The arguments of all processes.
pub(crate) fn commands() -> impl Iterator<Item = String> {
    let entries = fs::read_dir("/proc").into_iter().flatten().filter_map(Result::ok);
    let commands = entries.filter_map(|entry| fs::read(entry.path().join("cmdline")).ok());
    commands.map(|command| String::from_utf8_lossy(&command).replace('\0', " "))
}

/// Tells whether tests are to boot their servers in containers.
pub(crate) fn in_containers() -> bool {
    std::env::var("TDATA_SERVER").is_ok_and(|source| source == "container")
}

/// What the engine's client says.
pub(crate) fn docker(arguments: &[&str]) -> String {
    let output = Command::new("docker").args(arguments).output().unwrap();
    String::from_utf8(output.stdout).unwrap()
}

pub(crate) fn programs() -> Option<PathBuf> {
    if let Some(named) = std::env::var_os("TDATA_PG_BIN") {
        return Some(fs::canonicalize(named).unwrap());
    }
    let path = std::env::var_os("PATH").unwrap_or_default();
    let on_path = std::env::split_paths(&path).filter_map(|folder| {
        let program = fs::canonicalize(folder.join("postgres")).ok()?;
        program.parent().map(Path::to_owned)
    });
    let usual = fs::read_dir("/usr/lib/postgresql").into_iter().flatten();
    let usual = usual.filter_map(|folder| Some(folder.ok()?.path().join("bin")));
    on_path.chain(usual).find(|folder| folder.join("initdb").exists())
}

pub(crate) fn port(url: &str) -> &str {
    url.rsplit_once(':').unwrap().1.split('/').next().unwrap()
}

/// Says something past the capture of the test harness.
pub(crate) fn say(text: &str) {
    use std::io::Write;
    let mut stderr = std::io::stderr();
    writeln!(stderr, "{text}").unwrap();
}
