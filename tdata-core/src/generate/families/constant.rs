//! `constant`, `null`: the same in every row.

use std::sync::Arc;

use super::literal::{kind_of, parse_value};
use crate::generate::{AnyGenerator, Build, Family, GeneratorEntry, UniqueBy};
use crate::value::{Slot, Value, ValueKind};

pub(in crate::generate) const CONSTANT: GeneratorEntry = GeneratorEntry {
    name: "constant",
    version: 1,
    parameters: &["value"],
    summary: "The same `value` in every row.",
    build: build_constant,
};

pub(in crate::generate) const NULL: GeneratorEntry = GeneratorEntry {
    name: "null",
    version: 1,
    parameters: &[],
    summary: "Null in every row.",
    build: build_null,
};

#[derive(Debug)]
struct Constant {
    value: Value,
    kind: ValueKind,
    length: usize,
}

fn build_constant(build: &mut Build<'_>) -> Option<AnyGenerator> {
    let Some(text) = build.text("value") else {
        if build.node("value").is_none() {
            build.missing("value", "value: ...");
        }
        return None;
    };
    match parse_value(&text.value, build.sql_type, build.as_of) {
        Ok(value) => {
            let length = value.to_string().chars().count();
            Some(Arc::new(Constant { value, kind: kind_of(build.sql_type), length }))
        }
        Err(expected) => {
            let message = format!("`value: {}` is not {expected}", text.value);
            build.invalid(&text.origin, message, format!("give {expected}"));
            None
        }
    }
}

impl Family for Constant {
    fn kind(&self) -> ValueKind {
        self.kind
    }

    fn capacity(&self) -> u64 {
        1
    }

    fn nth(&self, _number: u64, out: &mut impl Slot) {
        out.copy((&self.value).into());
    }

    fn max_length(&self, _rows: u64) -> usize {
        self.length
    }

    fn integer_range(&self, _rows: u64) -> Option<(i64, i64)> {
        match self.value {
            Value::Int(number) => Some((number, number)),
            _ => None,
        }
    }
}

#[derive(Debug)]
struct Null {
    kind: ValueKind,
}

fn build_null(build: &mut Build<'_>) -> Option<AnyGenerator> {
    Some(Arc::new(Null { kind: kind_of(build.sql_type) }))
}

impl Family for Null {
    fn kind(&self) -> ValueKind {
        self.kind
    }

    fn capacity(&self) -> u64 {
        u64::MAX
    }

    fn nth(&self, _number: u64, out: &mut impl Slot) {
        out.null();
    }

    /// Nulls never collide, as PostgreSQL sees it.
    fn unique_by(&self) -> UniqueBy {
        UniqueBy::Row
    }

    fn max_length(&self, _rows: u64) -> usize {
        0
    }
}
