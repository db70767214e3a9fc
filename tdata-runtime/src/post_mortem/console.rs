//! What a failing test prints of what it changed.

use std::fmt::Write as _;

use tdata_core::diagnostic::{in_a_line, is_visible};

use super::changes::Changes;
use super::compare::Comparison;
use super::differences::{Cell, RowChange, TableDifference};

/// The most tables whose rows are shown.
const TABLES: usize = 4;

/// The most rows of a table that are shown.
const ROWS: usize = 5;

/// The most tables that are named.
const NAMED: usize = 20;

/// The most characters of a value, and of a line.
const VALUE: usize = 36;
const LINE: usize = 110;

/// Tells what the test changed, in lines.
pub(crate) fn changes_text(changes: &Changes) -> String {
    match changes {
        Changes::ReadOnly => String::new(),
        Changes::Compared { comparison, with_others } => compared(comparison, *with_others),
        Changes::Unknown { why, counted } => {
            let mut text = format!("tdata: the rows that it changed cannot be had: {why}\n");
            let counted = counted.iter().flatten();
            let lines: String = counted.map(|change| format!("    {change}\n")).collect();
            if !lines.is_empty() {
                text.push_str("tdata: what it did to rows, if only to roll it back:\n");
                text.push_str(&lines);
            }
            text
        }
    }
}

fn compared(comparison: &Comparison, with_others: bool) -> String {
    let Comparison { tables, unread } = comparison;
    let whose = if with_others { ", with what other tests changed" } else { "" };
    let mut text = match (tables.as_slice(), unread.as_slice()) {
        ([], []) if with_others => "tdata: neither it nor another test changed a row\n".to_owned(),
        ([], []) => "tdata: it changed no row\n".to_owned(),
        ([], _) => String::new(),
        _ => format!("tdata: what it changed{whose}:\n"),
    };
    for (place, table) in tables.iter().take(NAMED).enumerate() {
        let TableDifference { table: name, rows, columns, .. } = table;
        // Writing to a text does not fail.
        let _ = writeln!(text, "    {}: {}", in_a_line(name), table.summary());
        if place >= TABLES || columns.iter().all(|column| !column.shown) {
            continue;
        }
        for change in rows.iter().take(ROWS) {
            let _ = writeln!(text, "      {}", cut(&row(table, change), LINE));
        }
        let more = table.changed() - rows.len().min(ROWS) as u64;
        if more > 0 {
            let _ = writeln!(text, "      … and {more} more");
        }
    }
    if tables.len() > NAMED {
        let _ = writeln!(text, "    … and {} more tables", tables.len() - NAMED);
    }
    for (table, trouble) in unread.iter().take(NAMED) {
        let _ = writeln!(text, "tdata: {} was not compared: {trouble}", in_a_line(table));
    }
    text
}

/// Tells a changed row in a line: of one that was updated its key, and what is other.
fn row(table: &TableDifference, change: &RowChange) -> String {
    let names = || table.columns.iter().map(|column| in_a_line(&column.name));
    let (mark, cells) = match change {
        RowChange::Inserted(cells) => ('+', cells),
        RowChange::Deleted(cells) => ('-', cells),
        RowChange::Updated(cells) => {
            let mut line = "~".to_owned();
            for (column, cell) in table.columns.iter().zip(cells) {
                if column.in_key && column.shown {
                    let _ = write!(line, " {}={}", in_a_line(&column.name), bare(&cell.before));
                }
            }
            let mut comma = "";
            for (name, cell) in names().zip(cells) {
                let Some(after) = &cell.after else { continue };
                let _ = match after {
                    Cell::Hidden => write!(line, "{comma} {name}: (hidden)"),
                    after => {
                        write!(line, "{comma} {name}: {} -> {}", value(&cell.before), value(after))
                    }
                };
                comma = ",";
            }
            return line;
        }
    };
    let shown = names().zip(cells).filter(|(_, cell)| **cell != Cell::Hidden);
    let shown = shown.map(|(name, cell)| format!(" {name}={}", bare(cell)));
    format!("{mark}{}", shown.collect::<String>())
}

