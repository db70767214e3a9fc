//! Rows that are in tables before any data are loaded: which datasets they are, and what they hold.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use super::catalog::{Catalog, CatalogForeignKey, CatalogRows, CatalogTable, same_names};
use crate::definition::{Instant, Library};
use crate::diagnostic::{Diagnostic, Diagnostics, Located, Origin, counted};
use crate::generate::parse_value;
use crate::rows::StoredRows;
use crate::spec::{DataSource, DatasetSpec, Field, Node, NodeKind, OnDelete, Relationship};
use crate::sql::{Scalar, SqlType, TableName};
use crate::value::Value;

/// The datasets of a plan: those that definitions describe, and those that are just rows of a table.
pub(super) struct Resolved {
    pub(super) specs: Vec<Arc<DatasetSpec>>,
    /// The dataset that a relationship means which leads to no definition, by what it references.
    targets: HashMap<String, String>,
}

impl Resolved {
    /// Returns the dataset that a relationship references.
    pub(super) fn referenced<'a>(
        &'a self,
        library: &'a Library,
        relationship: &Relationship,
    ) -> Option<&'a str> {
        let target = || self.targets.get(&relationship.dataset.value).map(String::as_str);
        library.referenced(relationship).or_else(target)
    }
}

/// Finds out which rows of tables are datasets: those whose definitions say so, and those that keys reference though no
/// definition describes them. Tells where rows are in the way.
pub(super) fn resolve(
    specs: Vec<Arc<DatasetSpec>>,
    library: &Library,
    catalog: &Catalog,
    diagnostics: &mut Diagnostics,
) -> Resolved {
    let known = specs.iter().map(|spec| spec.name.value.clone()).collect();
    let mut work = Work { library, catalog, diagnostics, known, targets: HashMap::new() };
    let mut resolved: Vec<Arc<DatasetSpec>> =
        specs.into_iter().map(|spec| work.described(spec)).collect();
    let mut added = Vec::new();
    for spec in &mut resolved {
        if spec.data_source != DataSource::Existing {
            work.add_demanded_keys(spec, &mut added);
            work.find_targets(spec, &mut added);
        }
    }
    resolved.extend(added);
    Resolved { specs: resolved, targets: work.targets }
}

struct Work<'a> {
    library: &'a Library,
    catalog: &'a Catalog,
    diagnostics: &'a mut Diagnostics,
    /// The datasets there are so far.
    known: HashSet<String>,
    targets: HashMap<String, String>,
}

