//! What every generator is: a numbered set of values, and a way to draw from it.

use std::fmt;
use std::sync::Arc;

use super::key::{CellRng, FieldKey};
use crate::value::{Block, Slot, Value, ValueKind};

/// A cell to be filled: which row it is of, and its random numbers.
#[derive(Debug)]
pub(crate) struct Cell {
    /// The row's index in its dataset, from 0.
    pub(crate) row: u64,
    /// The cell's own random numbers.
    pub(crate) rng: CellRng,
}

/// Where a generator's unique values come from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum UniqueBy {
    /// [`Family::nth`]: no two numbers below [`Family::capacity`] have the same value, so a
    /// permutation of them gives unique values in random order.
    Number,
    /// [`Family::draw`]: it writes the row's index into the value, so that rows below the
    /// capacity never share one.
    Row,
    /// Nowhere: the generator cannot make unique values.
    Nothing,
}

/// Says how a field's values are made: what each family of generators is.
///
/// A generator is a set of values numbered from 0 and a way to draw one of them for a row. It has
/// no state: the same cell always gets the same value. It cannot fail: what could go wrong was
/// found when it was built.
pub(crate) trait Family: Send + Sync + fmt::Debug {
    /// Returns the kind of the values.
    fn kind(&self) -> ValueKind;

    /// Returns how many different values there are; `u64::MAX` stands for that many or more.
    fn capacity(&self) -> u64;

    /// Writes value number `number`, which is below the capacity.
    fn nth(&self, number: u64, out: &mut impl Slot);

    /// Writes a value for a cell; by default one of all, each as likely.
    fn draw(&self, cell: &mut Cell, out: &mut impl Slot) {
        let number = cell.rng.below(self.capacity());
        self.nth(number, out);
    }

    /// Says where unique values come from.
    fn unique_by(&self) -> UniqueBy {
        UniqueBy::Number
    }

    /// Returns the most characters a value of a row below `rows` has in text form.
    fn max_length(&self, rows: u64) -> usize;

    /// Returns the smallest and the largest value of rows below `rows`, where the values are whole
    /// numbers.
    fn integer_range(&self, _rows: u64) -> Option<(i64, i64)> {
        None
    }

    /// Returns the first value and the step between rows, where the values count.
    fn counts(&self) -> Option<(i64, i64)> {
        None
    }
}

/// Makes a field's values, one by one or in blocks.
pub(crate) trait Generator: Send + Sync + fmt::Debug {
    /// See [`Family::kind`].
    fn kind(&self) -> ValueKind;

    /// Tells whether all values are of that kind.
    fn is_of_its_kind(&self) -> bool {
        true
    }

    /// See [`Family::capacity`].
    fn capacity(&self) -> u64;

    /// Writes value number `number`, which is below the capacity.
    fn nth(&self, number: u64, out: &mut Value);

    /// Writes a value for a cell.
    fn draw(&self, cell: &mut Cell, out: &mut Value);

    /// Adds the values of some numbers, which are below the capacity, to a block.
    fn fill_numbers(&self, numbers: &[u64], out: &mut Block);

    /// Adds values for the cells of some rows to a block; `key` is their field's.
    fn fill_rows(&self, key: &FieldKey, rows: &[u64], out: &mut Block);

    /// See [`Family::unique_by`].
    fn unique_by(&self) -> UniqueBy {
        UniqueBy::Number
    }

    /// See [`Family::max_length`].
    fn max_length(&self, rows: u64) -> usize;

    /// See [`Family::integer_range`].
    fn integer_range(&self, rows: u64) -> Option<(i64, i64)>;

    /// See [`Family::counts`].
    fn counts(&self) -> Option<(i64, i64)> {
        None
    }

    /// Returns what makes the indices of the rows that the values are of, if these are values of a field of another dataset.
    fn rows_of(&self, _dataset: &str, _field: &str) -> Option<AnyGenerator> {
        None
    }
}

/// A generator of any family.
pub(crate) type AnyGenerator = Arc<dyn Generator>;

/// What a family says once is compiled for single values and for blocks.
impl<F: Family> Generator for F {
    fn kind(&self) -> ValueKind {
        Family::kind(self)
    }

    fn capacity(&self) -> u64 {
        Family::capacity(self)
    }

    fn nth(&self, number: u64, out: &mut Value) {
        Family::nth(self, number, out);
    }

    fn draw(&self, cell: &mut Cell, out: &mut Value) {
        Family::draw(self, cell, out);
    }

    fn fill_numbers(&self, numbers: &[u64], out: &mut Block) {
        for number in numbers {
            Family::nth(self, *number, out);
        }
    }

    fn fill_rows(&self, key: &FieldKey, rows: &[u64], out: &mut Block) {
        for row in rows {
            Family::draw(self, &mut Cell { row: *row, rng: key.cell(*row) }, out);
        }
    }

    fn unique_by(&self) -> UniqueBy {
        Family::unique_by(self)
    }

    fn max_length(&self, rows: u64) -> usize {
        Family::max_length(self, rows)
    }

    fn integer_range(&self, rows: u64) -> Option<(i64, i64)> {
        Family::integer_range(self, rows)
    }

    fn counts(&self) -> Option<(i64, i64)> {
        Family::counts(self)
    }
}