/// A value in quotes, which tell a text from a null.
fn value(cell: &Cell) -> String {
    match cell {
        Cell::Hidden => "(hidden)".to_owned(),
        Cell::Null => "null".to_owned(),
        Cell::Text(text) => format!("'{}'", cut(&one_line(text), VALUE)),
    }
}

/// A value, in quotes only where it needs them.
fn bare(cell: &Cell) -> String {
    match cell {
        Cell::Text(text)
            if !text.is_empty()
                && text != "null"
                && text.chars().all(|c| c.is_alphanumeric() || "._-:+@/".contains(c)) =>
        {
            cut(text, VALUE)
        }
        cell => value(cell),
    }
}

/// Nothing in a value may start a line, or talk to the terminal.
fn one_line(text: &str) -> String {
    text.chars().map(|c| if is_visible(c) { c } else { ' ' }).collect()
}

fn cut(text: &str, most: usize) -> String {
    match text.char_indices().nth(most) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::super::differences::{Column, Fate, UpdatedCell};
    use super::super::trouble::Trouble;
    use super::*;

    fn text(text: &str) -> Cell {
        Cell::Text(text.to_owned())
    }

    fn table(rows: Vec<RowChange>) -> TableDifference {
        let column = |name: &str, shown, in_key| Column { name: name.to_owned(), shown, in_key };
        TableDifference {
            table: "public.payments".to_owned(),
            fate: Fate::Stayed,
            columns: vec![
                column("id", true, true),
                column("status", true, false),
                column("card", false, false),
            ],
            inserted: 7,
            updated: 1,
            deleted: 0,
            rows,
        }
    }

    #[test]
    fn a_changed_row_is_a_line() {
        let kept = |before: &str| UpdatedCell { before: text(before), after: None };
        let updated = |before: Cell, after: Cell| UpdatedCell { before, after: Some(after) };
        let rows = vec![
            RowChange::Inserted(vec![text("201"), text("two words"), Cell::Hidden]),
            RowChange::Updated(vec![
                kept("3"),
                updated(Cell::Null, text("paid\u{1b}[31m\n")),
                updated(Cell::Hidden, Cell::Hidden),
            ]),
        ];
        let comparison = Comparison { tables: vec![table(rows)], unread: Vec::new() };
        assert_eq!(
            changes_text(&Changes::Compared { comparison, with_others: false }),
            "tdata: what it changed:\n    \
             public.payments: 7 inserted, 1 updated, 0 deleted\n      \
             + id=201 status='two words'\n      \
             ~ id=3 status: null -> 'paid [31m ', card: (hidden)\n      \
             … and 6 more\n"
        );
    }

    #[test]
    fn names_stay_in_their_line() {
        let hostile = "a\n\u{1b}[2J\u{202e}";
        let mut other =
            table(vec![RowChange::Inserted(vec![text("1"), text(hostile), Cell::Hidden])]);
        other.table = hostile.to_owned();
        for column in &mut other.columns {
            column.name = hostile.to_owned();
        }
        let unread = vec![(hostile.to_owned(), Trouble::Other(hostile.to_owned()))];
        let comparison = Comparison { tables: vec![other], unread };
        let told = changes_text(&Changes::Compared { comparison, with_others: false });
        assert!(told.chars().all(|c| c == '\n' || is_visible(c)), "{told:?}");
        assert_eq!(told.lines().count(), 5, "{told}");
        assert!(told.contains("tdata: a\\n\\u{1b}[2J\\u{202e} was not compared: a\\n"), "{told}");
    }

    #[test]
    fn long_values_are_cut() {
        let long = "é".repeat(2_000);
        let row = row(
            &table(Vec::new()),
            &RowChange::Deleted(vec![text("1"), text(&long), Cell::Hidden]),
        );
        assert!(row.ends_with('…') && row.chars().count() < 60, "{row}");
    }
}
