//! What a user did to a clone.

use std::fmt;

use tdata_core::diagnostic::in_a_line;

use super::state::State;
use crate::isolate::shape::Shape;

/// What a user did to a clone.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Changes {
    /// Something that cannot be told by tables: the schema, the database's settings, the counts.
    Beyond,
    /// Rows and sequences only; nothing at all, if both are empty.
    Rows {
        /// The tables that rows were added to, and nothing else done, by place.
        added_to: Vec<usize>,
        /// The tables whose rows were changed or deleted, by place.
        rewritten: Vec<usize>,
        /// The sequences that went on, by place.
        sequences: Vec<usize>,
    },
}

impl Changes {
    pub(super) fn between(before: &State, after: &State) -> Self {
        let same_shape = before.tables.len() == after.tables.len()
            && before.sequences.len() == after.sequences.len();
        if !same_shape || before.catalogs != after.catalogs || before.database != after.database {
            return Self::Beyond;
        }
        let (mut added_to, mut rewritten) = (Vec::new(), Vec::new());
        for (place, (before, after)) in before.tables.iter().zip(&after.tables).enumerate() {
            if after.inserted < before.inserted
                || after.updated < before.updated
                || after.deleted < before.deleted
            {
                return Self::Beyond;
            }
            if after.updated != before.updated || after.deleted != before.deleted {
                rewritten.push(place);
            } else if after.inserted != before.inserted {
                added_to.push(place);
            }
        }
        let sequences = before.sequences.iter().zip(&after.sequences).enumerate();
        let sequences = sequences.filter(|(_, (before, after))| before != after);
        Self::Rows { added_to, rewritten, sequences: sequences.map(|(place, _)| place).collect() }
    }
}

/// What was done to the rows of a table, by work that was rolled back too.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct TableChanges {
    /// The table, with its schema.
    pub(crate) table: String,
    pub(crate) inserted: i64,
    pub(crate) updated: i64,
    pub(crate) deleted: i64,
}

impl TableChanges {
    /// Lists the tables between two states of a clone; nothing is said of tables that came or went.
    pub(super) fn between(shape: &Shape, before: &State, after: &State) -> Vec<Self> {
        let counts = shape.tables.iter().zip(&before.tables).zip(&after.tables);
        let changed = counts.filter(|((_, before), after)| before != after);
        changed
            .map(|((table, before), after)| Self {
                table: readable(&table.name),
                inserted: after.inserted - before.inserted,
                updated: after.updated - before.updated,
                deleted: after.deleted - before.deleted,
            })
            .collect()
    }
}

/// Leaves out quotes that nobody would write.
fn readable(name: &str) -> String {
    let is_plain = |c: char| matches!(c, 'a'..='z' | '0'..='9' | '_' | '.' | '"');
    if name.chars().all(is_plain) { name.replace('"', "") } else { name.to_owned() }
}

impl fmt::Display for TableChanges {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { table, inserted, updated, deleted } = self;
        let table = in_a_line(table);
        write!(f, "{table}: {inserted} inserted, {updated} updated, {deleted} deleted")
    }
}

#[cfg(test)]
mod tests {
    use super::super::state::Counts;
    use super::*;

    fn state() -> State {
        let counts = Counts { inserted: 5, updated: 0, deleted: 2 };
        State {
            tables: vec![counts; 3],
            sequences: vec![(7, true), (1, false)],
            catalogs: 40,
            database: "731".to_owned(),
            cluster: String::new(),
        }
    }

    #[test]
    fn changes_are_told_by_tables_and_sequences() {
        let mut after = state();
        after.tables[0].inserted += 1;
        after.tables[2].updated += 1;
        after.tables[2].inserted += 4;
        after.sequences[1] = (1, true);
        let changes = Changes::between(&state(), &after);
        let expected = Changes::Rows { added_to: vec![0], rewritten: vec![2], sequences: vec![1] };
        assert_eq!(changes, expected);
    }

    #[test]
    fn what_tables_do_not_tell_is_beyond() {
        let edits: [fn(&mut State); 4] = [
            |state| state.catalogs += 1,
            |state| state.database.push('1'),
            |state| state.tables[1].inserted -= 1,
            |state| state.sequences.truncate(1),
        ];
        for edit in edits {
            let mut after = state();
            edit(&mut after);
            assert_eq!(Changes::between(&state(), &after), Changes::Beyond);
        }
    }
}
