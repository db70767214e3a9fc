//! What processes tell each other of the databases on a server.

use std::fmt;
use std::fs::File;
use std::time::SystemTime;

use tdata_postgres::Refusal;

use super::session_lock::SessionLock;

/// The key of what nobody is to find any more.
pub(super) const WITHDRAWN: &str = "withdrawn";

/// What a database is there for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Kind {
    /// Its copies are what tests use; all of it was checked.
    Template,
    /// Templates are built upon it.
    Layer,
    /// A copy of a template, for one user after another.
    Clone,
    /// Data that several sessions use at once.
    Instance,
    /// The schemas of one session.
    Schemas,
}

impl Kind {
    pub(super) const ALL: [Self; 5] =
        [Self::Template, Self::Layer, Self::Clone, Self::Instance, Self::Schemas];

    /// Returns its word, which is in the names of its databases.
    pub(crate) fn word(self) -> &'static str {
        match self {
            Self::Template => "template",
            Self::Layer => "layer",
            Self::Clone => "clone",
            Self::Instance => "instance",
            Self::Schemas => "schemas",
        }
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.word())
    }
}

/// A database that was found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Found {
    pub(crate) database: String,
    /// What was published with it.
    pub(crate) notes: String,
}

/// A session's claim on a database: nobody else uses it, or drops it, while the session lives.
#[derive(Debug)]
pub(crate) struct Claim {
    pub(super) kind: Kind,
    pub(super) key: String,
    pub(crate) database: String,
    pub(super) hold: Hold,
}

/// What holds a claim.
#[derive(Debug)]
pub(super) enum Hold {
    /// The lock of a file, which the kernel frees when its process ends.
    File(File),
    /// A row that names the session.
    Row,
}

/// A claim on a database that nobody alive holds any more.
#[derive(Debug)]
pub(crate) struct Abandoned {
    pub(crate) claim: Claim,
    /// Whether its time is over, so that whoever is connected has to go.
    pub(crate) is_overdue: bool,
}

/// A lock that no other session of a server has, until it is dropped or the process ends.
#[derive(Debug)]
#[expect(dead_code, reason = "held, not read")]
pub(crate) enum Lock {
    File(File),
    Session(SessionLock),
}

/// Who holds which database of a server.
///
/// A database is *entered* before it is made, by the session that makes it. Once it is complete it is *published* with
/// notes, under a key: templates and layers are then *found* by everybody, clones are *claimed* by one session at a
/// time and published again behind it, instances are *joined* by any number of sessions. Whatever a session holds is
/// *abandoned* when the session ends without letting go of it: any other may claim it then, and drop it. A claim may
/// also be given a time, until which it holds whether or not its session lives.
pub(crate) trait Registry: Send + Sync + fmt::Debug {
    /// Proves that the server lives the life that it lived when the session began. If it recovered from a crash or was
    /// restored from a backup, databases may have lost rows: nothing that this session knows of is to be used.
    fn prove_life(&self) -> Result<(), Refusal>;

    /// Waits for a lock, and takes it.
    fn lock(&self, name: &str) -> Result<Lock, Refusal>;

    /// Enters a database that is yet to be made.
    fn enter(&self, kind: Kind, key: &str, database: &str) -> Result<Claim, Refusal>;

    /// Lets others find, claim or join a database; of an instance this session stays a user.
    fn publish(&self, claim: Claim, notes: &str) -> Result<(), Refusal>;

    /// Finds a database that is published.
    fn find(&self, kind: Kind, key: &str) -> Result<Option<Found>, Refusal>;

    /// Finds an instance, and enters this session among its users until it ends.
    fn join(&self, key: &str) -> Result<Option<Found>, Refusal>;

    /// Lets nobody find or join a database any more; those who use it go on, and behind the last of them it is dropped.
    fn withdraw(&self, kind: Kind, key: &str, database: &str);

    /// Claims a database that is published, and returns its notes; where there are several, the one of a slot, so that
    /// few reach for the same.
    fn claim(&self, kind: Kind, key: &str, slot: usize)
    -> Result<Option<(Claim, String)>, Refusal>;

    /// Claims the databases of a kind that were published first, so that `most` of them stay.
    fn surplus(&self, kind: Kind, most: usize) -> Result<Vec<Claim>, Refusal>;

    /// Claims what nobody alive holds: databases of sessions that ended, instances without users, and claims whose
    /// time is over.
    fn abandoned(&self) -> Result<Vec<Abandoned>, Refusal>;

    /// Gives a claim up: its database is gone, or stays for somebody to look at.
    fn remove(&self, claim: Claim) -> Result<(), Refusal>;

    /// Lets a claim hold until a time, also behind the end of this session, which holds it no more.
    fn hold_until(&self, claim: &Claim, until: SystemTime) -> Result<(), Refusal>;

    /// Tells whether it is time to look for what is abandoned, and if so lets others know that this session does.
    fn is_time_to_look(&self) -> bool;

    /// Returns what any session has told under a name.
    fn told(&self, name: &str) -> Option<String>;

    /// Tells all sessions something under a name. What cannot be told is not known; nobody relies on it.
    fn tell(&self, name: &str, text: &str);

    /// Ends this session's part: it uses no instance any more. Returns whether it was the last on a server that is not
    /// ours, with all that is left there to be dropped.
    fn leave(&self) -> Result<Vec<Claim>, Refusal>;

    /// Takes away what the registry itself has on a server that is not ours, if nobody else uses it.
    fn close(&self) -> Result<(), Refusal>;
}
