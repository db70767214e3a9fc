//! What stands in the way of a server.

use std::path::PathBuf;

use postgres::error::SqlState;
use tdata_postgres::{MalformedUrl, Refusal};

/// What else there is where Cargo does not bring PostgreSQL.
const WITHOUT_EMBEDDED: &str = if cfg!(feature = "embedded") {
    ""
} else {
    "\n- enable tdata's feature `embedded`, by which Cargo brings PostgreSQL, where it runs"
};

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
         set TDATA_PG_BIN where it is in no usual folder, and unset it else{}",
        reasons.iter().map(|reason| format!("\n- {reason}")).collect::<String>(),
        WITHOUT_EMBEDDED
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
        "the database URL of {origin} cannot be used: {mistake}\n\
         Write postgres://user:password@host:5432/database"
    )]
    MalformedUrl {
        /// What gave it.
        origin: &'static str,
        /// What is wrong with it.
        #[source]
        mistake: MalformedUrl,
    },
    /// A server that does not answer, or does not let the role in.
    #[error(
        "the PostgreSQL server at {place} {}: {refusal}{}",
        if refusal.sqlstate().is_some() { "answers, and refuses" } else { "does not answer" },
        origin.map(|origin| advice(refusal, origin, *demands_tls)).unwrap_or_default()
    )]
    Unreachable {
        /// What gave its URL, if one names it.
        origin: Option<&'static str>,
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
    /// Cargo brings no server programs that this machine can run.
    #[error(
        "PostgreSQL's programs that Cargo brings cannot be used: {reason}\n\
         Install PostgreSQL, as with `apt-get install postgresql` or `brew install postgresql`, start Docker, or set \
         TDATA_DATABASE_URL"
    )]
    Embedded {
        /// Why not.
        reason: String,
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
    /// Names what gave the URL of the server.
    pub(super) fn of_url(self, given: &'static str) -> Self {
        match self {
            Self::Unreachable { demands_tls, place, refusal, .. } => {
                Self::Unreachable { origin: Some(given), demands_tls, place, refusal }
            }
            error => error,
        }
    }
}

/// What to do about a server that cannot be reached, whose URL something gave.
fn advice(refusal: &Refusal, origin: &str, demands_tls: bool) -> String {
    let told = refusal.to_string();
    let without_tls = "\ntdata connects without TLS";
    if refusal.is_authorization() {
        return match told.contains("no encryption") || told.contains("SSL off") {
            true => format!(
                "{without_tls}: let pg_hba.conf of the server take such connections of the role, or name another server in \
                 {origin}"
            ),
            false => format!(
                "\nCheck role and password in {origin}. PGPASSWORD and password files are not read"
            ),
        };
    }
    if refusal.is(SqlState::INVALID_CATALOG_NAME.code()) {
        return format!(
            "\nName a database that exists in {origin}, such as `postgres`: tdata makes its own beside it"
        );
    }
    if !refusal.is_connection() {
        return format!("\nThe server is that of {origin}");
    }
    if demands_tls {
        return format!("{without_tls}: use sslmode=prefer or sslmode=disable in {origin}");
    }
    match told.contains("lookup address") {
        true => format!(
            "\nThe name of the host in {origin} is not known here: check it, and the network"
        ),
        false => format!("\nCheck host and port in {origin}, and that the server runs"),
    }
}
