//! The address of a server, and connecting to it.

use std::fmt;
use std::net::IpAddr;
use std::path::{Path, PathBuf};
use std::time::Duration;

use postgres::config::{ChannelBinding, Host, SslMode, TargetSessionAttrs};
use postgres::{Client, Config};

use super::encoding::encode;
use super::limit;
use super::malformed::MalformedUrl;
use super::read;
use crate::refusal::Refusal;

/// How long a connection may take to be made, where the URL does not say.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);

/// How long is waited for a server's answer once the connection stands, where the URL does not say.
const ANSWER_TIMEOUT: Duration = Duration::from_secs(20);

/// How much longer than its own limit the client is waited for, so that it is the one to tell.
const MARGIN: Duration = Duration::from_secs(1);

/// Parameters that tdata writes itself into each URL. All others stay as they were given.
const OURS: &[&str] = &[
    "dbname",
    "application_name",
    "options",
    "host",
    "hostaddr",
    "port",
    "user",
    "password",
    "sslmode",
    "channel_binding",
    "target_session_attrs",
];

/// How a server is reached: everything of a connection URL but the database.
///
/// `Debug` leaves the password out.
#[derive(Clone)]
pub struct Endpoint {
    config: Config,
    /// A shorter way for tdata's own connections: the socket in the server's folder.
    socket: Option<PathBuf>,
    /// The parameters that go into URLs as they were given, such as `keepalives=0`.
    parameters: Vec<String>,
    /// The database to connect to for work on the server as a whole.
    maintenance: String,
    /// How long it may take until a connection is there.
    patience: Duration,
}

impl Endpoint {
    /// Describes a server that tdata booted. It speaks no TLS.
    pub fn new(host: &str, port: u16, user: &str, password: &str) -> Self {
        let mut config = Config::new();
        config.host(host).port(port).user(user).password(password);
        config.ssl_mode(SslMode::Disable).channel_binding(ChannelBinding::Disable);
        config.connect_timeout(CONNECT_TIMEOUT);
        let maintenance = "postgres".to_owned();
        // A machine under load may be slow, and nobody else answers there.
        let patience = 3 * ANSWER_TIMEOUT;
        Self { config, socket: None, parameters: Vec::new(), maintenance, patience }
    }

    /// Lets tdata's own connections go through the socket in a folder, if the server listens there.
    pub fn with_socket_in(mut self, folder: &Path) -> Self {
        let socket = folder.join(format!(".s.PGSQL.{}", self.port()));
        self.socket = socket.exists().then(|| folder.to_owned());
        self
    }

    /// Lets tdata's own connections go through the socket in a folder, where the server is about to listen.
    pub fn with_coming_socket_in(mut self, folder: &Path) -> Self {
        self.socket = Some(folder.to_owned());
        self
    }

    /// Reads a URL, or a connection string of keys and values.
    ///
    /// # Errors
    ///
    /// If it cannot be read, or says what tdata cannot do. The error tells nothing of it.
    pub fn parse(url: &str) -> Result<Self, MalformedUrl> {
        let mut config = read::read(url)?;
        let patience = match config.get_connect_timeout() {
            Some(timeout) => *timeout + MARGIN,
            None => ANSWER_TIMEOUT,
        };
        if config.get_connect_timeout().is_none() {
            config.connect_timeout(CONNECT_TIMEOUT);
        }
        let query =
            url.split_once('?').filter(|_| read::is_url(url)).map_or("", |(_, query)| query);
        let kept = query.split('&').filter(|parameter| {
            let key = parameter.split('=').next().unwrap_or_default();
            !key.is_empty() && !OURS.contains(&key)
        });
        let parameters = kept.map(str::to_owned).collect();
        let user = config.get_user().unwrap_or("postgres").to_owned();
        let maintenance = config.get_dbname().map_or(user, str::to_owned);
        Ok(Self { config, socket: None, parameters, maintenance, patience })
    }

