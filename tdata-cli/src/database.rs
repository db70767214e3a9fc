//! The database that a verb works in.

use clap::Args;
use postgres::Client;
use tdata_jobs::JobError;
use tdata_postgres::Endpoint;

use crate::exit::Failed;

/// The database that a verb works in.
#[derive(Debug, Args)]
#[command(next_help_heading = "Database options")]
pub(crate) struct DatabaseUrl {
    /// The database, such as postgres://user@host:5432/shop, or @FILE for a file that has the URL [default: one of the command's
    /// own]
    #[arg(long, value_name = "URL")]
    pub(crate) database_url: Option<String>,
}

/// Connects to the database of a URL.
///
/// A file keeps a password from those who see the command line.
pub(crate) fn connect(said: &str) -> Result<Client, Failed> {
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
    let endpoint = Endpoint::parse(&url).map_err(|error| wrong(&error))?;
    let database = endpoint.maintenance().to_owned();
    let connected = endpoint.connect_with(&database, "", "tdata");
    Ok(connected.map_err(JobError::Database)?)
}
