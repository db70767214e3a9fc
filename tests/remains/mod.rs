//! What killed watchers, servers and initdbs leave behind, in the middle of a boot as well.

use std::fs;
use std::io::Write;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use tempfile::TempDir;

use crate::own_server::{OwnServer, Waiting, child, in_containers, run, wait_until};

/// The process that a path below `/proc` is about.
fn number(process: &Path) -> u32 {
    process.file_name().and_then(|name| name.to_str()?.parse().ok()).unwrap_or(0)
}

/// All processes, by their folders below `/proc`.
fn processes() -> impl Iterator<Item = PathBuf> {
    let entries = fs::read_dir("/proc").unwrap().filter_map(Result::ok);
    entries.map(|entry| entry.path()).filter(|process| number(process) > 0)
}

fn arguments(process: &Path) -> Vec<String> {
    let text = fs::read(process.join("cmdline")).unwrap_or_default();
    String::from_utf8_lossy(&text).split('\0').map(str::to_owned).collect()
}

fn signal(signal: &str, processes: &[u32]) {
    let mut command = Command::new("kill");
    command.arg(signal).args(processes.iter().map(u32::to_string));
    // Some may be gone.
    command.stderr(Stdio::null()).status().unwrap();
}

/// Kills processes, and waits for their end.
fn kill(processes: &[u32]) {
    signal("-KILL", processes);
    wait_until("their end", || processes.iter().all(|process| is_gone(*process)));
}

/// Tells whether a process has nothing open any more, if perhaps its number still.
fn is_gone(process: u32) -> bool {
    let state = fs::read_to_string(format!("/proc/{process}/stat")).unwrap_or_default();
    state.rsplit_once(") ").is_none_or(|(_, state)| state.starts_with('Z'))
}

/// The shared memory that a process made, or has: the numbers of what System V gives, and files.
#[derive(Debug, Default)]
struct SharedMemory {
    segments: Vec<String>,
    files: Vec<PathBuf>,
}

impl SharedMemory {
    fn of(process: u32) -> Self {
        let segments = segments().into_iter().filter(|(_, maker)| *maker == process);
        let maps = fs::read_to_string(format!("/proc/{process}/maps")).unwrap_or_default();
        let paths =
            maps.lines().filter_map(|line| Some(&line[line.find("/dev/shm/PostgreSQL.")?..]));
        let mut files: Vec<PathBuf> = paths.map(PathBuf::from).collect();
        files.dedup();
        Self { segments: segments.map(|(number, _)| number).collect(), files }
    }

    fn has_all(&self) -> bool {
        !self.segments.is_empty() && !self.files.is_empty()
    }

    fn is_gone(&self) -> bool {
        let there = segments();
        self.files.iter().all(|file| !file.exists())
            && self.segments.iter().all(|one| there.iter().all(|(number, _)| number != one))
    }
}

/// Waits until a server's folder is gone, which goes last. Another test's boot may be about to remove it as well.
fn wait_for_the_end_of(folder: &Path, memory: &SharedMemory) {
    wait_until("the end of the folder", || !folder.exists());
    assert!(memory.is_gone(), "{memory:?}");
}

/// The numbers of System V's segments, and who made them.
fn segments() -> Vec<(String, u32)> {
    let table = fs::read_to_string("/proc/sysvipc/shm").unwrap();
    let rows = table.lines().skip(1).map(|line| line.split_ascii_whitespace().collect::<Vec<_>>());
    rows.map(|row| (row[1].to_owned(), row[4].parse().unwrap())).collect()
}

/// A server of its own, and a folder of programs in place of its and of the shell's, one of which kills once it is run.
struct Killing {
    server: OwnServer,
    folder: PathBuf,
    path: String,
    /// Where a server in a container has no folder of programs.
    _temporary: Option<TempDir>,
}

/// Who is killed.
#[derive(Clone, Copy, PartialEq)]
enum Victim {
    Watcher,
    /// The shell that runs the server's programs, a child of the watcher's.
    ItsShell,
}

