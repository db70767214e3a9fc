//! What a user did to a clone.

use super::state::State;

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
