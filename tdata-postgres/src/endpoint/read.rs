//! Reads a URL, or a connection string of keys and values, and says what is wrong with it without telling any of it.

use postgres::Config;
use postgres::config::Host;

use super::malformed::MalformedUrl;

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

/// Options that tdata does not take: those of libpq, and of clients whose URLs are in many projects.
const NOT_TAKEN: &[&str] = &[
    // Prisma's, JDBC's, sqlx's, Npgsql's and SQLAlchemy's.
    "schema",
    "currentSchema",
    "search_path",
    "pgbouncer",
    "connection_limit",
    "pool_timeout",
    "socket_timeout",
    "pool_size",
    "max_connections",
    "statement_cache_size",
    "statement-cache-capacity",
    "prepareThreshold",
    "sslaccept",
    "ssl",
    "ssl-mode",
    "ApplicationName",
    // libpq's.
    "passfile",
    "require_auth",
    "client_encoding",
    "fallback_application_name",
    "keepalives_count",
    "replication",
    "gssencmode",
    "gssdelegation",
    "gsslib",
    "krbsrvname",
    "requirepeer",
    "requiressl",
    "sslcompression",
    "sslcert",
    "sslkey",
    "sslpassword",
    "sslcertmode",
    "sslrootcert",
    "sslcrl",
    "sslcrldir",
    "sslsni",
    "ssl_min_protocol_version",
    "ssl_max_protocol_version",
    "sslkeylogfile",
    "min_protocol_version",
    "max_protocol_version",
];

/// Other things that have URLs, by the scheme.
const OTHERS: &[(&str, &str)] = &[
    ("jdbc:", "JDBC (leave out `jdbc:`)"),
    ("postgresql+", "SQLAlchemy (leave out the `+` and the driver behind it)"),
    ("postgres+", "SQLAlchemy (leave out the `+` and the driver behind it)"),
    ("mysql:", "MySQL"),
    ("mariadb:", "MariaDB"),
    ("sqlite:", "SQLite"),
    ("sqlserver:", "SQL Server"),
    ("mssql:", "SQL Server"),
    ("mongodb:", "MongoDB"),
    ("mongodb+srv:", "MongoDB"),
    ("redis:", "Redis"),
    ("rediss:", "Redis"),
    ("cockroachdb:", "CockroachDB"),
    ("http:", "HTTP"),
    ("https:", "HTTPS"),
    ("tcp:", "TCP (a container engine, perhaps)"),
    ("unix:", "a socket (a container engine, perhaps)"),
    ("file:", "a file"),
    ("odbc:", "ODBC"),
];

/// Tells whether a text is a URL, and no keys and values.
pub(super) fn is_url(text: &str) -> bool {
    ["postgres://", "postgresql://"].iter().any(|scheme| text.starts_with(scheme))
}

/// Reads a URL, or a connection string of keys and values.
pub(super) fn read(text: &str) -> Result<Config, MalformedUrl> {
    check_outside(text)?;
    if is_url(text) {
        check_parts(text)?;
    }
    let config: Config = text.parse().map_err(|error| malformed(text, &error))?;
    check_places(&config)?;
    Ok(config)
}

/// Refuses what is no URL of PostgreSQL at first sight.
fn check_outside(text: &str) -> Result<(), MalformedUrl> {
    const QUOTES: [char; 6] = ['"', '\'', '`', '\u{201c}', '\u{201d}', '\u{2019}'];
    let inner = text.trim();
    // A value of a connection string may end with a quote.
    if inner.starts_with(QUOTES)
        || inner.contains("://") && is_url(inner) && inner.ends_with(QUOTES)
    {
        return Err(MalformedUrl::Quoted);
    }
    let scheme = |(scheme, _): &&(&str, &str)| {
        inner.get(..scheme.len()).is_some_and(|start| start.eq_ignore_ascii_case(scheme))
    };
    if let Some((_, name)) = OTHERS.iter().find(scheme) {
        return Err(MalformedUrl::Scheme(name));
    }
    if is_url(inner)
        && inner.trim_matches(' ').len() != text.len()
        && !text.contains(char::is_control)
    {
        return Err(MalformedUrl::Surrounded);
    }
    Ok(())
}

