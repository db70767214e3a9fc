//! Beside a server that tdata booted: a file for each database, in the server's folder.
//!
//! A published database has a file of its key's and its own name, which holds its notes. Who claims it locks the file
//! and gives it another ending; who publishes it again writes the notes and the name back. The kernel frees the lock
//! of a process that ends, however it ends: a held file without a lock is that of an abandoned database. Users of an
//! instance have its file locked for sharing. The folder, and all of this, goes with the server.

use std::fmt::Write as _;
use std::fs::{File, TryLockError};
use std::io::{self, Read as _, Seek as _, Write as _};
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use parking_lot::Mutex;
use sha2::{Digest, Sha256};
use tdata_postgres::Refusal;

use super::locked_file;
use super::patience::Patience;
use super::record::{Abandoned, Claim, Found, Hold, Kind, Lock, Registry, WITHDRAWN};
use crate::notice::Notices;
use crate::open_folder::OpenFolder;

/// The ending of the names of held databases' files.
const HELD: &str = ".held";

/// What parts the name of a held database from the second until which it is held.
const UNTIL: &str = ".until-";

/// The folder of what sessions tell each other by name.
const TOLD: &str = "told";

/// The folder of locks by name.
const LOCKS: &str = "locks";

/// The file whose time says when somebody last looked for what is abandoned.
const LOOKED: &str = "looked";

/// How long an instance without users stays: tests that are yet to start may want it.
pub(super) const PATIENCE: Duration = Duration::from_secs(60);

/// The pause between two looks for what is abandoned.
const PAUSE: Duration = Duration::from_secs(1);

/// The registry in a server's folder.
#[derive(Debug)]
pub(super) struct Files {
    folder: Arc<OpenFolder>,
    notices: Notices,
    /// The instances that this session uses.
    joined: Mutex<Vec<File>>,
}

impl Files {
    /// Opens the registry in a folder, whose own folders the server's watcher has made: what is in them it must be able
    /// to remove.
    pub(super) fn open(folder: &Arc<OpenFolder>, notices: &Notices) -> Self {
        Self { folder: Arc::clone(folder), notices: notices.clone(), joined: Mutex::default() }
    }

    fn of(&self, kind: Kind) -> io::Result<OpenFolder> {
        self.folder.folder(kind.word())
    }

    /// Claims what sessions held that have ended, or until a time that is over.
    fn let_go(&self, kind: Kind) -> Vec<Abandoned> {
        let Ok(folder) = self.of(kind) else { return Vec::new() };
        let now = seconds(SystemTime::now());
        let abandoned = locked_file::list(&folder).filter_map(|name| {
            let (database, until) = match name.strip_suffix(HELD) {
                Some(database) => (database, None),
                None => {
                    let (database, until) = name.split_once(UNTIL)?;
                    (database, Some(until.parse::<u64>().ok()?))
                }
            };
            if until.is_some_and(|until| until > now) {
                return None;
            }
            let file = locked_file::take(&folder, &name)?;
            if until.is_some() {
                folder.rename(&name, &held(database)).ok()?;
            }
            let (key, database, hold) = (String::new(), database.to_owned(), Hold::File(file));
            let claim = Claim { kind, key, database, hold };
            Some(Abandoned { claim, is_overdue: until.is_some() })
        });
        abandoned.collect()
    }

    /// Claims the instances that nobody has used for a while.
    fn unused(&self) -> Vec<Abandoned> {
        let Ok(folder) = self.of(Kind::Instance) else { return Vec::new() };
        let unused = list(&folder).into_iter().filter_map(|published| {
            // A session may join between the first look at the time and the claim. Joining renews the file's time, so the
            // time is looked at again once the claim keeps others out.
            let claim = is_older(&folder, &published.file, PATIENCE)
                .then(|| published.take(&folder, Kind::Instance))??;
            let held = held(&published.database);
            if !is_older(&folder, &held, PATIENCE) {
                let _ = folder.rename(&held, &published.file);
                return None;
            }
            Some(Abandoned { claim, is_overdue: false })
        });
        unused.collect()
    }
}

/// A database that is published.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Published {
    /// The name of its file.
    file: String,
    /// Its key, as it is in that name.
    key: String,
    database: String,
}

