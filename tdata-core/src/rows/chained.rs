//! Generated rows behind stored ones.

use std::sync::Arc;

use super::stored::StoredColumn;
use crate::generate::{Cells, Value, ValueKind};

/// Which of the rows that generators can make stand behind stored ones: those from a first index on, but for some that
/// would repeat what must be unique.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Indices {
    first: u64,
    /// For each index left out, in order, how many before it stay.
    left_out: Vec<u64>,
}

impl Indices {
    /// Counts from `first`, without the indices in `left_out`, which are in order and not before `first`.
    pub(crate) fn new(first: u64, left_out: &[u64]) -> Self {
        let places = left_out.iter().zip(0..).map(|(index, before)| index - first - before);
        Self { first, left_out: places.collect() }
    }

    /// Returns the index of the row in that place.
    pub(crate) fn nth(&self, place: u64) -> u64 {
        // An index left out moves every row that stands where it stood or behind.
        let moved = self.left_out.partition_point(|before| *before <= place);
        self.first + place + moved as u64
    }
}

/// A column whose first values are stored, and whose others are generated.
#[derive(Clone, Debug)]
pub(crate) struct ChainedColumn {
    stored: StoredColumn,
    generated: Arc<dyn Cells>,
    indices: Arc<Indices>,
}

impl ChainedColumn {
    pub(crate) fn new(
        stored: StoredColumn,
        generated: Arc<dyn Cells>,
        indices: Arc<Indices>,
    ) -> Self {
        Self { stored, generated, indices }
    }

    /// Returns how many rows of the generator the first rows reach over.
    fn reach(&self, rows: u64) -> u64 {
        let generated = rows.saturating_sub(self.stored.rows());
        generated.checked_sub(1).map_or(0, |last| self.indices.nth(last) + 1)
    }
}

impl Cells for ChainedColumn {
    fn write(&self, row: u64, out: &mut Value) {
        match row.checked_sub(self.stored.rows()) {
            Some(place) => self.generated.write(self.indices.nth(place), out),
            None => self.stored.write(row, out),
        }
    }

    fn kind(&self) -> ValueKind {
        self.generated.kind()
    }

    fn rows(&self) -> u64 {
        // At most as many indices are left out as there are values.
        self.generated.rows().saturating_sub(self.indices.left_out.len() as u64)
    }

    fn max_length(&self, rows: u64) -> usize {
        self.stored.max_length(rows).max(self.generated.max_length(self.reach(rows)))
    }

    fn integer_range(&self, rows: u64) -> Option<(i64, i64)> {
        let stored = self.stored.integer_range(rows);
        if rows <= self.stored.rows() {
            return stored;
        }
        let (least, most) = self.generated.integer_range(self.reach(rows))?;
        Some(stored.map_or((least, most), |(low, high)| (low.min(least), high.max(most))))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn indices_leave_out_those_and_no_others(
            first in 0u64..50,
            left_out in proptest::collection::btree_set(0u64..60, 0..30),
            places in 0u64..80,
        ) {
            let left_out: Vec<u64> = left_out.into_iter().map(|index| index + first).collect();
            let indices = Indices::new(first, &left_out);
            let found: Vec<u64> = (0..places).map(|place| indices.nth(place)).collect();
            let expected: Vec<u64> = (first..)
                .filter(|index| !left_out.contains(index))
                .take(places as usize)
                .collect();
            prop_assert_eq!(found, expected);
        }
    }
}
