//! How a server is reached.

use std::fmt;
use std::path::{Path, PathBuf};
use std::time::Duration;

use postgres::config::{Host, SslMode};
use postgres::{Client, Config, NoTls};

use crate::refusal::Refusal;

/// How long a connection may take to be made, where the URL does not say.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);

/// Parameters of a URL that tdata sets itself, for each connection.
const OURS: &[&str] =
    &["dbname", "application_name", "options", "host", "hostaddr", "port", "user", "password"];

/// How a server is reached: everything of a connection URL but the database.
///
/// `Debug` leaves the password out.
#[derive(Clone)]
pub struct Endpoint {
    config: Config,
    /// A shorter way for tdata's own connections: the socket in the server's folder.
    socket: Option<PathBuf>,
    /// The parameters that go into URLs as they were given, such as `sslmode=disable`.
    parameters: Vec<String>,
    /// The database to connect to for work on the server as a whole.
    maintenance: String,
}

/// Options whose names may be told: these are PostgreSQL's words, and no part of a URL that somebody wrote.
const OPTIONS: &[&str] = &[
    "host",
    "hostaddr",
    "port",
    "sslmode",
    "sslnegotiation",
    "connect_timeout",
    "tcp_user_timeout",
    "keepalives",
    "keepalives_idle",
    "keepalives_interval",
    "keepalives_retries",
    "target_session_attrs",
    "channel_binding",
    "load_balance_hosts",
];

/// A text that is no PostgreSQL URL: why.
///
/// It tells nothing of the text. Whatever cannot be read may be a part of a password.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum MalformedUrl {
    /// It is not clear where the password ends.
    #[error(
        "it is not clear where its password ends; write @ as %40, and ? as %3F, within a name or a password"
    )]
    Ambiguous,
    /// There is a line break or the like in it.
    #[error("there is a line break or another control character in it")]
    Control,
    /// An option's value cannot be read.
    #[error("the value of its option `{0}` cannot be read")]
    Value(&'static str),
    /// It is written in another way.
    #[error("it is not of this form, or names an option that there is not")]
    Form,
}

impl Endpoint {
    /// Describes a server that tdata booted.
    pub fn new(host: &str, port: u16, user: &str, password: &str) -> Self {
        let mut config = Config::new();
        config.host(host).port(port).user(user).password(password);
        config.connect_timeout(CONNECT_TIMEOUT);
        let maintenance = "postgres".to_owned();
        Self { config, socket: None, parameters: Vec::new(), maintenance }
    }

    /// Lets tdata's own connections go through the socket in a folder, if the server listens there.
    pub fn with_socket_in(mut self, folder: &Path) -> Self {
        let socket = folder.join(format!(".s.PGSQL.{}", self.port()));
        self.socket = socket.exists().then(|| folder.to_owned());
        self
    }

    /// Reads a URL, or a connection string of keys and values.
    pub fn parse(url: &str) -> Result<Self, MalformedUrl> {
        let is_url = ["postgres://", "postgresql://"].iter().any(|scheme| url.starts_with(scheme));
        if is_url {
            check_parts(url)?;
        }
        let mut config: Config = url.parse().map_err(|error| malformed(&error))?;
        check_places(&config)?;
        if config.get_connect_timeout().is_none() {
            config.connect_timeout(CONNECT_TIMEOUT);
        }
        let query = url.split_once('?').filter(|_| is_url).map_or("", |(_, query)| query);
        let kept = query.split('&').filter(|parameter| {
            let key = parameter.split('=').next().unwrap_or_default();
            !key.is_empty() && !OURS.contains(&key)
        });
        let parameters = kept.map(str::to_owned).collect();
        let user = config.get_user().unwrap_or("postgres").to_owned();
        let maintenance = config.get_dbname().map_or(user, str::to_owned);
        Ok(Self { config, socket: None, parameters, maintenance })
    }

    /// Returns host and port, for messages.
    pub fn place(&self) -> String {
        let host = match self.config.get_hosts().first() {
            Some(Host::Tcp(host)) => host.clone(),
            #[cfg(unix)]
            Some(Host::Unix(folder)) => folder.display().to_string(),
            _ => "localhost".to_owned(),
        };
        format!("{host}:{}", self.port())
    }

