//! Reads the rows that tables have before any data are loaded: how many, and their keys.

use std::collections::HashSet;

use postgres::{GenericClient, Transaction};
use tdata_core::plan::{Catalog, CatalogRows, CatalogTable};
use tdata_core::sql::{SqlKind, TableName, quote_identifier};

use super::policies::secured;
use super::queries;

/// How many tables one query asks for rows, of the 1,664 values that PostgreSQL selects at once.
const AT_ONCE: usize = 500;

/// Texts are written, and put into an order, as on any other server.
const SETTINGS: &str = "SET LOCAL datestyle = 'ISO, MDY'; SET LOCAL timezone = 'UTC'; \
                        SET LOCAL intervalstyle = 'postgres'; SET LOCAL bytea_output = 'hex'; \
                        SET LOCAL extra_float_digits = 1; SET LOCAL row_security = off";

/// Reads which tables of a catalog have rows, and what their keys are, into the catalog. Tables of extensions are left
/// out: their rows are part of the extension.
///
/// # Errors
///
/// What the database refused.
pub fn read_rows(
    client: &mut impl GenericClient,
    catalog: &mut Catalog,
) -> Result<(), postgres::Error> {
    read_rows_of(client, catalog, |_| true)
}

/// Reads the rows of some tables only, as [`read_rows`] does those of all: others are neither read nor locked.
///
/// # Errors
///
/// What the database refused.
pub fn read_rows_of(
    client: &mut impl GenericClient,
    catalog: &mut Catalog,
    is_wanted: impl Fn(&CatalogTable) -> bool,
) -> Result<(), postgres::Error> {
    let mut transaction = client.transaction()?;
    transaction.batch_execute(SETTINGS)?;
    let of_extensions: Vec<TableName> = transaction
        .query(queries::EXTENSION_TABLES, &[])?
        .iter()
        .map(|row| TableName { schema: Some(row.get("schema")), name: row.get("name") })
        .collect();
    // Whoever plans on a table that this role may not read is told then.
    let readable: HashSet<TableName> = transaction
        .query(queries::READABLE_TABLES, &[])?
        .iter()
        .map(|row| TableName { schema: Some(row.get("schema")), name: row.get("name") })
        .collect();
    let is_readable = |table: &CatalogTable| readable.contains(&table.name) && is_wanted(table);
    let tables: Vec<&CatalogTable> =
        catalog.tables.iter().filter(|table| is_readable(table)).collect();
    let names: Vec<String> = tables.iter().map(|table| table.name.to_string()).collect();
    let mut unseen = Vec::new();
    for secured in secured(&mut transaction, &names)? {
        match secured.is_owned {
            // It is forced again when this transaction ends.
            true => transaction.batch_execute(&format!(
                "ALTER TABLE {} NO FORCE ROW LEVEL SECURITY",
                names[secured.place]
            ))?,
            // Whoever loads rows into it is told.
            false => unseen.push(&tables[secured.place].name),
        }
    }
    let is_read = |table: &&CatalogTable| {
        !of_extensions.contains(&table.name) && !unseen.contains(&&table.name)
    };
    let tables: Vec<&CatalogTable> = tables.iter().copied().filter(is_read).collect();
    let mut found = Vec::new();
    for tables in tables.chunks(AT_ONCE) {
        let asked: Vec<String> = tables
            .iter()
            .map(|table| format!("EXISTS (SELECT FROM {})", table.own_rows()))
            .collect();
        let row = transaction.query_one(&format!("SELECT {}", asked.join(", ")), &[])?;
        for (at, table) in tables.iter().enumerate() {
            if row.get(at) {
                found.push(read_table(&mut transaction, table)?);
            }
        }
    }
    catalog.rows = found;
    transaction.rollback()
}

fn read_table(
    transaction: &mut Transaction<'_>,
    table: &CatalogTable,
) -> Result<CatalogRows, postgres::Error> {
    let count: i64 =
        transaction.query_one(&format!("SELECT count(*) FROM {}", table.own_rows()), &[])?.get(0);
    let mut columns: Vec<String> = table.unique.iter().flatten().cloned().collect();
    columns.sort();
    columns.dedup();
    let key = match table.primary_key.is_empty() {
        true => table.unique.first(),
        false => Some(&table.primary_key),
    };
    let mut keys = Vec::new();
    if let Some(key) = key {
        let selected: Vec<String> =
            columns.iter().map(|column| format!("{}::text", quote_identifier(column))).collect();
        let order: Vec<String> = key.iter().map(|column| ordered(table, column)).collect();
        let sql = format!(
            "SELECT {} FROM {} ORDER BY {} LIMIT {}",
            selected.join(", "),
            table.own_rows(),
            order.join(", "),
            CatalogRows::MOST
        );
        for row in transaction.query(&sql, &[])? {
            keys.push((0..columns.len()).map(|at| row.get(at)).collect());
        }
    } else {
        columns.clear();
    }
    Ok(CatalogRows { table: table.name.clone(), count: count.unsigned_abs(), columns, keys })
}

/// Writes a column of a key as what to order by: texts by their bytes, whatever the database's locale is.
fn ordered(table: &CatalogTable, column: &str) -> String {
    let name = quote_identifier(column);
    let is_text = table.column(column).is_some_and(|one| one.sql_type.kind() == SqlKind::Text);
    if is_text { format!("{name}::text COLLATE \"C\"") } else { name }
}
