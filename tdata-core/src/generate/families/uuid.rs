//! `uuid`: random UUIDs.

use std::sync::Arc;

use super::text::version_4;
use crate::generate::key::mix;
use crate::generate::{AnyGenerator, Build, Cell, CellRng, Family, GeneratorEntry, UniqueBy};
use crate::sql::Scalar;
use crate::value::{Slot, Value, ValueKind};

pub(in crate::generate) const ENTRY: GeneratorEntry = GeneratorEntry {
    name: "uuid",
    version: 1,
    parameters: &[],
    summary: "Random UUIDs (version 4), different in every row.",
    build,
};

/// Of the 122 random bits, 64 are a bijection of the row's index, so that no two rows share them.
#[derive(Debug)]
struct Uuid {
    as_text: bool,
    mask: u64,
}

fn build(build: &mut Build<'_>) -> Option<AnyGenerator> {
    let as_text = build.sql_type.scalar() != Some(Scalar::Uuid);
    Some(Arc::new(Uuid { as_text, mask: build.key.part("uuid").round(0) }))
}

impl Uuid {
    fn write(&self, row: u64, rng: &mut CellRng, out: &mut impl Slot) {
        let row_bits = mix(row ^ self.mask);
        let uuid = version_4(u128::from(rng.bits()) << 64 | u128::from(row_bits));
        if self.as_text {
            out.text(|out| Value::Uuid(uuid).write_text(out));
        } else {
            out.uuid(uuid);
        }
    }
}

impl Family for Uuid {
    fn kind(&self) -> ValueKind {
        if self.as_text { ValueKind::Text } else { ValueKind::Uuid }
    }

    fn capacity(&self) -> u64 {
        u64::MAX
    }

    fn nth(&self, number: u64, out: &mut impl Slot) {
        self.write(number, &mut CellRng::from_bits(number ^ self.mask), out);
    }

    fn draw(&self, cell: &mut Cell, out: &mut impl Slot) {
        self.write(cell.row, &mut cell.rng, out);
    }

    fn unique_by(&self) -> UniqueBy {
        UniqueBy::Row
    }

    fn max_length(&self, _rows: u64) -> usize {
        36
    }
}