impl Published {
    /// Claims it, unless another session does.
    fn take(&self, folder: &OpenFolder, kind: Kind) -> Option<Claim> {
        let file = locked_file::take(folder, &self.file)?;
        folder.rename(&self.file, &held(&self.database)).ok()?;
        let (key, database) = (self.key.clone(), self.database.clone());
        Some(Claim { kind, key, database, hold: Hold::File(file) })
    }
}

/// Lists the published databases of a kind.
fn list(folder: &OpenFolder) -> Vec<Published> {
    let published = locked_file::list(folder).filter_map(|file| {
        let (key, database) = file.split_once('.')?;
        let is_published =
            !database.contains('.') && !file.ends_with(HELD) && !file.contains(UNTIL);
        let (key, database) = (key.to_owned(), database.to_owned());
        is_published.then_some(Published { file, key, database })
    });
    published.collect()
}

/// Lists the published databases of a key in the order of their names.
fn of_key(folder: &OpenFolder, key: &str) -> Vec<Published> {
    let key = plain(key);
    let mut found = list(folder);
    found.retain(|published| published.key == key);
    found.sort();
    found
}

/// The name of the file of a held database.
fn held(database: &str) -> String {
    format!("{database}{HELD}")
}

/// The name of the file of a published database.
fn published(key: &str, database: &str) -> String {
    format!("{}.{database}", plain(key))
}

impl Registry for Files {
    fn prove_life(&self) -> Result<(), Refusal> {
        // A server of ours does not recover: it ends, and its folder with it.
        Ok(())
    }

    fn lock(&self, name: &str) -> Result<Lock, Refusal> {
        let refused = |error: io::Error| Refusal::of_file(&error);
        let folder = self.folder.folder(LOCKS).map_err(refused)?;
        let file = folder.create(&plain(name)).map_err(refused)?;
        Patience::USUAL.wait(name, &self.notices, || match file.try_lock() {
            Ok(()) => Ok(true),
            Err(TryLockError::WouldBlock) => Ok(false),
            Err(TryLockError::Error(error)) => Err(refused(error)),
        })?;
        Ok(Lock::File(file))
    }

    fn enter(&self, kind: Kind, key: &str, database: &str) -> Result<Claim, Refusal> {
        let file = self.of(kind).and_then(|folder| locked_file::create(&folder, &held(database)));
        let file = file.map_err(|error| Refusal::of_file(&error))?;
        let (key, database) = (key.to_owned(), database.to_owned());
        Ok(Claim { kind, key, database, hold: Hold::File(file) })
    }

    fn publish(&self, claim: Claim, notes: &str) -> Result<(), Refusal> {
        let Claim { kind, key, database, hold: Hold::File(mut file) } = claim else {
            return Ok(());
        };
        let mut publish = || {
            file.set_len(0)?;
            file.rewind()?;
            file.write_all(notes.as_bytes())?;
            if kind == Kind::Instance {
                // Nobody drops it in between: it is new.
                file.lock_shared()?;
            }
            self.of(kind)?.rename(&held(&database), &published(&key, &database))
        };
        publish().map_err(|error: io::Error| Refusal::of_file(&error))?;
        if kind == Kind::Instance {
            self.joined.lock().push(file);
        }
        Ok(())
    }

    fn find(&self, kind: Kind, key: &str) -> Result<Option<Found>, Refusal> {
        let Ok(folder) = self.of(kind) else { return Ok(None) };
        let found =
            of_key(&folder, key).into_iter().find_map(|Published { file, database, .. }| {
                Some(Found { database, notes: folder.read(&file).ok()? })
            });
        Ok(found)
    }

    fn join(&self, key: &str) -> Result<Option<Found>, Refusal> {
        let Ok(folder) = self.of(Kind::Instance) else { return Ok(None) };
        let found =
            of_key(&folder, key).into_iter().find_map(|Published { file, database, .. }| {
                let mut file = locked_file::share(&folder, &file)?;
                file.set_modified(SystemTime::now()).ok()?;
                let mut notes = String::new();
                file.read_to_string(&mut notes).ok()?;
                self.joined.lock().push(file);
                Some(Found { database, notes })
            });
        Ok(found)
    }

    fn withdraw(&self, kind: Kind, key: &str, database: &str) {
        let hidden = published(WITHDRAWN, database);
        // What cannot be withdrawn is looked at again behind its next user.
        let _ = self.of(kind).and_then(|folder| folder.rename(&published(key, database), &hidden));
    }