impl Killing {
    /// `None` where tests cannot boot servers of their own.
    fn new(program: &str, victim: Victim) -> Option<Self> {
        let server = OwnServer::new()?;
        let temporary = in_containers().then(|| tempfile::tempdir().unwrap());
        let (folder, programs) = match &server {
            // Processes of the server are known by this path.
            OwnServer::Local { programs, .. } => {
                (format!("{programs}-killing").into(), &**programs)
            }
            // What is killed there is known by the folder of the programs.
            OwnServer::Embedded { .. } => return None,
            OwnServer::Container { .. } => (temporary.as_ref()?.path().join("bin"), ""),
        };
        fs::create_dir(&folder).unwrap();
        // Where this is root's, the server's own user runs it.
        fs::set_permissions(&folder, fs::Permissions::from_mode(0o777)).unwrap();
        for name in ["initdb", "postgres"] {
            std::os::unix::fs::symlink(format!("{programs}/{name}"), folder.join(name)).unwrap();
        }
        let shown = folder.display();
        let is_servers = folder.join(program).exists();
        let folder_of_original = if is_servers { programs } else { "/usr/bin" };
        let victim = match victim {
            Victim::Watcher if is_servers => "$(parent $PPID)",
            Victim::Watcher | Victim::ItsShell => "$PPID",
        };
        let script = format!(
            "#!/bin/sh\n\
             parent() {{ sed -n 's/^PPid:[^0-9]*//p' /proc/$1/status; }}\n\
             if [ \"$1\" != --version ] && /bin/rm '{shown}/once' 2>/dev/null\n\
             then\n\
             echo \"$@\" >'{shown}/arguments'\n\
             [ ! -p '{shown}/gate' ] || read -r word <'{shown}/gate'\n\
             victim={victim}\n\
             kill -KILL $victim\n\
             echo $victim >'{shown}/victim'\n\
             fi\n\
             exec '{folder_of_original}/{program}' \"$@\"\n"
        );
        let _ = fs::remove_file(folder.join(program));
        fs::write(folder.join(program), script).unwrap();
        fs::set_permissions(folder.join(program), fs::Permissions::from_mode(0o755)).unwrap();
        fs::write(folder.join("once"), "").unwrap();
        let path = format!("{shown}:{}", std::env::var("PATH").unwrap());
        Some(Self { server, folder, path, _temporary: temporary })
    }

    fn environment<'a>(&'a self, keep_alive: &'a str) -> Vec<(&'a str, &'a str)> {
        let mut environment = self.server.environment(keep_alive).to_vec();
        if !in_containers() {
            environment.push(("TDATA_PG_BIN", self.folder.to_str().unwrap()));
        }
        environment.push(("PATH", &self.path));
        environment.push(NOTHING_KEPT);
        environment
    }

    /// Runs a child that provisions, and kills it right before the watcher.
    fn cut_off(&self) {
        let gate = self.folder.join("gate");
        assert!(Command::new("mkfifo").args(["-m", "666"]).arg(&gate).status().unwrap().success());
        let mut booting =
            child("a_child_that_provisions", &self.environment("10m")).spawn().unwrap();
        wait_until("the boot", || self.folder.join("arguments").exists());
        // It is open once the other end is.
        let mut gate = fs::OpenOptions::new().write(true).open(gate).unwrap();
        booting.kill().unwrap();
        booting.wait().unwrap();
        writeln!(gate, "go").unwrap();
        let victim = || fs::read_to_string(self.folder.join("victim")).ok()?.trim().parse().ok();
        wait_until("the end of the watcher", || victim().is_some_and(is_gone));
    }

    /// The folder of the server whose watcher was killed.
    fn server_folder(&self) -> PathBuf {
        let arguments = fs::read_to_string(self.folder.join("arguments")).unwrap();
        let mut paths =
            arguments.split_ascii_whitespace().flat_map(|word| Path::new(word).ancestors());
        let is_a_servers = |path: &&Path| {
            path.file_name().is_some_and(|name| name.to_string_lossy().starts_with("tdata-"))
        };
        paths.find(is_a_servers).unwrap().to_owned()
    }
}

/// No cluster is kept, so that `initdb` makes each.
const NOTHING_KEPT: (&str, &str) = ("XDG_CACHE_HOME", "/dev/null");

/// The notice about a watcher that was killed.
const ANOTHER: &str = "the watcher of a booting server was killed: another one is booted";

#[test]
fn a_boot_whose_watcher_is_killed_begins_again() {
    let of_the_shell = ["mkdir", "mkfifo", "mv"];
    let of_the_server = ["ln", "initdb", "postgres"].into_iter().filter(|_| !in_containers());
    let watcher = of_the_shell.into_iter().chain(of_the_server).map(|name| (name, Victim::Watcher));
    let shell = (!in_containers()).then_some(("initdb", Victim::ItsShell));
    for (program, victim) in watcher.chain(shell) {
        let Some(killing) = Killing::new(program, victim) else { return };
        let text = run("a_child_that_provisions", &killing.environment("0s"));
        // The watcher of a container is started once that answers.
        let boots = if in_containers() { 1 } else { 2 };
        assert_eq!(text.matches(ANOTHER).count(), boots - 1, "{program}: {text}");
        assert!(!text.contains("other processes will not find"), "{program}: {text}");
        wait_for_the_end_of(&killing.server_folder(), &SharedMemory::default());
        killing.server.wait_for_the_end();
    }
}