    /// Returns the role.
    pub fn user(&self) -> &str {
        self.config.get_user().unwrap_or("postgres")
    }

    /// Returns the name of the database for work on the server as a whole.
    pub fn maintenance(&self) -> &str {
        &self.maintenance
    }

    /// Tells whether the URL demands TLS, which tdata's own connections do not speak.
    pub fn demands_tls(&self) -> bool {
        self.config.get_ssl_mode() == SslMode::Require
    }

    /// Returns the URL of a database, password included.
    pub fn url(&self, database: &str) -> String {
        self.url_with_options(database, "")
    }

    /// Returns the URL of a database whose connections get `options` (such as
    /// `-c search_path=app`) besides those of the server's own URL, password included.
    pub fn url_with_options(&self, database: &str, options: &str) -> String {
        let mut url = "postgres://".to_owned();
        if let Some(user) = self.config.get_user() {
            url.push_str(&encode(user.as_bytes()));
            if let Some(password) = self.config.get_password() {
                url.push(':');
                url.push_str(&encode(password));
            }
            url.push('@');
        }
        let mut parameters = self.parameters.clone();
        match self.config.get_hosts().first() {
            Some(Host::Tcp(host)) if host.contains(':') => url.push_str(&format!("[{host}]")),
            Some(Host::Tcp(host)) => url.push_str(host),
            #[cfg(unix)]
            Some(Host::Unix(folder)) => {
                let folder = encode(folder.as_os_str().as_encoded_bytes());
                parameters.push(format!("host={folder}"));
                parameters.push(format!("port={}", self.port()));
            }
            _ => url.push_str("localhost"),
        }
        if matches!(self.config.get_hosts().first(), Some(Host::Tcp(_)) | None) {
            url.push_str(&format!(":{}", self.port()));
        }
        url.push('/');
        url.push_str(&encode(database.as_bytes()));
        let options = self.options(options);
        if !options.is_empty() {
            parameters.push(format!("options={}", encode(options.as_bytes())));
        }
        if !parameters.is_empty() {
            url.push('?');
            url.push_str(&parameters.join("&"));
        }
        url
    }

    /// Connects to a database with options, under an application's name.
    pub fn connect_with(
        &self,
        database: &str,
        options: &str,
        application: &str,
    ) -> Result<Client, Refusal> {
        let mut config = match &self.socket {
            None => self.config.clone(),
            Some(folder) => {
                let mut config = Config::new();
                config.host_path(folder).port(self.port()).user(self.user());
                config.connect_timeout(CONNECT_TIMEOUT);
                config
            }
        };
        config.dbname(database).application_name(application);
        let options = self.options(options);
        if !options.is_empty() {
            config.options(&options);
        }
        Ok(config.connect(NoTls)?)
    }

    fn options(&self, options: &str) -> String {
        let own = self.config.get_options().unwrap_or_default();
        format!("{own} {options}").trim().to_owned()
    }

    fn port(&self) -> u16 {
        self.config.get_ports().first().copied().unwrap_or(5432)
    }
}

/// Refuses a URL that can be read in several ways, because a part of the password would be taken for the host, and told.
fn check_parts(url: &str) -> Result<(), MalformedUrl> {
    if url.contains(char::is_control) {
        return Err(MalformedUrl::Control);
    }
    let mut parts = url.split('@');
    let credentials = parts.next().filter(|_| url.contains('@')).unwrap_or_default();
    if parts.count() > 1 || credentials.contains('?') {
        return Err(MalformedUrl::Ambiguous);
    }
    // The name of an option may be encoded. It would not be seen that it is one of ours.
    let query = url.split_once('?').map_or("", |(_, query)| query);
    let mut keys = query.split('&').map(|option| option.split('=').next().unwrap_or_default());
    if keys.any(|key| key.contains('%')) { Err(MalformedUrl::Form) } else { Ok(()) }
}

