//! Builds the fields of a plan: each with its generator, its uniqueness and its mask.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use super::arranged::{self, Arranged};
use super::behind::Behind;
use super::catalog::{Catalog, CatalogColumn, CatalogRows, CatalogTable, same_names};
use super::check;
use super::check_table;
use super::check_values;
use super::column::{Column, Member, Numbering, Numbers};
use super::existing;
use super::keys::Origin;
use super::masks::{FieldMask, Masking};
use super::resolved::{FieldPlan, Sequence};
use super::uniqueness::{self, Uniqueness};
use crate::contract::Contract;
use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::generate::{
    self, Build, Cells, FieldKey, Generator, GeneratorEntry, Referenced, UniqueBy,
};
use crate::rows::{Stored, StoredRows};
use crate::spec::{DataSource, DatasetSpec, Field, Relationship};
use crate::sql::SqlType;

/// The relationships of each dataset, with the datasets they reference.
pub(super) type Relationships<'a> = Vec<Vec<(&'a Relationship, usize)>>;

/// Builds fields on demand: a reference needs the field it references first, wherever that stands.
pub(super) struct Fields<'a> {
    pub(super) contract: &'a Contract,
    pub(super) specs: &'a [Arc<DatasetSpec>],
    pub(super) relationships: &'a Relationships<'a>,
    /// What masks are made with, where there are masks.
    masking: Option<Masking<'a>>,
    pub(super) catalog: &'a Catalog,
    pub(super) tables: Vec<Option<&'a CatalogTable>>,
    pub(super) uniqueness: Vec<Uniqueness>,
    /// What arranges each dataset's keys and groups.
    pub(super) arranged: Vec<Arranged>,
    /// How many rows of each dataset are in its table already; none where it has no such rows.
    pub(super) existing: Vec<Option<u64>>,
    /// The rows of each dataset that are stored, and of those that are in its table already what keys need.
    pub(super) stored: Vec<Option<Arc<StoredRows>>>,
    /// Which generated rows stand behind a dataset's stored ones, as far as that is known.
    pub(super) behind: HashMap<usize, Option<Arc<Behind>>>,
    /// The columns of rows that are written out, as far as they were read.
    pub(super) written: HashMap<(usize, usize), Option<Arc<dyn Cells>>>,
    /// The fields whose types are being looked for.
    pub(super) typing: Vec<(usize, String)>,
    built: HashMap<(usize, usize), Progress>,
    pub(super) diagnostics: &'a mut Diagnostics,
}

#[derive(Clone)]
enum Progress {
    Started,
    Failed,
    Done(Made),
}

/// A generator with all that a column adds to it, uniqueness excepted.
#[derive(Clone)]
pub(super) struct Made {
    entry: &'static GeneratorEntry,
    pub(super) generator: Arc<dyn Generator>,
    key: FieldKey,
    pub(super) sql_type: SqlType,
    pub(super) mask: Option<FieldMask>,
}

impl Made {
    /// Tells whether no two rows have the same value, because it has the row's index in it.
    pub(super) fn counts_rows(&self) -> bool {
        self.mask.is_none() && self.generator.unique_by() == UniqueBy::Row
    }
}

