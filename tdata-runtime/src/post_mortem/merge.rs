//! Two sorted streams of rows, told apart.

use std::cmp::Ordering;

use super::trouble::Trouble;

/// A row, as the texts of its values.
pub(super) type Row = Vec<Option<String>>;

/// Rows in the order of a key.
pub(super) trait Rows {
    /// Returns the next row.
    fn next(&mut self) -> Result<Option<Row>, Trouble>;
}

/// What rows are matched and ordered by.
#[derive(Clone, Debug)]
pub(super) struct Key {
    /// The columns, by place.
    pub(super) columns: Vec<KeyColumn>,
}

/// A column of a key.
#[derive(Clone, Copy, Debug)]
pub(super) struct KeyColumn {
    pub(super) place: usize,
    /// Whether its values are ordered as whole numbers, else as bytes.
    pub(super) is_number: bool,
}

/// A row that is not the same in both.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Change {
    Inserted(Row),
    Updated { before: Row, after: Row },
    Deleted(Row),
}

/// Tells `found` every row that is not the same in both. Of each, one row at a time is held.
pub(super) fn merge(
    before: &mut impl Rows,
    after: &mut impl Rows,
    key: &Key,
    mut found: impl FnMut(Change),
) -> Result<(), Trouble> {
    let (mut old, mut new) = (before.next()?, after.next()?);
    loop {
        let order = match (&old, &new) {
            (None, None) => return Ok(()),
            (Some(_), None) => Ordering::Less,
            (None, Some(_)) => Ordering::Greater,
            (Some(old), Some(new)) => key.compare(old, new),
        };
        match order {
            Ordering::Less => {
                found(Change::Deleted(old.take().unwrap_or_default()));
                old = before.next()?;
            }
            Ordering::Greater => {
                found(Change::Inserted(new.take().unwrap_or_default()));
                new = after.next()?;
            }
            Ordering::Equal => {
                if old != new
                    && let (Some(before), Some(after)) = (old.take(), new.take())
                {
                    found(Change::Updated { before, after });
                }
                (old, new) = (before.next()?, after.next()?);
            }
        }
    }
}

impl Key {
    /// Compares as the database orders: nulls first.
    fn compare(&self, one: &Row, other: &Row) -> Ordering {
        let columns = self.columns.iter().map(|KeyColumn { place, is_number }| {
            let (one, other) = (one[*place].as_deref(), other[*place].as_deref());
            if !is_number {
                return one.cmp(&other);
            }
            let number = |text: Option<&str>| text.and_then(|text| text.parse::<i64>().ok());
            number(one).cmp(&number(other))
        });
        columns.fold(Ordering::Equal, Ordering::then)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Listed(std::vec::IntoIter<Row>);

    impl Rows for Listed {
        fn next(&mut self) -> Result<Option<Row>, Trouble> {
            Ok(self.0.next())
        }
    }

    fn row(text: &str) -> Row {
        text.split(' ').map(|cell| (cell != "-").then(|| cell.to_owned())).collect()
    }

    fn listed(rows: &[&str]) -> Listed {
        Listed(rows.iter().map(|text| row(text)).collect::<Vec<_>>().into_iter())
    }

    fn merged(before: &[&str], after: &[&str], key: &[(usize, bool)]) -> Vec<Change> {
        let columns =
            key.iter().map(|(place, is_number)| KeyColumn { place: *place, is_number: *is_number });
        let (key, mut changes) = (Key { columns: columns.collect() }, Vec::new());
        merge(&mut listed(before), &mut listed(after), &key, |change| changes.push(change))
            .unwrap();
        changes
    }

    #[test]
    fn rows_are_matched_by_their_key() {
        let before = ["1 a", "2 b", "3 c", "10 d"];
        let after = ["-7 x", "1 a", "3 C", "10 d", "11 e"];
        let changes = merged(&before, &after, &[(0, true)]);
        assert_eq!(
            changes,
            [
                Change::Inserted(row("-7 x")),
                Change::Deleted(row("2 b")),
                Change::Updated { before: row("3 c"), after: row("3 C") },
                Change::Inserted(row("11 e")),
            ]
        );
        assert_eq!(merged(&before, &before, &[(0, true)]), []);
        assert_eq!(merged(&[], &before, &[(0, true)]).len(), 4);
        assert_eq!(merged(&before, &[], &[(0, true)]).len(), 4);
    }

    #[test]
    fn keys_of_several_columns_and_texts_are_compared_as_the_database_does() {
        let before = ["a 2 x", "a 10 x", "b 1 x"];
        let after = ["A 1 x", "a 10 y", "b 1 x"];
        let changes = merged(&before, &after, &[(0, false), (1, true)]);
        assert_eq!(
            changes,
            [
                Change::Inserted(row("A 1 x")),
                Change::Deleted(row("a 2 x")),
                Change::Updated { before: row("a 10 x"), after: row("a 10 y") },
            ]
        );
    }

    #[test]
    fn without_a_key_equal_rows_are_counted() {
        let before = ["- a", "1 a", "1 a", "1 a"];
        let after = ["1 a", "1 a", "1 b"];
        let changes = merged(&before, &after, &[(0, false), (1, false)]);
        assert_eq!(
            changes,
            [
                Change::Deleted(row("- a")),
                Change::Deleted(row("1 a")),
                Change::Inserted(row("1 b"))
            ]
        );
    }

    #[test]
    fn nulls_come_first_in_numbers_too() {
        let changes = merged(&["- a", "1 a"], &["1 a"], &[(0, true), (1, false)]);
        assert_eq!(changes, [Change::Deleted(row("- a"))]);
    }
}
