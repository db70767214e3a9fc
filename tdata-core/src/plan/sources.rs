//! Where each dataset's rows come from: its generators, its stored rows, or both.

use std::collections::HashSet;
use std::sync::Arc;

use super::arranged::Arranged;
use super::check::{self, counted};
use super::fields::Fields;
use crate::contract::Volume;
use crate::diagnostic::Diagnostic;
use crate::generate::{Cells, Value, ValueKind};
use crate::rows::{ChainedColumn, Indices, RowSource, StoredColumn, StoredRows};
use crate::spec::{DataSource, Field};
use crate::sql::SqlType;

impl Fields<'_> {
    /// Returns how many rows a dataset has.
    pub(super) fn rows(&self, dataset: usize) -> u64 {
        let spec = &self.specs[dataset];
        let volumes = &self.contract.volumes;
        match &self.stored[dataset] {
            // Those stored are all there are; whoever asks this dataset for more was told.
            Some(stored) if !self.is_hybrid(dataset) => {
                match volumes.by_dataset.get(&spec.name.value) {
                    Some(Volume::Rows(rows)) => stored.rows().min(*rows),
                    _ => stored.rows(),
                }
            }
            _ => volumes.rows(&spec.name, spec.rows),
        }
    }

    /// Returns how many rows the generators of a dataset make.
    pub(super) fn generated(&self, dataset: usize) -> u64 {
        match &self.stored[dataset] {
            Some(_) if !self.is_hybrid(dataset) => 0,
            Some(stored) if self.rows(dataset) <= stored.rows() => 0,
            _ => self.rows(dataset),
        }
    }

    /// Returns where a dataset's rows come from; `None` after telling what is wrong.
    pub(super) fn row_source(&mut self, dataset: usize) -> Option<RowSource> {
        if let Some(stored) = self.stored[dataset].clone() {
            self.check_stored(dataset, &stored)?;
        }
        let columns: Option<Vec<_>> =
            (0..self.specs[dataset].fields.len()).map(|at| self.column(dataset, at)).collect();
        Some(RowSource::new(columns?, self.rows(dataset)))
    }

    /// Returns the values of a field, wherever they come from.
    pub(super) fn column(&mut self, dataset: usize, at: usize) -> Option<Arc<dyn Cells>> {
        let Some(stored) = self.stored[dataset].clone() else { return self.cells(dataset, at) };
        let column = StoredColumn::of(&stored, &self.specs[dataset].fields[at].name.value)?;
        let indices = match self.generated(dataset) {
            0 => Arc::new(Indices::new(stored.rows(), &[])),
            _ => self.indices(dataset, &stored)?,
        };
        let generated = self.cells(dataset, at)?;
        Some(Arc::new(ChainedColumn::new(column, generated, indices)))
    }

    /// Finds the rows of the generators that repeat nothing of the stored ones, wherever fields are unique.
    fn indices(&mut self, dataset: usize, stored: &Arc<StoredRows>) -> Option<Arc<Indices>> {
        if let Some(found) = self.behind.get(&dataset) {
            return found.clone();
        }
        // A unique field that references its own dataset would ask again: it has no answer.
        self.behind.insert(dataset, None);
        let found = self.find_indices(dataset, stored).map(Arc::new);
        self.behind.insert(dataset, found.clone());
        found
    }

    fn find_indices(&mut self, dataset: usize, stored: &Arc<StoredRows>) -> Option<Indices> {
        let mut groups = Vec::new();
        for names in self.unique_together(dataset) {
            let mut columns = Vec::new();
            let mut room = u64::MAX;
            for name in &names {
                let field =
                    self.specs[dataset].fields.iter().position(|one| one.name.value == *name);
                let cells = self.cells(dataset, field?)?;
                room = room.min(cells.rows());
                columns.push((StoredColumn::of(stored, name)?, cells));
            }
            let kept: HashSet<Vec<String>> = (0..stored.rows())
                .filter_map(|row| key(columns.iter().map(|(column, _)| column as &dyn Cells), row))
                .collect();
            groups.push((names, columns, room, kept));
        }
        let first = stored.rows();
        let wanted = self.rows(dataset) - first;
        let (mut index, mut left_out) = (first, Vec::new());
        while index - first - (left_out.len() as u64) < wanted {
            if let Some((names, .., room, _)) = groups.iter().find(|(.., room, _)| *room <= index) {
                self.tell_room(dataset, names, *room);
                return None;
            }
            let repeats = groups.iter().any(|(_, columns, _, kept)| {
                key(columns.iter().map(|(_, cells)| &**cells), index)
                    .is_some_and(|key| kept.contains(&key))
            });
            if repeats {
                left_out.push(index);
            }
            index += 1;
        }
        Some(Indices::new(first, &left_out))
    }

    /// Returns all groups of fields that are unique, those of one field among them.
    fn unique_together(&self, dataset: usize) -> Vec<Vec<String>> {
        let uniqueness = &self.uniqueness[dataset];
        let alone = uniqueness.fields.iter().map(|(name, _)| vec![name.clone()]);
        alone.chain(uniqueness.groups.iter().map(|group| group.fields.clone())).collect()
    }

    fn tell_room(&mut self, dataset: usize, names: &[String], room: u64) {
        let spec = &self.specs[dataset];
        let message = format!(
            "`{}` has too few values for {} of `{}` that are different from the stored ones: its generator has {}",
            names.join("`, `"),
            counted(self.rows(dataset), "row"),
            spec.name.value,
            counted(room, "value"),
        );
        self.diagnostics.push(
            Diagnostic::new("plan::capacity", message)
                .at(&spec.name.origin)
                .help("ask for fewer rows, or widen the generator"),
        );
    }

    fn is_hybrid(&self, dataset: usize) -> bool {
        self.specs[dataset].data_source == DataSource::Hybrid
    }

    /// Proves that stored rows are rows of the dataset; `None` after telling why not.
    fn check_stored(&mut self, dataset: usize, stored: &Arc<StoredRows>) -> Option<()> {
        let before = self.diagnostics.len();
        let specs = self.specs;
        let spec = &specs[dataset];
        let name = &spec.name.value;
        let mut tell = |code: &'static str, message: String, help: &str| {
            let diagnostic = Diagnostic::new(code, message).at(&spec.name.origin).help(help);
            self.diagnostics.push(diagnostic);
        };
        if spec.data_source == DataSource::Synthetic {
            tell(
                "plan::stored_rows",
                format!("there are stored rows of `{name}`, whose source is `synthetic`"),
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
        if self.generated(dataset) > 0 && !matches!(self.arranged[dataset], Arranged::Plain)
            || self.is_dealt(dataset)
        {
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
            let mut seen = HashSet::new();
            let twice = (0..rows).find(|row| {
                key(columns.iter().map(|column| column as &dyn Cells), *row)
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

    /// Tells whether keys that share fields draw upon how the rows of a dataset were dealt.
    fn is_dealt(&self, dataset: usize) -> bool {
        if matches!(self.arranged[dataset], Arranged::Plain) {
            return false;
        }
        self.relationships.iter().enumerate().any(|(child, keys)| {
            let draws =
                self.generated(child) > 0 && !matches!(self.arranged[child], Arranged::Plain);
            draws && keys.iter().any(|(_, parent)| *parent == dataset)
        })
    }
}

/// Writes what must be unique in a row; `None` where a null lets it repeat.
fn key<'a>(columns: impl Iterator<Item = &'a dyn Cells>, row: u64) -> Option<Vec<String>> {
    let mut value = Value::Null;
    columns
        .map(|column| {
            column.write(row, &mut value);
            (!value.is_null()).then(|| value.to_string())
        })
        .collect()
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
