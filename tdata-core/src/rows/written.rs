//! Rows that a definition writes out.

use std::sync::Arc;

use crate::generate::Cells;
use crate::value::{Block, Slot, Value, ValueKind};

/// A column of rows that a definition writes out. Where a row leaves it out, a generator makes its value, if there is one.
#[derive(Clone, Debug)]
pub(crate) struct WrittenColumn {
    values: Vec<Option<Value>>,
    kind: ValueKind,
    others: Option<Arc<dyn Cells>>,
}

impl WrittenColumn {
    /// Takes the value that each row gives, if it gives one; `others` makes the others, which are null without it.
    pub(crate) fn new(
        values: Vec<Option<Value>>,
        kind: ValueKind,
        others: Option<Arc<dyn Cells>>,
    ) -> Self {
        Self { values, kind, others }
    }

    fn value(&self, row: u64) -> Option<&Value> {
        usize::try_from(row).ok().and_then(|row| self.values.get(row)?.as_ref())
    }
}

impl Cells for WrittenColumn {
    fn write(&self, row: u64, out: &mut Value) {
        match (self.value(row), &self.others) {
            (Some(value), _) => out.clone_from(value),
            (None, Some(others)) => others.write(row, out),
            (None, None) => *out = Value::Null,
        }
    }

    fn fill(&self, rows: &[u64], out: &mut Block) {
        for row in rows {
            match (self.value(*row), &self.others) {
                (Some(value), _) => out.copy(value.into()),
                (None, Some(others)) => others.fill(&[*row], out),
                (None, None) => out.null(),
            }
        }
    }

    fn kind(&self) -> ValueKind {
        self.kind
    }

    /// Its values are read by the type of their column.
    fn is_of_its_kind(&self) -> bool {
        self.others.as_ref().is_none_or(|others| others.is_of_its_kind())
    }

    fn rows(&self) -> u64 {
        self.values.len() as u64
    }

    fn max_length(&self, rows: u64) -> usize {
        let mut value = Value::Null;
        let length = |row| {
            self.write(row, &mut value);
            if value.is_null() { 0 } else { value.to_string().chars().count() }
        };
        (0..rows.min(self.rows())).map(length).max().unwrap_or(0)
    }

    fn integer_range(&self, rows: u64) -> Option<(i64, i64)> {
        let mut range: Option<(i64, i64)> = None;
        let mut value = Value::Null;
        for row in 0..rows.min(self.rows()) {
            self.write(row, &mut value);
            match value {
                Value::Int(number) => {
                    let (least, most) = range.unwrap_or((number, number));
                    range = Some((least.min(number), most.max(number)));
                }
                Value::Null => {}
                _ => return None,
            }
        }
        range
    }
}