#[test]
fn a_boot_that_was_cut_off_with_its_watcher_leaves_nothing_behind_the_next_one() {
    if in_containers() {
        return;
    }
    for program in ["ln", "initdb", "postgres"] {
        let Some(killing) = Killing::new(program, Victim::Watcher) else { return };
        killing.cut_off();
        run("a_child_that_provisions", &killing.environment("0s"));
        wait_for_the_end_of(&killing.server_folder(), &SharedMemory::default());
        killing.server.wait_for_the_end();
    }
}

/// The number of a server's first process, and its folder.
fn postmaster(child: &Waiting) -> (u32, PathBuf) {
    let mut db = postgres::Client::connect(&child.url, postgres::NoTls).unwrap();
    let sql = "SELECT pg_read_file('postmaster.pid'), current_setting('data_directory')";
    let row = db.query_one(sql, &[]).unwrap();
    let (file, data): (String, String) = (row.get(0), row.get(1));
    let folder = Path::new(&data).parent().unwrap().to_owned();
    (file.lines().next().unwrap().parse().unwrap(), folder)
}

#[test]
fn a_killed_server_leaves_no_shared_memory() {
    if in_containers() {
        return;
    }
    for is_watched in [true, false] {
        let Some(server) = OwnServer::new() else { return };
        let mut child = server.start("0s");
        let (postmaster, folder) = postmaster(&child);
        let memory = SharedMemory::of(postmaster);
        assert_eq!(memory.segments.len(), 1, "{memory:?}");
        let others = processes()
            .filter(|process| arguments(process).contains(&folder.to_str().unwrap().to_owned()));
        let others = others.map(|process| number(&process)).filter(|_| !is_watched);
        let victims: Vec<u32> = others.chain([postmaster]).collect();
        kill(&victims);
        child.kill();
        if !is_watched {
            server.start("0s").finish();
        }
        wait_for_the_end_of(&folder, &memory);
        server.wait_for_the_end();
    }
}

/// Waits until initdb runs a program that has shared memory, and stops that: its number, and the folder of the server.
fn stop_in_initdb(server: &OwnServer) -> (u32, PathBuf, SharedMemory) {
    let OwnServer::Local { programs, .. } = server else { unreachable!("no other one") };
    let mut stopped = None;
    wait_until("the boot", || {
        let initdb = processes().map(|process| arguments(&process)).find_map(|arguments| {
            let at = arguments.iter().position(|one| one == "-D")?;
            let is_ours = arguments[0] == format!("{programs}/initdb");
            is_ours.then(|| PathBuf::from(&arguments[at + 1]))
        });
        let Some(data) = initdb else { return false };
        let inside =
            |process: &PathBuf| fs::read_link(process.join("cwd")).is_ok_and(|at| at == data);
        stopped = processes().filter(inside).map(|process| number(&process)).find_map(|process| {
            if !SharedMemory::of(process).has_all() {
                return None;
            }
            signal("-STOP", &[process]);
            // It may have gone on.
            let memory = SharedMemory::of(process);
            if memory.has_all() {
                return Some((process, data.parent().unwrap().to_owned(), memory));
            }
            signal("-CONT", &[process]);
            None
        });
        stopped.is_some()
    });
    stopped.unwrap()
}

fn boot(server: &OwnServer, test: &str) -> Child {
    let environment = [&server.environment("0s")[..], &[NOTHING_KEPT]].concat();
    child(test, &environment).spawn().unwrap()
}

#[test]
fn an_initdb_whose_program_is_killed_leaves_no_shared_memory() {
    let Some(server @ OwnServer::Local { .. }) = OwnServer::new() else { return };
    let failing = boot(&server, "a_child_that_fails");
    let (process, folder, memory) = stop_in_initdb(&server);
    kill(&[process]);
    let output = failing.wait_with_output().unwrap();
    let text = String::from_utf8_lossy(&output.stdout);
    assert!(text.contains("it ended with status 1"), "{text}");
    wait_for_the_end_of(&folder, &memory);
    server.wait_for_the_end();
}

#[test]
fn what_is_killed_as_a_whole_in_a_boot_leaves_nothing_behind_the_next_one() {
    if in_containers() {
        return;
    }
    let Some(server) = OwnServer::new() else { return };
    let OwnServer::Local { programs, .. } = &server else { return };
    let mut booting = boot(&server, "a_child_that_provisions");
    let (process, folder, memory) = stop_in_initdb(&server);
    let is_ours = |process: &PathBuf| arguments(process).iter().any(|one| one.contains(programs));
    let all = processes().filter(is_ours).map(|process| number(&process));
    let victims: Vec<u32> = all.chain([booting.id(), process]).collect();
    kill(&victims);
    booting.wait().unwrap();
    server.start("0s").finish();
    wait_for_the_end_of(&folder, &memory);
    server.wait_for_the_end();
}
