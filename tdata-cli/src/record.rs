//! What this user has provisioned into databases of the command's own: a file for each, in the user's state folder.

use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use serde_json::{Value, json};
use tdata_jobs::JobError;
use tdata_postgres::{Endpoint, Refusal};

use crate::exit::Failed;

/// A database of the command's own.
#[derive(Clone, Debug)]
pub(crate) struct Record {
    /// The ID under which it is found again.
    pub(crate) id: String,
    /// The URL of a connection to it. Only this user may read the file.
    pub(crate) url: String,
    /// Its name.
    pub(crate) database: String,
    /// When it goes by itself, in seconds since 1970.
    pub(crate) until: u64,
}

impl Record {
    /// Describes a database that stays for some time.
    pub(crate) fn new(id: String, url: String, database: String, time: Duration) -> Self {
        let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        Self { id, url, database, until: (now + time).as_secs() }
    }

    /// Returns how many seconds are left.
    pub(crate) fn seconds_left(&self) -> u64 {
        let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        self.until.saturating_sub(now.as_secs())
    }

    /// Writes it down.
    pub(crate) fn save(&self) -> Result<(), Failed> {
        let folder = folder()?;
        let path = folder.join(&self.id);
        let text = json!({ "url": self.url, "database": self.database, "until": self.until });
        let failed = |source| JobError::File { verb: "write", path: path.clone(), source };
        fs::create_dir_all(&folder).map_err(failed)?;
        let mut options = fs::OpenOptions::new();
        options.write(true).create_new(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        let mut file = options.open(&path).map_err(failed)?;
        Ok(file.write_all(text.to_string().as_bytes()).map_err(failed)?)
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
                None => {}
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
            until: value.get("until")?.as_u64()?,
        })
    }

    /// Forgets it.
    pub(crate) fn forget(&self) -> Result<(), Failed> {
        let path = folder()?.join(&self.id);
        match fs::remove_file(&path) {
            Err(source) if source.kind() != std::io::ErrorKind::NotFound => {
                Err(JobError::File { verb: "remove", path, source }.into())
            }
            _ => Ok(()),
        }
    }

    /// Tells whether the database is there.
    pub(crate) fn is_there(&self) -> bool {
        let endpoint = Endpoint::parse(&self.url);
        endpoint.is_ok_and(|endpoint| endpoint.connect_with(&self.database, "", "tdata").is_ok())
    }

    /// Drops the database, and ends whoever is connected to it. One that is gone is no mistake.
    pub(crate) fn drop_database(&self) -> Result<(), Failed> {
        let Ok(endpoint) = Endpoint::parse(&self.url) else { return Ok(()) };
        // A server that is gone took its databases along.
        let Ok(mut client) = endpoint.connect_with("postgres", "", "tdata") else { return Ok(()) };
        let refused = |error| JobError::Database(Refusal::from(error));
        let is_there = "SELECT FROM pg_database WHERE datname = $1";
        if client.query_opt(is_there, &[&self.database]).map_err(refused)?.is_none() {
            return Ok(());
        }
        let name = tdata_core::sql::quote_identifier(&self.database);
        // What is kept is marked as a template, so that nothing else drops it.
        client
            .batch_execute(&format!("ALTER DATABASE {name} IS_TEMPLATE false"))
            .and_then(|()| client.batch_execute(&format!("DROP DATABASE {name} WITH (FORCE)")))
            .map_err(refused)?;
        Ok(())
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
