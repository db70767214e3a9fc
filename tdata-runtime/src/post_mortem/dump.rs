//! The data at the failure, as SQL.

use std::io::{BufRead, BufReader, Write};

use tdata_core::sql::quote_identifier;

use super::hidden::Shown;
use super::reader::{Reader, Table};
use super::trouble::Trouble;

/// The most rows of a table that are in a dump.
const MOST: u64 = 10_000;

/// Writes the rows of all tables, each as a block that `psql` takes. Columns that are not shown are left out,
/// and never read.
pub(super) fn dump(
    reader: &mut Reader<'_>,
    shown: &Shown,
    out: &mut impl Write,
) -> Result<(), Trouble> {
    writeln!(
        out,
        "-- The data when the test failed. Columns that hold personal data, or that no definition\n\
         -- describes, are left out. The tables themselves are made by definitions/ and migrations/."
    )?;
    for table in reader.tables()? {
        writeln!(out)?;
        if let Err(trouble) = reader.within(|reader| dump_table(reader, &table, shown, out)) {
            writeln!(out, "-- {}: not all of it is here: {trouble}", table.readable())?;
        }
    }
    Ok(out.flush()?)
}

fn dump_table(
    reader: &mut Reader<'_>,
    table: &Table,
    shown: &Shown,
    out: &mut impl Write,
) -> Result<(), Trouble> {
    let count = format!("SELECT count(*) FROM ONLY {}", table.quoted);
    let rows: i64 = reader.client.query_one(&count, &[])?.get(0);
    let rows = rows.unsigned_abs();
    let is_shown = |name: &str| shown.column(&table.schema, &table.name, name);
    let names = table.columns.iter().map(|column| column.name.as_str());
    let (kept, hidden): (Vec<&str>, Vec<&str>) = names.partition(|name| is_shown(name));
    write!(out, "-- {}: {}", table.readable(), counted(rows))?;
    if rows > MOST && !kept.is_empty() {
        write!(out, ", the first {MOST} of them here")?;
    }
    writeln!(out)?;
    if !hidden.is_empty() {
        writeln!(out, "-- hidden: {}", hidden.join(", "))?;
    }
    if kept.is_empty() || rows == 0 {
        return Ok(());
    }
    let quoted = |names: &[&str]| names.iter().copied().map(quote_identifier).collect::<Vec<_>>();
    // A key that is hidden would tell an order of its values.
    let key: Vec<&str> =
        table.key.iter().map(String::as_str).filter(|name| is_shown(name)).collect();
    let order = match key.as_slice() {
        [] => String::new(),
        key => format!(" ORDER BY {}", quoted(key).join(", ")),
    };
    let kept = quoted(&kept).join(", ");
    let name = match table.schema.as_str() {
        "" => quote_identifier(&table.name),
        _ => table.quoted.clone(),
    };
    let copy =
        format!("COPY (SELECT {kept} FROM ONLY {}{order} LIMIT {MOST}) TO STDOUT", table.quoted);
    let lines = reader.client.copy_out(&copy)?;
    writeln!(out, "COPY {name} ({kept}) FROM stdin;")?;
    let copied = copy_lines(BufReader::new(lines), out);
    writeln!(out, "\\.")?;
    copied
}

/// Copies whole lines, so that what is cut off can be ended.
fn copy_lines(mut lines: impl BufRead, out: &mut impl Write) -> Result<(), Trouble> {
    let mut line = Vec::new();
    while lines.read_until(b'\n', &mut line)? > 0 {
        out.write_all(&line)?;
        line.clear();
    }
    Ok(())
}

fn counted(rows: u64) -> String {
    match rows {
        1 => "1 row".to_owned(),
        rows => format!("{rows} rows"),
    }
}
