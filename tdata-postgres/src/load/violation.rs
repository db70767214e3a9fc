//! Tells of a constraint that rows violate: what it demands, which fields it is about, and what to do.

use postgres::Client;
use tdata_core::plan::DatasetPlan;

use crate::refusal::{Refusal, Violated};

/// A constraint or a unique index, as the catalog has it.
struct Constraint {
    /// As `CREATE TABLE` takes it; of an index, the statement that makes it.
    definition: String,
    /// The columns that it is about, those in the expressions of an index too.
    columns: Vec<String>,
    is_over_expressions: bool,
    is_partial: bool,
}

/// A constraint of the table, one of a type, or a unique index that is no constraint.
const FIND: &str = "\
    SELECT pg_catalog.pg_get_constraintdef(c.oid), ARRAY(\
        SELECT a.attname::text FROM pg_catalog.pg_attribute a \
        WHERE a.attrelid = c.conrelid AND a.attnum = ANY (c.conkey) ORDER BY array_position(c.conkey, a.attnum)), \
        false, false \
    FROM pg_catalog.pg_constraint c \
    LEFT JOIN pg_catalog.pg_class r ON r.oid = c.conrelid \
    LEFT JOIN pg_catalog.pg_type t ON t.oid = c.contypid \
    JOIN pg_catalog.pg_namespace n ON n.oid = coalesce(nullif(r.relnamespace, 0), t.typnamespace) \
    WHERE c.conname = $1 AND n.nspname = $2 AND coalesce(r.relname, t.typname) = $3 \
    UNION ALL \
    SELECT pg_catalog.pg_get_indexdef(i.indexrelid), ARRAY(\
        SELECT a.attname::text FROM pg_catalog.pg_attribute a \
        LEFT JOIN unnest(i.indkey) WITH ORDINALITY AS k(attnum, at) ON k.attnum = a.attnum \
        WHERE a.attrelid = i.indrelid AND (k.at <= i.indnkeyatts \
            OR k.at IS NULL AND i.indexprs IS NOT NULL AND EXISTS (SELECT FROM pg_catalog.pg_depend d \
                WHERE d.classid = 'pg_catalog.pg_class'::pg_catalog.regclass AND d.objid = i.indexrelid \
                AND d.refobjid = i.indrelid AND d.refobjsubid = a.attnum)) \
        ORDER BY k.at, a.attnum), \
        i.indexprs IS NOT NULL, i.indpred IS NOT NULL \
    FROM pg_catalog.pg_index i \
    JOIN pg_catalog.pg_class x ON x.oid = i.indexrelid \
    JOIN pg_catalog.pg_class r ON r.oid = i.indrelid \
    JOIN pg_catalog.pg_namespace n ON n.oid = r.relnamespace \
    WHERE x.relname = $1 AND n.nspname = $2 AND r.relname = $3 \
    LIMIT 1";

/// Adds to a refusal what is known of the constraint that a dataset's rows violate, if they violate one.
pub(super) fn explain(client: &mut Client, dataset: &DatasetPlan, refusal: Refusal) -> Refusal {
    let Some(violated) = refusal.violated().filter(|_| !refusal.has_advice()) else {
        return refusal;
    };
    let advice = match (refusal.sqlstate(), &violated.constraint) {
        (Some(CHECK), None) => advice_of_partitions(client, dataset, violated),
        (sqlstate, _) => {
            let constraint = find(client, violated);
            advice(dataset, violated, sqlstate, constraint.as_ref())
        }
    };
    refusal.with_advice(&advice)
}

/// What a partitioned table is parted by, and its columns in that.
const FIND_PARTS: &str = "\
    SELECT pg_catalog.pg_get_partkeydef(r.oid), ARRAY(\
        SELECT a.attname::text FROM unnest(p.partattrs) WITH ORDINALITY AS k(attnum, at) \
        JOIN pg_catalog.pg_attribute a ON a.attrelid = r.oid AND a.attnum = k.attnum ORDER BY k.at) \
    FROM pg_catalog.pg_partitioned_table p \
    JOIN pg_catalog.pg_class r ON r.oid = p.partrelid \
    JOIN pg_catalog.pg_namespace n ON n.oid = r.relnamespace \
    WHERE n.nspname = $1 AND r.relname = $2";

/// Tells what to do about a row that no partition takes: of all checks that alone has no name.
fn advice_of_partitions(
    client: &mut Client,
    dataset: &DatasetPlan,
    Violated { schema, of, .. }: &Violated,
) -> String {
    let asked = schema.as_ref().zip(of.as_ref());
    let row =
        asked.and_then(|(schema, of)| client.query_opt(FIND_PARTS, &[schema, of]).ok().flatten());
    let (by, columns): (Option<String>, Vec<String>) =
        row.map(|row| (row.get(0), row.get(1))).unwrap_or_default();
    let mut lines: Vec<String> =
        by.map(|by| format!("  it is parted by {by}")).into_iter().collect();
    if lines.is_empty() {
        let sql = "SELECT pg_catalog.pg_get_partition_constraintdef(pg_catalog.to_regclass($1))";
        let found = client.query_one(sql, &[&dataset.table.to_string()]);
        return match found.ok().and_then(|row| row.get::<_, Option<String>>(0)) {
            Some(takes) => format!(
                "The table is a partition, which takes only rows with {takes}: let the generators make such values alone, or \
                 make a dataset of the table that it is a part of"
            ),
            None => "The check has no name: look for what raises it, such as a trigger".to_owned(),
        };
    }
    lines.extend(places(dataset, &columns));
    let names = named(&columns);
    lines.push(format!(
        "Let a migration make a partition for such rows (a DEFAULT partition takes all), or let the generator of {names} \
         make only values that a partition takes"
    ));
    lines.join("\n")
}

