//! What the database has already: tables that migrations made.

use std::fmt;

use crate::definition::Library;
use crate::spec::Field;
use crate::sql::{SqlType, TableName, TypeName};

/// The tables of a database, as far as planning needs to know them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Catalog {
    /// The tables, each with its schema.
    pub tables: Vec<CatalogTable>,
    /// The partitions, which are no tables of their own: each with the table that its rows are of.
    pub partitions: Vec<(TableName, TableName)>,
    /// What is no table and has a name that no table can have: views, sequences, indexes, types.
    pub others: Vec<CatalogOther>,
    /// The types that are not PostgreSQL's own: enums, domains, extensions' types and so on.
    pub types: Vec<CatalogType>,
    /// The schemas in which tables are looked for whose definition names none, in order. New ones are made in the first.
    pub search_path: Vec<String>,
    /// The rows that are in the tables already.
    pub rows: Vec<CatalogRows>,
    /// Whether a definition's table is found by its name alone, because all are in one schema.
    pub ignore_schemas: bool,
}

/// What is no table and has a name that no table can have.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CatalogOther {
    /// Its name, with its schema.
    pub name: TableName,
    /// What it is, as messages call it.
    pub kind: String,
}

/// A type that is not PostgreSQL's own.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CatalogType {
    /// The schema it is in.
    pub schema: String,
    /// Its name, without quotes.
    pub name: String,
    /// Whether the search path finds it by its name alone.
    pub is_visible: bool,
    /// The type.
    pub sql_type: SqlType,
}

impl CatalogType {
    /// Returns the name by which a definition finds it, without quotes.
    pub(super) fn shown(&self) -> String {
        if self.is_visible { self.name.clone() } else { format!("{}.{}", self.schema, self.name) }
    }
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
    /// Those of `unique` to which nulls are equal (`NULLS NOT DISTINCT`).
    pub nulls_equal: Vec<Vec<String>>,
    /// The foreign keys.
    pub foreign_keys: Vec<CatalogForeignKey>,
    /// Whether other tables inherit from it, whose rows queries see as well.
    pub has_children: bool,
}

/// The rows that a table has before any data are loaded, as migrations inserted them.
#[derive(Clone, PartialEq, Eq)]
pub struct CatalogRows {
    /// The table, with its schema.
    pub table: TableName,
    /// How many rows it has.
    pub count: u64,
    /// The columns that are unique, alone or together with others.
    pub columns: Vec<String>,
    /// What these columns hold, as text: of the first rows in the order of the table's key, and of
    /// [`CatalogRows::MOST`] of them at most.
    pub keys: Vec<Vec<Option<String>>>,
}

impl CatalogRows {
    /// The most rows of a table whose keys are read.
    pub const MOST: u64 = 10_000;

    /// Tells whether the keys of all rows are known.
    pub(super) fn is_whole(&self) -> bool {
        self.keys.len() as u64 == self.count
    }
}

/// Shows no value.
impl fmt::Debug for CatalogRows {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { table, count, columns, keys: _ } = self;
        let mut shown = f.debug_struct("CatalogRows");
        shown.field("table", table).field("count", count).field("columns", columns);
        shown.finish_non_exhaustive()
    }
}

/// A column.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CatalogColumn {
    /// Its name.
    pub name: String,
    /// Its type.
    pub sql_type: SqlType,
    /// Whether it may be null; a domain may say that it may not.
    pub nullable: bool,
    /// Whether rows that do not name it get a value: a default, a sequence or an expression.
    pub has_default: bool,
    /// Whether the database numbers it.
    pub identity: Option<Identity>,
    /// Whether it is computed from other columns and cannot be written.
    pub generated: bool,
}

/// How the database numbers a column by itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Identity {
    /// Always: an `INSERT` that names the column must say `OVERRIDING SYSTEM VALUE`. `COPY` may name it.
    Always,
    /// Where a row does not name the column.
    ByDefault,
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
    /// Whether its columns must all be null where one is (`MATCH FULL`).
    pub match_full: bool,
}

impl Catalog {
    /// Finds a table by the name a definition gives it.
    pub fn table(&self, name: &TableName) -> Option<&CatalogTable> {
        let found = self.tables.iter().filter(|table| self.is_meant(name, &table.name));
        found.min_by_key(|table| {
            let schema = table.name.schema.as_deref();
            self.search_path.iter().position(|known| Some(known.as_str()) == schema)
        })
    }

    /// Returns the rows that are in a table already; `None` where there are none.
    pub fn rows_of(&self, table: &CatalogTable) -> Option<&CatalogRows> {
        self.rows.iter().find(|rows| rows.table == table.name).filter(|rows| rows.count > 0)
    }

    /// Returns the name of the table that a definition means, whether or not there is one: with its schema, unless
    /// schemas do not count.
    pub(super) fn full_name(&self, written: &TableName) -> TableName {
        if let Some(table) = self.table(written).filter(|_| !self.ignore_schemas) {
            return table.name.clone();
        }
        let default = self.search_path.first().map(String::as_str);
        let schema = written.schema.as_deref().or(default).unwrap_or("public");
        let schema = (!self.ignore_schemas).then(|| schema.to_owned());
        TableName { schema, name: written.name.clone() }
    }

    /// Finds what else has the name of a table that is to be made.
    pub(super) fn other(&self, name: &TableName) -> Option<&CatalogOther> {
        self.others.iter().find(|other| self.is_meant(name, &other.name))
    }

