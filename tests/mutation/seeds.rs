//! The definitions of this repository, and others that use what these do not.

use std::fs;
use std::path::Path;

use crate::chance::Chance;

/// Types and tables for definitions that migrations stand behind.
pub(crate) const MIGRATION: &str = "
CREATE EXTENSION IF NOT EXISTS citext;
CREATE EXTENSION IF NOT EXISTS hstore;
CREATE EXTENSION IF NOT EXISTS ltree;
CREATE SCHEMA shop;
CREATE TYPE mood AS ENUM ('glad', 'sad', 'it''s \\fine');
CREATE TYPE shop.mood AS ENUM ('calm');
CREATE TYPE \"Order\" AS ENUM ('first', 'last');
CREATE DOMAIN short AS varchar(12);
CREATE DOMAIN code AS short NOT NULL;
CREATE DOMAIN any_mood AS mood;
CREATE DOMAIN price AS numeric(8,2);
CREATE DOMAIN prices AS price[];
CREATE DOMAIN positive AS integer CHECK (VALUE > 0);
CREATE DOMAIN flags AS bit(3);
CREATE TYPE span AS RANGE (subtype = timestamp);
CREATE TYPE place AS (name short, at point);
CREATE SEQUENCE numbers;
CREATE VIEW ones AS SELECT 1 AS id;
CREATE TABLE shop.owners (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, email varchar(40) NOT NULL UNIQUE, mood mood, born date,
  parent_id bigint REFERENCES shop.owners, letter \"char\", doubled bigint GENERATED ALWAYS AS (id * 2) STORED
);
CREATE TABLE shop.things (
  owner_id bigint NOT NULL REFERENCES shop.owners ON DELETE CASCADE, number integer NOT NULL, label char(4), price price,
  codes code[], at timestamp(0), late interval, seen inet, flags bit(3), rest jsonb DEFAULT '{}',
  PRIMARY KEY (owner_id, number), UNIQUE (label, at)
);
";

const HEAD: &str = "apiVersion: data.automation/v1\nkind: DataDefinition\n";

