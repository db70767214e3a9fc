//! Keys of several columns that share one, unique groups that overlap, and cycles, on a real server.

#![cfg(feature = "server")]
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod project;

use project::Project;
use tdata::{Isolation, TestData};

const TABLES: &str = "
CREATE TABLE tenants (id int PRIMARY KEY);
CREATE TABLE users (
  tenant_id int NOT NULL REFERENCES tenants, id int NOT NULL, email text NOT NULL,
  PRIMARY KEY (tenant_id, id), UNIQUE (tenant_id, email)
);
CREATE TABLE products (
  tenant_id int NOT NULL REFERENCES tenants, id int NOT NULL, PRIMARY KEY (tenant_id, id)
);
CREATE TABLE orders (
  tenant_id int NOT NULL REFERENCES tenants,
  id int NOT NULL,
  user_id int NOT NULL,
  product_id int NOT NULL,
  number int NOT NULL,
  referrer_id int,
  PRIMARY KEY (tenant_id, id),
  UNIQUE (tenant_id, user_id, number),
  UNIQUE (tenant_id, product_id, number),
  FOREIGN KEY (tenant_id, user_id) REFERENCES users (tenant_id, id),
  FOREIGN KEY (tenant_id, referrer_id) REFERENCES users (tenant_id, id),
  FOREIGN KEY (product_id, tenant_id) REFERENCES products (id, tenant_id)
);
CREATE TABLE items (
  tenant_id int NOT NULL,
  order_id int NOT NULL,
  line int NOT NULL,
  product_id int NOT NULL,
  PRIMARY KEY (tenant_id, order_id, line),
  FOREIGN KEY (tenant_id, order_id) REFERENCES orders (tenant_id, id),
  FOREIGN KEY (tenant_id, product_id) REFERENCES products (tenant_id, id)
);
CREATE TABLE departments (
  tenant_id int NOT NULL REFERENCES tenants,
  id int NOT NULL,
  head_id int NOT NULL,
  parent_id int NOT NULL,
  PRIMARY KEY (tenant_id, id),
  FOREIGN KEY (tenant_id, parent_id) REFERENCES departments (tenant_id, id)
);
CREATE TABLE employees (
  tenant_id int NOT NULL REFERENCES tenants,
  id int NOT NULL,
  department_id int NOT NULL,
  PRIMARY KEY (tenant_id, id),
  FOREIGN KEY (tenant_id, department_id) REFERENCES departments (tenant_id, id)
);
ALTER TABLE departments ADD CONSTRAINT head
  FOREIGN KEY (tenant_id, head_id) REFERENCES employees (tenant_id, id);
CREATE TABLE badges (
  tenant_id int NOT NULL,
  employee_id int NOT NULL,
  PRIMARY KEY (tenant_id, employee_id),
  FOREIGN KEY (tenant_id, employee_id) REFERENCES employees (tenant_id, id)
);";

const ID: &str = "    - { name: id, type: integer, generator: sequence }\n";

/// The definitions: a dataset, its fields besides the keys, its primary key and unique groups, and its relationships.
const DATASETS: [(&str, &str, &str, &[&str]); 8] = [
    ("tenants", ID, "", &[]),
    (
        "users",
        "    - { name: id, type: integer, generator: sequence }
    - { name: email, type: text, generator: choice, choices: [a, b, c, d, e, f, g, h, i, j, k, l, m, n, o, p, q, r, s, t] }
",
        "  primary_key: [tenant_id, id]\n  unique: [[tenant_id, email]]\n",
        &["tenant_id, references: tenants.id"],
    ),
    ("products", ID, "  primary_key: [tenant_id, id]\n", &["tenant_id, references: tenants.id"]),
    (
        "orders",
        "    - { name: id, type: integer, generator: sequence }
    - { name: number, type: integer, generator: random_int, min: 1, max: 7 }
    - { name: referrer_id, type: integer, null_probability: 0.7 }
",
        "  primary_key: [tenant_id, id]
  unique: [[tenant_id, user_id, number], [tenant_id, product_id, number]]
",
        &[
            "tenant_id, references: tenants.id",
            "[tenant_id, user_id], references: { users: [tenant_id, id] }",
            "[tenant_id, referrer_id], references: { users: [tenant_id, id] }",
            "[product_id, tenant_id], references: { products: [id, tenant_id] }",
        ],
    ),
    (
        "items",
        "    - { name: line, type: integer, generator: random_int, min: 1, max: 5 }\n",
        "  primary_key: [tenant_id, order_id, line]\n",
        &[
            "[tenant_id, order_id], references: { orders: [tenant_id, id] }, onDelete: cascade",
            "[tenant_id, product_id], references: { products: [tenant_id, id] }",
        ],
    ),
    (
        "departments",
        ID,
        "  primary_key: [tenant_id, id]\n",
        &[
            "tenant_id, references: tenants.id",
            "[tenant_id, head_id], references: { employees: [tenant_id, id] }",
            "[tenant_id, parent_id], references: { departments: [tenant_id, id] }",
        ],
    ),
    (
        "employees",
        ID,
        "  primary_key: [tenant_id, id]\n",
        &[
            "tenant_id, references: tenants.id",
            "[tenant_id, department_id], references: { departments: [tenant_id, id] }",
        ],
    ),
    (
        "badges",
        "",
        "  primary_key: [tenant_id, employee_id]\n",
        &["[tenant_id, employee_id], references: { employees: [tenant_id, id] }"],
    ),
];

