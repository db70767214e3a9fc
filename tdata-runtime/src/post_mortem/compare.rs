//! Compares two databases, table by table.

use std::collections::BTreeMap;

use super::differences::{Column, Fate, RowChange, TableDifference, UpdatedCell};
use super::hidden::{Shown, cell};
use super::merge::{Change, Key, KeyColumn, Row, Rows, merge};
use super::reader::{Reader, Table};
use super::trouble::Trouble;

/// The most changed rows of a table that are kept.
const MOST: usize = 1_000;

/// What is other than it was.
#[derive(Clone, Debug, Default)]
pub(crate) struct Comparison {
    /// The tables that are not the same, by name.
    pub(crate) tables: Vec<TableDifference>,
    /// The tables that could not be compared.
    pub(crate) unread: Vec<(String, Trouble)>,
}

/// Compares two databases. `touched` are the tables that may differ, by object id, where that is known.
pub(super) fn compare(
    before: &mut Reader<'_>,
    after: &mut Reader<'_>,
    touched: Option<&[u32]>,
    shown: &Shown,
) -> Result<Comparison, Trouble> {
    let mut both: BTreeMap<(String, String), [Option<Table>; 2]> = BTreeMap::new();
    for (place, tables) in [before.tables()?, after.tables()?].into_iter().enumerate() {
        for table in tables {
            let name = (table.schema.clone(), table.name.clone());
            both.entry(name).or_default()[place] = Some(table);
        }
    }
    let mut comparison = Comparison::default();
    for tables in both.into_values() {
        let [old, new] = &tables;
        let Some(table) = new.as_ref().or(old.as_ref()) else { continue };
        if touched.is_some_and(|touched| !touched.contains(&table.oid)) {
            continue;
        }
        match compare_table(before, after, old.as_ref(), new.as_ref(), shown) {
            Ok(Some(difference)) if difference.is_any() => comparison.tables.push(difference),
            Ok(_) => {}
            Err(trouble) => comparison.unread.push((table.readable(), trouble)),
        }
    }
    Ok(comparison)
}

/// The rows of a table that is not there.
struct NoRows;

impl Rows for NoRows {
    fn next(&mut self) -> Result<Option<Row>, Trouble> {
        Ok(None)
    }
}

fn compare_table(
    before: &mut Reader<'_>,
    after: &mut Reader<'_>,
    old: Option<&Table>,
    new: Option<&Table>,
    shown: &Shown,
) -> Result<Option<TableDifference>, Trouble> {
    let Some(table) = new.or(old) else { return Ok(None) };
    let other = old.unwrap_or(table);
    let fate = match (old, new) {
        (None, _) => Fate::Appeared,
        (_, None) => Fate::Gone,
        (Some(old), Some(new)) if old.columns != new.columns || old.key != new.key => Fate::Altered,
        _ => Fate::Stayed,
    };
    // Of an altered table, what both have is compared.
    let common = table.columns.iter().filter(|column| other.column(&column.name).is_some());
    let columns: Vec<String> = common.map(|column| column.name.clone()).collect();
    let key = key(table, other, &columns);
    let in_key = |name: &String| table.key.contains(name) && other.key == table.key;
    let described = columns.iter().map(|name| Column {
        name: name.clone(),
        shown: shown.column(&table.schema, &table.name, name),
        in_key: in_key(name),
    });
    let mut difference = TableDifference {
        table: table.readable(),
        fate,
        columns: described.collect(),
        inserted: 0,
        updated: 0,
        deleted: 0,
        rows: Vec::new(),
    };
    let mut found = |change| difference.add(change);
    match (old, new) {
        (Some(old), Some(new)) => before.within(|before| {
            after.within(|after| {
                let mut old = before.rows(old, &columns, &key)?;
                let mut new = after.rows(new, &columns, &key)?;
                merge(&mut old, &mut new, &key, &mut found)
            })
        }),
        (Some(old), None) => before.within(|before| {
            merge(&mut before.rows(old, &columns, &key)?, &mut NoRows, &key, &mut found)
        }),
        (None, Some(new)) => after.within(|after| {
            merge(&mut NoRows, &mut after.rows(new, &columns, &key)?, &key, &mut found)
        }),
        (None, None) => Ok(()),
    }?;
    Ok(Some(difference))
}

/// What the rows of both are matched by: the primary key, else all that both have.
fn key(table: &Table, other: &Table, columns: &[String]) -> Key {
    let place = |name: &String| columns.iter().position(|column| column == name);
    let is_number = |name: &String| {
        [table, other].iter().all(|one| one.column(name).is_some_and(|column| column.is_number))
    };
    let primary: Option<Vec<KeyColumn>> = (table.key.iter())
        .map(|name| Some(KeyColumn { place: place(name)?, is_number: is_number(name) }))
        .collect();
    let primary = primary.filter(|key| !key.is_empty() && table.key == other.key);
    let whole = || (0..columns.len()).map(|place| KeyColumn { place, is_number: false }).collect();
    Key { columns: primary.unwrap_or_else(whole) }
}

impl TableDifference {
    fn add(&mut self, change: Change) {
        match change {
            Change::Inserted(_) => self.inserted += 1,
            Change::Updated { .. } => self.updated += 1,
            Change::Deleted(_) => self.deleted += 1,
        }
        if self.rows.len() < MOST {
            let change = self.shown(change);
            self.rows.push(change);
        }
    }

    /// Leaves of a changed row what may be shown.
    fn shown(&self, change: Change) -> RowChange {
        let whole = |row: &Row| {
            let cells = row.iter().zip(&self.columns);
            cells.map(|(value, column)| cell(value.as_deref(), column.shown)).collect()
        };
        match change {
            Change::Inserted(row) => RowChange::Inserted(whole(&row)),
            Change::Deleted(row) => RowChange::Deleted(whole(&row)),
            Change::Updated { before, after } => {
                let cells = before.iter().zip(&after).zip(&self.columns);
                let cells = cells.map(|((before, after), column)| UpdatedCell {
                    before: cell(before.as_deref(), column.shown),
                    after: (before != after).then(|| cell(after.as_deref(), column.shown)),
                });
                RowChange::Updated(cells.collect())
            }
        }
    }
}
