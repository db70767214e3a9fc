//! How a server is reached.

use std::fmt;

use postgres::{Client, Config, NoTls};

use crate::refusal::Refusal;

/// How a server is reached: everything of a connection URL but the database.
///
/// `Debug` leaves the password out.
#[derive(Clone)]
pub struct Endpoint {
    /// `postgres://user:password@host:port`.
    authority: String,
    /// The rest of the URL behind the database: `?key=value&...`, or nothing.
    parameters: String,
    /// The database to connect to for work on the server as a whole.
    maintenance: String,
    place: String,
}

/// A text that is no PostgreSQL URL.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct MalformedUrl;

impl Endpoint {
    /// Describes a server that tdata booted; user and password need no encoding.
    pub(crate) fn new(host: &str, port: u16, user: &str, password: &str) -> Self {
        Self {
            authority: format!("postgres://{user}:{password}@{host}:{port}"),
            parameters: String::new(),
            maintenance: "postgres".to_owned(),
            place: format!("{host}:{port}"),
        }
    }

    /// Reads a URL.
    pub(crate) fn parse(url: &str) -> Result<Self, MalformedUrl> {
        let config: Config = url.parse().map_err(|_| MalformedUrl)?;
        let (scheme, rest) = url.split_once("://").ok_or(MalformedUrl)?;
        let (rest, parameters) = match rest.split_once('?') {
            Some((rest, parameters)) => (rest, format!("?{parameters}")),
            None => (rest, String::new()),
        };
        let authority = rest.split_once('/').map_or(rest, |(authority, _)| authority);
        let user = config.get_user().unwrap_or("postgres");
        let maintenance = config.get_dbname().unwrap_or(user).to_owned();
        let place = authority.rsplit_once('@').map_or(authority, |(_, place)| place).to_owned();
        Ok(Self { authority: format!("{scheme}://{authority}"), parameters, maintenance, place })
    }

    /// Returns host and port, for messages.
    pub fn place(&self) -> &str {
        &self.place
    }

    /// Returns the name of the database for work on the server as a whole.
    pub fn maintenance(&self) -> &str {
        &self.maintenance
    }

    /// Returns the URL of a database, password included.
    pub fn url(&self, database: &str) -> String {
        format!("{}/{database}{}", self.authority, self.parameters)
    }

    /// Returns the URL of a database whose connections get `options` (such as
    /// `-c search_path=app`), password included.
    pub fn url_with_options(&self, database: &str, options: &str) -> String {
        let mut encoded = String::new();
        for byte in options.bytes() {
            if byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.') {
                encoded.push(char::from(byte));
            } else {
                encoded.push_str(&format!("%{byte:02X}"));
            }
        }
        let separator = if self.parameters.is_empty() { '?' } else { '&' };
        format!("{}{separator}options={encoded}", self.url(database))
    }

    /// Connects to a database by its URL.
    pub(crate) fn connect_to(url: &str, application: &str) -> Result<Client, Refusal> {
        let mut config: Config = url.parse()?;
        if config.get_application_name().is_none() {
            config.application_name(application);
        }
        Ok(config.connect(NoTls)?)
    }

    /// Connects to a database.
    pub(crate) fn connect(&self, database: &str) -> Result<Client, Refusal> {
        Self::connect_to(&self.url(database), "tdata")
    }
}

impl fmt::Debug for Endpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Endpoint({})", self.place)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_database_changes_and_the_rest_stays() {
        let endpoint = Endpoint::parse("postgresql://u:p@h:1/app?sslmode=disable").unwrap();
        assert_eq!(endpoint.maintenance(), "app");
        assert_eq!(endpoint.url("other"), "postgresql://u:p@h:1/other?sslmode=disable");
        assert_eq!(
            endpoint.url_with_options("db", "-c search_path=s1"),
            "postgresql://u:p@h:1/db?sslmode=disable&options=-c%20search_path%3Ds1"
        );
    }

    #[test]
    fn the_password_is_never_shown() {
        let endpoint = Endpoint::parse("postgres://u:secret@h:1/app").unwrap();
        assert_eq!(format!("{endpoint:?}"), "Endpoint(h:1)");
    }
}