    /// Names the role where the URL names none: the server knows whom it let in.
    #[must_use]
    pub fn or_user(mut self, user: &str) -> Self {
        if self.config.get_user().is_none() {
            self.config.user(user);
        }
        self
    }

    /// Returns host and port, for messages.
    pub fn place(&self) -> String {
        let host = match self.config.get_hosts().first() {
            Some(Host::Tcp(host)) => host.clone(),
            #[cfg(unix)]
            Some(Host::Unix(folder)) => folder.display().to_string(),
            _ => self.address().map_or("localhost".to_owned(), |address| address.to_string()),
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
    ///
    /// It says all that a client would otherwise take from its environment, such as `PGSSLMODE` or `PGHOSTADDR`.
    pub fn url_with_options(&self, database: &str, options: &str) -> String {
        let mut parameters = self.parameters.clone();
        parameters.extend(self.address().map(|address| format!("hostaddr={address}")));
        parameters.push(format!("sslmode={}", self.ssl_mode()));
        parameters.push(format!("channel_binding={}", self.channel_binding()));
        parameters.push(format!("target_session_attrs={}", self.target_session()));
        parameters.push(format!("options={}", encode(self.options(options).as_bytes())));
        self.url_with(database, &parameters)
    }

    /// Returns the URL of a database as people read and type it, password included: it leaves out what clients do anyhow,
    /// unless their environment says otherwise.
    pub fn short_url(&self, database: &str, options: &str) -> String {
        let mut parameters = self.parameters.clone();
        let given = self.config.get_hostaddrs().first();
        parameters.extend(given.map(|address| format!("hostaddr={address}")));
        let said = [
            ("sslmode", self.ssl_mode()),
            ("channel_binding", self.channel_binding()),
            ("target_session_attrs", self.target_session()),
        ];
        let unusual = said.iter().filter(|(_, word)| !["disable", "prefer", "any"].contains(word));
        parameters.extend(unusual.map(|(name, word)| format!("{name}={word}")));
        let options = self.options(options);
        if !options.is_empty() {
            parameters.push(format!("options={}", encode(options.as_bytes())));
        }
        self.url_with(database, &parameters)
    }

    /// Returns the URL of a database for programs in any language, whose clients know fewer parameters and take what they
    /// do not know for settings of the server. Some do without TLS only where the URL says so, and some know no scheme but
    /// this one.
    fn program_url(&self, database: &str, options: &str) -> String {
        let mut url = self.short_url(database, options);
        if self.ssl_mode() == "disable" {
            let begun = if url.contains('?') { '&' } else { '?' };
            url.push_str(&format!("{begun}sslmode=disable"));
        }
        url.replacen("postgres://", "postgresql://", 1)
    }

    fn url_with(&self, database: &str, parameters: &[String]) -> String {
        let mut url = "postgres://".to_owned();
        if let Some(user) = self.config.get_user() {
            url.push_str(&encode(user.as_bytes()));
            if let Some(password) = self.config.get_password() {
                url.push(':');
                url.push_str(&encode(password));
            }
            url.push('@');
        }
        match self.config.get_hosts().first() {
            Some(Host::Tcp(host)) if host.contains(':') => url.push_str(&format!("[{host}]")),
            Some(Host::Tcp(host)) => url.push_str(host),
            #[cfg(unix)]
            Some(Host::Unix(folder)) => {
                url.push_str(&encode(folder.as_os_str().as_encoded_bytes()));
            }
            _ => match self.address() {
                Some(IpAddr::V6(address)) => url.push_str(&format!("[{address}]")),
                Some(address) => url.push_str(&address.to_string()),
                None => url.push_str("localhost"),
            },
        }
        url.push_str(&format!(":{}/{}", self.port(), encode(database.as_bytes())));
        if !parameters.is_empty() {
            url.push('?');
            url.push_str(&parameters.join("&"));
        }
        url
    }

    /// Returns the variables by which programs of the project find a database, password included: `DATABASE_URL`, and
    /// those of PostgreSQL's own client library. `options` are those of their connections, as in a URL.
    pub fn variables(&self, database: &str, options: &str) -> Vec<(&'static str, String)> {
        let host = match self.config.get_hosts().first() {
            Some(Host::Tcp(host)) => host.clone(),
            #[cfg(unix)]
            Some(Host::Unix(folder)) => folder.display().to_string(),
            _ => self.address().map_or("localhost".to_owned(), |address| address.to_string()),
        };
        let mut variables = vec![
            ("DATABASE_URL", self.program_url(database, options)),
            ("PGHOST", host),
            ("PGPORT", self.port().to_string()),
            ("PGDATABASE", database.to_owned()),
            ("PGUSER", self.user().to_owned()),
            ("PGOPTIONS", self.options(options)),
            ("PGSSLMODE", self.ssl_mode().to_owned()),
            ("PGCHANNELBINDING", self.channel_binding().to_owned()),
            ("PGTARGETSESSIONATTRS", self.target_session().to_owned()),
        ];
        // Go's client panics where it is set, be it to nothing.
        let address = self.config.get_hostaddrs().first();
        variables.extend(address.map(|address| ("PGHOSTADDR", address.to_string())));
        if let Some(password) = self.config.get_password() {
            variables.push(("PGPASSWORD", String::from_utf8_lossy(password).into_owned()));
        }
        let timeout = self.parameters.iter().find_map(|one| one.strip_prefix("connect_timeout="));
        variables.extend(timeout.map(|value| ("PGCONNECT_TIMEOUT", value.to_owned())));
        variables
    }

    /// Takes the password out of a text that somebody else wrote, as it is and as URLs have it.
    pub fn without_password(&self, text: &str) -> String {
        const HIDDEN: &str = "[password]";
        let Some(password) = self.config.get_password().filter(|one| !one.is_empty()) else {
            return text.to_owned();
        };
        let text = text.replace(&encode(password), HIDDEN);
        text.replace(&*String::from_utf8_lossy(password), HIDDEN)
    }

    /// Connects to a database with options, under an application's name.
    ///
    /// # Errors
    ///
    /// What the server, or the way to it, refuses. A server that does not answer is not waited for longer than the URL's
    /// `connect_timeout`, else for less than half a minute.
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
        limit::connect(config, self.patience)
    }

    fn options(&self, options: &str) -> String {
        let own = self.config.get_options().unwrap_or_default().trim_start();
        // A blank at the end may be part of a value.
        match (own, options.trim_start()) {
            ("", options) => options.to_owned(),
            (own, "") => own.to_owned(),
            (own, options) => format!("{own} {options}"),
        }
    }

    fn port(&self) -> u16 {
        self.config.get_ports().first().copied().unwrap_or(5432)
    }

    /// The address that is connected to, where it is known without a look-up.
    fn address(&self) -> Option<IpAddr> {
        let named = || match self.config.get_hosts().first()? {
            Host::Tcp(host) => host.parse().ok(),
            #[cfg(unix)]
            Host::Unix(_) => None,
        };
        self.config.get_hostaddrs().first().copied().or_else(named)
    }

    fn ssl_mode(&self) -> &'static str {
        match self.config.get_ssl_mode() {
            SslMode::Disable => "disable",
            SslMode::Require => "require",
            _ => "prefer",
        }
    }

