//! `boolean`: true or false.

use std::sync::Arc;

use crate::generate::{AnyGenerator, Build, Cell, Family, GeneratorEntry};
use crate::value::{Slot, ValueKind};

pub(in crate::generate) const ENTRY: GeneratorEntry = GeneratorEntry {
    name: "boolean",
    version: 1,
    parameters: &["true_probability"],
    summary: "Truth values, true in half the rows or in the share `true_probability` gives.",
    build,
};

#[derive(Debug)]
struct Boolean {
    true_probability: f64,
}

fn build(build: &mut Build<'_>) -> Option<AnyGenerator> {
    let share = build.given::<f64>("true_probability", "a number from 0 to 1").ok()?;
    if let Some(share) = share.as_ref().filter(|share| !(0.0..=1.0).contains(&share.value)) {
        let message = format!("a probability of {} cannot be", share.value);
        build.invalid(&share.origin, message, "give a number from 0 to 1");
        return None;
    }
    let true_probability = share.map_or(0.5, |share| share.value);
    Some(Arc::new(Boolean { true_probability }))
}

impl Family for Boolean {
    fn kind(&self) -> ValueKind {
        ValueKind::Bool
    }

    fn capacity(&self) -> u64 {
        2
    }

    fn nth(&self, number: u64, out: &mut impl Slot) {
        out.bool(number == 1);
    }

    fn draw(&self, cell: &mut Cell, out: &mut impl Slot) {
        out.bool(cell.rng.chance(self.true_probability));
    }

    fn max_length(&self, _rows: u64) -> usize {
        "f".len()
    }
}
