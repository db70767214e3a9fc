//! Where each dataset's rows come from: its generators, its stored rows, or both.

use std::collections::HashSet;
use std::sync::Arc;

use super::arranged::Arranged;
use super::check::counted;
use super::fields::Fields;
use crate::contract::Volume;
use crate::diagnostic::Diagnostic;
use crate::generate::{Cells, Value};
use crate::rows::{ChainedColumn, Indices, RowSource, StoredColumn, StoredRows};
use crate::spec::DataSource;

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
    pub(super) fn unique_together(&self, dataset: usize) -> Vec<Vec<String>> {
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

    /// Tells whether keys that share fields draw upon how the rows of a dataset were dealt.
    pub(super) fn is_dealt(&self, dataset: usize) -> bool {
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
pub(super) fn key<'a>(
    columns: impl Iterator<Item = &'a dyn Cells>,
    row: u64,
) -> Option<Vec<String>> {
    let mut value = Value::Null;
    columns
        .map(|column| {
            column.write(row, &mut value);
            (!value.is_null()).then(|| value.to_string())
        })
        .collect()
}