impl<'a> Fields<'a> {
    pub(super) fn new(
        contract: &'a Contract,
        specs: &'a [Arc<DatasetSpec>],
        relationships: &'a Relationships<'a>,
        masking: Option<Masking<'a>>,
        catalog: &'a Catalog,
        stored: &Stored,
        diagnostics: &'a mut Diagnostics,
    ) -> Self {
        let tables: Vec<_> = specs.iter().map(|spec| catalog.table(&spec.table)).collect();
        let uniqueness = (0..specs.len())
            .map(|dataset| {
                let referenced = relationships.iter().flatten().filter_map(|(key, parent)| {
                    let (_, referenced) = key.single().filter(|_| *parent == dataset)?;
                    Some(referenced.value.as_str())
                });
                let (spec, table) = (&specs[dataset], tables[dataset]);
                uniqueness::uniqueness(spec, table, catalog, referenced.collect())
            })
            .collect();
        let there = |dataset: usize, spec: &DatasetSpec, table: Option<&CatalogTable>| {
            let rows = table.and_then(|table| Some((table, catalog.rows_of(table)?)));
            match spec.data_source {
                DataSource::Existing => {
                    let unique = table.into_iter().flat_map(|table| table.unique.iter().flatten());
                    let names: HashSet<&str> = unique.map(String::as_str).collect();
                    let none = || (0, StoredRows::empty().with_columns(names.into_iter()));
                    let keys = |(table, rows): (&CatalogTable, &CatalogRows)| {
                        // A row without a value has nothing that a key could reference.
                        let keys = relationships.iter().flatten();
                        let referenced = keys.filter(|(_, parent)| *parent == dataset);
                        let names = referenced.flat_map(|(key, _)| &key.fields);
                        let names: HashSet<&str> = names.map(|name| name.value.as_str()).collect();
                        let keys = existing::keys(table, rows, contract.as_of);
                        (rows.count, keys.without_nulls(&names))
                    };
                    Some(rows.map_or_else(none, keys))
                }
                DataSource::Hybrid => rows.map(|(table, rows)| {
                    let names = spec.fields.iter().map(|field| field.name.value.as_str());
                    let keys = existing::keys(table, rows, contract.as_of).with_columns(names);
                    (rows.count, keys)
                }),
                _ => None,
            }
        };
        let (existing, stored) = specs
            .iter()
            .zip(&tables)
            .enumerate()
            .map(|(dataset, (spec, table))| match there(dataset, spec, *table) {
                Some((count, keys)) => (Some(count), Some(Arc::new(keys))),
                None => (None, stored.get(&spec.name.value).cloned()),
            })
            .unzip();
        let arranged = vec![Arranged::Plain; specs.len()];
        Self {
            contract,
            specs,
            relationships,
            masking,
            catalog,
            tables,
            uniqueness,
            arranged,
            existing,
            stored,
            behind: HashMap::new(),
            written: HashMap::new(),
            typing: Vec::new(),
            built: HashMap::new(),
            diagnostics,
        }
    }

    /// Returns the primary key of a table made from its definition.
    pub(super) fn primary_key(&self, dataset: usize) -> Vec<String> {
        self.uniqueness[dataset].primary_key.clone()
    }

    /// Returns the groups that get a unique constraint in a table made from its definition.
    pub(super) fn unique_groups(&self, dataset: usize) -> Vec<Vec<String>> {
        let uniqueness = &self.uniqueness[dataset];
        let groups = uniqueness.groups.iter().map(|group| &group.fields);
        groups.filter(|group| !same_names(group, &uniqueness.primary_key)).cloned().collect()
    }

    /// Builds all fields of a dataset; `None` after telling what is wrong.
    pub(super) fn dataset(&mut self, dataset: usize) -> Option<Vec<FieldPlan>> {
        if self.is_existing(dataset) {
            return self.existing_fields(dataset);
        }
        let spec = &self.specs[dataset];
        match self.tables[dataset] {
            Some(table) => {
                check_table::columns(spec, table, self.diagnostics);
                check_table::foreign_keys(spec, table, self.catalog, self.diagnostics);
                let relationships: Vec<_> = self.relationships[dataset]
                    .iter()
                    .map(|(relationship, parent)| (*relationship, &*self.specs[*parent]))
                    .collect();
                check_table::targets(&relationships, table, self.catalog, self.diagnostics);
            }
            None => {
                check_table::partition(spec, self.catalog, self.diagnostics);
                check_table::name(spec, self.catalog, self.diagnostics);
            }
        }
        check_table::types(spec, self.tables[dataset], self.catalog, self.diagnostics);
        check_table::constraints(spec, self.tables[dataset], self.diagnostics);
        self.check_equal_nulls(dataset);
        let plans: Vec<Option<FieldPlan>> =
            (0..spec.fields.len()).map(|at| self.field_of(dataset, at)).collect();
        if matches!(self.arranged[dataset], Arranged::Plain) && !self.is_given(dataset) {
            self.groups(dataset);
        }
        plans.into_iter().collect()
    }

    fn field_of(&mut self, dataset: usize, at: usize) -> Option<FieldPlan> {
        match self.is_given(dataset) {
            true => self.written_field(dataset, at),
            false => self.field(dataset, at),
        }
    }

