//! Writes tdata's tables and rows as what a user of `sqlx::test` would have in the repository: a
//! migration and a fixture.
//!
//! Both are favourable to `sqlx::test`: one migration makes all tables, one script inserts all rows,
//! with one statement per table.

use std::error::Error;
use std::fmt::{self, Write as _};
use std::fs;
use std::io;
use std::path::Path;

use tdata::TestData;

/// Writes the migration and the fixture into the folder of the suites. Files that say the same
/// already are left as they are, so that nothing is compiled again.
///
/// # Errors
///
/// When the database cannot be read, or a file not written.
pub fn write(data: &TestData, suites: &Path) -> Result<(), Box<dyn Error>> {
    write_changed(&suites.join("migrations/20240501000000_shop.sql"), &migration(data)?)?;
    write_changed(&suites.join("fixtures/shop.sql"), &fixture(data)?)?;
    Ok(())
}

fn write_changed(path: &Path, text: &str) -> io::Result<()> {
    if fs::read_to_string(path).is_ok_and(|found| found == text) {
        return Ok(());
    }
    fs::write(path, text)
}

/// The tables as tdata makes them.
fn migration(data: &TestData) -> Result<String, fmt::Error> {
    let plan = data.plan();
    let mut sql = String::new();
    for dataset in &plan.datasets {
        writeln!(sql, "{};\n", dataset.create_table())?;
    }
    for statement in plan.datasets.iter().flat_map(|dataset| dataset.add_foreign_keys(plan)) {
        writeln!(sql, "{statement};")?;
    }
    Ok(sql)
}

/// The rows as tdata loaded them, parents first.
fn fixture(data: &TestData) -> Result<String, Box<dyn Error>> {
    let mut db = data.client();
    let mut sql = String::new();
    for dataset in &data.plan().datasets {
        let (columns, literals): (Vec<String>, Vec<String>) = dataset
            .fields
            .iter()
            .map(|field| (field.name.clone(), literal(&field.name, &field.sql_type.to_string())))
            .unzip();
        let select = format!(
            "SELECT '(' || concat_ws(', ', {}) || ')' FROM {} ORDER BY id",
            literals.join(", "),
            dataset.table
        );
        let rows: Vec<String> = db.query(&select, &[])?.iter().map(|row| row.get(0)).collect();
        let (table, columns) = (&dataset.table, columns.join(", "));
        writeln!(sql, "INSERT INTO {table} ({columns}) VALUES\n{};", rows.join(",\n"))?;
        // As in tdata's tables, inserts without an id go on counting.
        writeln!(
            sql,
            "SELECT setval(pg_get_serial_sequence('{table}', 'id'), (SELECT max(id) FROM {table}));\n"
        )?;
    }
    Ok(sql)
}

/// SQL that writes a column's value as a person would: numbers and truth values without quotes.
fn literal(column: &str, sql_type: &str) -> String {
    let bare = ["smallint", "integer", "bigint", "decimal", "numeric", "boolean"]
        .iter()
        .any(|name| sql_type.starts_with(name));
    if bare {
        format!("coalesce({column}::text, 'NULL')")
    } else {
        format!("quote_nullable({column}::text)")
    }
}
