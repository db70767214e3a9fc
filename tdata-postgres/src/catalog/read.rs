//! Reads the catalog.

use std::collections::HashMap;

use postgres::Client;
use tdata_core::plan::{Catalog, CatalogColumn, CatalogForeignKey, CatalogTable};
use tdata_core::sql::{SqlType, TableName};

/// Everyone's tables, PostgreSQL's own left out.
const OURS: &str = "c.relkind IN ('r', 'p') AND n.nspname <> 'information_schema' \
                    AND n.nspname NOT LIKE 'pg\\_%'";

/// The types of their own that columns can have; arrays and tables' row types left out.
const TYPES: &str = "SELECT t.typname::text FROM pg_type t \
                     JOIN pg_namespace n ON n.oid = t.typnamespace \
                     WHERE n.nspname NOT IN ('pg_catalog', 'information_schema') \
                     AND t.typtype IN ('b', 'c', 'd', 'e', 'r') AND t.typelem = 0 \
                     ORDER BY t.typname";

/// Reads all tables of a database with their columns and keys.
pub fn read(client: &mut Client) -> Result<Catalog, postgres::Error> {
    let default_schema = client.query_one("SELECT current_schema()::text", &[])?;
    let default_schema: Option<String> = default_schema.get(0);
    let default_schema = default_schema.unwrap_or_default();
    let mut catalog = Catalog { default_schema, ..Catalog::default() };
    let mut places: HashMap<u32, usize> = HashMap::new();
    for row in client.query(&columns_query(), &[])? {
        let oid: u32 = row.get("oid");
        let place = *places.entry(oid).or_insert_with(|| {
            catalog.tables.push(CatalogTable {
                name: table_name(row.get("schema"), row.get("table")),
                columns: Vec::new(),
                primary_key: Vec::new(),
                unique: Vec::new(),
                foreign_keys: Vec::new(),
            });
            catalog.tables.len() - 1
        });
        let type_name: String = row.get("type");
        catalog.tables[place].columns.push(CatalogColumn {
            name: row.get("column"),
            sql_type: type_name.parse().unwrap_or(SqlType::Named(type_name)),
            enum_labels: row.get("labels"),
            nullable: row.get("nullable"),
            has_default: row.get("has_default"),
            generated: row.get("generated"),
        });
    }
    for row in client.query(TYPES, &[])? {
        catalog.types.push(row.get(0));
    }
    for row in client.query(&unique_query(), &[])? {
        if let Some(place) = places.get(&row.get::<_, u32>("oid")) {
            let columns: Vec<String> = row.get("columns");
            if row.get("is_primary") {
                catalog.tables[*place].primary_key = columns.clone();
            }
            catalog.tables[*place].unique.push(columns);
        }
    }
    for row in client.query(&foreign_keys_query(), &[])? {
        if let Some(place) = places.get(&row.get::<_, u32>("oid")) {
            catalog.tables[*place].foreign_keys.push(CatalogForeignKey {
                name: row.get("name"),
                columns: row.get("columns"),
                references: table_name(row.get("parent_schema"), row.get("parent")),
                referenced_columns: row.get("parent_columns"),
                deferrable: row.get("deferrable"),
            });
        }
    }
    Ok(catalog)
}

fn table_name(schema: String, name: String) -> TableName {
    TableName { schema: Some(schema), name }
}

/// A domain is told as its base type; an enum with its labels.
fn columns_query() -> String {
    format!(
        "SELECT c.oid, n.nspname::text AS schema, c.relname::text AS table, \
                a.attname::text AS column, \
                CASE WHEN t.typtype = 'd' THEN format_type(t.typbasetype, t.typtypmod) \
                     ELSE format_type(a.atttypid, a.atttypmod) END AS type, \
                NOT (a.attnotnull OR t.typnotnull) AS nullable, \
                a.atthasdef OR a.attidentity <> '' OR t.typdefault IS NOT NULL AS has_default, \
                a.attgenerated <> '' AS generated, \
                ARRAY(SELECT e.enumlabel::text FROM pg_enum e WHERE e.enumtypid = t.oid \
                      ORDER BY e.enumsortorder) AS labels \
         FROM pg_class c \
         JOIN pg_namespace n ON n.oid = c.relnamespace \
         JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped \
         JOIN pg_type t ON t.oid = a.atttypid \
         WHERE {OURS} ORDER BY n.nspname, c.relname, a.attnum"
    )
}

/// Partial indexes and those over expressions promise nothing about plain values.
fn unique_query() -> String {
    format!(
        "SELECT c.oid, i.indisprimary AS is_primary, \
                ARRAY(SELECT a.attname::text FROM unnest(i.indkey) WITH ORDINALITY AS k(attnum, at) \
                      JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum = k.attnum \
                      WHERE k.at <= i.indnkeyatts ORDER BY k.at) AS columns \
         FROM pg_index i \
         JOIN pg_class c ON c.oid = i.indrelid \
         JOIN pg_namespace n ON n.oid = c.relnamespace \
         WHERE {OURS} AND i.indisunique AND i.indpred IS NULL AND i.indexprs IS NULL \
         ORDER BY i.indexrelid"
    )
}

fn foreign_keys_query() -> String {
    let names = |keys: &str, relation: &str| {
        format!(
            "ARRAY(SELECT a.attname::text FROM unnest(f.{keys}) WITH ORDINALITY AS k(attnum, at) \
                   JOIN pg_attribute a ON a.attrelid = f.{relation} AND a.attnum = k.attnum \
                   ORDER BY k.at)"
        )
    };
    format!(
        "SELECT c.oid, f.conname::text AS name, {} AS columns, pn.nspname::text AS parent_schema, \
                p.relname::text AS parent, {} AS parent_columns, f.condeferrable AS deferrable \
         FROM pg_constraint f \
         JOIN pg_class c ON c.oid = f.conrelid \
         JOIN pg_namespace n ON n.oid = c.relnamespace \
         JOIN pg_class p ON p.oid = f.confrelid \
         JOIN pg_namespace pn ON pn.oid = p.relnamespace \
         WHERE {OURS} AND f.contype = 'f' ORDER BY f.oid",
        names("conkey", "conrelid"),
        names("confkey", "confrelid"),
    )
}
