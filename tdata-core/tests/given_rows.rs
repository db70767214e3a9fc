//! Rows that nobody makes: those that a definition writes out, and those that are in tables already.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::collections::HashSet;

use proptest::prelude::*;
use tdata_core::contract::{Contract, Volume};
use tdata_core::definition::Library;
use tdata_core::diagnostic::{Diagnostics, Source};
use tdata_core::mask::MaskKey;
use tdata_core::plan::{
    Catalog, CatalogColumn, CatalogForeignKey, CatalogRows, CatalogTable, Plan, plan,
};
use tdata_core::sql::TableName;
use tdata_core::value::Value;

fn library(definitions: &[(&str, &str)]) -> Library {
    let mut library = Library::default();
    library.set_beside_migrations(true);
    for (name, spec) in definitions {
        let text = format!(
            "apiVersion: data.automation/v1\nkind: DataDefinition\nmetadata: {{ name: {name} }}\nspec:\n  \
             table: {name}\n{spec}"
        );
        library.insert(Source::new(format!("{name}.yaml"), text), name, None);
    }
    library
}

fn contract(dataset: &str, volumes: &[(&str, u64)]) -> Contract {
    let mut contract = Contract::new([dataset], "2024-05-01".parse().unwrap());
    for (name, rows) in volumes {
        contract.volumes.by_dataset.insert((*name).to_owned(), Volume::Rows(*rows));
    }
    contract
}

fn planned(
    contract: &Contract,
    definitions: &[(&str, &str)],
    catalog: &Catalog,
) -> Result<Plan, Diagnostics> {
    plan(contract, &library(definitions), &MaskKey::development(), catalog)
}

fn rows(plan: &Plan, dataset: &str) -> Vec<Vec<String>> {
    let source = &plan.dataset(dataset).unwrap().source;
    let mut row = Vec::new();
    (0..source.rows())
        .map(|index| {
            source.write_row(index, &mut row);
            row.iter().map(Value::to_string).collect()
        })
        .collect()
}

const PLANS: &str = "  rows:
    - { id: 1, name: free, price: 0, tags: [a, 'b\"c'] }
    - { id: 2, name: pro, price: 9.90, since: 2024-01-01 }
  fields:
    - { name: id, type: integer }
    - { name: name, type: varchar(8), unique: true }
    - { name: price, type: 'decimal(6,2)' }
    - { name: tags, type: 'text[]' }
    - { name: since, type: date }
    - { name: label, type: text, generator: word }
";

const USERS: &str = "  fields:
    - { name: id, type: integer, generator: sequence }
  relationships:
    - { foreignKey: plan, references: plans.name }
";

#[test]
fn written_rows_are_rows_like_any_other() {
    let definitions = [("plans", PLANS), ("users", USERS)];
    let plan = planned(&contract("users", &[]), &definitions, &Catalog::default()).unwrap();
    let plans = rows(&plan, "plans");
    assert_eq!(plans[0][..5], ["1", "free", "0.00", "{\"a\",\"b\\\"c\"}", ""]);
    assert_eq!(plans[1][..5], ["2", "pro", "9.90", "", "2024-01-01"]);
    // What a row leaves out is made, or null.
    assert!(plans.iter().all(|row| !row[5].is_empty()));
    let used: HashSet<String> =
        rows(&plan, "users").into_iter().map(|row| row[1].clone()).collect();
    assert_eq!(used, HashSet::from(["free", "pro"].map(str::to_owned)));
    let table = plan.dataset("plans").unwrap().create_table();
    assert!(table.contains("\"id\" integer PRIMARY KEY"), "{table}");
    assert!(table.contains("\"name\" varchar(8) NOT NULL UNIQUE"), "{table}");
    assert!(table.contains("\"since\" date,"), "{table}");
}