    /// Builds a field whose generator makes its values.
    pub(super) fn field(&mut self, dataset: usize, at: usize) -> Option<FieldPlan> {
        let made = self.made(dataset, at)?;
        let cells = self.cells(dataset, at)?;
        let rows = self.generated(dataset);
        let spec = &self.specs[dataset];
        let field = &spec.fields[at];
        let column = self.catalog_column(dataset, field);
        let unique = self.uniqueness[dataset].alone(&field.name);
        let composite = match &self.arranged[dataset] {
            Arranged::Plain => self.shuffled_group(dataset, &field.name).is_some(),
            _ => self.arranged[dataset].numbers(at).is_some(),
        };
        if self.arranged[dataset].origin(at).is_some() {
            self.check_references(dataset, at, &made.sql_type);
        }
        let subject = check::Subject {
            spec,
            field,
            column,
            sql_type: &made.sql_type,
            rows,
            made_rows: self.made_rows(dataset),
            unique,
            composite,
            grouped: self.uniqueness[dataset].is_grouped(&field.name),
            masked: made.mask.is_some(),
            primary_key: self.uniqueness[dataset].primary_key.contains(&field.name.value),
        };
        let before = self.diagnostics.len();
        check::values(&subject, &*made.generator, &*cells, self.diagnostics);
        if self.diagnostics.len() == before {
            check_values::fit(&subject, &*cells, self.diagnostics);
            check_values::differ(&subject, &*made.generator, self.diagnostics);
        }
        if let Some(mask) = &made.mask {
            check::mask(&subject, mask, made.generator.kind(), self.diagnostics);
        }
        let counts = made.generator.counts().filter(|_| made.mask.is_none());
        let sequence = counts.map(|(start, step)| Sequence { start, step });
        Some(FieldPlan {
            name: field.name.value.clone(),
            sql_type: made.sql_type,
            nullable: field.is_nullable(),
            unique: unique.is_some(),
            sequence,
            mask: made.mask.map(|mask| mask.technique),
            generator: made.entry.name,
            cells,
        })
    }

    /// The values of a field as its generator makes them.
    pub(super) fn cells(&mut self, dataset: usize, field: usize) -> Option<Arc<dyn Cells>> {
        let made = self.made(dataset, field)?;
        let name = self.specs[dataset].fields[field].name.value.clone();
        let shuffled = |numbering: Option<Numbering>| numbering.map(Numbers::Shuffled);
        let numbering = if self.uniqueness[dataset].alone(&name).is_some() {
            let numbered = made.generator.unique_by() == UniqueBy::Number;
            shuffled(numbered.then(|| Numbering::alone(&made.key, made.generator.capacity())))
        } else if matches!(self.arranged[dataset], Arranged::Plain) {
            shuffled(self.composite_numbering(dataset, &name))
        } else {
            self.arranged[dataset].numbers(field).map(Numbers::Arranged)
        };
        let null_probability = self.specs[dataset].fields[field].null_probability;
        let mask = made.mask.map(|mask| mask.mask);
        let column = Column::new(made.key, made.generator, numbering, null_probability, mask);
        Some(Arc::new(column))
    }

    /// The part of a field in keeping its group apart, if it has one.
    fn composite_numbering(&mut self, dataset: usize, name: &str) -> Option<Numbering> {
        let group = self.shuffled_group(dataset, name)?;
        let at = group.iter().position(|member| member == name)?;
        let member = |made: &Made| Member {
            capacity: made.generator.capacity(),
            masked: made.mask.is_some(),
        };
        let members: Vec<Member> = self.members(dataset, &group)?.iter().map(member).collect();
        let rows = self.rows(dataset);
        let dataset = &self.specs[dataset].name;
        let key = FieldKey::derive(self.contract.seed, dataset, &group.join(","), "composite", 1);
        Numbering::shared(&key, &members, at, rows)
    }

    /// The group of a field that only a shuffle of its combinations keeps apart.
    fn shuffled_group(&mut self, dataset: usize, name: &str) -> Option<Vec<String>> {
        let mut groups = self.uniqueness[dataset].composites.clone();
        groups.retain(|group| group.iter().any(|member| member == name));
        groups.into_iter().find(|group| self.is_shuffled(dataset, group))
    }

    /// The groups but those of which a field writes the row's index into its values: rows differ in
    /// that field already.
    fn shuffled_groups(&mut self, dataset: usize) -> Vec<Vec<String>> {
        let mut groups = self.uniqueness[dataset].composites.clone();
        groups.retain(|group| self.is_shuffled(dataset, group));
        groups
    }

