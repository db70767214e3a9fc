//! What is defined in a database, told so that every change of it is seen.

use postgres::Client;
use tdata_postgres::Refusal;

/// The schemas that are PostgreSQL's own have other names.
pub(super) const OF_USERS: &str = "nspname !~ '^(pg_|information_schema$)'";

/// Those of these that tdata has not made for one test.
const OUTSIDE: &str = "nspname !~ '^(tdata_s_|pg_|information_schema$)'";

/// What is outside of a schema.
#[derive(Debug)]
pub(super) struct Outside {
    pub(super) found: String,
    /// Whether the schema was handed out since.
    pub(super) is_handed_out: bool,
}

/// The catalogs of what is in a schema, with the column that names it.
const IN_SCHEMAS: [(&str, &str); 13] = [
    ("pg_constraint", "connamespace"),
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

/// The catalogs of what belongs to a table, with the column that names it.
const OF_TABLES: [(&str, &str); 6] = [
    ("pg_attribute", "attrelid"),
    ("pg_publication_rel", "prrelid"),
    ("pg_description", "objoid"),
    ("pg_policy", "polrelid"),
    ("pg_rewrite", "ev_class"),
    ("pg_trigger", "tgrelid"),
];

/// The catalogs of what is in no schema.
const IN_NO_SCHEMA: [&str; 8] = [
    "pg_cast",
    "pg_event_trigger",
    "pg_extension",
    "pg_foreign_data_wrapper",
    "pg_foreign_server",
    "pg_language",
    "pg_largeobject_metadata",
    "pg_publication",
];

/// What is said of the database itself, `d`.
pub(super) const OF_THE_DATABASE: [&str; 2] = [
    "pg_db_role_setting o WHERE setdatabase = d.oid",
    "pg_shdescription o WHERE objoid = d.oid AND classoid = 'pg_database'::regclass",
];

/// The labels of enums, which belong to types.
const LABELS: &str = "pg_enum o JOIN pg_type t ON t.oid = enumtypid WHERE t.typnamespace IN";

/// What extensions define comes with migrations.
const OF_NO_EXTENSION: &str =
    "NOT EXISTS (SELECT FROM pg_depend WHERE objid = o.oid AND deptype = 'e')";

/// Counts the rows of a catalog, `o`, and tells the transactions that wrote them.
pub(super) fn rows(catalog: &str) -> String {
    format!("(SELECT concat(count(*), '.', sum(o.xmin::text::int8)) FROM {catalog})")
}

/// Returns the parts of a query that tell all that is defined in some schemas, and in none.
pub(super) fn within(schemas: &str) -> impl Iterator<Item = String> {
    let schemas = format!("(SELECT oid FROM pg_namespace WHERE {schemas} UNION ALL SELECT 0)");
    let (tables, types) = (schemas.clone(), schemas.clone());
    let in_schemas = IN_SCHEMAS.iter().map(move |(catalog, schema)| {
        rows(&format!("{catalog} o WHERE o.{schema} IN {schemas} AND {OF_NO_EXTENSION}"))
    });
    let of_tables = OF_TABLES.iter().map(move |(catalog, table)| {
        rows(&format!(
            "{catalog} o JOIN pg_class t ON t.oid = {table} WHERE relnamespace IN {tables}"
        ))
    });
    let in_no_schema =
        IN_NO_SCHEMA.iter().map(|catalog| rows(&format!("{catalog} o WHERE {OF_NO_EXTENSION}")));
    let labels = rows(&format!("{LABELS} {types}"));
    in_schemas.chain(of_tables).chain(in_no_schema).chain([labels])
}

/// Looks at what is outside of tdata's schemas in a database that schemas share.
pub(super) fn outside_of_schemas(client: &mut Client) -> Result<String, Refusal> {
    let parts: Vec<String> = within(OUTSIDE).chain(OF_THE_DATABASE.map(rows)).collect();
    let sql = format!(
        "SELECT concat_ws(' ', d.xmin, {}) FROM pg_database d WHERE datname = current_database()",
        parts.join(", ")
    );
    Ok(client.query_one(&sql, &[])?.get(0))
}
