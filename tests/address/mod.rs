//! The database in a URL.

use postgres::Config;

/// Returns the name of a URL's database.
pub(crate) fn database(url: &str) -> String {
    url.parse::<Config>().unwrap().get_dbname().unwrap().to_owned()
}

/// Returns a URL that leads to another database of its server.
pub(crate) fn in_database(url: &str, database: &str) -> String {
    let (server, rest) = url.rsplit_once(&format!("/{}?", self::database(url))).unwrap();
    format!("{server}/{database}?{rest}")
}
