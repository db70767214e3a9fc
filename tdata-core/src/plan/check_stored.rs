//! What stored rows must satisfy, proved before the first of them is loaded.

use std::collections::HashSet;
use std::sync::Arc;

use super::check;
use super::fields::Fields;
use super::sources::{Forms, key};
use crate::contract::Volume;
use crate::diagnostic::{Diagnostic, counted};
use crate::generate::Cells;
use crate::rows::{StoredColumn, StoredRows};
use crate::spec::{DataSource, Field};
use crate::sql::SqlType;
use crate::value::{Value, ValueKind};

impl Fields<'_> {
    /// Proves that stored rows are rows of the dataset; `None` after telling why not.
    pub(super) fn check_stored(&mut self, dataset: usize, stored: &Arc<StoredRows>) -> Option<()> {
        let before = self.diagnostics.len();
        let specs = self.specs;
        let spec = &specs[dataset];
        let name = &spec.name.value;
        let mut tell = |code: &'static str, message: String, help: &str| {
            let diagnostic = Diagnostic::new(code, message).at(&spec.name.origin).help(help);
            self.diagnostics.push(diagnostic);
        };
        if matches!(spec.data_source, DataSource::Synthetic | DataSource::Rows) {
            tell(
                "plan::stored_rows",
                format!(
                    "there are stored rows of `{name}`, whose source is `{}`",
                    spec.data_source.word()
                ),
                "write `source: snapshot`, or `source: hybrid` for generated rows behind them",
            );
        }
        for field in spec.fields.iter().filter(|field| !stored.columns().contains(&field.name)) {
            tell(
                "plan::stored_rows",
                format!("the stored rows of `{name}` have no column `{}`", field.name.value),
                "store it, or take the field out of the definition",
            );
        }
        for column in stored.columns().iter().filter(|column| spec.field(column).is_none()) {
            tell(
                "plan::stored_rows",
                format!("`{name}` has no field for the column `{column}` of its stored rows"),
                "add the field, or store the rows without it",
            );
        }
        let asked = match self.contract.volumes.by_dataset.get(name) {
            Some(Volume::Rows(rows)) if spec.data_source != DataSource::Hybrid => *rows,
            _ => 0,
        };
        if asked > stored.rows() {
            let (asked, there) = (counted(asked, "row"), counted(stored.rows(), "row"));
            tell(
                "plan::stored_rows",
                format!("the contract asks for {asked} of `{name}`, and the store has {there}"),
                "ask for fewer, or write `source: hybrid` for generated rows behind them",
            );
        }
        if self.is_dealt_behind(dataset) {
            let message = format!(
                "the rows of `{name}` are stored, and keys that share fields would have to agree with them"
            );
            let help =
                "store the rows that have these keys as well, or let the keys share no field";
            self.diagnostics.push(
                Diagnostic::new("plan::stored_rows", message).at(&spec.name.origin).help(help),
            );
        }
        if self.diagnostics.len() > before {
            return None;
        }
        let rows = self.rows(dataset).min(stored.rows());
        for (at, field) in spec.fields.iter().enumerate() {
            let sql_type = self.made(dataset, at)?.sql_type;
            let column = StoredColumn::of(stored, &field.name.value)?;
            for mistake in mistakes(field, &sql_type, &column, rows) {
                self.diagnostics.push(mistake);
            }
        }
        for group in self.unique_together(dataset) {
            let columns: Option<Vec<StoredColumn>> =
                group.iter().map(|name| StoredColumn::of(stored, name)).collect();
            let columns = columns?;
            let mut forms = Forms::new();
            for name in &group {
                let at = spec.fields.iter().position(|field| field.name.value == *name)?;
                forms.push(self.made(dataset, at)?.sql_type);
            }
            let forms = forms.with_nulls(self.nulls_equal(dataset, &group));
            let mut seen = HashSet::new();
            let twice = (0..rows).find(|row| {
                key(columns.iter().map(|column| column as &dyn Cells), &forms, *row)
                    .is_some_and(|key| !seen.insert(key))
            });
            if let Some(row) = twice {
                let message = format!(
                    "`{}` must be unique, and the stored row of index {row} of `{name}` repeats an earlier one",
                    group.join("`, `")
                );
                let help = "store each row once";
                self.diagnostics.push(
                    Diagnostic::new("plan::stored_rows", message).at(&spec.name.origin).help(help),
                );
            }
        }
        (self.diagnostics.len() == before).then_some(())
    }
}

/// Finds what is wrong with the stored values of a field: the first row of each kind, and never the value.
fn mistakes(
    field: &Field,
    sql_type: &SqlType,
    column: &StoredColumn,
    rows: u64,
) -> Vec<Diagnostic> {
    let name = &field.name.value;
    let mut found = Vec::new();
    let mut tell = |row: Option<usize>, what: &str| {
        if let Some(row) = row {
            let message = format!("`{name}` {what} in the stored row of index {row}");
            let help = format!("`{name}` is {sql_type}: store values that fit it");
            found.push(
                Diagnostic::new("plan::stored_rows", message).at(&field.name.origin).help(help),
            );
        }
    };
    let position = |wrong: &dyn Fn(&Value) -> bool| column.values(rows).position(wrong);
    if !field.is_nullable() {
        tell(position(&Value::is_null), "is null, which it must not be,");
    }
    // A store has text where it has no value of the type, such as an address.
    let fits = |value: &Value| {
        value.kind().is_none_or(|kind| {
            let written = kind == ValueKind::Text && check::fits(ValueKind::Inet, sql_type, false);
            written || check::fits(kind, sql_type, false)
        })
    };
    tell(position(&|value| !fits(value)), "has a value of another type");
    if let Some(limit) = sql_type.length_limit() {
        let long = |value: &Value| value.to_string().chars().count() > limit;
        tell(position(&long), "has a value that is too long");
    }
    if let Some((low, high)) = sql_type.integer_range() {
        let outside = |value: &Value| matches!(value, Value::Int(one) if *one < low || *one > high);
        tell(position(&outside), "has a number that is out of range");
    }
    if let Some(labels) = sql_type.labels() {
        let unknown = |value: &Value| !value.is_null() && !labels.contains(&value.to_string());
        tell(position(&unknown), "has a value that is no label");
    }
    found
}
