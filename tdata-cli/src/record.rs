//! What this user has provisioned into databases of the command's own: a file for each, in the user's state folder.

use std::fs;
use std::io::{ErrorKind, Write as _};
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use serde_json::{Value, json};
use tdata_jobs::JobError;
use tempfile::NamedTempFile;

use crate::exit::Failed;

/// What nobody has touched for so long tells of no database any more: none stays longer.
const LONGEST: Duration = Duration::from_secs(24 * 60 * 60);

/// A database of the command's own.
#[derive(Clone, Debug)]
pub(crate) struct Record {
    /// The ID under which it is found again.
    pub(crate) id: String,
    /// The URL of a connection to it, without the password of a server that tdata did not boot. Only this user may read the file.
    pub(crate) url: String,
    /// Its name.
    pub(crate) database: String,
    /// The database of the server to connect to for work beside it.
    pub(crate) maintenance: String,
    /// Whether tdata booted its server, which then has no life beyond that of its databases.
    pub(crate) is_owned: bool,
    /// When it goes by itself, in seconds since 1970.
    pub(crate) until: u64,
}

impl Record {
    /// Returns how many seconds are left.
    pub(crate) fn seconds_left(&self) -> u64 {
        let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        self.until.saturating_sub(now.as_secs())
    }

    /// Proves that one can be written down, before there is anything to be found again.
    pub(crate) fn prove_folder() -> Result<(), Failed> {
        draft(&folder()?).map(drop)
    }

    /// Writes it down, whole or not at all.
    pub(crate) fn save(&self) -> Result<(), Failed> {
        let folder = folder()?;
        let path = folder.join(&self.id);
        let text = json!({
            "url": self.url,
            "database": self.database,
            "maintenance": self.maintenance,
            "owned": self.is_owned,
            "until": self.until,
        });
        let failed = |source| JobError::File { verb: "write", path: path.clone(), source };
        let mut file = draft(&folder)?;
        file.write_all(text.to_string().as_bytes()).map_err(failed)?;
        file.as_file().sync_all().map_err(failed)?;
        file.persist_noclobber(&path).map_err(|error| failed(error.error))?;
        Ok(())
    }

    /// Finds the one of an ID.
    pub(crate) fn find(id: &str) -> Result<Self, Failed> {
        let id = id.to_ascii_lowercase();
        let found = Self::all()?.into_iter().find(|record| record.id == id);
        found.ok_or_else(|| {
            let message = format!("there is no provision `{id}` of a database of the command's own");
            let help = "`tdata status` lists those that there are; one in another database needs its --database-url";
            JobError::Asked { message, help: Some(help.to_owned()) }.into()
        })
    }

    /// Returns all whose time is not over; the others are forgotten.
    pub(crate) fn all() -> Result<Vec<Self>, Failed> {
        let Ok(files) = fs::read_dir(folder()?) else { return Ok(Vec::new()) };
        let mut records = Vec::new();
        for file in files.flatten() {
            match Self::read(&file.path()) {
                Some(record) if record.seconds_left() > 0 => records.push(record),
                Some(record) => record.forget()?,
                None => remove_old(&file),
            }
        }
        records.sort_by(|one, other| (one.until, &one.id).cmp(&(other.until, &other.id)));
        Ok(records)
    }

    fn read(path: &Path) -> Option<Self> {
        let value: Value = serde_json::from_str(&fs::read_to_string(path).ok()?).ok()?;
        let text = |key: &str| value.get(key)?.as_str().map(str::to_owned);
        Some(Self {
            id: path.file_name()?.to_str()?.to_owned(),
            url: text("url")?,
            database: text("database")?,
            maintenance: text("maintenance")?,
            is_owned: value.get("owned")?.as_bool()?,
            until: value.get("until")?.as_u64()?,
        })
    }

    /// Forgets it.
    pub(crate) fn forget(&self) -> Result<(), Failed> {
        let path = folder()?.join(&self.id);
        match fs::remove_file(&path) {
            Err(source) if source.kind() != ErrorKind::NotFound => {
                Err(JobError::File { verb: "remove", path, source }.into())
            }
            _ => Ok(()),
        }
    }
}

/// Returns when a time from now on is over, in seconds since 1970.
pub(crate) fn end_of(time: Duration) -> u64 {
    (SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default() + time).as_secs()
}

/// Begins a file that only this user may read, as with all temporary files.
fn draft(folder: &Path) -> Result<NamedTempFile, Failed> {
    let made = fs::create_dir_all(folder).and_then(|()| NamedTempFile::new_in(folder));
    let path = folder.to_owned();
    Ok(made.map_err(|source| JobError::File { verb: "write into", path, source })?)
}

/// Removes what is no record, such as what a killed run had begun to write. A new one may become a record yet.
fn remove_old(file: &fs::DirEntry) {
    let touched = file.metadata().and_then(|metadata| metadata.modified());
    let is_old = touched.is_ok_and(|time| time.elapsed().is_ok_and(|age| age > LONGEST));
    if is_old {
        // Where that fails, it is only in nobody's way.
        let _ = fs::remove_file(file.path());
    }
}

/// The folder of the records.
fn folder() -> Result<PathBuf, Failed> {
    let set = |name: &str| std::env::var_os(name).filter(|value| !value.is_empty());
    let state = set("XDG_STATE_HOME").map(PathBuf::from);
    let home =
        || Some(PathBuf::from(set("HOME").or_else(|| set("USERPROFILE"))?).join(".local/state"));
    let state = state.or_else(home).ok_or_else(|| JobError::Asked {
        message: "there is no folder to write down what was provisioned".to_owned(),
        help: Some("set HOME or XDG_STATE_HOME".to_owned()),
    })?;
    Ok(state.join("tdata/provisions"))
}