    /// Finds the table that somebody means who leaves out its schema, or names one without tables, or writes the name in
    /// other letters.
    pub(super) fn alike(&self, written: &TableName) -> Option<TableName> {
        let letters = |name: &str| name.replace('_', "").to_lowercase();
        let tables = || self.tables.iter().map(|table| &table.name);
        let is_here = |name: &&TableName| name.schema == written.schema;
        let in_other_letters = |name: &&TableName| letters(&name.name) == letters(&written.name);
        if self.ignore_schemas {
            let found = tables().find(in_other_letters)?;
            return Some(TableName { schema: written.schema.clone(), name: found.name.clone() });
        }
        if written.schema.is_some() && tables().any(|name| is_here(&name)) {
            return tables().find(|name| is_here(name) && in_other_letters(name)).cloned();
        }
        let elsewhere = tables().find(|name| name.name == written.name);
        elsewhere.or_else(|| tables().find(in_other_letters)).cloned()
    }

    /// Finds the table that a partition is a part of.
    pub(super) fn partitioned(&self, partition: &TableName) -> Option<&TableName> {
        let found = self.partitions.iter().find(|(name, _)| self.is_meant(partition, name));
        found.map(|(_, table)| table)
    }

    fn is_meant(&self, written: &TableName, name: &TableName) -> bool {
        let is_in_path =
            || self.search_path.iter().any(|schema| name.schema.as_deref() == Some(schema));
        let same_schema = self.ignore_schemas
            || if written.schema.is_some() { written.schema == name.schema } else { is_in_path() };
        written.name == name.name && same_schema
    }
}

impl Catalog {
    /// A catalog without tables that has every type which the definitions of a library name.
    ///
    /// Whoever plans without a database cannot know the types that migrations make, such as enums: their values are taken
    /// as they are written.
    pub fn of_named_types(library: &Library) -> Self {
        let fields = library.specs().flat_map(|spec| &spec.fields);
        let names = fields.filter_map(|field| field.sql_type.as_ref()?.unresolved());
        let mut types: Vec<CatalogType> = Vec::new();
        for TypeName { schema, name } in names {
            let known = CatalogType {
                schema: schema.clone().unwrap_or_else(|| "public".to_owned()),
                name: name.clone(),
                is_visible: schema.is_none(),
                sql_type: SqlType::named(name.clone()),
            };
            if !types.contains(&known) {
                types.push(known);
            }
        }
        Self { types, ..Self::default() }
    }

    /// Finds a type by the name a definition gives it: in its schema, or by the search path.
    pub fn find_type(&self, name: &TypeName) -> Option<&CatalogType> {
        let namesakes = || self.types.iter().filter(|known| known.name == name.name);
        let visible = || namesakes().find(|known| known.is_visible);
        match &name.schema {
            None => visible(),
            Some(schema) => {
                let exact = namesakes().find(|known| known.schema == *schema);
                exact.or_else(|| visible().filter(|_| self.ignore_schemas))
            }
        }
    }

    /// Returns a field's type: that of its column, else the one that its definition names.
    pub(super) fn field_type(
        &self,
        table: Option<&CatalogTable>,
        field: &Field,
    ) -> Option<SqlType> {
        let find = |name: &TypeName| self.find_type(name).map(|known| known.sql_type.clone());
        match table.and_then(|table| table.column(&field.name)) {
            Some(column) => Some(column.sql_type.clone()),
            None => field.sql_type.as_ref().map(|written| written.resolved(find)),
        }
    }
}

/// Tells whether two lists have the same names, in any order.
pub(super) fn same_names(one: &[impl AsRef<str>], other: &[impl AsRef<str>]) -> bool {
    let within = |name: &str| other.iter().any(|known| known.as_ref() == name);
    one.len() == other.len() && one.iter().all(|name| within(name.as_ref()))
}

impl CatalogTable {
    /// Returns the table as a query names it that is to see the table's own rows.
    pub fn own_rows(&self) -> String {
        own_rows(&self.name, self.has_children)
    }

    /// Finds a column.
    pub fn column(&self, name: &str) -> Option<&CatalogColumn> {
        self.columns.iter().find(|column| column.name == name)
    }

    /// Finds the foreign key that consists of some columns, in any order.
    pub fn foreign_key(&self, columns: &[impl AsRef<str>]) -> Option<&CatalogForeignKey> {
        self.foreign_keys.iter().find(|key| same_names(&key.columns, columns))
    }
}

/// Writes a table as a query names it that is to see the table's own rows, and not those of tables that inherit from it.
pub(super) fn own_rows(table: &TableName, has_children: bool) -> String {
    if has_children { format!("ONLY {table}") } else { table.to_string() }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn known(schema: &str, is_visible: bool) -> CatalogType {
        let name = "mood".to_owned();
        let sql_type = SqlType::named(format!("mood_of_{schema}"));
        CatalogType { schema: schema.to_owned(), name, is_visible, sql_type }
    }

    fn found(catalog: &Catalog, schema: Option<&str>) -> Option<String> {
        let name = TypeName { schema: schema.map(str::to_owned), name: "mood".into() };
        catalog.find_type(&name).map(|known| known.schema.clone())
    }

    #[test]
    fn a_type_is_found_in_its_schema_or_on_the_search_path() {
        let types = vec![known("other", false), known("public", true)];
        let mut catalog = Catalog { types, ..Catalog::default() };
        assert_eq!(found(&catalog, None).as_deref(), Some("public"));
        assert_eq!(found(&catalog, Some("other")).as_deref(), Some("other"));
        assert_eq!(found(&catalog, Some("shop")), None);
        // Where all is in one schema, whatever a definition says, only that one counts.
        catalog.ignore_schemas = true;
        assert_eq!(found(&catalog, Some("shop")).as_deref(), Some("public"));
        assert_eq!(found(&catalog, Some("other")).as_deref(), Some("other"));
        catalog.types.pop();
        assert_eq!((found(&catalog, None), found(&catalog, Some("shop"))), (None, None));
    }
}
