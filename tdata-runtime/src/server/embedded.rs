//! `embedded`: a server booted from programs that Cargo has brought, as `local` boots one from this machine's.

use std::fs;
use std::io;
use std::os::unix::fs::{DirBuilderExt as _, MetadataExt as _, PermissionsExt as _};
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use super::account::{self, Account};
use super::error::ServerError;
use super::local;
use super::programs::Programs;
use super::running::Server;
use super::secret;
use super::server_source::ServerSource;
use super::settings::ServerSettings;
use crate::notice::Notices;

/// Where root puts the programs for the account that its servers run as, if that may not enter the folder where Cargo has
/// put them. Only root can write there.
const FOR_OTHERS: &str = "/var/cache/tdata";

/// What the names of copies begin with that are not complete.
const DRAFT: &str = "draft-";

/// What the names of copies begin with that are.
const COPY: &str = "postgresql-";

/// A copy takes seconds. A draft that is so old is that of a killed process.
const DRAFT_LASTS: Duration = Duration::from_secs(60 * 60);

/// A copy that nobody has used for so long is removed.
const COPY_LASTS: Duration = Duration::from_secs(60 * 24 * 60 * 60);

/// Boots a server from the programs that Cargo has brought.
pub(super) fn boot(settings: &ServerSettings, notices: &Notices) -> Result<Server, ServerError> {
    let programs = find().map_err(|reason| ServerError::Embedded { reason })?;
    local::boot_from(&programs, ServerSource::Embedded, settings, notices)
}

/// Finds the programs, or says why this machine cannot run them.
fn find() -> Result<Programs, String> {
    let brought = tdata_embedded::folder()
        .ok_or_else(|| format!("there are some for {} alone", tdata_embedded::TARGETS))?;
    if !brought.join("bin/postgres").is_file() {
        return Err(format!("{} is gone; build the tests again", brought.display()));
    }
    let account = account::to_drop_to();
    let runtime = match account {
        Some(_) if !is_open(brought) => place(brought, Path::new(FOR_OTHERS)).map_err(|error| {
            let from = brought.display();
            format!("only root may enter {from}, and a copy in {FOR_OTHERS} failed: {error}")
        })?,
        _ => brought.to_owned(),
    };
    let (folder, libraries) = (runtime.join("bin"), runtime.join("lib"));
    let programs = Programs { folder, libraries: Some(libraries), major: None };
    let major = check(&programs, account)?;
    Ok(Programs { major: Some(major), ..programs })
}

/// Runs one of the programs, and says in a line why it does not run.
fn check(programs: &Programs, account: Option<Account>) -> Result<u32, String> {
    local::major_version(programs, account).map_err(|error| {
        let told = error.to_string();
        // The system's loader says so: version `GLIBC_2.38' not found.
        match told.contains("GLIBC_") {
            true => "they need glibc 2.38 or newer, and this system's is older".to_owned(),
            false => format!("they do not run here: {told}"),
        }
    })
}

/// Tells whether every user may enter a folder, and run the programs in it.
fn is_open(runtime: &Path) -> bool {
    let allows = |path: &Path, bits: u32| {
        fs::metadata(path).is_ok_and(|found| found.permissions().mode() & bits == bits)
    };
    let parts = ["bin", "lib", "share", "bin/postgres", "bin/initdb"];
    runtime.ancestors().all(|folder| allows(folder, 0o001))
        && parts.iter().all(|part| allows(&runtime.join(part), 0o005))
}

/// Copies the programs to a folder in a cache that every user may read, unless they are there. They get their name last.
fn place(runtime: &Path, cache: &Path) -> io::Result<PathBuf> {
    let original = fs::metadata(runtime.join("bin/postgres"))?;
    let version = format!("{}-{}-{}", tdata_embedded::MAJOR, original.len(), original.mtime());
    fs::DirBuilder::new().recursive(true).mode(0o755).create(cache)?;
    let found = fs::symlink_metadata(cache)?;
    let is_ours = found.uid() == rustix::process::geteuid().as_raw();
    if !found.is_dir() || !is_ours || found.mode() & 0o022 != 0 {
        return Err(io::Error::other("others may write there"));
    }
    let folder = cache.join(format!("{COPY}{version}"));
    if let Ok(found) = fs::File::open(&folder) {
        // One that is used stays. In a folder that is read-only all do.
        let _ = found.set_modified(SystemTime::now());
        return Ok(folder);
    }
    clear(cache);
    let draft = cache.join(format!("{DRAFT}{}", secret::generate()?));
    let placed = copy(runtime, &draft).and_then(|()| fs::rename(&draft, &folder));
    if placed.is_err() {
        let _ = fs::remove_dir_all(&draft);
    }
    // Another process may have been first.
    placed.or_else(|error| if folder.is_dir() { Ok(()) } else { Err(error) })?;
    Ok(folder)
}