impl Work<'_> {
    /// Completes the spec of a dataset that a definition describes, where its rows are there already.
    fn described(&mut self, spec: Arc<DatasetSpec>) -> Arc<DatasetSpec> {
        let table = self.catalog.table(&spec.table);
        let rows = table.and_then(|table| self.catalog.rows_of(table));
        match (spec.data_source, table, rows) {
            (DataSource::Existing, Some(table), _) => {
                for field in &spec.fields {
                    self.check_column(field, table);
                }
                Arc::new(of_table(spec.name.clone(), spec.table.clone(), table, &spec.fields))
            }
            (DataSource::Existing, None, _) => {
                let name = &spec.name.value;
                let table = spec.table.written();
                let message = format!("`{name}` is `existing`, and no migration makes `{table}`");
                let help =
                    "name the table that has the rows, or let `rows` or generators make them";
                let diagnostic = Diagnostic::new("plan::existing", message).at(&spec.table.origin);
                self.diagnostics.push(diagnostic.help(help));
                spec
            }
            (DataSource::Hybrid, _, Some(rows)) => {
                // Of a table without a key nothing has to be known: whatever is added, no row is in its way.
                if !rows.is_whole() && !rows.columns.is_empty() {
                    let count = counted(rows.count, "row");
                    let message = format!(
                        "the table {} has {count} already: tdata reads the keys of {} at most",
                        rows.table,
                        CatalogRows::MOST
                    );
                    let help = "write `source: existing`, and reference the rows that are there";
                    let diagnostic =
                        Diagnostic::new("plan::existing", message).at(&spec.table.origin);
                    self.diagnostics.push(diagnostic.help(help));
                }
                spec
            }
            (_, _, Some(rows)) => {
                self.tell_in_the_way(&spec, rows);
                spec
            }
            _ => spec,
        }
    }

    fn check_column(&mut self, field: &Field, table: &CatalogTable) {
        let name = &field.name.value;
        if table.column(name).is_none() {
            let message = format!("the table {} has no column `{name}`", table.name);
            let columns = table.columns.iter().map(|column| column.name.as_str());
            let diagnostic = Diagnostic::new("plan::unknown_column", message);
            self.diagnostics.push(diagnostic.at(&field.name.origin).did_you_mean(name, columns));
        }
    }

    /// Tells that rows are where others were to be made.
    fn tell_in_the_way(&mut self, spec: &DatasetSpec, rows: &CatalogRows) {
        let (name, count) = (&spec.name.value, counted(rows.count, "row"));
        let message = format!("the table {} of `{name}` has {count} already", rows.table);
        let help = format!(
            "to reference and read those, write\nspec:\n  source: existing\n  table: {}\n\
             or write `source: hybrid` for generated rows behind them",
            spec.table.written()
        );
        let diagnostic = Diagnostic::new("plan::existing", message).at(&spec.table.origin);
        self.diagnostics.push(diagnostic.help(help));
    }

    /// Adds the keys that a table demands and its definition leaves out, where there are rows for them.
    fn add_demanded_keys(
        &mut self,
        spec: &mut Arc<DatasetSpec>,
        added: &mut Vec<Arc<DatasetSpec>>,
    ) {
        let catalog = self.catalog;
        let Some(table) = catalog.table(&spec.table) else { return };
        for key in &table.foreign_keys {
            // A column that the definition names may be part of another key; one with a generator is nobody's to take.
            let is_free = |name: &String| {
                spec.field(name).is_none_or(|field| {
                    field.generator.is_none() && spec.relationship(name).is_some()
                })
            };
            let is_demanded = |name: &String| {
                let column = table.column(name);
                column.is_some_and(|one| !one.nullable && !one.has_default && !one.generated)
            };
            let is_said = spec.relationships.iter().any(|one| {
                let columns: Vec<&str> =
                    one.foreign_key.iter().map(|name| name.value.as_str()).collect();
                same_names(&key.columns, &columns)
            });
            let is_implied = !is_said && key.columns.iter().all(is_free);
            if !is_implied || !key.columns.iter().any(is_demanded) {
                continue;
            }
            let Some(dataset) = self.rows_of_key(key, added) else { continue };
            let origin = |column: &str| {
                Origin::named(format!("column {column} of {}", table.name.written()))
            };
            let located = |name: &String| Located::new(name.clone(), origin(name));
            let spec = Arc::make_mut(spec);
            for name in &key.columns {
                if spec.field(name).is_none() {
                    spec.fields.push(Field::new(located(name)));
                }
            }
            spec.relationships.push(Relationship {
                foreign_key: key.columns.iter().map(located).collect(),
                dataset: Located::new(dataset, origin(&key.columns[0])),
                fields: key.referenced_columns.iter().map(located).collect(),
                on_delete: OnDelete::default(),
            });
        }
    }

    /// Returns the dataset whose rows a table's key references, where they are there already.
    fn rows_of_key(
        &mut self,
        key: &CatalogForeignKey,
        added: &mut Vec<Arc<DatasetSpec>>,
    ) -> Option<String> {
        let table = self.catalog.table(&key.references)?;
        self.catalog.rows_of(table)?;
        let mut specs = self.library.specs();
        let full = |name: &TableName| self.catalog.full_name(name);
        let Some(spec) = specs.find(|spec| full(&spec.table) == full(&table.name)) else {
            return Some(self.add(table, &key.references.name, &key.references, added));
        };
        if spec.data_source != DataSource::Existing {
            return None;
        }
        let name = spec.name.value.clone();
        if self.known.insert(name.clone()) {
            let spec = self.described(Arc::clone(spec));
            added.push(spec);
        }
        Some(name)
    }

    /// Finds the rows that relationships mean which lead to no definition.
    fn find_targets(&mut self, spec: &DatasetSpec, added: &mut Vec<Arc<DatasetSpec>>) {
        for relationship in &spec.relationships {
            let target = &relationship.dataset;
            let is_found = self.library.referenced(relationship).is_some();
            if is_found || self.targets.contains_key(&target.value) {
                continue;
            }
            let written = TableName::parse(target);
            let table = written.as_ref().and_then(|name| self.catalog.table(name));
            let Some((written, table)) = written.as_ref().zip(table) else {
                // Else it was told when the definitions were gathered.
                if self.library.waits_for_tables() {
                    self.diagnostics.push_with(|| self.library.dangling(&spec.name, relationship));
                }
                continue;
            };
            if self.catalog.rows_of(table).is_none() {
                let message = format!(
                    "`{}`, which this references, is no dataset of the project, and its table has no rows",
                    target.value
                );
                let diagnostic =
                    Diagnostic::new("definition::unknown_dataset", message).at(&target.origin);
                let help = "define the dataset, or let a migration insert its rows";
                self.diagnostics.push(diagnostic.help(help));
                continue;
            }
            self.add(table, target, written, added);
        }
    }

    /// Makes a dataset of the rows of a table that no definition describes.
    fn add(
        &mut self,
        table: &CatalogTable,
        target: &str,
        written: &TableName,
        added: &mut Vec<Arc<DatasetSpec>>,
    ) -> String {
        // Several names may mean one table.
        let full = |name: &TableName| self.catalog.full_name(name);
        let same = added.iter().find(|spec| full(&spec.table) == full(&table.name));
        let name = match same {
            Some(spec) => spec.name.value.clone(),
            None => {
                let origin = Origin::named(format!("table {}", table.name.written()));
                let name = match self.known.contains(&table.name.name) {
                    true => target.to_owned(),
                    false => table.name.name.clone(),
                };
                let dataset = Located::new(name.clone(), origin.clone());
                let place = Located::new(written.clone(), origin);
                added.push(Arc::new(of_table(dataset, place, table, &[])));
                self.known.insert(name.clone());
                name
            }
        };
        self.targets.insert(target.to_owned(), name.clone());
        self.targets.insert(name.clone(), name.clone());
        name
    }
}

