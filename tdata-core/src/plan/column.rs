//! A field's values, finished: generator, nulls, uniqueness and mask together.

use std::sync::Arc;

use crate::generate::{Cell, Cells, FieldKey, Generator, Permutation, Value, ValueKind};
use crate::mask::Mask;

/// A field's values as a function of the row's index.
#[derive(Clone, Debug)]
pub(super) struct Column {
    key: FieldKey,
    null_key: FieldKey,
    null_probability: f64,
    generator: Arc<dyn Generator>,
    numbering: Option<Numbering>,
    mask: Option<Arc<dyn Mask>>,
}

/// Which of a generator's values a row of a unique field gets.
#[derive(Clone, Debug)]
pub(super) struct Numbering {
    /// Shuffles the rows over the combinations of values there are.
    pub(super) permutation: Permutation,
    /// How many combinations the fields before this one have; 1 for a field unique by itself.
    pub(super) divisor: u64,
    /// How many values the generator has.
    pub(super) capacity: u64,
}

impl Numbering {
    fn number(&self, row: u64) -> u64 {
        self.permutation.apply(row) / self.divisor % self.capacity
    }
}

impl Column {
    /// Joins the parts. With a numbering, rows below its bound get different values.
    pub(super) fn new(
        key: FieldKey,
        generator: Arc<dyn Generator>,
        numbering: Option<Numbering>,
        null_probability: f64,
        mask: Option<Arc<dyn Mask>>,
    ) -> Self {
        Self { key, null_key: key.part("null"), null_probability, generator, numbering, mask }
    }
}

impl Cells for Column {
    fn write(&self, row: u64, out: &mut Value) {
        if self.null_probability > 0.0 && self.null_key.cell(row).chance(self.null_probability) {
            *out = Value::Null;
            return;
        }
        match &self.numbering {
            Some(numbering) => self.generator.nth(numbering.number(row), out),
            None => self.generator.draw(&mut Cell { row, rng: self.key.cell(row) }, out),
        }
        if let Some(mask) = &self.mask
            && !out.is_null()
        {
            mask.apply(out);
        }
    }

    fn kind(&self) -> ValueKind {
        let kind = self.generator.kind();
        self.mask.as_ref().and_then(|mask| mask.kind(kind)).unwrap_or(kind)
    }

    fn max_length(&self, rows: u64) -> usize {
        let length = self.generator.max_length(rows);
        self.mask.as_ref().map_or(length, |mask| mask.max_length(length))
    }

    fn integer_range(&self, rows: u64) -> Option<(i64, i64)> {
        if self.mask.is_some() { None } else { self.generator.integer_range(rows) }
    }
}
