//! The statements that store rows.

use tdata_core::sql::{TableName, quote_identifier, quote_literal};
use tdata_core::value::Value;

use crate::record::Descriptor;
use crate::store::StoreError;

/// Returns a statement that inserts rows as values. PostgreSQL reads each literal by the type of its
/// column.
pub(super) fn values(descriptor: &Descriptor, rows: &[Vec<Value>]) -> Result<String, StoreError> {
    let rows: Vec<String> = rows
        .iter()
        .map(|row| format!("({})", row.iter().map(literal).collect::<Vec<_>>().join(", ")))
        .collect();
    // Keys that count are given all the same, also those that are always generated.
    Ok(format!(
        "INSERT INTO {} OVERRIDING SYSTEM VALUE VALUES {};",
        target(descriptor)?,
        rows.join(", ")
    ))
}

/// Returns the statement that copies rows in text format.
pub(super) fn copy(descriptor: &Descriptor) -> Result<String, StoreError> {
    Ok(format!("COPY {} FROM STDIN", target(descriptor)?))
}

/// Returns the table as SQL takes it.
pub(super) fn table(descriptor: &Descriptor) -> Result<TableName, StoreError> {
    let table = descriptor.table().and_then(TableName::parse);
    table.ok_or_else(|| StoreError::no_table(descriptor.record))
}

fn target(descriptor: &Descriptor) -> Result<String, StoreError> {
    let columns = descriptor.columns.iter().map(|column| quote_identifier(column.name));
    Ok(format!("{} ({})", table(descriptor)?, columns.collect::<Vec<_>>().join(", ")))
}

fn literal(value: &Value) -> String {
    match value {
        Value::Null => "NULL".to_owned(),
        value => quote_literal(&value.to_string()),
    }
}