/// Removes copies that nobody uses any more.
fn clear(cache: &Path) {
    for entry in fs::read_dir(cache).into_iter().flatten().flatten() {
        let name = entry.file_name();
        let name = name.to_string_lossy();
        let kinds = [(DRAFT, DRAFT_LASTS), (COPY, COPY_LASTS)];
        let kind = kinds.into_iter().find(|(kind, _)| name.starts_with(kind));
        let Some((_, lasts)) = kind else { continue };
        let changed = entry.metadata().and_then(|found| found.modified());
        let age = changed.ok().and_then(|changed| changed.elapsed().ok());
        if age.is_some_and(|age| age > lasts) {
            let _ = fs::remove_dir_all(entry.path());
        }
    }
}

/// Copies a folder, for everybody to read.
fn copy(from: &Path, to: &Path) -> io::Result<()> {
    fs::create_dir(to)?;
    for entry in fs::read_dir(from)? {
        let entry = entry?;
        let (path, copied) = (entry.path(), to.join(entry.file_name()));
        if entry.file_type()?.is_dir() {
            copy(&path, &copied)?;
            continue;
        }
        fs::copy(&path, &copied)?;
        let runs = fs::metadata(&path)?.mode() & 0o100 != 0;
        let mode = if runs { 0o755 } else { 0o644 };
        fs::set_permissions(&copied, fs::Permissions::from_mode(mode))?;
    }
    fs::set_permissions(to, fs::Permissions::from_mode(0o755))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn programs_are_placed_once_for_everybody_to_run() {
        let all = tempfile::tempdir().unwrap();
        let runtime = all.path().join("runtime");
        for folder in ["bin", "lib", "share"] {
            fs::create_dir_all(runtime.join(folder)).unwrap();
        }
        for program in ["bin/postgres", "bin/initdb"] {
            fs::write(runtime.join(program), "program").unwrap();
            fs::set_permissions(runtime.join(program), fs::Permissions::from_mode(0o700)).unwrap();
        }
        fs::write(runtime.join("share/postgres.bki"), "text").unwrap();
        assert!(!is_open(&runtime), "programs that only their owner may run");
        let cache = all.path().join("cache");
        let folder = place(&runtime, &cache).unwrap();
        assert_eq!(place(&runtime, &cache).unwrap(), folder);
        assert_eq!(fs::read_dir(&cache).unwrap().count(), 1);
        let mode = |name: &str| fs::metadata(folder.join(name)).unwrap().mode() & 0o777;
        assert_eq!([mode(""), mode("bin")], [0o755, 0o755]);
        assert_eq!([mode("bin/postgres"), mode("share/postgres.bki")], [0o755, 0o644]);
        fs::set_permissions(&cache, fs::Permissions::from_mode(0o777)).unwrap();
        assert!(place(&runtime, &cache).is_err(), "others may write there");
    }

    #[test]
    fn copies_that_nobody_uses_are_removed() {
        let all = tempfile::tempdir().unwrap();
        let day = Duration::from_secs(24 * 60 * 60);
        for (name, age) in [
            ("draft-new", Duration::from_secs(60)),
            ("draft-old", day),
            ("postgresql-18-1-1", day * 59),
            ("postgresql-17-1-1", day * 61),
            ("others", day * 61),
        ] {
            let folder = all.path().join(name);
            fs::create_dir_all(folder.join("bin")).unwrap();
            let folder = fs::File::open(folder).unwrap();
            folder.set_modified(SystemTime::now() - age).unwrap();
        }
        clear(all.path());
        let mut left: Vec<_> =
            fs::read_dir(all.path()).unwrap().flatten().map(|e| e.file_name()).collect();
        left.sort();
        assert_eq!(left, ["draft-new", "others", "postgresql-18-1-1"]);
    }

    #[test]
    fn programs_that_do_not_run_are_told_in_one_line() {
        let written = |text: &str| {
            let all = tempfile::tempdir().unwrap();
            let program = all.path().join("postgres");
            fs::write(&program, format!("#!/bin/sh\n{text}\n")).unwrap();
            fs::set_permissions(&program, fs::Permissions::from_mode(0o755)).unwrap();
            let folder = all.path().to_owned();
            check(&Programs { folder, libraries: Some(all.path().join("lib")), major: None }, None)
        };
        let glibc = "echo 'version GLIBC_2.38 not found (required by postgres)' >&2; exit 1";
        assert!(written(glibc).unwrap_err().contains("need glibc 2.38 or newer"));
        let other = written("echo one >&2; echo two >&2; exit 1").unwrap_err();
        assert!(other.contains("one") && !other.contains("two"), "{other}");
        assert_eq!(written("echo postgres 18.4"), Ok(18));
        let finds_libraries =
            "case $LD_LIBRARY_PATH in */lib) echo postgres 18.4 ;; *) exit 1 ;; esac";
        assert_eq!(written(finds_libraries), Ok(18));
    }
}
