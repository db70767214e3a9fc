//! What every generator is: a numbered set of values, and a way to draw from it.

use std::fmt;

use super::key::CellRng;
use super::value::{Value, ValueKind};

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
    /// [`Generator::nth`]: no two numbers below [`Generator::capacity`] have the same value, so a
    /// permutation of them gives unique values in random order.
    Number,
    /// [`Generator::draw`]: it writes the row's index into the value, so that rows below the
    /// capacity never share one.
    Row,
    /// Nowhere: the generator cannot make unique values.
    Nothing,
}

/// Makes a field's values.
///
/// A generator is a set of values numbered from 0 and a way to draw one of them for a row. It has
/// no state: the same cell always gets the same value. It cannot fail: what could go wrong was
/// found when it was built.
pub(crate) trait Generator: Send + Sync + fmt::Debug {
    /// Returns the kind of the values.
    fn kind(&self) -> ValueKind;

    /// Returns how many different values there are; `u64::MAX` stands for that many or more.
    fn capacity(&self) -> u64;

    /// Writes value number `number`, which is below the capacity.
    fn nth(&self, number: u64, out: &mut Value);

    /// Writes a value for a cell; by default one of all, each as likely.
    fn draw(&self, cell: &mut Cell, out: &mut Value) {
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
