//! The thirty tables: as definitions for tdata, as a migration and fixtures for sqlx.

use std::fmt::Write as _;

/// How many rows a test asks for of a dataset that it names.
pub(crate) const ROWS: u64 = 20;

const NAMES: [&str; 30] = [
    "regions",
    "warehouses",
    "customers",
    "suppliers",
    "employees",
    "addresses",
    "products",
    "carts",
    "purchases",
    "purchase_lines",
    "payments",
    "refunds",
    "shipments",
    "parcels",
    "invoices",
    "invoice_lines",
    "coupons",
    "reviews",
    "tickets",
    "ticket_messages",
    "subscriptions",
    "renewals",
    "stocks",
    "transfers",
    "audits",
    "devices",
    "sessions",
    "newsletters",
    "returns",
    "exports",
];

/// A column that tables have: its definition, and its value in a row of a fixture.
struct Column {
    name: &'static str,
    sql: &'static str,
    generator: &'static str,
    value: fn(u64) -> String,
}

const COLUMNS: [Column; 12] = [
    Column {
        name: "state",
        sql: "varchar(20)",
        generator: "choice, choices: [open, held, closed], weights: [60, 30, 10]",
        value: |row| format!("'{}'", ["open", "held", "closed"][row as usize % 3]),
    },
    Column {
        name: "amount",
        sql: "numeric(10,2)",
        generator: "random_decimal, min: 1.00, max: 900.00",
        value: |row| format!("{row}.50"),
    },
    Column {
        name: "email",
        sql: "varchar(255)",
        generator: "email, masking: true",
        value: |row| format!("'user{row}@example.com'"),
    },
    Column {
        name: "quantity",
        sql: "integer",
        generator: "random_int, min: 1, max: 40",
        value: |row| row.to_string(),
    },
    Column {
        name: "created_at",
        sql: "timestamptz",
        generator: "datetime_between, start_date: -90d, end_date: now",
        value: |row| format!("'2024-05-01 10:{:02}:00+00'", row % 60),
    },
    Column {
        name: "is_active",
        sql: "boolean",
        generator: "boolean, true_probability: 0.8",
        value: |row| (row % 5 != 0).to_string(),
    },
    Column {
        name: "city",
        sql: "varchar(80)",
        generator: "city",
        value: |row| format!("'City {row}'"),
    },
    Column {
        name: "phone",
        sql: "varchar(20)",
        generator: "phone_number, masking: true",
        value: |row| format!("'+1-254-555-{row:04}'"),
    },
    Column {
        name: "due_on",
        sql: "date",
        generator: "date_between, start_date: -30d, end_date: now",
        value: |row| format!("'2024-05-{:02}'", row % 28 + 1),
    },
    Column {
        name: "token",
        sql: "uuid",
        generator: "uuid",
        value: |row| format!("'00000000-0000-4000-8000-{row:012}'"),
    },
    Column {
        name: "note",
        sql: "text",
        generator: "sentence, words: 6, null_probability: 0.3",
        value: |_| "NULL".to_owned(),
    },
    Column {
        name: "weight",
        sql: "integer",
        generator: "random_int, min: 1, max: 9000",
        value: |row| (row * 100).to_string(),
    },
];

/// A table, by its place among all.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Table(usize);

impl Table {
    /// Iterates over all tables, those that are referenced before those that reference them.
    pub(crate) fn all() -> impl Iterator<Item = Self> {
        (0..NAMES.len()).map(Self)
    }

    /// Returns the name.
    pub(crate) fn name(self) -> &'static str {
        NAMES[self.0]
    }

    /// Returns the tables that it references: one, the first none, every third two.
    pub(crate) fn parents(self) -> Vec<Self> {
        let mut parents = Vec::new();
        if let Some(before) = self.0.checked_sub(1) {
            parents.push(Self(before / 2));
            if self.0 % 3 == 2 && before / 2 != self.0 / 3 {
                parents.push(Self(self.0 / 3));
            }
        }
        parents
    }

    /// Returns the table and all that it references, also through others, in the order of loading.
    pub(crate) fn closure(self) -> Vec<Self> {
        let mut all = vec![self];
        let mut at = 0;
        while let Some(table) = all.get(at) {
            for parent in table.parents() {
                if !all.contains(&parent) {
                    all.push(parent);
                }
            }
            at += 1;
        }
        all.sort();
        all
    }

    /// Returns the columns besides the keys: with these a table has eight to twelve.
    fn columns(self) -> impl Iterator<Item = &'static Column> {
        let count = 5 + self.0 % 4 + usize::from(self.0 < 2);
        // State and amount are what tests look at.
        let others = (0..count).map(move |at| 2 + (self.0 + at) % (COLUMNS.len() - 2));
        [0, 1].into_iter().chain(others).map(|at| &COLUMNS[at])
    }

    /// Returns the definition.
    pub(crate) fn definition(self) -> String {
        let name = self.name();
        let mut text = format!(
            "apiVersion: data.automation/v1\nkind: DataDefinition\n\
             metadata:\n  name: {name}\n  namespace: shop\n  version: v1.0.0\n  description: \"The {name} of a shop\"\n\
             spec:\n  source: synthetic\n  table: {name}\n  volume: {{ count: 5000 }}\n  fields:\n    \
             - {{ name: id, type: integer, generator: sequence }}\n"
        );
        for parent in self.parents().iter().map(|parent| parent.name()) {
            text += &format!(
                "    - {{ name: {parent}_id, type: integer, generator: reference, \
                 reference_table: {parent}, reference_field: id }}\n"
            );
        }
        for Column { name, sql, generator, .. } in self.columns() {
            text += &format!("    - {{ name: {name}, type: \"{sql}\", generator: {generator} }}\n");
        }
        if !self.parents().is_empty() {
            text += "  relationships:\n";
        }
        for parent in self.parents().iter().map(|parent| parent.name()) {
            text += &format!(
                "    - {{ foreignKey: {parent}_id, references: {parent}.id, onDelete: cascade }}\n"
            );
        }
        text + "  validation:\n    - { constraint: \"amount > 0\", description: \"Nothing is free\" }\n"
    }

    /// Returns the statement that creates the table.
    pub(crate) fn migration(self) -> String {
        let mut columns = vec!["id integer PRIMARY KEY".to_owned()];
        columns.extend(self.parents().iter().map(|parent| {
            let parent = parent.name();
            format!("{parent}_id integer NOT NULL REFERENCES {parent} (id) ON DELETE CASCADE")
        }));
        columns.extend(self.columns().map(|column| format!("{} {}", column.name, column.sql)));
        format!("CREATE TABLE {} (\n    {}\n);\n", self.name(), columns.join(",\n    "))
    }

    /// Returns the statement that fills the table.
    pub(crate) fn fixture(self) -> String {
        let columns = self.columns().map(|column| column.name.to_owned());
        let parents = self.parents().into_iter().map(|parent| format!("{}_id", parent.name()));
        let names: Vec<String> = parents.chain(columns).collect();
        let mut text = format!("INSERT INTO {} (id, {}) VALUES", self.name(), names.join(", "));
        for row in 1..=ROWS {
            let parents = self.parents().into_iter().map(|_| row.to_string());
            let values: Vec<String> =
                parents.chain(self.columns().map(|column| (column.value)(row))).collect();
            let comma = if row == 1 { "" } else { "," };
            // Writing to a text cannot fail.
            let _ = write!(text, "{comma}\n    ({row}, {})", values.join(", "));
        }
        text + ";\n"
    }
}