    fn channel_binding(&self) -> &'static str {
        match self.config.get_channel_binding() {
            ChannelBinding::Disable => "disable",
            ChannelBinding::Require => "require",
            _ => "prefer",
        }
    }

    fn target_session(&self) -> &'static str {
        match self.config.get_target_session_attrs() {
            TargetSessionAttrs::ReadWrite => "read-write",
            TargetSessionAttrs::ReadOnly => "read-only",
            _ => "any",
        }
    }
}

impl fmt::Debug for Endpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Endpoint({})", self.place())
    }
}

#[cfg(test)]
mod tests {
    use super::super::encoding::without_password;
    use super::*;

    fn parse(url: &str) -> Endpoint {
        Endpoint::parse(url).unwrap()
    }

    /// What URLs say where nothing was said.
    const USUAL: &str = "sslmode=prefer&channel_binding=prefer&target_session_attrs=any&options=";

    #[test]
    fn the_database_changes_and_the_rest_stays() {
        let endpoint = parse("postgresql://u:p@h:1/app?sslmode=disable&keepalives=0");
        assert_eq!(endpoint.maintenance(), "app");
        let others = "channel_binding=prefer&target_session_attrs=any&options=";
        assert_eq!(
            endpoint.url("other"),
            format!("postgres://u:p@h:1/other?keepalives=0&sslmode=disable&{others}")
        );
        assert_eq!(
            endpoint.url_with_options("db", "-c search_path=s1"),
            format!(
                "postgres://u:p@h:1/db?keepalives=0&sslmode=disable&{others}-c%20search_path%3Ds1"
            )
        );
    }