#[test]
fn all_that_is_wrong_with_written_rows_is_told_at_once() {
    let wrong = "  rows:
    - { id: one, name: free, plan_id: 1, kind: cat }
    - { id: 2, name: far_too_long, plan_id: 7 }
    - { id: ~, name: free, plan_id: 2, kind: { a: b } }
    - { id: 2, plan_id: 1, extra: x, kind: a }
  fields:
    - { name: id, type: integer }
    - { name: name, type: varchar(8), unique: true }
    - { name: kind, type: text }
  relationships:
    - { foreignKey: plan_id, references: plans.id }
";
    let definitions = [("plans", PLANS), ("users", wrong)];
    let told = planned(&contract("users", &[]), &definitions, &Catalog::default()).unwrap_err();
    insta::assert_snapshot!("wrong_rows", told);
    let twice = "  rows:
    - { id: 1, name: a, plan_id: 1 }
    - { id: 2, name: a, plan_id: 7 }
    - { id: 1, name: b, plan_id: 2 }
  fields:
    - { name: id, type: integer }
    - { name: name, type: varchar(8), unique: true }
  relationships:
    - { foreignKey: plan_id, references: plans.id }
";
    let definitions = [("plans", PLANS), ("users", twice)];
    let told = planned(&contract("users", &[]), &definitions, &Catalog::default()).unwrap_err();
    insta::assert_snapshot!("repeated_rows", told);
    let volume = contract("plans", &[("plans", 5)]);
    let told = planned(&volume, &[("plans", PLANS)], &Catalog::default()).unwrap_err();
    assert!(told.to_string().contains("its definition writes out 2"), "{told}");
}

#[test]
fn sources_and_rows_go_together() {
    for (spec, told) in [
        ("  source: rows\n", "`source: rows` needs `rows`"),
        (
            "  source: hybrid\n  rows: [{ id: 1 }]\n  fields:\n    - { name: id, type: integer, generator: sequence }\n",
            "`rows` do not go with `source: hybrid`",
        ),
        ("  rows: [{ id: 1 }]\n  volume: { count: 1 }\n", "drop `volume`"),
        ("  rows: [7]\n", "a row is a single value"),
        (
            "  source: existing\n  masking_rules:\n    - { field: id, rule: redact }\n",
            "taken as they are",
        ),
    ] {
        let told_now =
            planned(&contract("a", &[]), &[("a", spec)], &Catalog::default()).unwrap_err();
        assert!(told_now.to_string().contains(told), "{told_now}");
    }
}

#[test]
fn a_comma_in_a_value_of_a_row_is_told_as_such() {
    const FIELDS: &str = "  fields: [{ name: id, type: integer }, { name: note, type: text }]\n";
    let planned = |rows: &str| {
        let spec = format!("  rows: [{rows}]\n{FIELDS}");
        planned(&contract("a", &[]), &[("a", &spec)], &Catalog::default())
    };
    for (rows, help) in [
        ("{ id: 1, note: a, b }", "in quotes: \"a, b\"; or, if `b` is a key, write `b: `"),
        ("{ note: it's, 2 or \"3\", id: 1 }", "in quotes: 'it''s, 2 or \"3\"'"),
    ] {
        let told = planned(rows).unwrap_err();
        assert_eq!(told.len(), 1, "{told}");
        assert!(told.to_string().contains(help), "{told}");
    }
    for row in ["{ id: 1, note: \"a, b\" }", "{ id: 1, note: }", "{ id: 1, note: ~ }"] {
        assert!(planned(row).is_ok(), "{row}");
    }
}

