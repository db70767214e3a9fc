//! The tables and sequences of a database, as the database knows them: by number, with what fires when rows change.

use std::collections::HashMap;

use postgres::GenericClient;
use tdata_core::sql::quote_identifier;

/// An ordinary table or a sequence.
#[derive(Clone, Debug)]
pub struct Relation {
    /// Its number, the same in every copy of the database.
    pub oid: u32,
    /// Its schema.
    pub schema: String,
    /// Its name.
    pub name: String,
    /// Whether it is a sequence, which has none of what follows.
    pub is_sequence: bool,
    /// The columns, in order.
    pub columns: Vec<RelationColumn>,
    /// The columns of its primary key, in order.
    pub primary_key: Vec<String>,
    /// The tables whose foreign keys reference it, by number, itself excepted; partitioned ones too.
    pub referenced_by: Vec<u32>,
    /// Whether a trigger or a rule of it fires when rows change, those of constraints excepted.
    pub has_triggers: bool,
    /// Whether one fires also in replication mode.
    pub fires_always: bool,
}

/// A column of a table.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RelationColumn {
    /// Its name.
    pub name: String,
    /// Whether it holds whole numbers of 64 bits at most.
    pub is_number: bool,
    /// Whether the database computes it from other columns.
    pub is_generated: bool,
}

const RELATIONS: &str = "\
SELECT c.oid, c.relkind = 'S' AS is_sequence, n.nspname::text AS schema, c.relname::text AS name,
       EXISTS (SELECT FROM pg_trigger t
               WHERE t.tgrelid = c.oid AND t.tgenabled IN ('A', 'R'))
    OR EXISTS (SELECT FROM pg_rewrite r
               WHERE r.ev_class = c.oid AND r.ev_enabled IN ('A', 'R')) AS fires_always,
       EXISTS (SELECT FROM pg_trigger t
               WHERE t.tgrelid = c.oid AND NOT t.tgisinternal AND t.tgenabled <> 'D')
    OR EXISTS (SELECT FROM pg_rewrite r
               WHERE r.ev_class = c.oid AND r.ev_enabled <> 'D') AS has_triggers,
       ARRAY(SELECT a.attname::text
             FROM pg_index i, unnest(i.indkey) WITH ORDINALITY AS k(attnum, at), pg_attribute a
             WHERE i.indrelid = c.oid AND i.indisprimary AND k.at <= i.indnkeyatts
               AND a.attrelid = c.oid AND a.attnum = k.attnum
             ORDER BY k.at) AS primary_key
FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE c.relkind IN ('r', 'S') AND n.nspname <> 'information_schema' AND n.nspname NOT LIKE 'pg\\_%'
ORDER BY c.oid";

const COLUMNS: &str = "\
SELECT a.attrelid AS oid, a.attname::text AS name, a.attgenerated <> '' AS is_generated,
       a.atttypid IN ('int2'::regtype, 'int4'::regtype, 'int8'::regtype) AS is_number
FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
WHERE c.relkind = 'r' AND n.nspname <> 'information_schema' AND n.nspname NOT LIKE 'pg\\_%'
ORDER BY a.attrelid, a.attnum";

const REFERENCES: &str = "\
SELECT confrelid AS parent, conrelid AS child FROM pg_constraint
WHERE contype = 'f' AND conrelid <> confrelid ORDER BY oid";

/// Reads the ordinary tables and the sequences of a database, PostgreSQL's own left out, in the order of their numbers.
///
/// # Errors
///
/// What the database refuses.
pub fn relations(client: &mut impl GenericClient) -> Result<Vec<Relation>, postgres::Error> {
    let mut relations: Vec<Relation> = Vec::new();
    let mut places: HashMap<u32, usize> = HashMap::new();
    for row in client.query(RELATIONS, &[])? {
        let oid = row.get("oid");
        places.insert(oid, relations.len());
        relations.push(Relation {
            oid,
            schema: row.get("schema"),
            name: row.get("name"),
            is_sequence: row.get("is_sequence"),
            columns: Vec::new(),
            primary_key: row.get("primary_key"),
            referenced_by: Vec::new(),
            has_triggers: row.get("has_triggers"),
            fires_always: row.get("fires_always"),
        });
    }
    for row in client.query(COLUMNS, &[])? {
        let place = places.get(&row.get::<_, u32>("oid"));
        let Some(relation) = place.and_then(|place| relations.get_mut(*place)) else { continue };
        relation.columns.push(RelationColumn {
            name: row.get("name"),
            is_number: row.get("is_number"),
            is_generated: row.get("is_generated"),
        });
    }
    for row in client.query(REFERENCES, &[])? {
        let place = places.get(&row.get::<_, u32>("parent"));
        let Some(relation) = place.and_then(|place| relations.get_mut(*place)) else { continue };
        relation.referenced_by.push(row.get("child"));
    }
    Ok(relations)
}

impl Relation {
    /// Returns its name with its schema, as SQL takes it.
    pub fn quoted(&self) -> String {
        format!("{}.{}", quote_identifier(&self.schema), quote_identifier(&self.name))
    }
}