/// The project, its tables made by a migration or from the definitions, which then say what is unique.
fn project(migrated: bool) -> Project {
    let files = [("tdata.toml", "migrations = \"migrations\"\n"), ("migrations/1.sql", TABLES)];
    let mut project = Project::with(if migrated { &files } else { &[] });
    for (dataset, fields, unique, relationships) in DATASETS {
        let fields = if fields.is_empty() { String::new() } else { format!("\n{fields}") };
        let mut spec = if fields.is_empty() {
            "  fields: []\n".to_owned()
        } else {
            format!("  fields:{fields}")
        };
        if !migrated {
            spec += unique;
        }
        if !relationships.is_empty() {
            spec += "  relationships:\n";
        }
        for relationship in relationships {
            spec += &format!("    - {{ foreignKey: {relationship} }}\n");
        }
        project = project.define(dataset, &spec);
    }
    project
}

/// Provisions two contracts. The server itself holds all keys and groups; what it cannot, is asked for.
fn check(project: &Project, rows: u64) {
    let tenants = (rows / 20).max(1);
    for datasets in [&["items"][..], &["badges", "orders"]] {
        let request = TestData::request(datasets.iter().copied())
            .isolation(Isolation::Full)
            .every_volume(rows)
            .volume("tenants", tenants);
        let data = request.project(project.path()).provision().unwrap();
        let mut db = data.client();
        for dataset in datasets {
            let sql = format!("SELECT count(*), count(DISTINCT tenant_id) FROM {dataset}");
            let row = db.query_one(&sql, &[]).unwrap();
            let (count, used): (i64, i64) = (row.get(0), row.get(1));
            assert_eq!((count as u64, used as u64), (rows, tenants), "{dataset}");
        }
        let sql = "SELECT count(*) FROM pg_constraint WHERE contype = 'f' AND NOT convalidated";
        assert_eq!(db.query_one(sql, &[]).unwrap().get::<_, i64>(0), 0);
    }
}

#[test]
fn tables_of_migrations_hold_at_any_size() {
    let project = project(true);
    for rows in [1, 100, 10_000] {
        check(&project, rows);
    }
}

#[test]
fn tables_made_from_definitions_hold_at_any_size() {
    let project = project(false);
    for rows in [1, 100, 10_000] {
        check(&project, rows);
    }
}

#[test]
fn constraints_of_a_cycle_are_afterwards_as_they_were() {
    let data = TestData::request(["badges"]).project(project(true).path()).provision().unwrap();
    let sql = "SELECT count(*) FROM pg_constraint WHERE contype = 'f' AND condeferrable";
    let deferrable: i64 = data.client().query_one(sql, &[]).unwrap().get(0);
    assert_eq!(deferrable, 0);
}

#[test]
fn a_cycle_of_tables_made_from_definitions_takes_more_rows() {
    let data = TestData::request(["badges"]).project(project(false).path()).provision().unwrap();
    data.client()
        .batch_execute(
            "BEGIN; SET CONSTRAINTS ALL DEFERRED;
             INSERT INTO departments (tenant_id, id, head_id, parent_id) VALUES (1, 900, 901, 900);
             INSERT INTO employees (tenant_id, id, department_id) VALUES (1, 901, 900); COMMIT;",
        )
        .unwrap();
}

#[test]
fn a_key_that_only_a_migration_knows_is_told() {
    let project = project(true).define(
        "items",
        "  fields:
    - { name: tenant_id, type: integer, generator: constant, value: 1 }
    - { name: order_id, type: integer, generator: constant, value: 1 }
    - { name: line, type: integer, generator: sequence }
    - { name: product_id, type: integer, generator: constant, value: 1 }
",
    );
    let error = TestData::request(["items"]).project(project.path()).provision().unwrap_err();
    let text = error.to_string();
    for part in [
        "`(tenant_id, order_id)` references \"public\".\"orders\" (tenant_id, id)",
        "{ foreignKey: [tenant_id, order_id], references: { orders: [tenant_id, id] } }",
    ] {
        assert!(text.contains(part), "{part:?} is missing in:\n{text}");
    }
}

#[test]
fn a_key_that_is_always_null_needs_no_parent() {
    let child = "  fields:\n    - { name: id, type: integer, generator: sequence }\n    \
                 - { name: parent_id, type: integer, generator: \"null\" }\n  \
                 relationships:\n    - { foreignKey: parent_id, references: parents.id }\n";
    let parent = "  fields:\n    - { name: id, type: integer, generator: sequence }\n";
    let project = Project::with(&[]).define("parents", parent).define("children", child);
    let request = TestData::request(["children"]).project(project.path());
    let data = request.volume("parents", 0).volume("children", 20).provision().unwrap();
    assert_eq!(data.dataset("children").len(), 20);
}