#[test]
fn lists_in_lists_are_arrays_and_json_is_text() {
    let planned = |sql_type: &str, value: &str| {
        let spec =
            format!("  rows: [{{ v: {value} }}]\n  fields: [{{ name: v, type: '{sql_type}' }}]\n");
        planned(&contract("a", &[]), &[("a", &spec)], &Catalog::default())
    };
    for (sql_type, value, read) in [
        ("integer[]", "[[1], [2]]", r#"{{"1"},{"2"}}"#),
        ("text[]", "[[a, ~], ['b\"', c]]", r#"{{"a",NULL},{"b\"","c"}}"#),
        ("integer[]", "[[[1, 2]], [[3, 4]]]", r#"{{{"1","2"}},{{"3","4"}}}"#),
        ("integer[]", "[]", "{}"),
        ("jsonb[]", "['{\"a\":1}']", r#"{"{\"a\":1}"}"#),
    ] {
        let plan = planned(sql_type, value).unwrap_or_else(|told| panic!("{value}: {told}"));
        assert_eq!(rows(&plan, "a"), [[read]], "{value}");
    }
    for (sql_type, value, message, help) in [
        ("integer[]", "[[1], [2, 3]]", "of lists of them that are equally long", "that fits it"),
        ("integer[]", "[1, [2]]", "of lists of them that are equally long", "that fits it"),
        ("integer[]", "[[1], [x]]", "whose elements are each", "that fits it"),
        ("text[]", "[{ a: 1 }]", "a list of single values", "that fits it"),
        ("jsonb", "{ a: 1 }", "a single value", "write it as text, in quotes"),
        ("json", "[1, 2]", "a single value", "write it as text, in quotes"),
        ("jsonb[]", "[{ a: 1 }]", "a list of single values", "write it as text, in quotes"),
    ] {
        let told = planned(sql_type, value).unwrap_err();
        assert_eq!(told.len(), 1, "{told}");
        let told = told.to_string();
        assert!(told.contains(message) && told.contains(help), "{told}");
    }
}

#[test]
fn a_number_of_rows_is_told_to_be_a_volume() {
    const FIELDS: &str = "  fields: [{ name: id, type: integer, generator: sequence }]\n";
    for rows in
        ["  rows: 100\n", "  rows: { count: 100 }\n", "  source: synthetic\n  rows: '100'\n"]
    {
        let spec = format!("{rows}{FIELDS}");
        let told = planned(&contract("a", &[]), &[("a", &spec)], &Catalog::default()).unwrap_err();
        assert_eq!(told.len(), 1, "{told}");
        let told = told.to_string();
        assert!(told.contains("`volume: { count: 100 }`"), "{told}");
    }
    // `source: rows` has those that are written out.
    for rows in ["  source: rows\n  rows: 100\n", "  rows: many\n", "  rows: { id: 1 }\n"] {
        let spec = format!("{rows}{FIELDS}");
        let told = planned(&contract("a", &[]), &[("a", &spec)], &Catalog::default()).unwrap_err();
        assert!(told.to_string().contains("where a list belongs"), "{told}");
    }
}

fn name(table: &str) -> TableName {
    TableName { schema: Some("public".to_owned()), name: table.to_owned() }
}

fn table(table: &str, columns: &[(&str, &str)], key: &[&str], unique: &[&[&str]]) -> CatalogTable {
    let names = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect::<Vec<_>>();
    let column = |(name, sql_type): &(&str, &str)| CatalogColumn {
        name: (*name).to_owned(),
        sql_type: sql_type.parse().unwrap(),
        nullable: false,
        has_default: false,
        identity: None,
        generated: false,
    };
    CatalogTable {
        name: name(table),
        columns: columns.iter().map(column).collect(),
        primary_key: names(key),
        unique: std::iter::once(key).chain(unique.iter().copied()).map(names).collect(),
        nulls_equal: Vec::new(),
        foreign_keys: Vec::new(),
        has_children: false,
    }
}

fn there(of: &str, columns: &[&str], keys: &[&[&str]]) -> CatalogRows {
    let row = |row: &&[&str]| row.iter().map(|cell| Some((*cell).to_owned())).collect();
    CatalogRows {
        table: name(of),
        count: keys.len() as u64,
        columns: columns.iter().map(|name| (*name).to_owned()).collect(),
        keys: keys.iter().map(row).collect(),
    }
}

fn catalog(tables: Vec<CatalogTable>, rows: Vec<CatalogRows>) -> Catalog {
    Catalog { tables, rows, search_path: vec!["public".to_owned()], ..Catalog::default() }
}

fn foreign_key(columns: &[&str], references: &str, referenced: &[&str]) -> CatalogForeignKey {
    CatalogForeignKey {
        name: columns.join("_"),
        columns: columns.iter().map(|name| (*name).to_owned()).collect(),
        references: name(references),
        referenced_columns: referenced.iter().map(|name| (*name).to_owned()).collect(),
        deferrable: false,
        match_full: false,
    }
}

/// The rows of `projects` that are there: tenant and number.
const PROJECTS: [&[&str]; 3] = [&["5", "1"], &["5", "2"], &["8", "1"]];

/// Tasks with a key to tenants and a larger one to projects, both of which are there; projects have one to tenants, too, if
/// `is_tied`.
fn tasks(is_tied: bool) -> Catalog {
    let mut tasks = table(
        "tasks",
        &[("id", "integer"), ("tenant_id", "integer"), ("project_id", "integer")],
        &["id"],
        &[],
    );
    tasks.foreign_keys = vec![
        foreign_key(&["tenant_id"], "tenants", &["id"]),
        foreign_key(&["tenant_id", "project_id"], "projects", &["tenant_id", "id"]),
    ];
    let mut projects = table(
        "projects",
        &[("tenant_id", "integer"), ("id", "integer")],
        &["tenant_id", "id"],
        &[],
    );
    if is_tied {
        projects.foreign_keys = vec![foreign_key(&["tenant_id"], "tenants", &["id"])];
    }
    let tenants = table("tenants", &[("id", "integer")], &["id"], &[]);
    let rows_there = vec![
        there("tenants", &["id"], &[&["5"], &["8"]]),
        there("projects", &["tenant_id", "id"], &PROJECTS),
    ];
    catalog(vec![tasks, projects, tenants], rows_there)
}

#[test]
fn a_larger_key_to_rows_that_are_there_brings_the_smaller_one_along() {
    let relationships = [
        "    - { foreignKey: tenant_id, references: tenants.id }\n",
        "    - { foreignKey: [tenant_id, project_id], references: { projects: [tenant_id, id] } }\n",
    ];
    // What the definition leaves out is implied, be it all, or a part of the larger key.
    for said in [&relationships[..], &relationships[..1], &relationships[1..], &[]] {
        let mut definition =
            "  fields:\n    - { name: id, type: integer, generator: sequence }\n".to_owned();
        if !said.is_empty() {
            definition.push_str(&format!("  relationships:\n{}", said.concat()));
        }
        let definitions = [("tasks", &*definition)];
        for is_tied in [true, false] {
            let plan = planned(&contract("tasks", &[]), &definitions, &tasks(is_tied));
            let plan = plan.unwrap_or_else(|told| panic!("{definition}{told}"));
            let tasks = plan.dataset("tasks").unwrap();
            let place =
                |name: &str| tasks.fields.iter().position(|field| field.name == name).unwrap();
            let places = [place("tenant_id"), place("project_id")];
            let rows = rows(&plan, "tasks").into_iter();
            let used: HashSet<[String; 2]> =
                rows.map(|row| places.map(|place| row[place].clone())).collect();
            let expected = PROJECTS.map(|pair| [pair[0].to_owned(), pair[1].to_owned()]);
            assert_eq!(used, HashSet::from(expected), "{definition}");
        }
    }
}

proptest! {
    /// Whatever is in a table, no generated row behind it repeats what is unique there.
    #[test]
    fn nothing_repeats_behind_rows_that_are_there(
        ids in proptest::collection::btree_set(1i64..60, 1..20),
        more in 0u64..30,
    ) {
        let columns = [("id", "integer"), ("code", "citext"), ("other", "text")];
        let table = table("codes", &columns, &["id"], &[&["code"]]);
        let cells: Vec<[String; 2]> =
            ids.iter().map(|id| [format!("C{id:02}"), id.to_string()]).collect();
        let keys: Vec<Vec<&str>> =
            cells.iter().map(|row| row.iter().map(String::as_str).collect()).collect();
        let keys: Vec<&[&str]> = keys.iter().map(Vec::as_slice).collect();
        let catalog = catalog(vec![table], vec![there("codes", &["code", "id"], &keys)]);
        let definition = "  source: hybrid
  fields:
    - { name: id, type: integer, generator: sequence }
    - { name: code, type: citext, generator: pattern, pattern: 'c{{digits:2}}', unique: true }
    - { name: other, type: text, generator: word }
";
        let total = ids.len() as u64 + more;
        let contract = contract("codes", &[("codes", total)]);
        let plan = planned(&contract, &[("codes", definition)], &catalog).unwrap();
        let dataset = plan.dataset("codes").unwrap();
        prop_assert_eq!((dataset.rows, dataset.existing.rows), (total, ids.len() as u64));
        let all = rows(&plan, "codes");
        let made: HashSet<&String> = all.iter().map(|row| &row[0]).collect();
        let codes: HashSet<String> = all.iter().map(|row| row[1].to_lowercase()).collect();
        prop_assert_eq!((made.len(), codes.len()), (all.len(), all.len()));
    }
}

#[test]
fn without_a_database_rows_that_are_there_and_keys_to_them_are_left_out() {
    let tickets = "  fields:
    - { name: id, type: integer, generator: sequence }
    - { name: state, type: ticket_state, generator: choice, choices: [open, shut] }
  unique: [[id, status_id]]
  relationships:
    - { foreignKey: status_id, references: statuses.id }
    - { foreignKey: kind_id, references: kinds.id }
";
    let library = library(&[("tickets", tickets), ("statuses", "  source: existing\n")]);
    let library = library.without_existing();
    let types = Catalog::of_named_types(&library);
    let key = MaskKey::development();
    let planned = plan(&contract("tickets", &[]), &library, &key, &types).unwrap();
    let names: Vec<_> =
        planned.dataset("tickets").unwrap().fields.iter().map(|field| &*field.name).collect();
    assert_eq!(names, ["id", "state"]);
    assert_eq!(rows(&planned, "tickets").len(), 100);
    let there = plan(&contract("statuses", &[]), &library, &key, &types).unwrap();
    assert!(there.dataset("statuses").unwrap().fields.is_empty());
}
