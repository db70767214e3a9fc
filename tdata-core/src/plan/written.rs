//! Rows that a definition writes out: read by their columns' types, and proved before the first of them is loaded.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use super::fields::Fields;
use super::resolved::{FieldPlan, Sequence};
use super::sources::{Forms, key};
use super::uniqueness::and_list;
use crate::definition::Instant;
use crate::diagnostic::{Diagnostic, Origin, nearest};
use crate::generate::{Cells, kind_of, parse_value};
use crate::rows::WrittenColumn;
use crate::spec::{DatasetSpec, Field, Node, NodeKind, WrittenRow};
use crate::sql::{Scalar, SqlType};
use crate::value::Value;

/// The most rows of a dataset that written keys are looked up in: behind those the database does.
const MOST_LOOKED_UP: u64 = 100_000;

impl Fields<'_> {
    /// Returns a field of rows that are written out; `None` after telling what is wrong.
    pub(super) fn written_field(&mut self, dataset: usize, at: usize) -> Option<FieldPlan> {
        let spec = Arc::clone(&self.specs[dataset]);
        let field = &spec.fields[at];
        let is_given = spec.written.iter().any(|row| row.cell(&field.name).is_some());
        if !is_given && (field.generator.is_some() || spec.relationship(&field.name).is_some()) {
            return self.field(dataset, at);
        }
        if !is_given && !spec.written.is_empty() {
            let message = format!("no row gives `{}`, and it has no generator", field.name.value);
            let help = "give it in the rows, or drop it for the column's default";
            self.tell_written(message, &field.name.origin, help);
            return None;
        }
        let cells = self.column(dataset, at)?;
        let sql_type = self.sql_type(dataset, at)?;
        let mut value = Value::Null;
        let has_null = (0..self.rows(dataset)).any(|row| {
            cells.write(row, &mut value);
            value.is_null()
        });
        let made = field.generator.as_ref().and_then(|_| self.made(dataset, at));
        let counts = made.and_then(|made| made.generator.counts());
        Some(FieldPlan {
            name: field.name.value.clone(),
            sql_type,
            nullable: has_null,
            unique: self.uniqueness[dataset].alone(&field.name).is_some(),
            sequence: counts.map(|(start, step)| Sequence { start, step }),
            mask: None,
            generator: "rows",
            cells,
        })
    }

    /// Returns a column of rows that are written out; `None` after telling what is wrong with it, once.
    pub(super) fn written_column(&mut self, dataset: usize, at: usize) -> Option<Arc<dyn Cells>> {
        if let Some(known) = self.written.get(&(dataset, at)) {
            return known.clone();
        }
        // A field that depends on itself is told where it is made.
        self.written.insert((dataset, at), None);
        let column = self.read_column(dataset, at);
        self.written.insert((dataset, at), column.clone());
        column
    }

    fn read_column(&mut self, dataset: usize, at: usize) -> Option<Arc<dyn Cells>> {
        let spec = Arc::clone(&self.specs[dataset]);
        let field = &spec.fields[at];
        let name = &field.name.value;
        let given: Vec<Option<&Node>> = spec.written.iter().map(|row| row.cell(name)).collect();
        let is_made = field.generator.is_some() || spec.relationship(name).is_some();
        if is_made && given.iter().all(Option::is_none) {
            return self.cells(dataset, at);
        }
        let Some(sql_type) = self.sql_type(dataset, at) else {
            let message = format!("`{name}` has no type");
            let typed = spec.fields.iter().filter(|one| one.sql_type.is_some());
            let help = match nearest(name, typed.map(|one| one.name.value.as_str())) {
                Some(meant) => format!("did you mean `{meant}`?"),
                None => format!("add `- {{ name: {name}, type: ... }}` under `fields`"),
            };
            self.tell_written(message, &field.name.origin, &help);
            return None;
        };
        let others = match field.generator {
            Some(_) => Some(self.cells(dataset, at)?),
            None => None,
        };
        let column = self.tables[dataset].and_then(|table| table.column(name));
        let is_key = self.primary_key(dataset).contains(name)
            || self.tables[dataset].is_some_and(|table| table.primary_key.contains(name));
        let may_be_null =
            !is_key && !sql_type.is_not_null() && column.is_none_or(|one| one.nullable);
        let has_default = column.is_some_and(|one| one.has_default);
        let before = self.diagnostics.len();
        let mut values = Vec::with_capacity(given.len());
        for (row, node) in spec.written.iter().zip(given) {
            match node {
                Some(node) if node.is_null() && may_be_null => values.push(Some(Value::Null)),
                Some(node) if node.is_null() => {
                    let message = format!("`{name}` is null here, and cannot be");
                    self.tell_written(message, &node.origin, "give it a value");
                }
                Some(node) => match read(node, &sql_type, self.contract.as_of) {
                    Ok(value) => values.push(Some(value)),
                    Err(expected) => {
                        let message = format!("`{name}` is not {expected}");
                        let help = match node.kind {
                            NodeKind::Mapping(_) | NodeKind::Sequence(_) if is_json(&sql_type) => {
                                format!("`{name}` is {sql_type}: write it as text, in quotes")
                            }
                            _ => format!("`{name}` is {sql_type}: write a value that fits it"),
                        };
                        self.tell_written(message, &node.origin, &help);
                    }
                },
                None if others.is_some() || may_be_null && !has_default => values.push(None),
                None => {
                    let message = format!("this row gives no `{name}`, and others do");
                    let help = format!(
                        "give `{name}` in each row, or in none, or a generator under `fields`"
                    );
                    self.tell_written(message, &row.origin, &help);
                }
            }
        }
        let made = WrittenColumn::new(values, kind_of(&sql_type), others);
        (self.diagnostics.len() == before).then(|| Arc::new(made) as Arc<dyn Cells>)
    }

    /// Proves what must hold between rows that are written out; `None` after telling what does not.
    pub(super) fn check_written(&mut self, dataset: usize) -> Option<()> {
        let spec = Arc::clone(&self.specs[dataset]);
        let before = self.diagnostics.len();
        for group in self.unique_together(dataset) {
            let (columns, forms) = self.columns_of(dataset, &group)?;
            let forms = forms.with_nulls(self.nulls_equal(dataset, &group));
            let mut seen: HashMap<Vec<String>, &Origin> = HashMap::new();
            for (row, written) in (0..).zip(&spec.written) {
                let cells = columns.iter().map(|column| &**column);
                let Some(key) = key(cells, &forms, row) else { continue };
                let origin = place(written, &group);
                if let Some(first) = seen.get(&key) {
                    let message = match &group[..] {
                        [name] => format!("`{name}` is unique, and an earlier row has this value"),
                        _ => format!(
                            "{} are unique together, and an earlier row has these values",
                            and_list(&group)
                        ),
                    };
                    let line = first.location().map_or(0, |(_, line, _)| line);
                    let help = format!("let it differ from the row at line {line}");
                    self.tell_written(message, origin, &help);
                } else {
                    seen.insert(key, origin);
                }
            }
        }
        self.check_written_keys(dataset, &spec)?;
        (self.diagnostics.len() == before).then_some(())
    }

    fn check_written_keys(&mut self, dataset: usize, spec: &DatasetSpec) -> Option<()> {
        for (relationship, parent) in self.relationships[dataset].clone() {
            let own: Vec<String> =
                relationship.foreign_key.iter().map(|name| name.value.clone()).collect();
            let referenced: Vec<String> =
                relationship.fields.iter().map(|name| name.value.clone()).collect();
            let gives = |row: &WrittenRow| own.iter().all(|name| row.cell(name).is_some());
            if own.len() > 1
                && let Some(row) = spec.written.iter().find(|row| !gives(row))
            {
                let message = format!("this row leaves out a part of the key {}", and_list(&own));
                self.tell_written(message, &row.origin, "give all fields of the key");
                continue;
            }
            let rows = self.referable(parent);
            if rows > MOST_LOOKED_UP || !spec.written.iter().any(gives) {
                continue;
            }
            let fields = &self.specs[parent].fields;
            if referenced.iter().any(|name| fields.iter().all(|one| one.name.value != *name)) {
                // That was told, or is.
                continue;
            }
            let (columns, forms) = self.columns_of(dataset, &own)?;
            let (targets, target_forms) = self.columns_of(parent, &referenced)?;
            let there: HashSet<Vec<String>> = (0..rows)
                .filter_map(|row| key(targets.iter().map(|cells| &**cells), &target_forms, row))
                .collect();
            for (row, written) in (0..).zip(&spec.written).filter(|(_, row)| gives(row)) {
                let Some(key) = key(columns.iter().map(|cells| &**cells), &forms, row) else {
                    continue;
                };
                if !there.contains(&key) {
                    let message = format!(
                        "{} of this row references no row of `{}`",
                        and_list(&own),
                        self.specs[parent].name.value
                    );
                    let help = format!("write a value that {} has there", and_list(&referenced));
                    self.tell_written(message, place(written, &own), &help);
                }
            }
        }
        Some(())
    }

    /// Returns the columns of some fields, and what makes equal values of them equal texts.
    pub(super) fn columns_of(
        &mut self,
        dataset: usize,
        names: &[String],
    ) -> Option<(Vec<Arc<dyn Cells>>, Forms)> {
        let (mut columns, mut forms) = (Vec::new(), Forms::new());
        for name in names {
            let fields = &self.specs[dataset].fields;
            let at = fields.iter().position(|field| field.name.value == *name)?;
            columns.push(self.column(dataset, at)?);
            forms.push(self.sql_type(dataset, at)?);
        }
        Some((columns, forms))
    }

    fn tell_written(&mut self, message: String, origin: &Origin, help: &str) {
        let diagnostic = Diagnostic::new("plan::rows", message).at(origin).help(help);
        self.diagnostics.push(diagnostic);
    }

    /// Returns the type of a field of rows that are written out: that of its column, its own, or that of what it
    /// references.
    pub(super) fn written_type(&mut self, dataset: usize, field: &Field) -> Option<SqlType> {
        if let Some(sql_type) = self.catalog.field_type(self.tables[dataset], field) {
            return Some(sql_type);
        }
        let relationship = self.specs[dataset].relationship(&field.name)?;
        let referenced = relationship.referenced(&field.name)?;
        let keys = &self.relationships[dataset];
        let (_, parent) = keys.iter().find(|(one, _)| std::ptr::eq(*one, relationship))?;
        let fields = &self.specs[*parent].fields;
        let at = fields.iter().position(|one| one.name.value == referenced.value)?;
        // Keys that reference each other in a circle have no type but the one that a field says.
        let asked = (dataset, field.name.value.clone());
        if self.typing.contains(&asked) {
            return None;
        }
        self.typing.push(asked);
        let found = self.sql_type(*parent, at);
        self.typing.pop();
        found
    }
}

