//! `random_int`: whole numbers of a range.

use std::sync::Arc;

use crate::generate::choice::Distribution;
use crate::generate::{AnyGenerator, Build, Cell, Family, GeneratorEntry};
use crate::value::{Slot, ValueKind};

pub(in crate::generate) const ENTRY: GeneratorEntry = GeneratorEntry {
    name: "random_int",
    version: 2,
    parameters: &["min", "max", "distribution"],
    summary: "Whole numbers from `min` to `max`, both included; from 0 to 2147483647, or what \
              the column holds of it, where they are not given.",
    build,
};

#[derive(Debug)]
struct RandomInt {
    least: i64,
    most: i64,
    distribution: Distribution,
}

fn build(build: &mut Build<'_>) -> Option<AnyGenerator> {
    let (_, widest) = build.sql_type.integer_range().unwrap_or((i64::MIN, i64::MAX));
    let bounds = (build.whole("min"), build.whole("max"));
    let distribution = build.distribution();
    let (Ok(least), Ok(most)) = bounds else { return None };
    let origin = least.as_ref().or(most.as_ref()).map(|bound| &bound.origin);
    let least = least.as_ref().map_or(0, |least| least.value);
    let most = most.as_ref().map_or(widest.min(i32::MAX.into()), |most| most.value);
    if least > most {
        let origin = origin.unwrap_or_else(|| build.generator_origin());
        let message = format!("no number lies between `min: {least}` and `max: {most}`");
        build.invalid(origin, message, "give `min` and `max`, the smaller one first");
        return None;
    }
    Some(Arc::new(RandomInt { least, most, distribution }))
}

impl Family for RandomInt {
    fn kind(&self) -> ValueKind {
        ValueKind::Int
    }

    fn capacity(&self) -> u64 {
        self.most.abs_diff(self.least).saturating_add(1)
    }

    fn nth(&self, number: u64, out: &mut impl Slot) {
        out.int(self.least.saturating_add_unsigned(number));
    }

    fn draw(&self, cell: &mut Cell, out: &mut impl Slot) {
        let number = self.distribution.below(self.capacity(), &mut cell.rng);
        self.nth(number, out);
    }

    fn max_length(&self, _rows: u64) -> usize {
        self.least.to_string().len().max(self.most.to_string().len())
    }

    fn integer_range(&self, _rows: u64) -> Option<(i64, i64)> {
        Some((self.least, self.most))
    }
}
