//! The database that a verb works in.

use clap::Args;
use postgres::Client;
use tdata_core::project::Surroundings;
use tdata_jobs::JobError;
use tdata_postgres::{Endpoint, Refusal};

use crate::exit::Failed;
use crate::stop::Stop;

/// The database that a verb works in.
#[derive(Debug, Args)]
#[command(next_help_heading = "Database options")]
pub(crate) struct DatabaseUrl {
    /// The database, such as postgres://user@host:5432/shop, or @FILE for a file that has the URL [default: one of the command's
    /// own]
    #[arg(long, value_name = "URL")]
    pub(crate) database_url: Option<String>,
}

/// The database of a URL.
#[derive(Debug)]
pub(crate) struct Database {
    endpoint: Endpoint,
}

impl Database {
    /// Reads a URL. A file keeps a password from those who see the command line.
    pub(crate) fn of(said: &str) -> Result<Self, Failed> {
        let wrong = |error: &dyn std::fmt::Display| JobError::Asked {
            message: format!("--database-url: {error}"),
            help: Some("write postgres://user:password@host:5432/database".to_owned()),
        };
        let url = match said.strip_prefix('@') {
            None => said.to_owned(),
            Some(file) => {
                let failed = |source| JobError::File { verb: "read", path: file.into(), source };
                std::fs::read_to_string(file).map_err(failed)?.trim().to_owned()
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
        let mut client = self.connect(database)?;
        stop.cancels(&client);
        for (name, value) in surroundings.session.iter() {
            let set = client.execute("SELECT set_config($1, $2, false)", &[&name, &value]);
            set.map_err(|error| JobError::Database(Refusal::from(error)))?;
        }
        Ok(client)
    }
}
