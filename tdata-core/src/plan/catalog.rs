//! What the database has already: tables that migrations made.

use crate::sql::{SqlType, TableName};

/// The tables of a database, as far as planning needs to know them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Catalog {
    /// The tables, each with its schema.
    pub tables: Vec<CatalogTable>,
    /// The names of the types that are not PostgreSQL's own: enums, domains, extensions' types.
    pub types: Vec<String>,
    /// The schema of tables whose definition names none: the first of the search path.
    pub default_schema: String,
    /// Whether a definition's table is found by its name alone, because all are in one schema.
    pub ignore_schemas: bool,
}

/// A table.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CatalogTable {
    /// Its name, with its schema.
    pub name: TableName,
    /// Its columns, in order.
    pub columns: Vec<CatalogColumn>,
    /// The primary key's columns; empty when there is none.
    pub primary_key: Vec<String>,
    /// The columns of each unique constraint and plain unique index, the primary key's included.
    pub unique: Vec<Vec<String>>,
    /// The foreign keys.
    pub foreign_keys: Vec<CatalogForeignKey>,
}

/// A column.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CatalogColumn {
    /// Its name.
    pub name: String,
    /// Its type; for a domain, that of its base.
    pub sql_type: SqlType,
    /// The labels, where the type is an enum; else empty.
    pub enum_labels: Vec<String>,
    /// Whether it may be null.
    pub nullable: bool,
    /// Whether rows that do not name it get a value: a default, a sequence or an expression.
    pub has_default: bool,
    /// Whether it is computed from other columns and cannot be written.
    pub generated: bool,
}

/// A foreign key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CatalogForeignKey {
    /// The constraint's name.
    pub name: String,
    /// The columns.
    pub columns: Vec<String>,
    /// The referenced table.
    pub references: TableName,
    /// The referenced columns.
    pub referenced_columns: Vec<String>,
    /// Whether its check can wait for the end of the transaction.
    pub deferrable: bool,
}

impl Catalog {
    /// Finds a table by the name a definition gives it.
    pub fn table(&self, name: &TableName) -> Option<&CatalogTable> {
        let schema = name.schema.as_deref().unwrap_or(&self.default_schema);
        self.tables.iter().find(|table| {
            let same_schema = self.ignore_schemas || table.name.schema.as_deref() == Some(schema);
            table.name.name == name.name && same_schema
        })
    }
}

impl CatalogTable {
    /// Finds a column.
    pub fn column(&self, name: &str) -> Option<&CatalogColumn> {
        self.columns.iter().find(|column| column.name == name)
    }

    /// Finds the foreign key that consists of one column.
    pub fn foreign_key(&self, column: &str) -> Option<&CatalogForeignKey> {
        self.foreign_keys.iter().find(|key| key.columns == [column])
    }
}