/// Where messages about some fields of a row point to: the first that it gives.
fn place<'a>(row: &'a WrittenRow, names: &[String]) -> &'a Origin {
    let given = names.iter().find_map(|name| row.cell(name));
    given.map_or(&row.origin, |node| &node.origin)
}

/// Reads a value as it is written; a list is an array's elements.
fn read(node: &Node, sql_type: &SqlType, as_of: Instant) -> Result<Value, String> {
    let text = match &node.kind {
        NodeKind::Scalar { text, .. } => text.clone(),
        NodeKind::Sequence(items) if matches!(sql_type.base(), SqlType::Array(_)) => {
            let (text, _) = array(items)
                .ok_or("a list of single values, or of lists of them that are equally long")?;
            text
        }
        _ => return Err("a single value".to_owned()),
    };
    if let Some(labels) = sql_type.labels()
        && !labels.contains(&text)
    {
        return Err(format!("a label of the enum, which has {}", and_list(labels)));
    }
    let value = parse_value(&text, sql_type, as_of)?;
    let is_long = |limit| value.to_string().chars().count() > limit;
    match sql_type.length_limit().filter(|limit| is_long(*limit)) {
        Some(limit) => Err(format!("a text of at most {limit} characters")),
        None => Ok(value),
    }
}

/// Tells whether a type is JSON, or an array of it.
fn is_json(sql_type: &SqlType) -> bool {
    match sql_type.base() {
        SqlType::Array(array) => is_json(&array.element),
        base => matches!(base.scalar(), Some(Scalar::Json | Scalar::Jsonb)),
    }
}

/// Writes an array as PostgreSQL reads it. Returns how long it is, and the arrays in it; `None` where these differ in that,
/// or an element is none.
fn array(items: &[Node]) -> Option<(String, Vec<usize>)> {
    let (mut texts, mut within) = (Vec::with_capacity(items.len()), None);
    for item in items {
        let (text, lengths) = element(item)?;
        if within.get_or_insert_with(|| lengths.clone()) != &lengths {
            return None;
        }
        texts.push(text);
    }
    let lengths = std::iter::once(items.len()).chain(within.unwrap_or_default()).collect();
    Some((format!("{{{}}}", texts.join(",")), lengths))
}

/// Writes an element of an array, as [`array`] does.
fn element(node: &Node) -> Option<(String, Vec<usize>)> {
    match &node.kind {
        NodeKind::Scalar { .. } if node.is_null() => Some(("NULL".to_owned(), Vec::new())),
        NodeKind::Scalar { text, .. } => {
            let text = text.replace('\\', "\\\\").replace('"', "\\\"");
            Some((format!("\"{text}\""), Vec::new()))
        }
        NodeKind::Sequence(items) => array(items),
        NodeKind::Mapping(_) => None,
    }
}