/// Refuses hosts and databases that are no names: a whole URL may stand in their place, and both are told.
fn check_places(config: &Config) -> Result<(), MalformedUrl> {
    let is_host = |host: &Host| match host {
        Host::Tcp(name) => !name.contains(|c: char| c.is_control() || "@/?#= ".contains(c)),
        #[cfg(unix)]
        Host::Unix(_) => true,
    };
    if !config.get_hosts().iter().all(is_host) {
        return Err(MalformedUrl::Value("host"));
    }
    let is_url = |name: &str| name.contains("://");
    if config.get_dbname().is_some_and(is_url) || config.get_user().is_some_and(is_url) {
        return Err(MalformedUrl::Form);
    }
    Ok(())
}

/// Tells what is wrong with a URL in words of our own: the client's error quotes it.
fn malformed(error: &postgres::Error) -> MalformedUrl {
    let cause = std::error::Error::source(error).map(ToString::to_string).unwrap_or_default();
    let is_about = |option: &&&str| cause == format!("invalid value for option `{option}`");
    OPTIONS.iter().find(is_about).map_or(MalformedUrl::Form, |option| MalformedUrl::Value(option))
}

/// Encodes a part of a URL.
fn encode(bytes: &[u8]) -> String {
    let mut encoded = String::with_capacity(bytes.len());
    for byte in bytes {
        if byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.' | b'~') {
            encoded.push(char::from(*byte));
        } else {
            encoded.push_str(&format!("%{byte:02X}"));
        }
    }
    encoded
}

/// Leaves the password out of a URL that an endpoint made.
pub fn without_password(url: &str) -> String {
    // A colon of a part is encoded.
    let parts = url.split_once("://").and_then(|(scheme, rest)| {
        let (user, place) = rest.split_once('@')?;
        Some((scheme, user.split_once(':')?.0, place))
    });
    match parts {
        Some((scheme, user, place)) => format!("{scheme}://{user}@{place}"),
        None => url.to_owned(),
    }
}

