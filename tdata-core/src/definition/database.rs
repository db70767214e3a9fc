//! The database a definition names for use outside tests.

use super::interpolated::Interpolated;
use super::keys::Keys;
use crate::spec::Node;

/// Where a dataset's rows are read from or written to outside tests.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Database {
    /// The server's host name or address.
    pub host: Option<Interpolated>,
    /// The server's port.
    pub port: Option<Interpolated>,
    /// The database's name.
    pub database: Option<Interpolated>,
    /// The role to connect as.
    pub user: Option<Interpolated>,
    /// The role's password; better left to the environment, as `${PGPASSWORD}`.
    pub password: Option<Interpolated>,
}

#[derive(Clone, Copy)]
enum Engine {
    PostgreSql,
}

impl Database {
    pub(crate) fn read(node: &Node, keys: &mut Keys<'_>) -> Option<Self> {
        let mut keys = Keys::open(node, "`database`", keys.diagnostics())?;
        let engines = &[("postgresql", Engine::PostgreSql), ("postgres", Engine::PostgreSql)];
        keys.optional_word("engine", engines);
        let connection = keys.optional("connection");
        let database = match connection {
            None => Self::default(),
            Some(node) => Self::read_connection(&node, &mut keys).unwrap_or_default(),
        };
        keys.finish();
        Some(database)
    }

    fn read_connection(node: &Node, keys: &mut Keys<'_>) -> Option<Self> {
        let mut keys = Keys::open(node, "`connection`", keys.diagnostics())?;
        let database = Self {
            host: read_interpolated(&mut keys, "host"),
            port: read_interpolated(&mut keys, "port"),
            database: read_interpolated(&mut keys, "database"),
            user: read_interpolated(&mut keys, "user"),
            password: read_interpolated(&mut keys, "password"),
        };
        keys.finish();
        Some(database)
    }
}

fn read_interpolated(keys: &mut Keys<'_>, key: &'static str) -> Option<Interpolated> {
    let text = keys.optional_text(key)?;
    let interpolated = Interpolated::parse(&text);
    if interpolated.is_none() {
        let message = format!("`{}` holds a `${{` that names no variable", text.value);
        keys.invalid(&text.origin, message, "write `${NAME}` or `${NAME:-default}`");
    }
    interpolated
}
