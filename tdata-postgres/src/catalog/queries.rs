//! The queries of the catalog: flat ones, as many for a thousand tables as for one.
//!
//! All of them work on PostgreSQL 13 to 18.

/// Everyone's tables, PostgreSQL's own left out. A partition is no table of its own: its rows are those
/// of the table that it is a part of.
const OURS: &str = "c.relkind IN ('r', 'p') AND NOT c.relispartition \
                    AND n.nspname <> 'information_schema' AND n.nspname NOT LIKE 'pg\\_%'";

/// The schemas in which a table is looked for whose name has none.
pub(super) const SEARCH_PATH: &str = "SELECT current_schemas(false)::text[]";

/// The partitions, also those of partitions, each with the table that its rows are of.
pub(super) const PARTITIONS: &str = "\
SELECT n.nspname::text AS schema, c.relname::text AS name,
       rn.nspname::text AS table_schema, r.relname::text AS table
FROM pg_class c
JOIN pg_namespace n ON n.oid = c.relnamespace
JOIN pg_class r ON r.oid = pg_partition_root(c.oid)
JOIN pg_namespace rn ON rn.oid = r.relnamespace
WHERE c.relispartition AND c.relkind IN ('r', 'p') ORDER BY c.oid";

/// What is no table and has a name that no table can have. The array types of tables and types make room.
pub(super) const OTHERS: &str = "\
SELECT n.nspname::text AS schema, c.relname::text AS name,
       CASE c.relkind WHEN 'v' THEN 'view' WHEN 'm' THEN 'materialized view' WHEN 'f' THEN 'foreign table'
                      WHEN 'S' THEN 'sequence' WHEN 'c' THEN 'composite type' ELSE 'index' END AS kind
FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE c.relkind NOT IN ('r', 'p', 't') AND n.nspname <> 'information_schema' AND n.nspname NOT LIKE 'pg\\_%'
UNION
SELECT n.nspname::text, t.typname::text, 'type'
FROM pg_type t JOIN pg_namespace n ON n.oid = t.typnamespace
WHERE t.typrelid = 0 AND NOT (t.typcategory = 'A' AND t.typtype = 'b')
  AND n.nspname <> 'information_schema' AND n.nspname NOT LIKE 'pg\\_%'
ORDER BY schema, name";

/// The types that are not PostgreSQL's own, arrays and the rows of tables included. Domains over arrays are of the
/// category of arrays, and no arrays themselves.
pub(super) const TYPES: &str = "\
SELECT t.oid, n.nspname::text AS schema, t.typname::text AS name,
       format_type(t.oid, NULL) AS text, pg_type_is_visible(t.oid) AS is_visible, t.typtype,
       t.typcategory = 'A' AND t.typtype = 'b' AS is_array,
       t.typelem AS element, t.typrelid AS relation,
       coalesce(c.relkind <> 'c', false) AS is_row,
       t.typbasetype AS base, format_type(t.typbasetype, t.typtypmod) AS base_text,
       t.typndims::int4 AS dimensions, t.typnotnull AS not_null
FROM pg_type t
JOIN pg_namespace n ON n.oid = t.typnamespace
LEFT JOIN pg_class c ON c.oid = t.typrelid
WHERE n.nspname <> 'information_schema' AND n.nspname NOT LIKE 'pg\\_%' AND t.typtype <> 'p'
ORDER BY n.nspname, t.typname";

/// The labels of enums, in their order.
pub(super) const LABELS: &str = "\
SELECT enumtypid AS oid, enumlabel::text AS label FROM pg_enum ORDER BY enumtypid, enumsortorder";

/// The conditions of domains.
pub(super) const DOMAIN_CHECKS: &str = "\
SELECT contypid AS oid, conname::text AS name, pg_get_expr(conbin, 0) AS condition
FROM pg_constraint WHERE contypid <> 0 AND contype = 'c' ORDER BY contypid, conname";

/// Ranges and, since PostgreSQL 14, their multiranges.
pub(super) const RANGES: &str = "\
SELECT rngtypid AS oid, rngsubtype AS subtype, format_type(rngsubtype, NULL) AS subtype_text,
       (to_jsonb(r) ->> 'rngmultitypid')::oid AS multirange
