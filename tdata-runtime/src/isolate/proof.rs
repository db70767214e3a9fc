//! Proof that data which several tests use are as they were.

use std::fmt;

use parking_lot::Mutex;
use postgres::Client;
use tdata_postgres::Refusal;

use super::guard::SCHEMA;

/// What tells of guarded data whether anybody changed them.
pub(super) struct Proof {
    /// What was found once the guard was set up.
    pub(super) found: String,
    /// Under which key others find the data.
    pub(super) key: String,
    pub(super) look: Look,
    /// A connection to look with, from the first time on that nobody has brought one.
    client: Mutex<Option<Client>>,
}

/// What has to be looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Look {
    /// Whether sequences are, which go on counting in transactions that are rolled back.
    pub(super) at_sequences: bool,
    /// Whether the contents of large objects are, which superusers may read.
    pub(super) at_large_objects: bool,
}

/// Makes a session as it was when it began, as far as a query feels it.
const CLEAN: &str = "ROLLBACK; SET SESSION AUTHORIZATION DEFAULT; RESET ALL";

impl Look {
    /// Looks at a database: at its guard, which can be taken down by nobody but a superuser, and at what a guard does not
    /// refuse. While the guard stands as it was set up, nothing else can have changed.
    pub(super) fn now(self, client: &mut Client) -> Result<String, Refusal> {
        let mut parts = vec![
            rows("pg_event_trigger o"),
            rows("pg_trigger o WHERE NOT tgisinternal"),
            rows(&format!("pg_proc o WHERE pronamespace = '{SCHEMA}'::regnamespace")),
            rows("pg_largeobject_metadata o"),
        ];
        parts.extend(OF_THE_DATABASE.map(rows));
        if self.at_large_objects {
            parts.push(rows("pg_largeobject o"));
        }
        if self.at_sequences {
            let sequences = "(SELECT string_agg(concat(schemaname, '.', sequencename, last_value), ' ' \
                             ORDER BY schemaname, sequencename) FROM pg_sequences)";
            parts.push(sequences.to_owned());
        }
        let sql = format!(
            "SELECT concat_ws(' ', d.xmin, {}) FROM pg_database d WHERE datname = current_database()",
            parts.join(", ")
        );
        client.batch_execute(CLEAN)?;
        Ok(client.query_one(&sql, &[])?.get(0))
    }
}

/// Counts the rows of a catalog, and tells the transactions that wrote them.
fn rows(catalog: &str) -> String {
    format!("(SELECT concat(count(*), '.', sum(o.xmin::text::int8)) FROM {catalog})")
}

/// The catalogs of what is in a schema, with the column that names it.
const IN_SCHEMAS: [(&str, &str); 12] = [
    ("pg_namespace", "oid"),
    ("pg_class", "relnamespace"),
    ("pg_proc", "pronamespace"),
    ("pg_type", "typnamespace"),
    ("pg_operator", "oprnamespace"),
    ("pg_opclass", "opcnamespace"),
    ("pg_collation", "collnamespace"),
    ("pg_conversion", "connamespace"),
    ("pg_statistic_ext", "stxnamespace"),
    ("pg_ts_config", "cfgnamespace"),
    ("pg_ts_dict", "dictnamespace"),
    ("pg_default_acl", "defaclnamespace"),
];

/// The catalogs of what is in no schema.
const IN_NO_SCHEMA: [&str; 7] = [
    "pg_cast",
    "pg_event_trigger",
    "pg_foreign_data_wrapper",
    "pg_foreign_server",
    "pg_language",
    "pg_largeobject_metadata",
    "pg_publication",
];

/// What is said of the database itself.
const OF_THE_DATABASE: [&str; 2] = [
    "pg_db_role_setting o WHERE setdatabase = d.oid",
    "pg_shdescription o WHERE objoid = d.oid AND classoid = 'pg_database'::regclass",
];

/// The catalogs of what belongs to a table, with the column that names it.
const OF_TABLES: [(&str, &str); 3] =
    [("pg_policy", "polrelid"), ("pg_rewrite", "ev_class"), ("pg_trigger", "tgrelid")];

/// Looks at what is outside of tdata's schemas in a database that schemas share. What extensions have there comes with
/// migrations.
pub(super) fn outside_of_schemas(client: &mut Client) -> Result<String, Refusal> {
    const OTHERS: &str = "(SELECT oid FROM pg_namespace WHERE nspname !~ '^(tdata_s_|pg_|information_schema$)' \
                          UNION ALL SELECT 0)";
    const OF_NO_EXTENSION: &str =
        "NOT EXISTS (SELECT FROM pg_depend WHERE objid = o.oid AND deptype = 'e')";
    let in_schemas = IN_SCHEMAS.iter().map(|(catalog, namespace)| {
        rows(&format!("{catalog} o WHERE o.{namespace} IN {OTHERS} AND {OF_NO_EXTENSION}"))
    });
    let of_tables = OF_TABLES.iter().map(|(catalog, table)| {
        rows(&format!(
            "{catalog} o JOIN pg_class t ON t.oid = {table} WHERE relnamespace IN {OTHERS}"
        ))
    });
    let in_no_schema =
        IN_NO_SCHEMA.iter().map(|catalog| rows(&format!("{catalog} o WHERE {OF_NO_EXTENSION}")));
    let of_the_database = OF_THE_DATABASE.iter().map(|said| rows(said));
    let parts = in_schemas.chain(of_tables).chain(in_no_schema).chain(of_the_database);
    let parts: Vec<String> = parts.collect();
    let sql = format!(
        "SELECT concat_ws(' ', d.xmin, {}) FROM pg_database d WHERE datname = current_database()",
        parts.join(", ")
    );
    Ok(client.query_one(&sql, &[])?.get(0))
}

impl Proof {
    pub(super) fn new(look: Look, found: String, key: &str) -> Self {
        Self { found, key: key.to_owned(), look, client: Mutex::default() }
    }

    /// Tells whether the data are as they were. `client` is a connection to them that nobody uses any more, else `connect`
    /// makes one.
    pub(super) fn holds(
        &self,
        client: Option<Client>,
        connect: impl FnOnce() -> Result<Client, Refusal>,
    ) -> Result<bool, Refusal> {
        if let Some(mut client) = client {
            return Ok(self.look.now(&mut client)? == self.found);
        }
        let mut kept = self.client.lock();
        let mut client = match kept.take().filter(|client| !client.is_closed()) {
            Some(client) => client,
            None => connect()?,
        };
        let found = self.look.now(&mut client)?;
        *kept = Some(client);
        Ok(found == self.found)
    }
}

impl fmt::Debug for Proof {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Proof of {}", self.key)
    }
}