    fn is_shuffled(&mut self, dataset: usize, group: &[String]) -> bool {
        self.members(dataset, group).is_some_and(|members| !members.iter().any(Made::counts_rows))
    }

    /// The fields of a group; `None` when one of them could not be made, which was told.
    fn members(&mut self, dataset: usize, group: &[String]) -> Option<Vec<Made>> {
        let spec = &self.specs[dataset];
        group
            .iter()
            .map(|member| {
                let at = spec.fields.iter().position(|field| field.name.value == *member)?;
                self.made(dataset, at)
            })
            .collect()
    }

    /// Proves that the groups of a dataset can be kept apart.
    fn groups(&mut self, dataset: usize) {
        let groups = self.shuffled_groups(dataset);
        let (spec, rows) = (&self.specs[dataset], self.made_rows(dataset));
        for group in &groups {
            let Some(members) = self.members(dataset, group) else { continue };
            let makers: Vec<&dyn Generator> = members.iter().map(|made| &*made.generator).collect();
            uniqueness::combinations(spec, group, &makers, rows, self.diagnostics);
        }
    }

    /// Returns the type of a field; `None` after telling why it has none.
    pub(super) fn sql_type(&mut self, dataset: usize, field: usize) -> Option<SqlType> {
        let specs = self.specs;
        match self.is_given(dataset) {
            true => self.written_type(dataset, &specs[dataset].fields[field]),
            false => self.made(dataset, field).map(|made| made.sql_type),
        }
    }

    /// Finds out how a field is made; `None` after telling what is wrong, and for rows that nobody makes.
    pub(super) fn made(&mut self, dataset: usize, field: usize) -> Option<Made> {
        let spec = &self.specs[dataset];
        let one = &spec.fields[field];
        let is_made = one.generator.is_some() || spec.relationship(&one.name).is_some();
        if self.is_given(dataset) && (self.is_existing(dataset) || !is_made) {
            return None;
        }
        match self.built.get(&(dataset, field)) {
            Some(Progress::Done(made)) => return Some(made.clone()),
            Some(Progress::Failed) => return None,
            Some(Progress::Started) => {
                let spec = &self.specs[dataset];
                let name = &spec.fields[field].name;
                let message = format!(
                    "the value of `{}.{}` would depend on itself through its references",
                    spec.name.value, name.value
                );
                self.diagnostics.push(
                    Diagnostic::new("plan::circular_reference", message)
                        .at(&name.origin)
                        .help("let one of the fields have a generator of its own"),
                );
                return None;
            }
            None => {}
        }
        self.built.insert((dataset, field), Progress::Started);
        let made = self.make(dataset, field);
        let progress = made.clone().map_or(Progress::Failed, Progress::Done);
        self.built.insert((dataset, field), progress);
        made
    }

    fn make(&mut self, dataset: usize, field: usize) -> Option<Made> {
        let spec = Arc::clone(&self.specs[dataset]);
        let origin = self.arranged[dataset].origin(field);
        let source = origin.as_ref().and_then(|(_, origin)| self.source(dataset, *origin, field));
        let field = &spec.fields[field];
        let is_key = spec.relationship(&field.name).is_some();
        let relationship = spec.relationship(&field.name).and_then(|relationship| {
            let mut relationships = self.relationships[dataset].iter();
            relationships.find(|(one, _)| std::ptr::eq(*one, relationship)).copied()
        });
        if is_key && matches!(self.arranged[dataset], Arranged::Refused) {
            return None;
        }
        let referenced = match (&source, relationship) {
            (Some((parent, column, _)), _) => Some(self.values(*parent, *column)?),
            (None, Some((relationship, parent))) => {
                Some(self.referenced(&field.name, relationship, parent)?)
            }
            (None, None) => None,
        };
        let is_of_nothing = referenced.as_ref().is_some_and(|(referenced, _)| referenced.rows == 0);
        if is_of_nothing
            && let Some((relationship, parent)) = relationship
            && self.is_existing(parent)
        {
            self.tell_empty(field, relationship, parent);
            return None;
        }
        let entry = generate::entry(field, self.diagnostics)?;
        let parent_type = referenced.as_ref().map(|(_, sql_type)| sql_type.clone());
        let sql_type =
            self.catalog.field_type(self.tables[dataset], field).or_else(|| parent_type.clone())?;
        if let Some((relationship, parent_type)) = relationship.zip(parent_type.as_ref())
            && origin.is_none()
        {
            let key = (relationship.0, &*self.specs[relationship.1], parent_type);
            let table_exists = self.tables[dataset].is_some();
            check::foreign_key(field, &sql_type, table_exists, key, self.diagnostics);
        }
        let key = FieldKey::derive(
            self.contract.seed,
            &spec.name,
            source.as_ref().map_or(&field.name.value, |(_, _, name)| name),
            entry.name,
            entry.version,
        );
        let rows = self.generated(dataset);
        let generator = (entry.build)(&mut Build {
            spec: &spec,
            field,
            sql_type: &sql_type,
            key,
            as_of: self.contract.as_of,
            rows,
            referenced: referenced.map(|(referenced, _)| referenced),
            diagnostics: self.diagnostics,
        })?;
        let generator = match origin {
            Some((arrangement, origin)) => arranged::reference(arrangement, origin, generator),
            None => generator,
        };
        let mask = match &self.masking {
            Some(masking) => masking.mask(&spec, field, &sql_type, self.diagnostics)?,
            None => None,
        };
        Some(Made { entry, generator, key, sql_type, mask })
    }