    #[test]
    fn what_was_given_of_a_connections_safety_stays() {
        let url = parse("postgres://u@h/app?sslmode=require&channel_binding=require").url("db");
        assert!(url.contains("sslmode=require&channel_binding=require"), "{url}");
        let url = parse("postgres://u@h/app?target_session_attrs=read-write").url("db");
        assert!(url.contains("target_session_attrs=read-write"), "{url}");
    }

    #[test]
    fn parameters_cannot_redirect_a_connection() {
        let endpoint = parse("postgres://u@h/app?dbname=prod&application_name=x&user=v");
        assert_eq!(endpoint.url("tdata_1_d0"), format!("postgres://v@h:5432/tdata_1_d0?{USUAL}"));
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
                "postgres://u:a%3A%2F%2Fb@h:7/db?",
            ),
            ("postgres://u:sec%2Fret@h/app", "h:5432", "postgres://u:sec%2Fret@h:5432/db?"),
            ("postgres://u@[::1]:7/app", "::1:7", "postgres://u@[::1]:7/db?hostaddr=::1&"),
            (
                "postgres://u@10.0.0.7/app",
                "10.0.0.7:5432",
                "postgres://u@10.0.0.7:5432/db?hostaddr=10.0.0.7&",
            ),
            (
                "host=h hostaddr=10.0.0.7 user=u",
                "h:5432",
                "postgres://u@h:5432/db?hostaddr=10.0.0.7&",
            ),
            (
                "hostaddr=10.0.0.7 user=u",
                "10.0.0.7:5432",
                "postgres://u@10.0.0.7:5432/db?hostaddr=10.0.0.7&",
            ),
            (
                "postgres:///app?host=/run/pg&user=u",
                "/run/pg:5432",
                "postgres://u@%2Frun%2Fpg:5432/db?",
            ),
            ("postgres://u@%2Frun%2Fpg/app", "/run/pg:5432", "postgres://u@%2Frun%2Fpg:5432/db?"),
            ("host=/run/pg port=7 user=u", "/run/pg:7", "postgres://u@%2Frun%2Fpg:7/db?"),
        ] {
            let endpoint = parse(text);
            assert_eq!(endpoint.place(), place, "{text}");
            assert_eq!(endpoint.url("db"), format!("{url}{USUAL}"), "{text}");
            // It is read as what it was made of.
            let again = parse(&endpoint.url("db"));
            assert_eq!(again.config.get_hosts().len().max(1), 1, "{text}");
            assert_eq!(
                (again.place(), again.user()),
                (endpoint.place(), endpoint.user()),
                "{text}"
            );
        }
    }

    #[test]
    fn people_read_no_more_than_they_need() {
        for (given, short) in [
            ("postgres://u:p@h/app?sslmode=prefer", "postgres://u:p@h:5432/db"),
            ("postgres://u@10.0.0.7/app", "postgres://u@10.0.0.7:5432/db"),
            ("postgres://u@h/app?sslmode=require", "postgres://u@h:5432/db?sslmode=require"),
            ("host=h hostaddr=10.0.0.7 user=u", "postgres://u@h:5432/db?hostaddr=10.0.0.7"),
        ] {
            assert_eq!(parse(given).short_url("db", ""), short);
        }
        let short = parse("postgres://u@h/app").short_url("db", "-c search_path=s");
        assert_eq!(short, "postgres://u@h:5432/db?options=-c%20search_path%3Ds");
    }

    #[test]
    fn a_server_of_ours_speaks_no_tls() {
        let url = Endpoint::new("127.0.0.1", 7, "u", "p").url("db");
        assert!(
            url.contains("?hostaddr=127.0.0.1&sslmode=disable&channel_binding=disable&"),
            "{url}"
        );
    }

    #[test]
    fn a_role_that_no_url_names_is_named_by_the_server() {
        assert!(parse("postgres://h/app").or_user("me").url("db").starts_with("postgres://me@h"));
        assert!(parse("postgres://u@h/app").or_user("me").url("db").starts_with("postgres://u@h"));
    }

    #[test]
    fn programs_find_a_database_by_variables() {
        let variables = |url: &str, options: &str| -> Vec<String> {
            let all = parse(url).variables("db", options).into_iter();
            all.map(|(name, value)| format!("{name}={value}")).collect()
        };
        let url = "postgres://u:a%40b@h:7/app?sslmode=disable&connect_timeout=3";
        let given =
            "postgresql://u:a%40b@h:7/db?connect_timeout=3&options=-c%20x%3Dy&sslmode=disable";
        assert_eq!(
            variables(url, "-c x=y"),
            [
                &format!("DATABASE_URL={given}"),
                "PGHOST=h",
                "PGPORT=7",
                "PGDATABASE=db",
                "PGUSER=u",
                "PGOPTIONS=-c x=y",
                "PGSSLMODE=disable",
                "PGCHANNELBINDING=prefer",
                "PGTARGETSESSIONATTRS=any",
                "PGPASSWORD=a@b",
                "PGCONNECT_TIMEOUT=3",
            ]
        );
        let socket = variables("postgres:///app?host=/run/pg&user=u", "");
        assert!(socket.contains(&"PGHOST=/run/pg".to_owned()), "{socket:?}");
        assert!(!socket.iter().any(|one| one.starts_with("PGPASSWORD")), "{socket:?}");
        let address = variables("postgres://u@h/app?hostaddr=10.0.0.7", "");
        assert!(address.contains(&"PGHOSTADDR=10.0.0.7".to_owned()), "{address:?}");
        let of_address = variables("postgres://u@10.0.0.7/app", "");
        assert!(!of_address.iter().any(|one| one.starts_with("PGHOSTADDR")), "{of_address:?}");
    }

    #[test]
    fn a_password_is_taken_out_of_what_others_write() {
        let text = "cannot reach postgres://u:a%40b@h, nor with a@b";
        let hidden = "cannot reach postgres://u:[password]@h, nor with [password]";
        assert_eq!(parse("postgres://u:a%40b@h/app").without_password(text), hidden);
        assert_eq!(parse("postgres://u@h/app").without_password(text), text);
    }

    #[test]
    fn a_url_without_its_password_leads_to_the_same_place() {
        for (url, without) in [
            ("postgres://u:s%3Acret@h:1/app", "postgres://u@h:1/db"),
            ("postgres://u@h:1/app", "postgres://u@h:1/db"),
            ("postgres://u:p@h:7/app", "postgres://u@h:7/db"),
        ] {
            assert_eq!(without_password(&parse(url).url("db")), format!("{without}?{USUAL}"));
        }
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
