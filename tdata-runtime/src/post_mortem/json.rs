//! The differences as JSON: a line for each changed row, for people and programs alike.

use std::fmt::Write as _;

use super::changes::Changes;
use super::compare::Comparison;
use super::differences::{Cell, Fate, RowChange, TableDifference};
use super::failure::Told;

/// Writes the failure and the differences. Values are PostgreSQL's texts, or null; columns that are hidden are named, and their
/// values nowhere.
pub(super) fn changes(failure: &Told, changes: &Changes) -> String {
    let changes = match changes {
        Changes::Compared { comparison, with_others } => compared(comparison, *with_others),
        Changes::ReadOnly => nothing("the data are shared and read-only"),
        Changes::Unknown { why, .. } => nothing(&why.to_string()),
    };
    format!("{{\n\"failure\": {},\n{changes}}}\n", failed(failure))
}

/// Tells how the test failed; what is not known, or not shown, is null.
fn failed(failure: &Told) -> String {
    let or_null = |value: Option<&str>| value.map_or_else(|| "null".to_owned(), text);
    let message = failure.message.as_ref().and_then(|message| message.as_deref().ok());
    format!(
        "{{\"how\": {}, \"place\": {}, \"message\": {}}}",
        text(failure.words),
        or_null(failure.place.as_deref()),
        or_null(message),
    )
}

fn compared(comparison: &Comparison, with_others: bool) -> String {
    let tables: Vec<String> = comparison.tables.iter().map(table).collect();
    let unread: Vec<String> = (comparison.unread.iter())
        .map(|(table, trouble)| {
            format!("{{\"table\": {}, \"reason\": {}}}", text(table), text(&trouble.to_string()))
        })
        .collect();
    format!(
        "\"compared\": true,\n\"with_changes_of_other_tests\": {with_others},\n\"tables\": {},\n\
         \"not_compared\": {}\n",
        list(&tables),
        list(&unread)
    )
}

/// Tells that nothing was compared, and why.
fn nothing(reason: &str) -> String {
    format!("\"compared\": false,\n\"reason\": {},\n\"tables\": []\n", text(reason))
}

fn table(difference: &TableDifference) -> String {
    let TableDifference { table, fate, inserted, updated, deleted, columns, .. } = difference;
    let names = |shown: bool| {
        let names = columns.iter().filter(|column| column.shown == shown);
        format!("[{}]", names.map(|column| text(&column.name)).collect::<Vec<_>>().join(", "))
    };
    let fate = match fate {
        Fate::Stayed => "stayed",
        Fate::Altered => "altered",
        Fate::Appeared => "created",
        Fate::Gone => "dropped",
    };
    let rows: Vec<String> = difference.rows.iter().map(|change| row(difference, change)).collect();
    format!(
        "{{\"table\": {}, \"fate\": \"{fate}\", \"inserted\": {inserted}, \"updated\": {updated}, \
         \"deleted\": {deleted},\n\"columns\": {}, \"hidden\": {},\n\"not_listed\": {}, \"rows\": {}}}",
        text(table),
        names(true),
        names(false),
        difference.more(),
        list(&rows),
    )
}

fn row(difference: &TableDifference, change: &RowChange) -> String {
    let object = |cells: &mut dyn Iterator<Item = (&str, &Cell)>| {
        let shown = cells.filter_map(|(name, cell)| {
            let value = match cell {
                Cell::Hidden => return None,
                Cell::Null => "null".to_owned(),
                Cell::Text(value) => text(value),
            };
            Some(format!("{}: {value}", text(name)))
        });
        format!("{{{}}}", shown.collect::<Vec<_>>().join(", "))
    };
    let names = || difference.columns.iter().map(|column| column.name.as_str());
    match change {
        RowChange::Inserted(cells) => {
            format!("{{\"change\": \"inserted\", \"after\": {}}}", object(&mut names().zip(cells)))
        }
        RowChange::Deleted(cells) => {
            format!("{{\"change\": \"deleted\", \"before\": {}}}", object(&mut names().zip(cells)))
        }
        RowChange::Updated(cells) => {
            let before = object(&mut names().zip(cells.iter().map(|cell| &cell.before)));
            let after = names()
                .zip(cells)
                .map(|(name, cell)| (name, cell.after.as_ref().unwrap_or(&cell.before)));
            let after = object(&mut { after });
            let hidden = names().zip(cells).filter(|(_, cell)| cell.after == Some(Cell::Hidden));
            let hidden: Vec<String> = hidden.map(|(name, _)| text(name)).collect();
            format!(
                "{{\"change\": \"updated\", \"before\": {before}, \"after\": {after}, \
                 \"hidden_changes\": [{}]}}",
                hidden.join(", ")
            )
        }
    }
}

fn list(items: &[String]) -> String {
    match items {
        [] => "[]".to_owned(),
        items => format!("[\n{}\n]", items.join(",\n")),
    }
}

/// Writes a text in quotes, as JSON takes it; TOML's basic strings are written the same.
pub(super) fn text(text: &str) -> String {
    let mut quoted = String::with_capacity(text.len() + 2);
    quoted.push('"');
    for c in text.chars() {
        match c {
            '"' => quoted.push_str("\\\""),
            '\\' => quoted.push_str("\\\\"),
            '\n' => quoted.push_str("\\n"),
            c if c.is_control() => {
                // Writing to a text does not fail.
                let _ = write!(quoted, "\\u{:04x}", u32::from(c));
            }
            c => quoted.push(c),
        }
    }
    quoted.push('"');
    quoted
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_are_quoted() {
        assert_eq!(text("a\"b\\c\n\u{1}\u{7f}é"), "\"a\\\"b\\\\c\\n\\u0001\\u007fé\"");
    }
}