    fn claim(
        &self,
        kind: Kind,
        key: &str,
        slot: usize,
    ) -> Result<Option<(Claim, String)>, Refusal> {
        let Ok(folder) = self.of(kind) else { return Ok(None) };
        let mut waiting = of_key(&folder, key);
        if !waiting.is_empty() {
            let first = slot % waiting.len();
            waiting.rotate_left(first);
        }
        let claimed = waiting.into_iter().find_map(|published| {
            let mut claim = published.take(&folder, kind)?;
            claim.key = key.to_owned();
            let Hold::File(file) = &mut claim.hold else { return None };
            let mut notes = String::new();
            // One that cannot be read stays held, and is abandoned with its lock.
            file.read_to_string(&mut notes).ok()?;
            Some((claim, notes))
        });
        Ok(claimed)
    }

    fn surplus(&self, kind: Kind, most: usize) -> Result<Vec<Claim>, Refusal> {
        let Ok(folder) = self.of(kind) else { return Ok(Vec::new()) };
        let since = |published: &Published| folder.modified(&published.file).ok();
        let mut all: Vec<_> =
            list(&folder).into_iter().map(|published| (since(&published), published)).collect();
        let surplus = all.len().saturating_sub(most);
        all.sort();
        let oldest = all.into_iter().take(surplus);
        Ok(oldest.filter_map(|(_, published)| published.take(&folder, kind)).collect())
    }

    fn abandoned(&self) -> Result<Vec<Abandoned>, Refusal> {
        let mut abandoned = self.unused();
        abandoned.extend(Kind::ALL.into_iter().flat_map(|kind| self.let_go(kind)));
        Ok(abandoned)
    }

    fn remove(&self, claim: Claim) -> Result<(), Refusal> {
        // The file goes before its lock does. A leftover file is harmless.
        let _ = self.of(claim.kind).and_then(|folder| folder.remove(&held(&claim.database)));
        Ok(())
    }

    fn hold_until(&self, claim: &Claim, until: SystemTime) -> Result<(), Refusal> {
        let name = format!("{}{UNTIL}{}", claim.database, seconds(until));
        let renamed =
            self.of(claim.kind).and_then(|folder| folder.rename(&held(&claim.database), &name));
        renamed.map_err(|error| Refusal::of_file(&error))
    }

    fn is_time_to_look(&self) -> bool {
        if self.folder.has(LOOKED) && !is_older(&self.folder, LOOKED, PAUSE) {
            return false;
        }
        // Of several processes one makes it.
        let _ = self.folder.remove(LOOKED);
        self.folder.create_new(LOOKED).is_ok()
    }

    fn told(&self, name: &str) -> Option<String> {
        self.folder.folder(TOLD).ok()?.read(name).ok()
    }

    fn tell(&self, name: &str, text: &str) {
        let folder = self.folder.folder(TOLD);
        let _ = folder.and_then(|folder| locked_file::write_whole(&folder, name, text));
    }

    fn leave(&self) -> Result<Vec<Claim>, Refusal> {
        for file in self.joined.lock().drain(..) {
            let _ = file.set_modified(SystemTime::now());
        }
        Ok(Vec::new())
    }

    fn close(&self) -> Result<(), Refusal> {
        Ok(())
    }
}

/// Returns a name that can be part of a file's: itself where it is plain and short, else a hash of it.
fn plain(name: &str) -> String {
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_';
    if name.len() <= 64 && name.bytes().all(is_plain) {
        return name.to_owned();
    }
    Sha256::digest(name.as_bytes()).iter().take(16).fold(String::new(), |mut hash, byte| {
        // Writing to a text does not fail.
        let _ = write!(hash, "{byte:02x}");
        hash
    })
}

fn is_older(folder: &OpenFolder, name: &str, age: Duration) -> bool {
    folder.modified(name).is_ok_and(|at| at.elapsed().is_ok_and(|elapsed| elapsed > age))
}