impl fmt::Debug for Endpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Endpoint({})", self.place())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(url: &str) -> Endpoint {
        Endpoint::parse(url).unwrap()
    }

    #[test]
    fn the_database_changes_and_the_rest_stays() {
        let endpoint = parse("postgresql://u:p@h:1/app?sslmode=disable");
        assert_eq!(endpoint.maintenance(), "app");
        assert_eq!(endpoint.url("other"), "postgres://u:p@h:1/other?sslmode=disable");
        assert_eq!(
            endpoint.url_with_options("db", "-c search_path=s1"),
            "postgres://u:p@h:1/db?sslmode=disable&options=-c%20search_path%3Ds1"
        );
    }

    #[test]
    fn parameters_cannot_redirect_a_connection() {
        let endpoint = parse("postgres://u@h/app?dbname=prod&application_name=x&user=v");
        assert_eq!(endpoint.url("tdata_1_d0"), "postgres://v@h:5432/tdata_1_d0");
    }

    #[test]
    fn options_are_added_to_those_of_the_url() {
        let endpoint = parse("postgres://u@h/app?options=-c%20statement_timeout%3D5s");
        let url = endpoint.url_with_options("db", "-c search_path=s");
        let config: Config = url.parse().unwrap();
        assert_eq!(config.get_options(), Some("-c statement_timeout=5s -c search_path=s"));
    }

    #[test]
    fn every_form_of_a_connection_string_becomes_a_url() {
        for (text, place, url) in [
            (
                "host=h port=7 user=u password='a://b' dbname=app",
                "h:7",
                "postgres://u:a%3A%2F%2Fb@h:7/db",
            ),
            ("postgres://u:sec%2Fret@h/app", "h:5432", "postgres://u:sec%2Fret@h:5432/db"),
            ("postgres://u@[::1]:7/app", "::1:7", "postgres://u@[::1]:7/db"),
            (
                "postgres:///app?host=/run/pg&user=u",
                "/run/pg:5432",
                "postgres://u@/db?host=%2Frun%2Fpg&port=5432",
            ),
        ] {
            let endpoint = parse(text);
            assert_eq!((endpoint.place().as_str(), endpoint.url("db").as_str()), (place, url));
            assert!(endpoint.url("db").parse::<Config>().is_ok(), "{url}");
        }
    }

    #[test]
    fn a_url_without_its_password_leads_to_the_same_place() {
        for (url, without) in [
            ("postgres://u:s%3Acret@h:1/app?options=a%40b", "postgres://u@h:1/db?options=a%40b"),
            ("postgres://u@h:1/app", "postgres://u@h:1/db"),
            ("postgres://u:p@[::1]:7/app", "postgres://u@[::1]:7/db"),
        ] {
            assert_eq!(without_password(&parse(url).url("db")), without);
        }
    }

    #[test]
    fn nothing_of_a_url_that_cannot_be_read_is_told() {
        for url in [
            "postgres://u:first@s3cret@h:1/app",
            "postgres://u:first@s3cret/x@h:1/app",
            "postgres://u:first@s3cret?x@h:1/app",
            "postgres://u:first@x?s3cret=y@h:1/app",
            "postgres://h/app?user=u&password=first@s3cret",
            "postgres:///app?host=h&password=first@s3cret",
            "postgres://u:first?@s3cret",
            "postgres://h:s3cret/app",
            "postgres://u:first#@h/app?s3cret",
            "postgres://u:p@h/app?s3cret=1",
            "postgres://u:p@h/app?sslmode=s3cret",
            "postgres://u:p@h:s3cret/app",
            "postgres://u@h/app?pass%77ord=s3cret",
            "postgres://u:s3cret\n@h/app",
            "postgress://u:s3cret@h/app",
            "postgress://u:s3cret@h/app?sslmode=disable",
            "mysql://u:s3cret@h/app?a=b",
            "s3cret",
            "host=h password=first s3cret=x",
            "host=h password=first s3cret",
            "host=h password='s3cret",
            "host=h port=s3cret",
            "password = a://s3cret b = c",
            "host=u:s3cret@h",
            "host=postgres://u:s3cret@h/app",
            "dbname=postgres://u:s3cret@h/app host=h",
            "postgres://h/app?host=u:s3cret%40h",
            "postgres://u%3As3cret%40h/app",
            "postgres://h/postgres%3A%2F%2Fu%3As3cret%40h",
        ] {
            let error = Endpoint::parse(url).unwrap_err();
            let told = format!("{error} {error:?}");
            for part in ["s3cret", "first", "u:"] {
                assert!(!told.contains(part), "{url}: {told}");
            }
        }
    }

    #[test]
    fn what_cannot_be_read_is_told_by_its_option() {
        let error = |url: &str| Endpoint::parse(url).unwrap_err();
        assert_eq!(error("postgres://u:p@h:x/app"), MalformedUrl::Value("port"));
        assert_eq!(error("host=h sslmode=maybe"), MalformedUrl::Value("sslmode"));
        assert_eq!(error("postgres://u:p@w@h/app"), MalformedUrl::Ambiguous);
        assert_eq!(error("mysql://u:p@h/app"), MalformedUrl::Form);
    }

    #[test]
    fn signs_of_a_password_are_taken_as_they_are_meant() {
        for (url, password) in [
            ("postgres://u:a%40b%3Fc@h:1/app", "a@b?c"),
            ("postgres://u:a/b#c:d&e=f%@h:1/app", "a/b#c:d&e=f%"),
            ("host=h port=1 user=u password='a@b?c' dbname=app", "a@b?c"),
            ("host=h port=1 user=u\npassword='a://b?c@d@e'", "a://b?c@d@e"),
            ("postgres://h:1/app?user=u&password=a%40b", "a@b"),
        ] {
            let endpoint = parse(url);
            assert_eq!(endpoint.place(), "h:1", "{url}");
            assert_eq!(endpoint.config.get_password(), Some(password.as_bytes()), "{url}");
            assert!(!without_password(&endpoint.url("db")).contains("a%40b"), "{url}");
        }
    }

    #[test]
    fn the_password_is_never_shown() {
        assert_eq!(format!("{:?}", parse("postgres://u:secret@h:1/app")), "Endpoint(h:1)");
    }
}
