//! A field's values, finished: generator, nulls, uniqueness and mask together.

use std::sync::Arc;

use crate::generate::{
    Cell, Cells, FieldKey, Generator, Permutation, UniqueBy, Value, ValueKind,
};
use crate::mask::Mask;

/// A field's values as a function of the row's index.
#[derive(Clone, Debug)]
pub(super) struct Column {
    key: FieldKey,
    null_key: FieldKey,
    null_probability: f64,
    generator: Arc<dyn Generator>,
    permutation: Option<Permutation>,
    mask: Option<Arc<dyn Mask>>,
}

impl Column {
    /// Joins the parts. With `unique`, rows below the generator's capacity get different values.
    pub(super) fn new(
        key: FieldKey,
        generator: Arc<dyn Generator>,
        unique: bool,
        null_probability: f64,
        mask: Option<Arc<dyn Mask>>,
    ) -> Self {
        let permuted = unique && generator.unique_by() == UniqueBy::Number;
        let permutation = permuted.then(|| Permutation::new(&key, generator.capacity()));
        Self { key, null_key: key.part("null"), null_probability, generator, permutation, mask }
    }
}

impl Cells for Column {
    fn write(&self, row: u64, out: &mut Value) {
        if self.null_probability > 0.0 && self.null_key.cell(row).chance(self.null_probability) {
            *out = Value::Null;
            return;
        }
        match &self.permutation {
            Some(permutation) => self.generator.nth(permutation.apply(row), out),
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