/// Tells where the fields of columns are.
fn places(dataset: &DatasetPlan, columns: &[String]) -> Vec<String> {
    let fields = columns.iter().filter_map(|name| dataset.spec.field(name));
    fields
        .map(|field| format!("  the field `{}` is at {}", *field.name, field.name.origin))
        .collect()
}

/// Tells whether a definition has a relationship of some columns, in any order.
fn has_key(dataset: &DatasetPlan, columns: &[String]) -> bool {
    let has_all = |fields: &[String]| {
        fields.len() == columns.len() && fields.iter().all(|field| columns.contains(field))
    };
    dataset.foreign_keys.iter().any(|key| has_all(&key.fields))
}

/// Names columns.
fn named(columns: &[String]) -> String {
    match columns {
        [] => "the fields that it names".to_owned(),
        names => {
            let quoted: Vec<String> = names.iter().map(|name| format!("`{name}`")).collect();
            quoted.join(" and ")
        }
    }
}

/// Looks the constraint up. Where that fails, the refusal itself is what there is to tell.
fn find(client: &mut Client, violated: &Violated) -> Option<Constraint> {
    let Violated { constraint, schema, of, .. } = violated;
    let row = client.query_opt(FIND, &[constraint.as_ref()?, schema.as_ref()?, of.as_ref()?]);
    let row = row.ok()??;
    Some(Constraint {
        definition: row.get(0),
        columns: row.get(1),
        is_over_expressions: row.get(2),
        is_partial: row.get(3),
    })
}

fn advice(
    dataset: &DatasetPlan,
    violated: &Violated,
    sqlstate: Option<&str>,
    constraint: Option<&Constraint>,
) -> String {
    let mut columns = constraint.map(|found| found.columns.clone()).unwrap_or_default();
    if columns.is_empty() {
        columns.extend(violated.column.clone());
    }
    if columns.is_empty()
        && let Some(unique) = violated.constraint.as_deref().and_then(|name| made(dataset, name))
    {
        columns = unique;
    }
    let mut lines = Vec::new();
    if let Some(found) = constraint {
        lines.push(format!("  it demands {}", found.definition));
    }
    let fields = places(dataset, &columns);
    let has_fields = !fields.is_empty();
    lines.extend(fields);
    let names = named(&columns);
    let unknown = columns.iter().find(|name| dataset.spec.field(name).is_none());
    if !has_fields {
        lines.push(format!("  the dataset is at {}", dataset.spec.name.origin));
    }
    lines.push(match (sqlstate, unknown) {
        (Some(NOT_NULL), Some(column)) => {
            format!("Add a field `{column}` to the definition, or a default to the column")
        }
        (Some(NOT_NULL), None) => format!(
            "Let {names} never be null: drop `null_probability`, or choose another generator. A trigger may make it null, too"
        ),
        (Some(UNIQUE), _) if constraint.is_some_and(|found| found.is_over_expressions) => format!(
            "Let the values of its expressions differ: make {names} `unique: true`, or a `pattern` with `{{{{index}}}}` in it"
        ),
        (Some(UNIQUE), _) if constraint.is_some_and(|found| found.is_partial) => format!(
            "Let no two rows for which its condition holds have the same {names}: write `unique: true` at a field, or a \
             group under `unique` in the spec; or let the condition hold for fewer rows"
        ),
        (Some(UNIQUE), _) => format!(
            "Let no two rows have the same {names}: write `unique: true` at a field, or a group under `unique` in the spec"
        ),
        (Some(EXCLUSION), _) => format!(
            "tdata does not keep rows apart that an exclusion constraint compares: let {names} differ in each row, such as \
             by a `pattern` with `{{{{index}}}}` in it, or ask for fewer rows"
        ),
        (Some(FOREIGN_KEY), _) if has_key(dataset, &columns) => format!(
            "The definition says what {names} references, so a trigger or a rule may have changed those rows, or left some \
             out: triggers = \"off\" in tdata.toml lets triggers rest"
        ),
        (Some(FOREIGN_KEY), _) => {
            format!("Let a relationship of the definition say what {names} references")
        }
        _ => format!(
            "Let the generator of {names} make only values that it allows (its parameters, or `choices`), or change the \
             constraint"
        ),
    });
    lines.join("\n")
}

/// Returns the columns of a constraint that the definition itself asks for, as PostgreSQL names it.
fn made(dataset: &DatasetPlan, constraint: &str) -> Option<Vec<String>> {
    let table = &dataset.table.name;
    if constraint == format!("{table}_pkey") {
        return Some(dataset.primary_key.clone());
    }
    let is_named = |group: &&Vec<String>| constraint == format!("{table}_{}_key", group.join("_"));
    dataset.unique.iter().find(is_named).cloned()
}

const NOT_NULL: &str = "23502";
const FOREIGN_KEY: &str = "23503";
const UNIQUE: &str = "23505";
const CHECK: &str = "23514";
const EXCLUSION: &str = "23P01";
