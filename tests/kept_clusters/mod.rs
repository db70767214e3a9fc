//! Clusters that are kept in the cache folder: they serve the next boots, and none is trusted that is not whole.

use std::fs;
use std::os::unix::fs::{FileExt, MetadataExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;

use crate::own_server::{self, Waiting, child, in_containers, programs, run, say, wait_until};

/// Programs of this machine that write down when `initdb` is called, and a cache folder.
struct Kept {
    folder: tempfile::TempDir,
    environment: Vec<(&'static str, String)>,
}

impl Kept {
    /// `None` where there are no programs.
    fn new() -> Option<Self> {
        let Some(programs) = programs().filter(|_| !in_containers()) else {
            say("not run: no PostgreSQL server programs here, or tests are to run in containers");
            return None;
        };
        let folder = tempfile::tempdir().unwrap();
        let bin = folder.path().join("bin");
        fs::create_dir(&bin).unwrap();
        // Where this is root's, the server is another user's, who writes down the calls.
        for path in [folder.path(), &bin] {
            fs::set_permissions(path, fs::Permissions::from_mode(0o777)).unwrap();
        }
        std::os::unix::fs::symlink(programs.join("postgres"), bin.join("postgres")).unwrap();
        let script = format!(
            "#!/bin/sh\necho call >>'{}/calls'\nexec '{}' \"$@\"\n",
            folder.path().display(),
            programs.join("initdb").display()
        );
        fs::write(bin.join("initdb"), script).unwrap();
        fs::set_permissions(bin.join("initdb"), fs::Permissions::from_mode(0o755)).unwrap();
        let mut kept = Self { folder, environment: Vec::new() };
        kept.set("TDATA_SERVER", "local");
        kept.set("TDATA_PG_BIN", bin.to_str().unwrap());
        kept.set("TDATA_KEEP_ALIVE", "0s");
        let cache = kept.path("cache");
        kept.set("XDG_CACHE_HOME", cache.to_str().unwrap());
        Some(kept)
    }

    fn set(&mut self, name: &'static str, value: &str) {
        self.environment.retain(|(other, _)| *other != name);
        self.environment.push((name, value.to_owned()));
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn environment(&self) -> Vec<(&str, &str)> {
        self.environment.iter().map(|(name, value)| (*name, value.as_str())).collect()
    }

    /// How often `initdb` is called while a process boots a server and provisions.
    fn calls_of_a_boot(&self) -> usize {
        let before = self.calls();
        // The server of the boot before may still be about to end.
        self.wait_for_the_end();
        run("a_child_that_provisions", &self.environment());
        self.calls() - before
    }

    fn calls(&self) -> usize {
        fs::read_to_string(self.path("calls")).unwrap_or_default().lines().count()
    }

    fn wait_for_the_end(&self) {
        let bin = self.path("bin");
        let bin = bin.to_str().unwrap();
        wait_until("the end of the server", || {
            own_server::commands().all(|command| !command.contains(bin))
        });
    }

    fn clusters(&self) -> PathBuf {
        self.path("cache/tdata/clusters")
    }

    /// What is kept.
    fn names(&self) -> Vec<String> {
        let entries = fs::read_dir(self.clusters()).into_iter().flatten();
        entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect()
    }

    /// The one cluster that is kept.
    fn archive(&self) -> PathBuf {
        let names = self.names();
        assert!(names.len() == 1 && names[0].ends_with(".tar"), "{names:?}");
        self.clusters().join(&names[0])
    }
}

#[test]
fn a_cluster_is_kept_for_the_next_boots_and_lets_nobody_in_without_the_password() {
    let Some(kept) = Kept::new() else { return };
    assert_eq!(kept.calls_of_a_boot(), 1);
    let archive = kept.archive();
    assert_eq!(fs::metadata(&archive).unwrap().mode() & 0o777, 0o600);
    for _ in 0..2 {
        assert_eq!(kept.calls_of_a_boot(), 0);
        assert_eq!(kept.archive(), archive);
    }
    let mut waiting = Waiting::start(&kept.environment());
    let connect = |url: &str| postgres::Client::connect(url, postgres::NoTls);
    connect(&waiting.url).unwrap();
    let (user, rest) = waiting.url.split_once("://postgres:").unwrap();
    let (_, place) = rest.split_once('@').unwrap();
    for password in ["", "postgres", "x"] {
        assert!(connect(&format!("{user}://postgres:{password}@{place}")).is_err(), "{password}");
    }
    waiting.finish();
    // Programs that were changed do not get a cluster of the programs before.
    let initdb = kept.path("bin/initdb");
    let script = fs::read_to_string(&initdb).unwrap();
    fs::write(&initdb, format!("{script}# changed\n")).unwrap();
    assert_eq!(kept.calls_of_a_boot(), 1);
    assert_eq!(kept.names().len(), 2);
}

/// Makes a file shorter.
fn cut_off(path: &Path, length: u64) {
    fs::OpenOptions::new().write(true).open(path).unwrap().set_len(length).unwrap();
}

/// Writes over a part of a file.
fn overwrite(path: &Path, at: u64, bytes: &[u8]) {
    fs::OpenOptions::new().write(true).open(path).unwrap().write_all_at(bytes, at).unwrap();
}

#[test]
fn a_torn_cluster_is_noticed_and_made_again() {
    let Some(kept) = Kept::new() else { return };
    type Tear = fn(&Path, u64);
    let tears: [(&str, Tear); 6] = [
        ("emptied", |path, _| fs::write(path, "").unwrap()),
        ("cut off", |path, length| cut_off(path, length / 2)),
        ("cut off at a block", |path, length| cut_off(path, length / 1024 * 512)),
        ("a block that was not written", |path, length| {
            overwrite(path, (length / 3) / 4096 * 4096, &[0; 4096]);
        }),
        ("one bit", |path, length| overwrite(path, length / 2, b"\x01")),
        ("grown", |path, length| overwrite(path, length, &[0; 512])),
    ];
    assert_eq!(kept.calls_of_a_boot(), 1);
    for (kind, tear) in tears {
        let archive = kept.archive();
        tear(&archive, fs::metadata(&archive).unwrap().len());
        assert_eq!(kept.calls_of_a_boot(), 1, "{kind}");
        assert_eq!(kept.names(), Vec::<String>::new(), "{kind}");
        // The next boot keeps one, and the one behind it takes that.
        assert_eq!(kept.calls_of_a_boot(), 1, "{kind}");
        assert_eq!(kept.calls_of_a_boot(), 0, "{kind}");
    }
}

/// Puts a folder in the place of the cluster that is kept, with a checksum that fits, and returns its archive.
fn forge(kept: &Kept, data: &Path) -> PathBuf {
    let archive = kept.archive();
    let name = archive.file_name().unwrap().to_str().unwrap();
    let parts: Vec<&str> = name.split('-').collect();
    fs::remove_file(&archive).unwrap();
    let tar = kept.path("tar");
    let packed = Command::new("tar").arg("-cf").arg(&tar).arg("-C").arg(data).arg(".").status();
    assert!(packed.unwrap().success());
    let told = Command::new("cksum").stdin(fs::File::open(&tar).unwrap()).output().unwrap();
    let checksum = String::from_utf8(told.stdout).unwrap().trim().replace(' ', "-");
    let forged = kept.clusters().join(format!("{}-{}-{checksum}.tar", parts[0], parts[1]));
    fs::copy(&tar, &forged).unwrap();
    fs::set_permissions(&forged, fs::Permissions::from_mode(0o600)).unwrap();
    forged
}

#[test]
fn a_cluster_from_which_no_server_starts_is_given_up() {
    let Some(kept) = Kept::new() else { return };
    assert_eq!(kept.calls_of_a_boot(), 1);
    let data = kept.path("data");
    fs::create_dir_all(data.join("global")).unwrap();
    fs::write(data.join("global/pg_control"), "none").unwrap();
    fs::write(data.join("PG_VERSION"), "15").unwrap();
    let forged = forge(&kept, &data);
    assert_eq!(kept.calls_of_a_boot(), 1);
    assert!(!forged.exists());
    assert_eq!(kept.calls_of_a_boot(), 0);
}

#[test]
fn a_cluster_that_lets_nobody_in_is_given_up_at_once() {
    let Some(kept) = Kept::new() else { return };
    assert_eq!(kept.calls_of_a_boot(), 1);
    let data = kept.path("data");
    fs::create_dir(&data).unwrap();
    let taken = Command::new("tar").arg("-xf").arg(kept.archive()).arg("-C").arg(&data).status();
    assert!(taken.unwrap().success());
    fs::write(data.join("pg_hba.conf"), "local all all reject\nhost all all all reject\n").unwrap();
    let forged = forge(&kept, &data);
    assert_eq!(kept.calls_of_a_boot(), 1);
    assert!(!forged.exists());
    assert_eq!(kept.calls_of_a_boot(), 0);
}

#[test]
fn without_a_folder_that_is_ours_alone_servers_boot_as_well() {
    let Some(mut kept) = Kept::new() else { return };
    for cache in ["/dev/null", "/proc", "relative"] {
        kept.set("XDG_CACHE_HOME", cache);
        kept.set("HOME", "/dev/null");
        for _ in 0..2 {
            assert_eq!(kept.calls_of_a_boot(), 1, "{cache}");
        }
    }
    let cache = kept.path("cache");
    kept.set("XDG_CACHE_HOME", cache.to_str().unwrap());
    fs::create_dir_all(kept.clusters()).unwrap();
    fs::set_permissions(kept.clusters(), fs::Permissions::from_mode(0o777)).unwrap();
    assert_eq!(kept.calls_of_a_boot(), 1);
    assert_eq!(kept.names(), Vec::<String>::new());
    fs::set_permissions(kept.clusters(), fs::Permissions::from_mode(0o700)).unwrap();
    assert_eq!(kept.calls_of_a_boot(), 1);
    // A cluster that another user owns now.
    let archive = kept.archive();
    if std::os::unix::fs::chown(&archive, Some(65_534), None).is_ok() {
        assert_eq!(kept.calls_of_a_boot(), 1);
    }
}

#[test]
fn processes_that_boot_at_once_keep_one_cluster() {
    let Some(kept) = Kept::new() else { return };
    let children: Vec<_> = ["a", "b", "c"]
        .into_iter()
        .map(|image| {
            let mut environment = kept.environment();
            // Settings of its own, so a server of its own.
            environment.push(("TDATA_POSTGRES_IMAGE", image));
            child("a_child_that_provisions", &environment).spawn().unwrap()
        })
        .collect();
    for child in children {
        let output = child.wait_with_output().unwrap();
        assert!(output.status.success(), "{output:?}");
    }
    kept.archive();
    assert_eq!(kept.calls_of_a_boot(), 0);
}

#[test]
fn a_process_that_is_killed_keeps_no_half_of_a_cluster() {
    let Some(kept) = Kept::new() else { return };
    const KILLS: u64 = 8;
    for kill in 0..KILLS {
        let _ = fs::remove_dir_all(kept.clusters());
        let mut process = child("a_child_that_provisions", &kept.environment());
        let mut process = process.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
        std::thread::sleep(Duration::from_millis(150 + kill * 120));
        process.kill().unwrap();
        process.wait().unwrap();
        let _ = kept.calls_of_a_boot();
        kept.wait_for_the_end();
        assert_eq!(kept.calls_of_a_boot(), 0, "one was kept by either");
        // A draft of the killed one goes with the next cluster that is kept.
        let is_known = |name: &String| name.ends_with(".tar") || name.starts_with("draft-");
        assert!(kept.names().iter().all(is_known), "{:?}", kept.names());
    }
}