FROM pg_range r";

/// The attributes of composite types.
pub(super) const ATTRIBUTES: &str = "\
SELECT a.attrelid AS relation, a.attname::text AS name, a.atttypid AS type,
       format_type(a.atttypid, a.atttypmod) AS type_text, a.attndims::int4 AS dimensions
FROM pg_attribute a
JOIN pg_class c ON c.oid = a.attrelid
JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE c.relkind = 'c' AND a.attnum > 0 AND NOT a.attisdropped
  AND n.nspname <> 'information_schema' AND n.nspname NOT LIKE 'pg\\_%'
ORDER BY a.attrelid, a.attnum";

/// The tables that belong to extensions.
pub(super) const EXTENSION_TABLES: &str = "\
SELECT n.nspname::text AS schema, c.relname::text AS name
FROM pg_class c
JOIN pg_namespace n ON n.oid = c.relnamespace
JOIN pg_depend d ON d.classid = 'pg_class'::regclass AND d.objid = c.oid AND d.deptype = 'e'
WHERE c.relkind IN ('r', 'p')";

/// The tables that this role may read.
pub(super) const READABLE_TABLES: &str = "\
SELECT n.nspname::text AS schema, c.relname::text AS name
FROM pg_class c
JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE c.relkind IN ('r', 'p') AND has_schema_privilege(n.oid, 'USAGE') AND has_table_privilege(c.oid, 'SELECT')";

/// The tables with their columns.
pub(super) fn columns() -> String {
    format!(
        "SELECT c.oid, n.nspname::text AS schema, c.relname::text AS table, \
                a.attname::text AS column, a.atttypid AS type, \
                format_type(a.atttypid, a.atttypmod) AS type_text, \
                a.attndims::int4 AS dimensions, a.attnotnull AS not_null, \
                a.atthasdef OR a.attidentity <> '' OR t.typdefault IS NOT NULL AS has_default, \
                a.attidentity AS identity, a.attgenerated <> '' AS generated, \
                c.relkind = 'r' AND c.relhassubclass AS has_children \
         FROM pg_class c \
         JOIN pg_namespace n ON n.oid = c.relnamespace \
         JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped \
         JOIN pg_type t ON t.oid = a.atttypid \
         WHERE {OURS} ORDER BY n.nspname, c.relname, a.attnum"
    )
}

/// The primary keys, unique constraints and unique indexes. Partial indexes and those over
/// expressions promise nothing about plain values. Before PostgreSQL 15 no index takes nulls for equal, nor has the
/// catalog a column for it.
pub(super) fn unique() -> String {
    format!(
        "SELECT c.oid, i.indisprimary AS is_primary, \
                coalesce((to_jsonb(i) ->> 'indnullsnotdistinct')::boolean, false) AS nulls_equal, \
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

/// The foreign keys. A key to a partitioned table has one more for each partition, which says nothing
/// new.
pub(super) fn foreign_keys() -> String {
    let names = |keys: &str, relation: &str| {
        format!(
            "ARRAY(SELECT a.attname::text FROM unnest(f.{keys}) WITH ORDINALITY AS k(attnum, at) \
                   JOIN pg_attribute a ON a.attrelid = f.{relation} AND a.attnum = k.attnum \
                   ORDER BY k.at)"
        )
    };
    format!(
        "SELECT c.oid, f.conname::text AS name, {} AS columns, pn.nspname::text AS parent_schema, \
                p.relname::text AS parent, {} AS parent_columns, f.condeferrable AS deferrable, \
                f.confmatchtype = 'f' AS match_full \
         FROM pg_constraint f \
         JOIN pg_class c ON c.oid = f.conrelid \
         JOIN pg_namespace n ON n.oid = c.relnamespace \
         JOIN pg_class p ON p.oid = f.confrelid \
         JOIN pg_namespace pn ON pn.oid = p.relnamespace \
         WHERE {OURS} AND f.contype = 'f' AND f.conparentid = 0 ORDER BY f.oid",
        names("conkey", "conrelid"),
        names("confkey", "confrelid"),
    )
}