/// Refuses a URL that can be read in several ways, because a part of the password would be taken for the host, and told.
fn check_parts(url: &str) -> Result<(), MalformedUrl> {
    if url.contains(char::is_control) {
        return Err(MalformedUrl::Control);
    }
    if url.contains(char::is_whitespace) {
        return Err(MalformedUrl::Blank);
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
    let [hosts, addresses, ports] =
        [config.get_hosts().len(), config.get_hostaddrs().len(), config.get_ports().len()];
    if hosts > 1 || addresses > 1 || ports > 1 {
        return Err(MalformedUrl::SeveralHosts);
    }
    let is_empty = |host: &Host| matches!(host, Host::Tcp(name) if name.is_empty());
    if addresses == 0 && config.get_hosts().first().is_none_or(is_empty) {
        return Err(MalformedUrl::NoHost);
    }
    Ok(())
}

/// Tells what is wrong with a URL in words of our own: the client's error quotes it.
fn malformed(text: &str, error: &postgres::Error) -> MalformedUrl {
    let cause = std::error::Error::source(error).map(ToString::to_string).unwrap_or_default();
    if cause == "unknown option `service`" {
        return MalformedUrl::Service;
    }
    let is_unknown = |option: &&&str| cause == format!("unknown option `{option}`");
    if let Some(option) = NOT_TAKEN.iter().find(is_unknown) {
        return MalformedUrl::Option(option);
    }
    let is_about = |option: &&&str| cause == format!("invalid value for option `{option}`");
    let option = OPTIONS.iter().find(is_about);
    if option == Some(&"sslmode")
        && ["sslmode=verify-", "sslmode='verify-"].iter().any(|word| text.contains(word))
    {
        return MalformedUrl::Tls;
    }
    option.map_or(MalformedUrl::Form, |option| MalformedUrl::Value(option))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mistake(text: &str) -> MalformedUrl {
        read(text).unwrap_err()
    }

    #[test]
    fn what_is_no_url_of_a_server_is_told_as_what_it_is() {
        for (text, expected) in [
            ("mysql://u:p@h/app", MalformedUrl::Scheme("MySQL")),
            ("MySQL://u:p@h/app", MalformedUrl::Scheme("MySQL")),
            ("https://h/app", MalformedUrl::Scheme("HTTPS")),
            ("jdbc:postgresql://h/app", MalformedUrl::Scheme("JDBC (leave out `jdbc:`)")),
            ("\"postgres://u:p@h/app\"", MalformedUrl::Quoted),
            ("'postgres://u:p@h/app'", MalformedUrl::Quoted),
            ("'postgres://u:p@h/app", MalformedUrl::Quoted),
            ("postgres://u:p@h/app\"", MalformedUrl::Quoted),
            (" postgres://u:p@h/app", MalformedUrl::Surrounded),
            ("postgres://u:p@h/app ", MalformedUrl::Surrounded),
            ("postgres://u:p w@h/app", MalformedUrl::Blank),
            ("postgres://u:p@h/app\n", MalformedUrl::Control),
            ("postgres://u:p@a,b/app", MalformedUrl::SeveralHosts),
            ("postgres://u:p@a:1,b:2/app", MalformedUrl::SeveralHosts),
            ("postgres://u:p@a/app?host=b", MalformedUrl::SeveralHosts),
            ("host=a,b user=u", MalformedUrl::SeveralHosts),
            ("host=a port=1,2 user=u", MalformedUrl::SeveralHosts),
            ("postgres:///app", MalformedUrl::NoHost),
            ("dbname=app user=u", MalformedUrl::NoHost),
            ("service=app", MalformedUrl::Service),
            ("postgres://h/app?service=app", MalformedUrl::Service),
            ("postgres://h/app?sslmode=verify-full", MalformedUrl::Tls),
            ("host=h sslmode=verify-ca", MalformedUrl::Tls),
            ("postgres://h/app?sslrootcert=a", MalformedUrl::Option("sslrootcert")),
            ("host=h passfile=a", MalformedUrl::Option("passfile")),
            ("postgres://h/app?schema=public", MalformedUrl::Option("schema")),
            (
                "postgres://h/app?pgbouncer=true&connection_limit=1",
                MalformedUrl::Option("pgbouncer"),
            ),
            ("postgres://u:p@h:x/app", MalformedUrl::Value("port")),
            ("host=h sslmode=maybe", MalformedUrl::Value("sslmode")),
            ("postgres://u:p@w@h/app", MalformedUrl::Ambiguous),
            ("nonsense", MalformedUrl::Form),
        ] {
            assert_eq!(mistake(text), expected, "{text}");
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
            "postgres://u:first s3cret@h/app",
            "\"postgres://u:s3cret@h/app\"",
            " postgres://u:s3cret@h/app",
            "postgres://u:s3cret@a,b/app",
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
            let error = mistake(url);
            let told = format!("{error} {error:?}");
            for part in ["s3cret", "first", "u:"] {
                assert!(!told.contains(part), "{url}: {told}");
            }
        }
    }
}
