//! `sequence`: whole numbers in equal steps.

use std::sync::Arc;

use crate::generate::{AnyGenerator, Build, Cell, Family, GeneratorEntry, UniqueBy};
use crate::value::{Slot, ValueKind};

pub(in crate::generate) const ENTRY: GeneratorEntry = GeneratorEntry {
    name: "sequence",
    version: 1,
    parameters: &["start", "step"],
    summary: "Whole numbers in equal steps: start, start + step, start + 2 * step.",
    build,
};

#[derive(Debug)]
struct Sequence {
    start: i64,
    step: i64,
}

fn build(build: &mut Build<'_>) -> Option<AnyGenerator> {
    let (Ok(start), Ok(step)) = (build.whole("start"), build.whole("step")) else { return None };
    if let Some(step) = step.as_ref().filter(|step| step.value == 0) {
        build.invalid(&step.origin, "a sequence with step 0 stands still", "give another step");
        return None;
    }
    let start = start.map_or(1, |start| start.value);
    let step = step.map_or(1, |step| step.value);
    Some(Arc::new(Sequence { start, step }))
}

impl Sequence {
    /// Saturates; planning proves that the last row does not get that far.
    fn at(&self, row: u64) -> i64 {
        if let Ok(row) = i64::try_from(row)
            && let Some(way) = self.step.checked_mul(row)
            && let Some(number) = self.start.checked_add(way)
        {
            return number;
        }
        let number = i128::from(self.start) + i128::from(self.step) * i128::from(row);
        number.clamp(i64::MIN.into(), i64::MAX.into()) as i64
    }
}

impl Family for Sequence {
    fn kind(&self) -> ValueKind {
        ValueKind::Int
    }

    fn capacity(&self) -> u64 {
        let room = if self.step > 0 {
            i128::from(i64::MAX) - i128::from(self.start)
        } else {
            i128::from(self.start) - i128::from(i64::MIN)
        };
        let steps = room / i128::from(self.step.unsigned_abs().max(1)) + 1;
        u64::try_from(steps).unwrap_or(u64::MAX)
    }

    fn nth(&self, number: u64, out: &mut impl Slot) {
        out.int(self.at(number));
    }

    fn draw(&self, cell: &mut Cell, out: &mut impl Slot) {
        self.nth(cell.row, out);
    }

    fn unique_by(&self) -> UniqueBy {
        UniqueBy::Row
    }

    fn max_length(&self, rows: u64) -> usize {
        let last = self.at(rows.saturating_sub(1));
        self.start.to_string().len().max(last.to_string().len())
    }

    fn integer_range(&self, rows: u64) -> Option<(i64, i64)> {
        let last = self.at(rows.saturating_sub(1));
        Some((self.start.min(last), self.start.max(last)))
    }

    fn counts(&self) -> Option<(i64, i64)> {
        Some((self.start, self.step))
    }
}
