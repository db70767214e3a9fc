//! Asks how the keys and groups of datasets can be met: what that needs to know, and what it answers.

use std::collections::HashSet;
use std::sync::Arc;

use super::arranged::Arranged;
use super::catalog::same_names;
use super::fields::{Fields, Made};
use super::keys::{ColumnShape, KeyShape, Shape, UniqueShape, arrange};
use super::refusals;
use crate::diagnostic::Diagnostic;
use crate::generate::{Distribution, FieldKey, UniqueBy};
use crate::rows::StoredColumn;
use crate::spec::{Field, Relationship};

impl Fields<'_> {
    /// Arranges the datasets, where one of them needs it, and tells what cannot be.
    pub(super) fn arrange(&mut self) {
        let count = self.specs.len();
        let mut needing: Vec<bool> =
            (0..count).map(|dataset| self.needs_arranging(dataset)).collect();
        let lacking: Vec<bool> = (0..count).map(|dataset| self.lacks_parent(dataset)).collect();
        if lacking.contains(&true) {
            // What is missing was told. What else depends on it is not known.
            for (needing, lacking) in needing.iter_mut().zip(lacking) {
                *needing |= lacking;
            }
            for (arranged, needing) in self.arranged.iter_mut().zip(needing) {
                *arranged = if needing { Arranged::Refused } else { Arranged::Plain };
            }
            return;
        }
        if !needing.contains(&true) {
            return;
        }
        let (shapes, relations): (Vec<Shape>, Vec<Vec<usize>>) =
            (0..count).map(|dataset| self.shape(dataset)).unzip();
        let answers = arrange(&shapes);
        for (dataset, answer) in answers.iter().enumerate() {
            let relations = relations[dataset].clone();
            self.arranged[dataset] = match answer {
                _ if !needing[dataset] => Arranged::Plain,
                Ok(arrangement) if arrangement.is_idle() && !self.groups_overlap(dataset) => {
                    Arranged::Plain
                }
                Ok(arrangement) => Arranged::By(Arc::new(arrangement.clone()), relations),
                Err(_) => Arranged::Refused,
            };
        }
        for (dataset, answer) in answers.iter().enumerate() {
            let Err(refused) = answer else { continue };
            // Where a parent was refused, what follows from it is not told.
            let is_refused = |key: &KeyShape| {
                key.parent != dataset && matches!(self.arranged[key.parent], Arranged::Refused)
            };
            let follows = shapes[dataset].keys.iter().any(is_refused);
            if matches!(self.arranged[dataset], Arranged::Plain)
                || follows && !in_circle(&shapes, dataset)
            {
                continue;
            }
            for refusal in refused {
                let told = refusals::Told {
                    specs: self.specs,
                    shapes: &shapes,
                    answers: &answers,
                    relations: &relations,
                    dataset,
                };
                self.diagnostics.push(told.diagnostic(refusal));
            }
        }
    }

    /// Tells whether a dataset references one that has mistakes of its own, or that is not there.
    fn lacks_parent(&self, dataset: usize) -> bool {
        self.relationships[dataset].len() < self.specs[dataset].relationships.len()
    }

    /// Tells whether a dataset has keys of several fields, shares fields between keys, is declared to be referenced by
    /// several fields, or has groups that overlap.
    fn needs_arranging(&mut self, dataset: usize) -> bool {
        if self.is_given(dataset) {
            return false;
        }
        let relationships = &self.relationships[dataset];
        let uniqueness = &self.uniqueness[dataset];
        let shared = |(one, _): &(&Relationship, usize)| {
            let others = relationships.iter().filter(|(other, _)| !std::ptr::eq(*other, *one));
            let fields =
                |name: &str| others.clone().any(|(other, _)| other.referenced(name).is_some());
            one.foreign_key.iter().any(|field| fields(field))
        };
        relationships.iter().any(|(one, _)| one.foreign_key.len() > 1)
            || relationships.iter().any(shared)
            || uniqueness.groups.iter().any(|group| group.target)
            || self.groups_overlap(dataset)
    }

    /// Tells whether two groups that a shuffle must keep apart have a field in common.
    fn groups_overlap(&mut self, dataset: usize) -> bool {
        if self.uniqueness[dataset].composites.len() < 2 {
            return false;
        }
        let mut groups = self.uniqueness[dataset].composites.clone();
        groups.retain(|group| !group.iter().any(|name| self.counts_rows(dataset, name)));
        groups.iter().enumerate().any(|(at, group)| {
            let others = groups[at + 1..].iter().flatten();
            others.into_iter().any(|field| group.contains(field))
        })
    }

    /// Tells whether a field has a generator of its own that writes the row's index into its values.
    fn counts_rows(&mut self, dataset: usize, name: &str) -> bool {
        let spec = &self.specs[dataset];
        let place = spec.fields.iter().position(|field| field.name.value == *name);
        let own = place.filter(|_| spec.relationship(name).is_none());
        own.and_then(|field| self.made(dataset, field)).is_some_and(|made| made.counts_rows())
    }

    /// What arranging needs to know of a dataset, and which relationships its keys are.
    fn shape(&mut self, dataset: usize) -> (Shape, Vec<usize>) {
        let spec = Arc::clone(&self.specs[dataset]);
        let place = |name: &str| spec.fields.iter().position(|field| field.name.value == name);
        let mut keys = Vec::new();
        let mut relations = Vec::new();
        for (at, (relationship, parent)) in self.relationships[dataset].iter().enumerate() {
            let referenced = &self.specs[*parent].fields;
            let referenced = relationship
                .fields
                .iter()
                .map(|name| referenced.iter().position(|field| field.name.value == name.value));
            let columns: Option<Vec<usize>> =
                relationship.foreign_key.iter().map(|name| place(name)).collect();
            let (Some(columns), Some(referenced)) = (columns, referenced.collect()) else {
                continue;
            };
            if columns.iter().any(|column| is_null(&spec.fields[*column]))
                || self.is_given(dataset)
                || self.follows(dataset, relationship)
            {
                continue;
            }
            let distribution = Distribution::Uniform;
            keys.push(KeyShape { columns, parent: *parent, referenced, distribution });
            relations.push(at);
        }
        let owners =
            |column: usize| keys.iter().filter(|key| key.columns.contains(&column)).count();
        // A key that is one field of its own is made unique as any field is.
        let is_plain = |column: usize| {
            keys.iter().all(|key| {
                !key.columns.contains(&column) || key.columns.len() == 1 && owners(column) == 1
            })
        };
        let uniqueness = &self.uniqueness[dataset];
        // Rows that are there are as they are.
        let groups: &[_] = if self.is_given(dataset) { &[] } else { &uniqueness.groups };
        let mut unique: Vec<UniqueShape> = groups
            .iter()
            .map(|group| UniqueShape {
                columns: group.fields.iter().filter_map(|name| place(name)).collect(),
                target: group.target,
            })
            .collect();
        let alone: Vec<bool> =
            spec.fields.iter().map(|field| uniqueness.alone(&field.name).is_some()).collect();
        for (column, _) in alone.iter().enumerate().filter(|(_, alone)| **alone) {
            if !is_plain(column) {
                unique.push(UniqueShape { columns: vec![column], target: false });
            }
        }
        let mut columns = Vec::new();
        for (column, field) in spec.fields.iter().enumerate() {
            // Fields of keys are made once it is known how their rows are chosen.
            let is_own = spec.relationship(&field.name).is_none();
            let made = is_own.then(|| self.made(dataset, column)).flatten();
            let by_row = made.as_ref().is_some_and(Made::counts_rows);
            let numbered =
                made.as_ref().filter(|made| made.generator.unique_by() == UniqueBy::Number);
            columns.push(ColumnShape {
                name: field.name.value.clone(),
                alone: by_row || alone[column] && is_plain(column),
                nullable: field.is_nullable(),
                values: numbered.map(|made| made.generator.capacity()),
                masked: made.as_ref().is_some_and(|made| made.mask.is_some()),
            });
        }
        for (key, relation) in keys.clone().iter().zip(&relations) {
            let shared = |column: &usize| {
                keys.iter().filter(|other| other.columns.contains(column)).count() > 1
            };
            let own: Vec<&usize> = key.columns.iter().filter(|column| !shared(column)).collect();
            let says = if own.is_empty() { key.columns.iter().collect() } else { own };
            let distribution = self.distribution(dataset, *relation, &says);
            if let Some(key) = relations.iter().position(|one| one == relation) {
                keys[key].distribution = distribution;
            }
        }
        let key = FieldKey::derive(self.contract.seed, &spec.name, "", "arrangement", 1);
        (Shape { key, rows: self.referable(dataset), columns, keys, unique }, relations)
    }

    /// Tells whether a key is met wherever another one is: the other has its fields among its own, references rows that
    /// are there already, and these have the key, too, or hold nothing else than it references.
    fn follows(&self, dataset: usize, relationship: &Relationship) -> bool {
        let [own] = &relationship.foreign_key[..] else { return false };
        let Some((_, parent)) =
            self.relationships[dataset].iter().find(|(one, _)| std::ptr::eq(*one, relationship))
        else {
            return false;
        };
        self.relationships[dataset].iter().any(|(other, middle)| {
            let Some(field) = other.referenced(own).filter(|_| other.foreign_key.len() > 1) else {
                return false;
            };
            let table = self.tables[*middle].filter(|_| self.is_existing(*middle));
            let key = table.and_then(|table| table.foreign_key(std::slice::from_ref(&field.value)));
            let referenced = &*relationship.fields[0].value;
            let has_key = key.is_some_and(|key| {
                self.tables[*parent].is_some_and(|table| table.name == key.references)
                    && same_names(&key.referenced_columns, &[referenced])
            });
            let are_there = self.is_existing(*middle) && self.is_existing(*parent);
            has_key || are_there && self.holds_only(*middle, &field.value, *parent, referenced)
        })
    }

    /// Tells whether rows that are there hold nothing in a column but what others hold in theirs.
    fn holds_only(&self, dataset: usize, column: &str, other: usize, its_column: &str) -> bool {
        let values = |dataset: usize, column: &str| -> Option<HashSet<String>> {
            let stored = self.stored[dataset].as_ref()?;
            let column = StoredColumn::of(stored, column)?;
            Some(column.values(u64::MAX).map(ToString::to_string).collect())
        };
        let both = values(dataset, column).zip(values(other, its_column));
        both.is_some_and(|(held, known)| held.is_subset(&known))
    }

    /// How a key draws, as one of its fields says it; and whether its fields agree in how often they are null.
    fn distribution(
        &mut self,
        dataset: usize,
        relation: usize,
        columns: &[&usize],
    ) -> Distribution {
        let spec = &self.specs[dataset];
        let fields: Vec<&Field> = columns.iter().map(|column| &spec.fields[**column]).collect();
        let nullable: Vec<&&Field> = fields.iter().filter(|field| field.is_nullable()).collect();
        if let [first, others @ ..] = &nullable[..]
            && let Some(other) =
                others.iter().find(|other| other.null_probability != first.null_probability)
        {
            let key = self.relationships[dataset][relation].0.key_text();
            let message = format!(
                "`{}` and `{}` are null in different shares of the rows, and the key `{key}` is null as a whole",
                first.name.value, other.name.value
            );
            let help = "give both the same `null_probability`";
            let diagnostic = Diagnostic::new("plan::foreign_key", message).at(&other.name.origin);
            self.diagnostics.push(diagnostic.help(help));
        }
        let word = fields.iter().find_map(|field| field.parameters.get("distribution")?.as_text());
        // What is no distribution is told where the field is made.
        let known = Distribution::WORDS
            .iter()
            .find(|(known, _)| word.is_some_and(|word| known.eq_ignore_ascii_case(word)));
        known.map_or(Distribution::Uniform, |(_, distribution)| *distribution)
    }

    /// Proves that keys reference fields there are, and those of several fields what is unique, as PostgreSQL demands.
    pub(super) fn check_targets(&mut self) {
        for (relationship, parent) in self.relationships.iter().flatten() {
            let fields: Vec<&str> =
                relationship.fields.iter().map(|field| field.value.as_str()).collect();
            let spec = &self.specs[*parent];
            // Which columns the rows of migrations have is known only of a table that is there.
            let is_known = !self.is_existing(*parent) || self.tables[*parent].is_some();
            let fields_of = relationship.fields.iter().filter(|_| is_known);
            for name in fields_of.filter(|name| spec.field(name).is_none()) {
                let message = format!("`{}` has no field `{}`", spec.name.value, name.value);
                let names = spec.fields.iter().map(|field| field.name.value.as_str());
                self.diagnostics.push_with(|| {
                    Diagnostic::new("plan::unknown_field", message)
                        .at(&name.origin)
                        .did_you_mean(name, names)
                });
            }
            let unknown = fields.iter().find(|field| self.is_unknown_key(*parent, field));
            if let Some(field) = unknown.filter(|field| spec.field(field).is_some()) {
                let message = format!(
                    "`{}` references `{field}`, which is not unique in the table {}",
                    relationship.key_text(),
                    *spec.table
                );
                let help = "reference a column that is, or let a migration make it unique";
                let origin = &relationship.fields[0].origin;
                let diagnostic = Diagnostic::new("plan::foreign_key", message).at(origin);
                self.diagnostics.push(diagnostic.help(help));
                continue;
            }
            let uniqueness = &self.uniqueness[*parent];
            let is_key = uniqueness.is_key(&fields) || same_names(&uniqueness.primary_key, &fields);
            if fields.len() < 2 || is_key || fields.iter().any(|field| spec.field(field).is_none())
            {
                continue;
            }
            let message = format!(
                "`{}` references `{}`, and these fields are not unique together",
                relationship.key_text(),
                relationship.target_text()
            );
            let group = fields.join(", ");
            let help = match self.tables[*parent] {
                None => format!("add `unique: [[{group}]]` to the spec of `{}`", spec.name.value),
                Some(table) => {
                    format!("let a migration add UNIQUE ({group}) to the table {}", table.name)
                }
            };
            let origin = &relationship.fields[0].origin;
            let diagnostic = Diagnostic::new("plan::foreign_key", message).at(origin);
            self.diagnostics.push(diagnostic.help(help));
        }
    }
}

/// Tells whether a field is null in every row.
fn is_null(field: &Field) -> bool {
    field.generator.as_ref().is_some_and(|generator| generator.value == "null")
}

/// Tells whether a dataset references itself through others: then one of them must be told.
fn in_circle(shapes: &[Shape], dataset: usize) -> bool {
    let (mut waiting, mut seen) = (vec![dataset], Vec::new());
    while let Some(one) = waiting.pop() {
        for parent in shapes[one].keys.iter().map(|key| key.parent).filter(|parent| *parent != one)
        {
            if parent == dataset {
                return true;
            }
            if !seen.contains(&parent) {
                seen.push(parent);
                waiting.push(parent);
            }
        }
    }
    false
}
