//! Generated rows behind stored ones.

use std::sync::Arc;

use super::stored::StoredColumn;
use crate::generate::Cells;
use crate::value::{Block, Value, ValueKind};

/// Which of the rows that generators can make stand behind stored ones: those from a first index on, but for some that
/// would repeat what must be unique.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Indices {
    first: u64,
    /// For each index left out, in order, how many before it stay.
    left_out: Vec<u64>,
    /// The place behind which the others stand, where those of a field come to their end.
    rest: Option<Rest>,
}

/// Indices that were passed by, for a field whose values would not do otherwise.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Rest {
    /// The first place that has one of them.
    from: u64,
    indices: Vec<u64>,
}

impl Indices {
    /// Counts from `first`, without the indices in `left_out`, which are in order and not before `first`.
    pub(crate) fn new(first: u64, left_out: &[u64]) -> Self {
        let places = left_out.iter().zip(0..).map(|(index, before)| index - first - before);
        Self { first, left_out: places.collect(), rest: None }
    }

    /// Goes on with other indices from a place on.
    pub(crate) fn and_then(self, from: u64, indices: Vec<u64>) -> Self {
        Self { rest: Some(Rest { from, indices }), ..self }
    }

    /// Returns the index of the row in that place.
    pub(crate) fn nth(&self, place: u64) -> u64 {
        let of_rest = |rest: &Rest| {
            let at = usize::try_from(place.checked_sub(rest.from)?).ok()?;
            rest.indices.get(at).copied()
        };
        if let Some(index) = self.rest.as_ref().and_then(of_rest) {
            return index;
        }
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
        let Some(last) = generated.checked_sub(1) else { return 0 };
        match &self.indices.rest {
            // Any of the rows may be among those that were passed by.
            Some(rest) if rest.from <= last => self.generated.rows(),
            _ => self.indices.nth(last) + 1,
        }
    }
}

impl Cells for ChainedColumn {
    fn write(&self, row: u64, out: &mut Value) {
        match row.checked_sub(self.stored.rows()) {
            Some(place) => self.generated.write(self.indices.nth(place), out),
            None => self.stored.write(row, out),
        }
    }

    fn fill(&self, rows: &[u64], out: &mut Block) {
        let stored = self.stored.rows();
        for rows in rows.chunk_by(|one, other| (*one < stored) == (*other < stored)) {
            if rows[0] < stored {
                self.stored.fill(rows, out);
            } else {
                let indices: Vec<u64> =
                    rows.iter().map(|row| self.indices.nth(row - stored)).collect();
                self.generated.fill(&indices, out);
            }
        }
    }

    fn kind(&self) -> ValueKind {
        self.generated.kind()
    }

    fn is_of_its_kind(&self) -> bool {
        false
    }

    fn rows(&self) -> u64 {
        if let Some(rest) = &self.indices.rest {
            return self.stored.rows() + rest.from + rest.indices.len() as u64;
        }
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