/// Written definitions: the dataset, its table, and the rest of its `spec`.
const OWNERS: (&str, &str, &str) = ("owners", "shop.owners", "
    - { name: id, type: bigint, generator: sequence, start: 10, step: 2 }
    - { name: email, type: varchar(40), generator: email, masking: true, pii_category: email }
    - { name: mood, type: mood, generator: choice, choices: [glad, sad], weights: [3, 1], null_probability: 0.2 }
    - { name: born, type: date, generator: date_of_birth, min_age: 18, max_age: 70, masking: true }
    - { name: parent_id, type: bigint, null_probability: 0.5 }
  relationships:
    - { foreignKey: parent_id, references: owners.id }
");

const THINGS: (&str, &str, &str) = ("things", "shop.things", "
    - { name: number, type: integer, generator: random_int, min: 1, max: 50, distribution: zipf }
    - { name: label, type: char(4), generator: pattern, pattern: 'T{{digits:3}}' }
    - { name: price, type: price, generator: random_decimal, min: 0.5, max: 99.99, distribution: normal }
    - { name: codes, type: 'code[]', generator: constant, value: '{a,b}' }
    - { name: at, type: timestamp(0), generator: datetime_between, start_date: -30d }
    - { name: late, type: interval, generator: choice, choices: [1 day, '02:00'] }
    - { name: seen, type: inet, generator: ip_address, masking: true }
    - { name: flags, type: bit(3), generator: constant, value: '101' }
  relationships:
    - { foreignKey: owner_id, references: owners.id, onDelete: cascade }
  validation:
    - { constraint: number BETWEEN 1 AND 50 }
");

const TENANTS: (&str, &str, &str) = (
    "tenants",
    "tenants",
    "
    - { name: id, type: integer, generator: sequence }
    - { name: name, type: varchar(60), generator: company, unique: true }
  volume: { count: 3 }
",
);

const MEMBERS: (&str, &str, &str) = (
    "members",
    "members",
    "
    - { name: id, type: integer, generator: sequence }
    - { name: login, type: text, generator: email, unique: true, masking: true }
  primary_key: [tenant_id, id]
  relationships:
    - { foreignKey: tenant_id, references: tenants.id }
",
);

const PRODUCTS: (&str, &str, &str) = (
    "products",
    "products",
    "
    - { name: id, type: bigint, generator: sequence }
    - { name: price, type: 'numeric(6,2)', generator: random_decimal, max: 99 }
  primary_key: [tenant_id, id]
  relationships:
    - { foreignKey: tenant_id, references: tenants.id, onDelete: restrict }
",
);

const SALES: (&str, &str, &str) = (
    "sales",
    "sales",
    "
    - { name: id, type: uuid, generator: uuid }
    - { name: number, type: integer, generator: random_int, min: 1, max: 1000 }
  primary_key: id
  unique:
    - [tenant_id, member_id, number]
    - [tenant_id, product_id, number]
  relationships:
    - { foreignKey: tenant_id, references: tenants.id }
    - { foreignKey: [tenant_id, member_id], references: { members: [tenant_id, id] } }
    - { foreignKey: [tenant_id, product_id], references: { products: [tenant_id, id] } }
",
);

const DEPARTMENTS: (&str, &str, &str) = (
    "departments",
    "departments",
    "
    - { name: id, type: integer, generator: sequence }
    - { name: code, type: char(6), generator: pattern, pattern: 'D{{index:5}}', unique: true }
  relationships:
    - { foreignKey: head_id, references: employees.id }
",
);

const EMPLOYEES: (&str, &str, &str) = (
    "employees",
    "employees",
    "
    - { name: id, type: integer, generator: sequence, start: 100, step: -1 }
    - { name: boss_id, type: integer, null_probability: 0.5 }
    - { name: born, type: date, generator: date_of_birth, masking: true }
    - { name: mail, type: varchar(80), generator: email, masking: true, pii_category: email }
  relationships:
    - { foreignKey: department_id, references: departments.id }
    - { foreignKey: boss_id, references: employees.id }
  masking_rules:
    - { field: born, rule: shift_date, max_days: 10, domain: births }
",
);

fn written(definitions: &[(&str, &str, &str)]) -> Vec<(String, String)> {
    definitions
        .iter()
        .map(|(name, table, spec)| {
            let text = format!(
                "{HEAD}metadata: {{ name: {name} }}\nspec:\n  table: {table}\n  fields:{spec}"
            );
            ((*name).to_owned(), text)
        })
        .collect()
}

/// The definitions of a folder.
fn folder(path: &str) -> Vec<(String, String)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join(path);
    let mut paths: Vec<_> =
        fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    paths.sort();
    paths.retain(|path| path.extension().is_some_and(|ending| ending == "yaml"));
    let name = |path: &Path| path.file_stem().unwrap().to_str().unwrap().to_owned();
    paths.iter().map(|path| (name(path), fs::read_to_string(path).unwrap())).collect()
}

/// A project without migrations.
pub(super) fn any(chance: &mut Chance) -> Vec<(String, String)> {
    match chance.below(4) {
        0 => folder("data_definitions"),
        1 => {
            let parent = "\n    - { name: id, type: integer, generator: sequence }\n";
            let parents =
                [("accounts", "accounts", parent), ("organizations", "organizations", parent)];
            let mut published = folder("tests/published");
            published.extend(written(&parents));
            published
        }
        2 => written(&[TENANTS, MEMBERS, PRODUCTS, SALES]),
        _ => written(&[DEPARTMENTS, EMPLOYEES]),
    }
}

/// A project whose tables the migration makes.
pub(super) fn migrated() -> Vec<(String, String)> {
    written(&[OWNERS, THINGS])
}
