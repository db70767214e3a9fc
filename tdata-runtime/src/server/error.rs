//! What stands in the way of a server.

use std::path::PathBuf;

use postgres::error::SqlState;
use tdata_postgres::{Endpoint, MalformedUrl, Refusal};

/// What stands in the way of a server.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ServerError {
    /// No source gives a server.
    #[error(
        "no PostgreSQL server is to be had:{}\n\
         To get one, do one of these:\n\
         - set TDATA_DATABASE_URL=postgres://user:password@host:5432/postgres\n\
         - start Docker (or another engine with its API), and `docker pull {image}`\n\
         - install PostgreSQL, as with `apt-get install postgresql` or `brew install postgresql`; \
         set TDATA_PG_BIN where it is in no usual folder",
        reasons.iter().map(|reason| format!("\n- {reason}")).collect::<String>()
    )]
    Nowhere {
        /// Why each source gives none.
        reasons: Vec<String>,
        /// The container image.
        image: String,
    },
    /// The engine was closed.
    #[error("the engine was closed, and provisions nothing any more")]
    Closed,
    /// `TDATA_SERVER=url` without a URL.
    #[error(
        "TDATA_DATABASE_URL and TEST_DATABASE_URL are not set\n\
         Set the first, as in TDATA_DATABASE_URL=postgres://user:password@host:5432/postgres"
    )]
    NoUrl,
    /// A URL that cannot be read. Nothing of it is told: it may be the password.
    #[error(
        "the database URL (TDATA_DATABASE_URL, or else TEST_DATABASE_URL) cannot be read: {0}\n\
         Write postgres://user:password@host:5432/database"
    )]
    MalformedUrl(#[source] MalformedUrl),
    /// A server that does not answer, or does not let the role in.
    #[error(
        "the PostgreSQL server at {place} {}: {refusal}{}",
        if refusal.sqlstate().is_some() { "answers, and refuses" } else { "does not answer" },
        advice(refusal, *demands_tls)
    )]
    Unreachable {
        /// Whether its URL demands TLS.
        demands_tls: bool,
        /// Host and port.
        place: String,
        /// What was refused.
        #[source]
        refusal: Refusal,
    },
    /// A server, or a role, with fewer connections than one session needs.
    #[error(
        "the PostgreSQL server at {place} allows the role of the database URL {allowed} connections at once; tdata \
         needs {needed}\n\
         Set `max_connections` to at least {}, and let the role have as many: ALTER ROLE name CONNECTION LIMIT {needed}",
        needed + reserved
    )]
    TooFewConnections {
        /// Host and port.
        place: String,
        /// What the role may have.
        allowed: u32,
        /// What tdata needs.
        needed: u32,
        /// What the server keeps for others.
        reserved: u32,
    },
    /// The role may not make databases.
    #[error(
        "the role of the database URL may not create databases ({refusal})\n\
         Grant it: ALTER ROLE name CREATEDB; or let tdata boot a server of its own: \
         TDATA_SERVER=local or TDATA_SERVER=container"
    )]
    MayNotCreate {
        /// What was refused.
        #[source]
        refusal: Refusal,
    },
    /// tdata's own database cannot be made there.
    #[error("tdata cannot make its control database on the server at {place}: {refusal}")]
    NotPrepared {
        /// Host and port.
        place: String,
        /// What was refused.
        #[source]
        refusal: Refusal,
    },
    /// Another server where one was booted.
    #[error("another PostgreSQL server answers at {place}, where one was booted")]
    Another {
        /// Host and port.
        place: String,
    },
    /// A server older than tdata supports.
    #[error("the PostgreSQL server at {place} is version {version}; tdata needs 13 or newer")]
    TooOld {
        /// Host and port.
        place: String,
        /// Its major version.
        version: u32,
    },
    /// No container engine, or one that refuses.
    #[error("{reason}\n{help}")]
    Container {
        /// What happened.
        reason: String,
        /// What to do.
        help: String,
    },
    /// No server programs on this machine.
    #[error(
        "no PostgreSQL server programs found: {searched}\n\
         Install them, as with `apt-get install postgresql` or `brew install postgresql`, or set \
         TDATA_PG_BIN to the folder that holds `postgres` and `initdb`"
    )]
    NoPrograms {
        /// Where they were searched for.
        searched: String,
    },
    /// A server on this machine that did not start.
    #[error("PostgreSQL from {} did not start: {reason}{log}", programs.display())]
    NotStarted {
        /// The folder of its programs.
        programs: PathBuf,
        /// What happened.
        reason: String,
        /// The end of its log, or nothing.
        log: String,
    },
}

impl ServerError {
    /// Explains why there is no control database.
    pub(crate) fn not_prepared(endpoint: &Endpoint, refusal: Refusal) -> Self {
        if refusal.is(SqlState::INSUFFICIENT_PRIVILEGE.code()) {
            return Self::MayNotCreate { refusal };
        }
        Self::NotPrepared { place: endpoint.place(), refusal }
    }
}

/// What to do about a server that cannot be reached.
fn advice(refusal: &Refusal, demands_tls: bool) -> &'static str {
    if refusal.is_authorization() {
        return "\nCheck role and password in the database URL (TDATA_DATABASE_URL, or else TEST_DATABASE_URL)";
    }
    if refusal.is(SqlState::INVALID_CATALOG_NAME.code()) {
        return "\nName a database that exists in the database URL (TDATA_DATABASE_URL, or else TEST_DATABASE_URL), such \
                as `postgres`: tdata makes its own beside it";
    }
    match demands_tls {
        true => "\ntdata connects without TLS: use sslmode=prefer or sslmode=disable",
        false => "",
    }
}