    /// The dataset and field whose values a field of an arranged key takes, and the name by which it draws.
    fn source(
        &self,
        dataset: usize,
        origin: Origin,
        field: usize,
    ) -> Option<(usize, usize, String)> {
        let name = &self.specs[dataset].fields[field].name.value;
        match origin {
            Origin::Own => None,
            Origin::Class { dataset: parent, column, .. } => Some((parent, column, name.clone())),
            Origin::Key(key) => {
                let relation = self.arranged[dataset].relation(key)?;
                let (relationship, parent) = self.relationships[dataset].get(relation)?;
                let referenced = relationship.referenced(name)?;
                let fields = &self.specs[*parent].fields;
                let column =
                    fields.iter().position(|field| field.name.value == referenced.value)?;
                // All fields of a key share what they start from, so that they are null together.
                let names: Vec<&str> =
                    relationship.foreign_key.iter().map(|name| name.value.as_str()).collect();
                Some((*parent, column, names.join(",")))
            }
        }
    }

    /// The values and type of the field that a relationship references.
    fn referenced(
        &mut self,
        field: &str,
        relationship: &Relationship,
        parent: usize,
    ) -> Option<(Referenced, SqlType)> {
        let spec = Arc::clone(&self.specs[parent]);
        let name = relationship.referenced(field)?;
        // What is missing is told with all targets.
        let at = spec.fields.iter().position(|field| field.name.value == name.value)?;
        self.values(parent, at)
    }

    /// The values of a field, wherever they come from, and their type.
    fn values(&mut self, dataset: usize, field: usize) -> Option<(Referenced, SqlType)> {
        let sql_type = self.sql_type(dataset, field)?;
        let cells = self.column(dataset, field)?;
        // Of rows that it has no values for, which is told, none can be referenced.
        let rows = self.referable(dataset).min(cells.rows());
        let spec = &self.specs[dataset];
        let (dataset, field) = (spec.name.value.clone(), spec.fields[field].name.value.clone());
        Some((Referenced { dataset, field, cells, rows }, sql_type))
    }

    /// Proves that a field can hold all that the keys it is part of reference.
    fn check_references(&mut self, dataset: usize, at: usize, sql_type: &SqlType) {
        let specs = self.specs;
        let field = &specs[dataset].fields[at];
        for (relationship, parent) in self.relationships[dataset].clone() {
            let Some(name) = relationship.referenced(&field.name) else { continue };
            let fields = &specs[parent].fields;
            let Some(column) = fields.iter().position(|one| one.name.value == name.value) else {
                continue;
            };
            let Some(parent_type) = self.sql_type(parent, column) else { continue };
            let key = (relationship, &*specs[parent], &parent_type);
            let table_exists = self.tables[dataset].is_some();
            check::foreign_key(field, sql_type, table_exists, key, self.diagnostics);
        }
    }

    fn catalog_column(&self, dataset: usize, field: &Field) -> Option<&'a CatalogColumn> {
        self.tables[dataset].and_then(|table| table.column(&field.name))
    }
}