/// The spec of rows that are in a table: all its columns, those that a definition names as it says.
fn of_table(
    name: Located<String>,
    place: Located<TableName>,
    table: &CatalogTable,
    declared: &[Field],
) -> DatasetSpec {
    let mut spec = DatasetSpec::new(name, place);
    spec.data_source = DataSource::Existing;
    spec.fields = table
        .columns
        .iter()
        .map(|column| match declared.iter().find(|field| field.name.value == column.name) {
            Some(field) => {
                let mut shown = Field::new(field.name.clone());
                shown.sql_type = field.sql_type.clone();
                shown.masking = field.masking;
                shown.pii_category = field.pii_category.clone();
                shown.description = field.description.clone();
                shown
            }
            None => {
                let origin =
                    Origin::named(format!("column {} of {}", column.name, table.name.written()));
                Field::new(Located::new(column.name.clone(), origin))
            }
        })
        .collect();
    spec
}

/// Returns the keys of rows that are in a table, as values of their columns' types.
pub(super) fn keys(table: &CatalogTable, rows: &CatalogRows, as_of: Instant) -> StoredRows {
    let types: Vec<Option<&SqlType>> =
        rows.columns.iter().map(|name| table.column(name).map(|column| &column.sql_type)).collect();
    let row = |cells: &Vec<Option<String>>| {
        let cells = cells.iter().zip(&types);
        cells.map(|(text, sql_type)| value(text.as_deref(), *sql_type, as_of)).collect()
    };
    let values = rows.keys.iter().map(row).collect();
    // Names come from a catalog, which has each once; where it was made by hand, nothing is known.
    StoredRows::new(rows.columns.iter().cloned(), values).unwrap_or_else(|_| StoredRows::empty())
}

/// Reads a value as PostgreSQL wrote it. What has no form of its own here stays the text.
fn value(text: Option<&str>, sql_type: Option<&SqlType>, as_of: Instant) -> Value {
    let Some(text) = text else { return Value::Null };
    let as_text = || Value::Text(text.to_owned());
    let Some(sql_type) = sql_type else { return as_text() };
    match sql_type.scalar() {
        // Floating point has digits that decimal numbers of 64 bits do not hold.
        Some(Scalar::Real | Scalar::Double) => as_text(),
        Some(scalar) if scalar.is_text() => as_text(),
        _ => parse_value(text, sql_type, as_of).unwrap_or_else(|_| as_text()),
    }
}

/// Returns what a field's definition writes as values of its key that no row has which is there already; `None` where it
/// writes none, or where it is not known which rows there are.
pub(super) fn unknown_keys<'a>(
    field: &'a Field,
    key: &CatalogForeignKey,
    catalog: &Catalog,
) -> Option<Vec<(&'a str, &'a Origin)>> {
    let [column] = &key.referenced_columns[..] else { return None };
    let written: Vec<&Node> = match field.generator.as_ref()?.value.as_str() {
        "choice" => match &field.parameters.get("choices")?.kind {
            NodeKind::Sequence(items) => items.iter().collect(),
            _ => return None,
        },
        "constant" => vec![field.parameters.get("value")?],
        _ => return None,
    };
    let table = catalog.table(&key.references)?;
    let rows = catalog.rows_of(table).filter(|rows| rows.is_whole())?;
    let sql_type = &table.column(column)?.sql_type;
    // Definitions write no relative times as keys.
    let read = |text: &str| value(Some(text), Some(sql_type), Instant::from_micros(0)).to_string();
    let place = rows.columns.iter().position(|name| name == column)?;
    let there: HashSet<String> =
        rows.keys.iter().filter_map(|row| row[place].as_deref().map(read)).collect();
    let texts = written.into_iter().filter_map(|node| Some((node.as_text()?, &node.origin)));
    Some(texts.filter(|(text, _)| !there.contains(&read(text))).collect())
}
