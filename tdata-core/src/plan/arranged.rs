//! What an arrangement makes of a dataset's fields.

use std::sync::Arc;

use super::keys::{Arrangement, Chooser, Numberer, Origin};
use crate::generate::{AnyGenerator, Cell, FieldKey, Generator, UniqueBy};
use crate::value::{Block, Slot, Value, ValueKind};

/// What arranges a dataset.
#[derive(Clone, Debug)]
pub(super) enum Arranged {
    /// Nothing: each key has a field of its own, and no groups overlap.
    Plain,
    /// That cannot be, which was told.
    Refused,
    /// What was found, and the dataset's relationships that its keys are, by their place.
    By(Arc<Arrangement>, Vec<usize>),
}

impl Arranged {
    /// Where the values of a field come from, if the arrangement says so.
    pub(super) fn origin(&self, field: usize) -> Option<(Arc<Arrangement>, Origin)> {
        let Self::By(arrangement, _) = self else { return None };
        let origin = arrangement.origin(field);
        let by_itself = match origin {
            Origin::Own => true,
            // A key that is one field and chooses freely draws as it would in any other dataset.
            Origin::Key(key) => arrangement.is_free(key) && arrangement.is_single(key),
            Origin::Class { .. } => false,
        };
        (!by_itself).then(|| (Arc::clone(arrangement), origin))
    }

    /// The relationship that a key is, by its place.
    pub(super) fn relation(&self, key: usize) -> Option<usize> {
        match self {
            Self::By(_, relations) => relations.get(key).copied(),
            _ => None,
        }
    }

    /// The numbers that the arrangement gives to a field's values, if any.
    pub(super) fn numbers(&self, field: usize) -> Option<ArrangedNumbers> {
        let Self::By(arrangement, _) = self else { return None };
        let part = match arrangement.origin(field) {
            Origin::Own => Part::Column(field),
            Origin::Key(key) if arrangement.is_single(key) && arrangement.is_free(key) => {
                Part::Key(key)
            }
            _ => return None,
        };
        let (column, key) = match part {
            Part::Column(column) => (Some(column), None),
            Part::Key(key) => (None, Some(key)),
        };
        let is_numbered = arrangement.is_numbered(column, key);
        is_numbered.then(|| ArrangedNumbers { arrangement: Arc::clone(arrangement), part })
    }
}

/// A field's part in an arrangement.
#[derive(Clone, Copy, Debug)]
pub(super) enum Part {
    /// It has a generator of its own.
    Column(usize),
    /// It is a key by itself that chooses freely.
    Key(usize),
}

/// The numbers that an arrangement gives to a field's values.
#[derive(Clone, Debug)]
pub(super) struct ArrangedNumbers {
    pub(super) arrangement: Arc<Arrangement>,
    pub(super) part: Part,
}

impl ArrangedNumbers {
    /// Returns the number of a row's value; `None` where it may be any.
    pub(super) fn number(&self, row: u64) -> Option<u64> {
        self.numberer()?.number(row)
    }

    /// Returns those of some rows.
    pub(super) fn numbers(&self, rows: &[u64]) -> Vec<Option<u64>> {
        let numberer = self.numberer();
        rows.iter().map(|row| numberer.as_ref()?.number(*row)).collect()
    }

    fn numberer(&self) -> Option<Numberer<'_>> {
        match self.part {
            Part::Column(column) => self.arrangement.of_column(column),
            Part::Key(key) => self.arrangement.of_free_key(key),
        }
    }
}

/// Values of the rows that an arrangement chooses.
#[derive(Debug)]
struct ArrangedReference {
    arrangement: Arc<Arrangement>,
    origin: Origin,
    /// The values to choose among.
    values: AnyGenerator,
}

impl ArrangedReference {
    /// Returns what chooses the row whose value a row has; `None` where that is the row itself.
    fn chooser(&self) -> Option<Chooser<'_>> {
        match self.origin {
            Origin::Class { path, depth, .. } => Some(self.arrangement.of_class(path, depth)),
            Origin::Key(key) => Some(self.arrangement.of_key(key)),
            Origin::Own => None,
        }
    }

    /// Returns the rows whose values some rows have.
    fn chosen(&self, rows: &[u64]) -> Vec<u64> {
        match self.chooser() {
            Some(chooser) => rows.iter().map(|row| chooser.row(*row)).collect(),
            None => rows.to_vec(),
        }
    }
}

impl Generator for ArrangedReference {
    fn kind(&self) -> ValueKind {
        self.values.kind()
    }

    fn is_of_its_kind(&self) -> bool {
        self.values.is_of_its_kind()
    }

    fn capacity(&self) -> u64 {
        self.arrangement.room()
    }

    fn nth(&self, number: u64, out: &mut Value) {
        self.values.nth(number, out);
    }

    fn draw(&self, cell: &mut Cell, out: &mut Value) {
        let row = self.chooser().map_or(cell.row, |chooser| chooser.row(cell.row));
        // Of rows that the parent has no values for, which is told, none can be referenced.
        match row < self.values.capacity() {
            true => self.values.nth(row, out),
            false => *out = Value::Null,
        }
    }

    fn fill_numbers(&self, numbers: &[u64], out: &mut Block) {
        self.values.fill_numbers(numbers, out);
    }

    fn fill_rows(&self, _: &FieldKey, rows: &[u64], out: &mut Block) {
        let mut chosen = self.chosen(rows);
        let capacity = self.values.capacity();
        if chosen.iter().all(|row| *row < capacity) {
            return self.values.fill_numbers(&chosen, out);
        }
        // In the place of those that there are not, any stands until they are null.
        let first = out.len();
        let missing: Vec<usize> = (0..chosen.len()).filter(|at| chosen[*at] >= capacity).collect();
        if capacity == 0 {
            return rows.iter().for_each(|_| out.null());
        }
        missing.iter().for_each(|at| chosen[*at] = 0);
        self.values.fill_numbers(&chosen, out);
        missing.iter().for_each(|at| out.set_null(first + at));
    }

    fn unique_by(&self) -> UniqueBy {
        UniqueBy::Row
    }

    fn max_length(&self, rows: u64) -> usize {
        self.values.max_length(rows)
    }

    fn integer_range(&self, rows: u64) -> Option<(i64, i64)> {
        self.values.integer_range(rows)
    }

    fn rows_of(&self, dataset: &str, field: &str) -> Option<AnyGenerator> {
        let values = self.values.rows_of(dataset, field)?;
        Some(reference(Arc::clone(&self.arrangement), self.origin, values))
    }
}

/// Wraps the values that a field chooses among into its part of the arrangement.
pub(super) fn reference(
    arrangement: Arc<Arrangement>,
    origin: Origin,
    values: AnyGenerator,
) -> AnyGenerator {
    Arc::new(ArrangedReference { arrangement, origin, values })
}
