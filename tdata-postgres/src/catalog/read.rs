//! Reads the catalog.

use std::collections::HashMap;

use postgres::{GenericClient, Row};
use tdata_core::plan::{
    Catalog, CatalogColumn, CatalogForeignKey, CatalogOther, CatalogTable, Identity,
};
use tdata_core::sql::TableName;

use super::queries;
use super::types::{Types, Written};

/// Reads all tables of a database with their columns and keys, and the types that are not PostgreSQL's
/// own. Which rows the tables have is read by [`read_rows`](super::read_rows).
///
/// # Errors
///
/// What the database refused.
pub fn read(client: &mut impl GenericClient) -> Result<Catalog, postgres::Error> {
    let search_path = client.query_one(queries::SEARCH_PATH, &[])?.get(0);
    let mut types = Types::read(client)?;
    let columns = client.query(&queries::columns(), &[])?;
    for row in &columns {
        types.add_attribute(row.get("oid"), row.get("column"), Written::of(row, "type"));
    }
    let mut catalog = Catalog { types: types.named(), search_path, ..Catalog::default() };
    let mut places: HashMap<u32, usize> = HashMap::new();
    for row in &columns {
        let place = *places.entry(row.get("oid")).or_insert_with(|| {
            catalog.tables.push(CatalogTable {
                name: table_name(row.get("schema"), row.get("table")),
                columns: Vec::new(),
                primary_key: Vec::new(),
                unique: Vec::new(),
                nulls_equal: Vec::new(),
                foreign_keys: Vec::new(),
                has_children: row.get("has_children"),
            });
            catalog.tables.len() - 1
        });
        catalog.tables[place].columns.push(column(row, &types));
    }
    for row in client.query(queries::PARTITIONS, &[])? {
        let partition = table_name(row.get("schema"), row.get("name"));
        catalog.partitions.push((partition, table_name(row.get("table_schema"), row.get("table"))));
    }
    for row in client.query(queries::OTHERS, &[])? {
        let name = table_name(row.get("schema"), row.get("name"));
        catalog.others.push(CatalogOther { name, kind: row.get("kind") });
    }
    for row in client.query(&queries::unique(), &[])? {
        if let Some(place) = places.get(&row.get::<_, u32>("oid")) {
            let columns: Vec<String> = row.get("columns");
            if row.get("is_primary") {
                catalog.tables[*place].primary_key = columns.clone();
            }
            if row.get("nulls_equal") {
                catalog.tables[*place].nulls_equal.push(columns.clone());
            }
            catalog.tables[*place].unique.push(columns);
        }
    }
    for row in client.query(&queries::foreign_keys(), &[])? {
        if let Some(place) = places.get(&row.get::<_, u32>("oid")) {
            catalog.tables[*place].foreign_keys.push(CatalogForeignKey {
                name: row.get("name"),
                columns: row.get("columns"),
                references: table_name(row.get("parent_schema"), row.get("parent")),
                referenced_columns: row.get("parent_columns"),
                deferrable: row.get("deferrable"),
                match_full: row.get("match_full"),
            });
        }
    }
    Ok(catalog)
}

fn table_name(schema: String, name: String) -> TableName {
    TableName { schema: Some(schema), name }
}

fn column(row: &Row, types: &Types) -> CatalogColumn {
    let sql_type = types.of(&Written::of(row, "type"));
    let not_null: bool = row.get("not_null");
    CatalogColumn {
        name: row.get("column"),
        nullable: !not_null && !sql_type.is_not_null(),
        sql_type,
        has_default: row.get("has_default"),
        identity: match row.get::<_, i8>("identity").cast_unsigned() {
            b'a' => Some(Identity::Always),
            b'd' => Some(Identity::ByDefault),
            _ => None,
        },
        generated: row.get("generated"),
    }
}
