//! The databases that a verb works in.

use std::path::Path;

use clap::Args;
use postgres::Client;
use tdata_core::project::Surroundings;
use tdata_jobs::{JobError, Shard};
use tdata_postgres::{Endpoint, Refusal};

use crate::exit::Failed;
use crate::project::ProjectFolder;
use crate::stop::Stop;

/// The databases that a verb works in.
#[derive(Debug, Args)]
#[command(next_help_heading = "Database options")]
pub(crate) struct DatabaseUrl {
    /// The database, such as postgres://user@host:5432/shop, or @FILE for a file that has the URL. Given several times, rows are
    /// divided among these [default: the `shards` of tdata.toml, else one of the command's own]
    #[arg(long, value_name = "URL")]
    database_url: Vec<String>,

    /// A database of the command's own, also where tdata.toml has `shards`
    #[arg(long, conflicts_with = "database_url")]
    own: bool,
}

impl DatabaseUrl {
    /// Returns the databases that are named here, else the project's shards. There may be none.
    pub(crate) fn databases(&self, project: &ProjectFolder) -> Result<Vec<Database>, Failed> {
        if !self.database_url.is_empty() {
            let said = self.database_url.iter();
            return said.map(|url| Database::of("--database-url", url, Path::new(""))).collect();
        }
        if self.own {
            return Ok(Vec::new());
        }
        let (urls, folder) = project.shards()?;
        urls.iter().map(|url| Database::of("`shards` in tdata.toml", url, &folder)).collect()
    }
}

/// The database of a URL.
#[derive(Debug)]
pub(crate) struct Database {
    endpoint: Endpoint,
}

impl Database {
    /// Reads a URL that something names. A file keeps a password from those who see the command line.
    fn of(place: &str, said: &str, folder: &Path) -> Result<Self, Failed> {
        let wrong = |error: &dyn std::fmt::Display| JobError::Asked {
            message: format!("{place}: {error}"),
            help: Some("write postgres://user:password@host:5432/database".to_owned()),
        };
        let url = match said.strip_prefix('@') {
            None => said.to_owned(),
            Some(file) => {
                let path = folder.join(file);
                let failed = |source| JobError::File { verb: "read", path: path.clone(), source };
                std::fs::read_to_string(&path).map_err(failed)?.trim().to_owned()
            }
        };
        Ok(Self { endpoint: Endpoint::parse(&url).map_err(|error| wrong(&error))? })
    }

    /// Connects to it, or to another database of its server.
    pub(crate) fn connect(&self, database: Option<&str>) -> Result<Client, JobError> {
        let database = database.unwrap_or_else(|| self.endpoint.maintenance());
        self.endpoint.connect_with(database, "", "tdata").map_err(JobError::Database)
    }

    /// Connects to load rows: with what the project sets for sessions, and so that an interrupt cancels what the server works on.
    pub(crate) fn connect_to_load(
        &self,
        database: Option<&str>,
        surroundings: &Surroundings,
        stop: &Stop,
    ) -> Result<Client, JobError> {
        let client = self.connect_within(database, surroundings)?;
        stop.cancels(&client);
        Ok(client)
    }

    /// Connects with what the project sets for sessions.
    pub(crate) fn connect_within(
        &self,
        database: Option<&str>,
        surroundings: &Surroundings,
    ) -> Result<Client, JobError> {
        let mut client = self.connect(database)?;
        for (name, value) in surroundings.session.iter() {
            let set = client.execute("SELECT set_config($1, $2, false)", &[&name, &value]);
            set.map_err(|error| JobError::Database(Refusal::from(error)))?;
        }
        Ok(client)
    }
}

/// Connects to several databases, each of which is a shard.
pub(crate) fn connect_all(
    databases: &[Database],
    connect: impl Fn(&Database) -> Result<Client, JobError>,
) -> Result<Vec<Shard>, JobError> {
    let (mut shards, mut wrong) = (Vec::new(), Vec::new());
    for (number, database) in (1..).zip(databases) {
        let (name, place) = (database.endpoint.maintenance(), database.endpoint.place());
        let name = format!("shard {number} of {}, {name} on {place}", databases.len());
        match connect(database) {
            Ok(client) => shards.push(Shard { name, client }),
            Err(error) => wrong.push((name, error)),
        }
    }
    if wrong.is_empty() { Ok(shards) } else { Err(JobError::ByDatabase(wrong)) }
}