fn seconds(time: SystemTime) -> u64 {
    time.duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default().as_secs()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;
    use std::fs;
    use std::time::Instant;

    use proptest::prelude::*;

    use super::*;

    /// A server's folder, as its watcher makes it.
    fn folder() -> tempfile::TempDir {
        let folder = tempfile::tempdir().unwrap();
        let folders = Kind::ALL.map(Kind::word).into_iter().chain([TOLD, LOCKS]);
        for name in folders {
            fs::create_dir(folder.path().join(name)).unwrap();
        }
        folder
    }

    fn open(folder: &tempfile::TempDir) -> Files {
        Files::open(&Arc::new(OpenFolder::open(folder.path(), None).unwrap()), &Notices::none())
    }

    fn publish(files: &Files, kind: Kind, key: &str, database: &str) {
        let claim = files.enter(kind, key, database).unwrap();
        files.publish(claim, &format!("notes of {database}")).unwrap();
    }

    fn set_age(files: &Files, kind: Kind, name: &str, age: Duration) {
        let file = files.of(kind).unwrap().file(name).unwrap();
        file.set_modified(SystemTime::now() - age).unwrap();
    }

    #[test]
    fn a_database_is_found_once_it_is_published() {
        let folder = folder();
        let (maker, other) = (open(&folder), open(&folder));
        let claim = maker.enter(Kind::Template, "f1", "tdata_template_1").unwrap();
        assert_eq!(other.find(Kind::Template, "f1").unwrap(), None);
        maker.publish(claim, "two\nlines").unwrap();
        let found = other.find(Kind::Template, "f1").unwrap().unwrap();
        assert_eq!(
            (found.database.as_str(), found.notes.as_str()),
            ("tdata_template_1", "two\nlines")
        );
        assert_eq!(other.find(Kind::Layer, "f1").unwrap(), None);
        assert_eq!(other.find(Kind::Template, "f2").unwrap(), None);
    }

    #[test]
    fn a_clone_is_claimed_by_one_session_at_a_time() {
        let folder = folder();
        let (one, other) = (open(&folder), open(&folder));
        publish(&one, Kind::Clone, "t", "c1");
        let (claim, notes) = other.claim(Kind::Clone, "t", 0).unwrap().unwrap();
        assert_eq!((claim.database.as_str(), notes.as_str()), ("c1", "notes of c1"));
        assert!(one.claim(Kind::Clone, "t", 0).unwrap().is_none());
        assert!(one.abandoned().unwrap().is_empty(), "its session lives");
        other.publish(claim, "other notes").unwrap();
        let (_, notes) = one.claim(Kind::Clone, "t", 0).unwrap().unwrap();
        assert_eq!(notes, "other notes");
    }

    #[test]
    fn slots_reach_for_different_clones() {
        let folder = folder();
        let files = open(&folder);
        for database in ["a", "b", "c"] {
            publish(&files, Kind::Clone, "t", database);
        }
        let taken: Vec<String> = [2, 2, 2]
            .map(|slot| files.claim(Kind::Clone, "t", slot).unwrap().unwrap().0.database)
            .to_vec();
        assert_eq!(taken, ["c", "a", "b"]);
    }

    #[test]
    fn what_an_ended_session_held_is_abandoned() {
        let folder = folder();
        let (ended, other) = (open(&folder), open(&folder));
        let claim = ended.enter(Kind::Schemas, "", "s1").unwrap();
        assert!(other.abandoned().unwrap().is_empty());
        drop(claim);
        let mut abandoned = other.abandoned().unwrap();
        let Abandoned { claim, is_overdue } = abandoned.pop().unwrap();
        assert_eq!((claim.database.as_str(), is_overdue), ("s1", false));
        assert!(ended.abandoned().unwrap().is_empty(), "one session at a time drops it");
        other.remove(claim).unwrap();
        assert!(ended.abandoned().unwrap().is_empty());
    }

    #[test]
    fn an_instance_stays_while_a_session_uses_it_and_for_a_while() {
        let folder = folder();
        let (maker, user, other) = (open(&folder), open(&folder), open(&folder));
        let key = "a key that no file could be named after: \"x/y\"";
        publish(&maker, Kind::Instance, key, "i1");
        assert_eq!(user.join(key).unwrap().unwrap().database, "i1");
        let file = published(key, "i1");
        maker.leave().unwrap();
        set_age(&maker, Kind::Instance, &file, 2 * PATIENCE);
        assert!(other.abandoned().unwrap().is_empty(), "the second session uses it");
        user.leave().unwrap();
        assert!(other.abandoned().unwrap().is_empty(), "it was used just now");
        set_age(&maker, Kind::Instance, &file, 2 * PATIENCE);
        assert_eq!(other.abandoned().unwrap().len(), 1);
        assert!(user.join(key).unwrap().is_none());
    }

    #[test]
    fn a_claim_can_hold_until_a_time() {
        let folder = folder();
        let (session, other) = (open(&folder), open(&folder));
        for (database, until) in [
            ("over", SystemTime::now() - Duration::from_secs(5)),
            ("held", SystemTime::now() + Duration::from_secs(500)),
        ] {
            let claim = session.enter(Kind::Clone, "t", database).unwrap();
            session.hold_until(&claim, until).unwrap();
        }
        assert!(other.claim(Kind::Clone, "t", 0).unwrap().is_none());
        assert!(other.surplus(Kind::Clone, 0).unwrap().is_empty());
        let abandoned = other.abandoned().unwrap();
        let overdue: Vec<_> =
            abandoned.iter().map(|one| (one.claim.database.as_str(), one.is_overdue)).collect();
        assert_eq!(overdue, [("over", true)]);
    }

    #[test]
    fn the_first_published_are_surplus_first() {
        let folder = folder();
        let files = open(&folder);
        for (age, database) in ["new", "old", "oldest"].into_iter().enumerate() {
            publish(&files, Kind::Template, database, database);
            let age = Duration::from_secs(10 * age as u64);
            set_age(&files, Kind::Template, &published(database, database), age);
        }
        let names =
            |claims: Vec<Claim>| claims.into_iter().map(|one| one.database).collect::<Vec<_>>();
        assert_eq!(names(files.surplus(Kind::Template, 3).unwrap()), [""; 0]);
        let surplus = files.surplus(Kind::Template, 1).unwrap();
        assert_eq!(names(surplus), ["oldest", "old"]);
        assert!(files.find(Kind::Template, "new").unwrap().is_some());
    }

    #[test]
    fn a_lock_is_one_sessions() {
        let folder = folder();
        let (one, other) = (open(&folder), open(&folder));
        let lock = one.lock("template f").unwrap();
        std::thread::scope(|scope| {
            let waiting = scope.spawn(|| other.lock("template f").map(drop).is_ok());
            drop(other.lock("template g").unwrap());
            assert!(!waiting.is_finished());
            drop(lock);
            assert!(waiting.join().unwrap());
        });
    }

    #[test]
    fn one_session_a_second_looks_for_what_is_abandoned() {
        let folder = folder();
        let (one, other) = (open(&folder), open(&folder));
        assert!(one.is_time_to_look());
        assert!(!other.is_time_to_look() && !one.is_time_to_look());
    }

    proptest! {
        /// Whatever sessions do in whatever order, each clone is published, or held by one of them, or abandoned.
        #[test]
        fn no_clone_is_lost_or_held_twice(deeds in proptest::collection::vec((0..3usize, 0..4u8), 1..60)) {
            let folder = folder();
            let sessions: Vec<Files> = (0..3).map(|_| open(&folder)).collect();
            let mut held: Vec<Vec<Claim>> = vec![Vec::new(), Vec::new(), Vec::new()];
            let mut made = BTreeSet::new();
            for (place, (session, deed)) in deeds.into_iter().enumerate() {
                let (files, held) = (&sessions[session], &mut held[session]);
                match deed {
                    0 => {
                        let database = format!("c{place}");
                        held.push(files.enter(Kind::Clone, "t", &database).unwrap());
                        made.insert(database);
                    }
                    1 => held.extend(files.claim(Kind::Clone, "t", place).unwrap().map(|(claim, _)| claim)),
                    2 => {
                        if let Some(claim) = held.pop() {
                            files.publish(claim, "notes").unwrap();
                        }
                    }
                    // The session ends.
                    _ => held.clear(),
                }
            }
            let all = || {
                let waiting = of_key(&sessions[0].of(Kind::Clone).unwrap(), "t").into_iter().map(|one| one.database);
                let abandoned = sessions[0].abandoned().unwrap();
                let mut all: Vec<String> = held.iter().flatten().map(|claim| claim.database.clone()).collect();
                all.extend(waiting);
                all.extend(abandoned.iter().map(|one| one.claim.database.clone()));
                all
            };
            // A program that another test starts has this process's files open until it is itself.
            let begun = Instant::now();
            let mut found = all();
            while found.len() < made.len() && begun.elapsed() < Duration::from_secs(60) {
                std::thread::yield_now();
                found = all();
            }
            prop_assert_eq!(found.len(), made.len());
            prop_assert_eq!(found.into_iter().collect::<BTreeSet<_>>(), made);
        }
    }
}
