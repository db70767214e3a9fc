//! `reference`: values of another dataset's field, as foreign keys have them.

use std::sync::Arc;

use crate::generate::choice::Distribution;
use crate::generate::{
    AnyGenerator, Build, Cell, Cells, FieldKey, Generator, GeneratorEntry, Referenced,
};
use crate::value::{Block, Slot as _, Value, ValueKind};

pub(in crate::generate) const ENTRY: GeneratorEntry = GeneratorEntry {
    name: "reference",
    version: 2,
    parameters: &["reference_table", "reference_field", "distribution"],
    summary: "Values of `reference_field` of `reference_table`: the foreign key to its rows.",
    build,
};

/// Values are computed from the referenced row's index, never looked up.
#[derive(Debug)]
struct Reference {
    referenced: Referenced,
    distribution: Distribution,
}

fn build(build: &mut Build<'_>) -> Option<AnyGenerator> {
    let distribution = build.distribution();
    let Some(referenced) = build.referenced.clone() else {
        let message = format!("`{}` is no foreign key", build.field.name.value);
        build.invalid(build.generator_origin(), message, "add a relationship for it");
        return None;
    };
    if referenced.rows == 0 && build.rows > 0 {
        let name = &build.field.name.value;
        let dataset = build.spec.relationship(name).map_or("nothing", |one| &one.dataset.value);
        let message =
            format!("`{name}` references `{dataset}`, of which the contract asks for 0 rows");
        let help = format!("ask for one row of `{dataset}` at least");
        build.invalid(build.generator_origin(), message, help);
        return None;
    }
    Some(Arc::new(Reference { referenced, distribution }))
}

impl Generator for Reference {
    fn kind(&self) -> ValueKind {
        self.referenced.cells.kind()
    }

    fn is_of_its_kind(&self) -> bool {
        self.referenced.cells.is_of_its_kind()
    }

    fn capacity(&self) -> u64 {
        self.referenced.rows
    }

    fn nth(&self, number: u64, out: &mut Value) {
        self.referenced.cells.write(number, out);
    }

    fn draw(&self, cell: &mut Cell, out: &mut Value) {
        let row = self.distribution.below(self.referenced.rows, &mut cell.rng);
        self.nth(row, out);
    }

    fn fill_numbers(&self, numbers: &[u64], out: &mut Block) {
        self.referenced.cells.fill(numbers, out);
    }

    fn fill_rows(&self, key: &FieldKey, rows: &[u64], out: &mut Block) {
        let draw = |row: &u64| self.distribution.below(self.referenced.rows, &mut key.cell(*row));
        let numbers: Vec<u64> = rows.iter().map(draw).collect();
        self.fill_numbers(&numbers, out);
    }

    fn max_length(&self, _rows: u64) -> usize {
        self.referenced.cells.max_length(self.referenced.rows)
    }

    fn integer_range(&self, _rows: u64) -> Option<(i64, i64)> {
        self.referenced.cells.integer_range(self.referenced.rows)
    }

    fn rows_of(&self, dataset: &str, field: &str) -> Option<AnyGenerator> {
        let referenced = &self.referenced;
        let cells = match (&*referenced.dataset, &*referenced.field) == (dataset, field) {
            true => Arc::new(Indices),
            false => referenced.cells.rows_of(dataset, field)?,
        };
        let referenced = Referenced { cells, ..referenced.clone() };
        Some(Arc::new(Self { referenced, distribution: self.distribution }))
    }
}

/// The rows' own indices.
#[derive(Debug)]
struct Indices;

/// Returns an index as values have it: no dataset has as many rows as do not fit.
fn index(row: u64) -> i64 {
    i64::try_from(row).unwrap_or(i64::MAX)
}

impl Cells for Indices {
    fn write(&self, row: u64, out: &mut Value) {
        *out = Value::Int(index(row));
    }

    fn fill(&self, rows: &[u64], out: &mut Block) {
        rows.iter().for_each(|row| out.int(index(*row)));
    }

    fn kind(&self) -> ValueKind {
        ValueKind::Int
    }

    fn is_of_its_kind(&self) -> bool {
        true
    }

    fn rows(&self) -> u64 {
        u64::MAX
    }

    fn max_length(&self, rows: u64) -> usize {
        rows.to_string().len()
    }

    fn integer_range(&self, rows: u64) -> Option<(i64, i64)> {
        Some((0, index(rows.saturating_sub(1))))
    }
}
