//! Databases of the command's own: reaching them, and knowing whether they are there.

use std::net::{TcpStream, ToSocketAddrs as _};
use std::time::Duration;

use postgres::Client;
use postgres::error::SqlState;
use tdata_jobs::JobError;
use tdata_postgres::{Endpoint, Refusal, without_password};

use crate::exit::Failed;
use crate::record::Record;

/// What gives the URL of a server that tdata did not boot, as for tests.
const DATABASE_URLS: [&str; 2] = ["TDATA_DATABASE_URL", "TEST_DATABASE_URL"];

/// How long is waited for an answer of the machine that a server was on.
const ANSWER_TIMEOUT: Duration = Duration::from_secs(10);

impl Record {
    /// Tells whether the database is there. Who cannot be asked does not say that it is not.
    pub(crate) fn is_there(&self) -> Result<bool, JobError> {
        match self.endpoint()?.connect_with(&self.database, "", "tdata") {
            Ok(_) => Ok(true),
            Err(refusal) if self.is_gone(&refusal)? => Ok(false),
            Err(refusal) => Err(JobError::Database(refusal)),
        }
    }

    /// Drops the database, and ends whoever is connected to it. One that is gone is no mistake.
    pub(crate) fn drop_database(&self) -> Result<(), Failed> {
        let Some(mut client) = self.connect_beside()? else { return Ok(()) };
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

    /// Returns its server, for messages.
    pub(crate) fn place(&self) -> String {
        self.endpoint().map_or_else(|_| self.database.clone(), |endpoint| endpoint.place())
    }

    /// Connects to another database of the server, as nobody drops one that he is connected to; nothing, if the server is gone.
    fn connect_beside(&self) -> Result<Option<Client>, Failed> {
        let endpoint = self.endpoint()?;
        match endpoint.connect_with(&self.maintenance, "", "tdata") {
            Ok(client) => Ok(Some(client)),
            Err(refusal) if !lacks_database(&refusal) && self.is_gone(&refusal)? => Ok(None),
            Err(refusal) => {
                let server = format!("{} on {}", self.id, endpoint.place());
                Err(JobError::ByDatabase(vec![(server, JobError::Database(refusal))]).into())
            }
        }
    }

    /// Tells whether a server that refuses a connection has no such database any more, or ended with it.
    fn is_gone(&self, refusal: &Refusal) -> Result<bool, JobError> {
        if lacks_database(refusal) {
            return Ok(true);
        }
        if !self.is_owned {
            return Ok(false);
        }
        // Another server, which has the port by now, knows the password of the one that ended no more.
        Ok(refusal.is_authorization()
            || refusal.sqlstate().is_none() && is_nobody_there(&self.endpoint()?))
    }

    /// Returns how it is reached. What knows the password of a server that tdata did not boot is the environment.
    fn endpoint(&self) -> Result<Endpoint, JobError> {
        let record = parse(&self.url)?;
        if self.is_owned {
            return Ok(record);
        }
        let said = DATABASE_URLS.iter().find_map(|name| std::env::var(name).ok());
        if let Some(said) = said.and_then(|url| Endpoint::parse(&url).ok())
            && said.place() == record.place()
        {
            return Ok(said);
        }
        match std::env::var("PGPASSWORD") {
            Ok(password) if !password.is_empty() => parse(&with_password(&self.url, &password)),
            _ => Ok(record),
        }
    }
}

/// Returns the URL of data as it may be told and written down: only the password of a server that tdata booted is in it.
pub(crate) fn url_to_tell(url: &str, is_owned: bool) -> String {
    if is_owned { url.to_owned() } else { without_password(url) }
}

fn lacks_database(refusal: &Refusal) -> bool {
    refusal.is(SqlState::INVALID_CATALOG_NAME.code())
}

/// Tells whether no server listens at an address: the way there is open, and nobody answers.
fn is_nobody_there(endpoint: &Endpoint) -> bool {
    let refused = |error: std::io::Error| error.kind() == std::io::ErrorKind::ConnectionRefused;
    let addresses = endpoint.place().to_socket_addrs().map(Iterator::collect::<Vec<_>>);
    let is_refused =
        |address| TcpStream::connect_timeout(&address, ANSWER_TIMEOUT).is_err_and(refused);
    addresses.is_ok_and(|all| !all.is_empty() && all.into_iter().all(is_refused))
}

/// Puts a password into a URL that an endpoint made, and that has none.
fn with_password(url: &str, password: &str) -> String {
    let encoded: String = password.bytes().map(|byte| format!("%{byte:02X}")).collect();
    let begun = if url.contains('?') { '&' } else { '?' };
    format!("{url}{begun}password={encoded}")
}

fn parse(url: &str) -> Result<Endpoint, JobError> {
    Endpoint::parse(url).map_err(|error| JobError::Asked {
        message: format!("what is known of a database has no URL that can be read: {error}"),
        help: None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_password_of_the_environment_is_one_of_the_url() {
        let url = Endpoint::parse("postgres://app@localhost:7/shop").unwrap().url("shop");
        let with = Endpoint::parse(&with_password(&url, "a&b c%")).unwrap();
        assert!(with.url("shop").starts_with("postgres://app:a%26b%20c%25@localhost:7/shop?"));
    }

    #[test]
    fn passwords_of_others_are_not_told() {
        let url = Endpoint::parse("postgres://app:secret@localhost:7/shop").unwrap().url("shop");
        assert!(!url_to_tell(&url, false).contains("secret"));
        assert!(url_to_tell(&url, true).contains("secret"));
    }
}
