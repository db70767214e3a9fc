//! Where each dataset's rows come from: its generators, its stored rows, or both.

use std::collections::HashSet;
use std::sync::Arc;

use super::arranged::Arranged;
use super::behind::Behind;
use super::fields::Fields;
use crate::contract::Volume;
use crate::diagnostic::{Diagnostic, counted};
use crate::generate::Cells;
use crate::rows::{ChainedColumn, Indices, RowSource, StoredColumn, StoredRows};
use crate::spec::DataSource;
use crate::sql::{SqlType, literals};
use crate::value::Value;

impl Fields<'_> {
    /// Returns how many rows a dataset has.
    pub(super) fn rows(&self, dataset: usize) -> u64 {
        let spec = &self.specs[dataset];
        let volumes = &self.contract.volumes;
        let asked = || volumes.rows(&spec.name, spec.rows);
        match self.existing[dataset] {
            Some(there) if self.is_existing(dataset) => return there,
            // Nobody takes away what is there.
            Some(there) => return asked().max(there),
            None if self.is_given(dataset) => return spec.written.len() as u64,
            None => {}
        }
        match &self.stored[dataset] {
            // Those stored are all there are; whoever asks this dataset for more was told.
            Some(stored) if !self.is_hybrid(dataset) => {
                match volumes.by_dataset.get(&spec.name.value) {
                    Some(Volume::Rows(rows)) => stored.rows().min(*rows),
                    _ => stored.rows(),
                }
            }
            _ => asked(),
        }
    }

    /// Returns how many rows of a dataset are in its table already.
    pub(super) fn existing_rows(&self, dataset: usize) -> u64 {
        self.existing[dataset].unwrap_or(0)
    }

    /// Returns how many rows of a dataset keys can reference.
    pub(super) fn referable(&self, dataset: usize) -> u64 {
        match &self.stored[dataset] {
            Some(keys) if self.is_existing(dataset) => keys.rows(),
            _ => self.rows(dataset),
        }
    }

    /// Tells whether the rows of a dataset are given as they are.
    pub(super) fn is_given(&self, dataset: usize) -> bool {
        self.specs[dataset].data_source.is_given()
    }

    /// Tells whether all rows of a dataset are in its table already.
    pub(super) fn is_existing(&self, dataset: usize) -> bool {
        self.specs[dataset].data_source == DataSource::Existing
    }

    /// Returns over how many rows the generators of a dataset reach: those that are there come first.
    pub(super) fn generated(&self, dataset: usize) -> u64 {
        match &self.stored[dataset] {
            Some(_) if !self.is_hybrid(dataset) => 0,
            Some(stored) if self.rows(dataset) <= stored.rows() => 0,
            _ => self.rows(dataset),
        }
    }

    /// Returns how many rows the generators of a dataset make behind those that are there.
    pub(super) fn made_rows(&self, dataset: usize) -> u64 {
        let there = self.stored[dataset].as_ref().map_or(0, |stored| stored.rows());
        self.generated(dataset).saturating_sub(there)
    }

    /// Returns where a dataset's rows come from; `None` after telling what is wrong.
    pub(super) fn row_source(&mut self, dataset: usize) -> Option<RowSource> {
        if self.existing[dataset].is_some() {
            self.check_existing(dataset)?;
        } else if let Some(stored) = self.stored[dataset].clone() {
            self.check_stored(dataset, &stored)?;
        }
        if self.is_existing(dataset) {
            return Some(RowSource::new(Vec::new(), self.rows(dataset)));
        }
        if self.is_given(dataset) {
            self.check_fixed(dataset)?;
            self.check_written(dataset)?;
        }
        let columns: Option<Vec<_>> =
            (0..self.specs[dataset].fields.len()).map(|at| self.column(dataset, at)).collect();
        Some(RowSource::new(columns?, self.rows(dataset)))
    }

    /// Returns the values of a field, wherever they come from.
    pub(super) fn column(&mut self, dataset: usize, at: usize) -> Option<Arc<dyn Cells>> {
        if self.is_given(dataset) && !self.is_existing(dataset) {
            return self.written_column(dataset, at);
        }
        let Some(stored) = self.stored[dataset].clone() else { return self.cells(dataset, at) };
        if self.is_existing(dataset) {
            return self.existing_column(dataset, at, &stored);
        }
        let name = &self.specs[dataset].fields[at].name.value;
        let column = StoredColumn::of(&stored, name)?;
        let indices = match self.generated(dataset) {
            0 => Arc::new(Indices::new(stored.rows(), &[])),
            _ => self.indices(dataset, &stored)?.of(name),
        };
        let generated = self.cells(dataset, at)?;
        Some(Arc::new(ChainedColumn::new(column, generated, indices)))
    }

    /// Finds the rows of the generators that repeat nothing of the stored ones, wherever fields are unique.
    fn indices(&mut self, dataset: usize, stored: &Arc<StoredRows>) -> Option<Arc<Behind>> {
        if let Some(found) = self.behind.get(&dataset) {
            return found.clone();
        }
        // A unique field that references its own dataset would ask again: it has no answer.
        self.behind.insert(dataset, None);
        let found = self.find_indices(dataset, stored).map(Arc::new);
        self.behind.insert(dataset, found.clone());
        found
    }

    /// Tells whether the values of a field depend on those of others.
    fn is_arranged(&self, dataset: usize, name: &str) -> bool {
        let fields = &self.specs[dataset].fields;
        let field = fields.iter().position(|field| field.name.value == name);
        field.is_some_and(|field| self.arranged[dataset].origin(field).is_some())
    }

    fn find_indices(&mut self, dataset: usize, stored: &Arc<StoredRows>) -> Option<Behind> {
        let mut groups = Vec::new();
        for names in self.unique_together(dataset) {
            groups.push(self.group(dataset, stored, names)?);
        }
        let first = stored.rows();
        let wanted = self.rows(dataset) - first;
        let (mut index, mut left_out) = (first, Vec::new());
        let mut together: Vec<&Group> = groups.iter().collect();
        // Groups whose values come to an end: which place is the first without one, and what was left out before.
        let mut apart: Vec<(&Group, u64, Vec<u64>)> = Vec::new();
        loop {
            let place = index - first - left_out.len() as u64;
            if place >= wanted {
                break;
            }
            if let Some(at) = together.iter().position(|group| group.room <= index) {
                let group = together.remove(at);
                // The fields of a key come from one row of its parent, those of a group from one row here.
                let is_key = group.names.iter().any(|name| self.is_arranged(dataset, name));
                if is_key || groups.iter().any(|other| group.overlaps(other)) {
                    self.tell_room(dataset, group);
                    return None;
                }
                apart.push((group, place, left_out.clone()));
                continue;
            }
            if together.iter().any(|group| group.repeats(index)) {
                left_out.push(index);
            }
            index += 1;
        }
        let mut behind =
            Behind { together: Arc::new(Indices::new(first, &left_out)), apart: Vec::new() };
        for (group, from, left_out) in apart {
            // What was left out because of other fields is good for these, and so are the rows that the stored ones
            // stand in place of.
            let passed = left_out.iter().copied().chain(0..first.min(group.room));
            let free = passed.filter(|index| !group.repeats(*index));
            let missing = usize::try_from(wanted - from).unwrap_or(usize::MAX);
            let rest: Vec<u64> = free.take(missing).collect();
            if rest.len() < missing {
                self.tell_room(dataset, group);
                return None;
            }
            let indices = Indices::new(first, &left_out).and_then(from, rest);
            behind.apart.push((group.names.clone(), Arc::new(indices)));
        }
        Some(behind)
    }

    /// Returns what fields that are unique together hold.
    fn group(
        &mut self,
        dataset: usize,
        stored: &Arc<StoredRows>,
        names: Vec<String>,
    ) -> Option<Group> {
        let (mut columns, mut forms) = (Vec::new(), Forms::new());
        let (mut room, mut cells) = (u64::MAX, Vec::new());
        for name in &names {
            let field = self.specs[dataset].fields.iter().position(|one| one.name.value == *name);
            let made = self.cells(dataset, field?)?;
            forms.push(self.sql_type(dataset, field?)?);
            room = room.min(made.rows());
            columns.push(StoredColumn::of(stored, name)?);
            cells.push(made);
        }
        let forms = forms.with_nulls(self.nulls_equal(dataset, &names));
        let columns = || columns.iter().map(|column| column as &dyn Cells);
        let kept = (0..stored.rows()).filter_map(|row| key(columns(), &forms, row)).collect();
        Some(Group { names, cells, forms, room, kept })
    }

    /// Returns all groups of fields that are unique, those of one field among them.
    pub(super) fn unique_together(&self, dataset: usize) -> Vec<Vec<String>> {
        let uniqueness = &self.uniqueness[dataset];
        let alone = uniqueness.fields.iter().map(|(name, _)| vec![name.clone()]);
        alone.chain(uniqueness.groups.iter().map(|group| group.fields.clone())).collect()
    }

    fn tell_room(&mut self, dataset: usize, group: &Group) {
        let spec = &self.specs[dataset];
        let message = format!(
            "`{}` has too few values for {} of `{}` that are different from the stored ones: its generator has {}",
            group.names.join("`, `"),
            counted(self.rows(dataset), "row"),
            spec.name.value,
            counted(group.room, "value"),
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

    /// Tells whether rows that are there before others would have to agree with how the rows of keys were dealt.
    pub(super) fn is_dealt_behind(&self, dataset: usize) -> bool {
        let is_arranged = !matches!(self.arranged[dataset], Arranged::Plain);
        self.generated(dataset) > 0 && is_arranged || self.is_dealt(dataset)
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

/// Fields that are unique, alone or together.
struct Group {
    names: Vec<String>,
    cells: Vec<Arc<dyn Cells>>,
    forms: Forms,
    /// How many rows have different values.
    room: u64,
    /// What the stored rows hold.
    kept: HashSet<Vec<String>>,
}

impl Group {
    /// Tells whether a generated row repeats a stored one.
    fn repeats(&self, index: u64) -> bool {
        let made = key(self.cells.iter().map(|cells| &**cells), &self.forms, index);
        made.is_some_and(|made| self.kept.contains(&made))
    }

    /// Tells whether another group has some of the fields.
    fn overlaps(&self, other: &Self) -> bool {
        let is_other = !std::ptr::eq(self, other);
        is_other && other.names.iter().any(|name| self.names.contains(name))
    }
}

/// The types of what must be unique: equal values of some can be written in several ways.
#[derive(Clone, Debug, Default)]
pub(super) struct Forms {
    types: Vec<Option<SqlType>>,
    /// Whether nulls are equal, too.
    nulls_equal: bool,
}

impl Forms {
    pub(super) fn new() -> Self {
        Self::default()
    }

    pub(super) fn push(&mut self, sql_type: SqlType) {
        self.types.push(literals::has_forms(&sql_type).then_some(sql_type));
    }

    /// Says whether nulls are equal, too.
    pub(super) fn with_nulls(self, nulls_equal: bool) -> Self {
        Self { nulls_equal, ..self }
    }

    /// Returns the text that all values have which PostgreSQL takes for the same.
    fn of(&self, at: usize, value: &Value) -> String {
        if value.is_null() {
            // No text of PostgreSQL has this character.
            return "\0".to_owned();
        }
        let text = value.to_string();
        match self.types.get(at) {
            Some(Some(sql_type)) => literals::read(&text, sql_type).unwrap_or(text),
            _ => text,
        }
    }
}

/// Writes what must be unique in a row; `None` where a null lets it repeat.
pub(super) fn key<'a>(
    columns: impl Iterator<Item = &'a dyn Cells>,
    forms: &Forms,
    row: u64,
) -> Option<Vec<String>> {
    let mut value = Value::Null;
    columns
        .enumerate()
        .map(|(at, column)| {
            column.write(row, &mut value);
            (forms.nulls_equal || !value.is_null()).then(|| forms.of(at, &value))
        })
        .collect()
}
