//! The data at the failure, as SQL.

use std::io::{self, Write};

use super::hidden::Shown;
use super::merge::{Key, KeyColumn, Row, Rows};
use super::reader::{Reader, Table};
use super::script::{Script, identifier, literal};
use super::trouble::Trouble;

/// The most rows of a table that are in a dump.
const MOST: usize = 10_000;

/// The most rows of one statement.
const AT_ONCE: usize = 500;

/// Writes the rows of all tables as statements that `psql` runs. Columns that are not shown are left out, and never read.
pub(super) fn dump(
    reader: &mut Reader<'_>,
    shown: &Shown,
    script: &mut Script<impl Write>,
) -> Result<(), Trouble> {
    script.comment("The data when the test failed. Columns that hold personal data, or that no")?;
    script.comment("definition describes, are left out. The tables themselves are made by")?;
    script.comment("the definitions and the migrations beside it.")?;
    for table in reader.tables()? {
        script.line("")?;
        if let Err(trouble) = reader.within(|reader| dump_table(reader, &table, shown, script)) {
            let name = table.readable();
            script.comment(&format!("{name}: not all of it is here: {trouble}"))?;
        }
    }
    Ok(())
}

fn dump_table(
    reader: &mut Reader<'_>,
    table: &Table,
    shown: &Shown,
    script: &mut Script<impl Write>,
) -> Result<(), Trouble> {
    let count = format!("SELECT count(*) FROM ONLY {}", table.quoted);
    let rows: i64 = reader.client.query_one(&count, &[])?.get(0);
    let rows = rows.unsigned_abs();
    let is_shown = |name: &str| shown.column(&table.schema, &table.name, name);
    let names = table.columns.iter().map(|column| column.name.as_str());
    let hidden: Vec<&str> = names.filter(|name| !is_shown(name)).collect();
    // What the database computes it takes from nobody.
    let written = table.columns.iter().filter(|column| !column.is_generated);
    let (names, are_numbers): (Vec<String>, Vec<bool>) = written
        .filter(|column| is_shown(&column.name))
        .map(|column| (column.name.clone(), column.is_number))
        .unzip();
    let is_cut = rows > MOST as u64 && !names.is_empty();
    let cut = if is_cut { format!(", the first {MOST} of them here") } else { String::new() };
    script.comment(&format!("{}: {}{cut}", table.readable(), counted(rows)))?;
    if !hidden.is_empty() {
        script.comment(&format!("hidden: {}", hidden.join(", ")))?;
    }
    if names.is_empty() {
        return Ok(());
    }
    // A key that is hidden would tell an order of its values.
    let key = table.key.iter().filter_map(|name| names.iter().position(|shown| shown == name));
    let key = key.map(|place| KeyColumn { place, is_number: are_numbers[place] }).collect();
    let mut rows = reader.rows(table, &names, &Key { columns: key })?;
    let mut left = MOST;
    while let Some(first) = rows.next()?.filter(|_| left > 0) {
        let mut values = vec![written_row(&first, &are_numbers)];
        let mut trouble = None;
        left -= 1;
        while left > 0 && values.len() < AT_ONCE {
            match rows.next() {
                Ok(Some(row)) => values.push(written_row(&row, &are_numbers)),
                Ok(None) => break,
                Err(why) => {
                    trouble = Some(why);
                    break;
                }
            }
            left -= 1;
        }
        insert(table, &names, &values, script)?;
        if let Some(trouble) = trouble {
            return Err(trouble);
        }
    }
    Ok(())
}

/// Writes one statement, a line for each row.
fn insert(
    table: &Table,
    names: &[String],
    rows: &[String],
    script: &mut Script<impl Write>,
) -> io::Result<()> {
    let name = match table.schema.as_str() {
        "" => identifier(&table.name),
        schema => format!("{}.{}", identifier(schema), identifier(&table.name)),
    };
    let names: Vec<String> = names.iter().map(|name| identifier(name)).collect();
    let names = names.join(", ");
    // Keys that the database counts are taken as they were.
    script.line(&format!("INSERT INTO {name} ({names}) OVERRIDING SYSTEM VALUE VALUES"))?;
    script.line(&format!("{};", rows.join(",\n")))
}

fn written_row(row: &Row, are_numbers: &[bool]) -> String {
    let values = row.iter().zip(are_numbers).map(|(value, is_number)| match value {
        None => "NULL".to_owned(),
        Some(number) if *is_number && number.parse::<i64>().is_ok() => number.clone(),
        Some(text) => literal(text),
    });
    format!("({})", values.collect::<Vec<_>>().join(", "))
}

fn counted(rows: u64) -> String {
    match rows {
        1 => "1 row".to_owned(),
        rows => format!("{rows} rows"),
    }
}
