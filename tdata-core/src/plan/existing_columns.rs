//! What planning makes of rows that are in a table already: their columns, their fields, and what is wrong with them.

use std::sync::Arc;

use super::fields::Fields;
use super::resolved::FieldPlan;
use crate::contract::Volume;
use crate::diagnostic::{Diagnostic, counted};
use crate::generate::{Cells, kind_of};
use crate::rows::{StoredColumn, StoredRows};
use crate::spec::{DatasetSpec, Field, Relationship};

impl Fields<'_> {
    /// Returns the values of a column that keys may reference; `None` where it is not unique in its table.
    pub(super) fn existing_column(
        &mut self,
        dataset: usize,
        at: usize,
        stored: &Arc<StoredRows>,
    ) -> Option<Arc<dyn Cells>> {
        let column = StoredColumn::of(stored, &self.specs[dataset].fields[at].name.value)?;
        let sql_type = self.sql_type(dataset, at)?;
        Some(Arc::new(column.of_kind(kind_of(&sql_type))))
    }

    /// Returns the fields that the definition of rows names which are there already.
    pub(super) fn existing_fields(&mut self, dataset: usize) -> Option<Vec<FieldPlan>> {
        let spec = Arc::clone(&self.specs[dataset]);
        let declared = spec.fields.iter().enumerate().filter(|(_, one)| one.sql_type.is_some());
        let plans = declared.filter_map(|(at, field)| {
            let sql_type = self.sql_type(dataset, at)?;
            let nothing =
                Arc::new(StoredRows::empty().with_columns([&*field.name.value].into_iter()));
            let stored = self.stored[dataset].clone().unwrap_or_else(|| Arc::clone(&nothing));
            let column = StoredColumn::of(&stored, &field.name);
            let column = column.or_else(|| StoredColumn::of(&nothing, &field.name))?;
            let table = self.tables[dataset].and_then(|table| table.column(&field.name));
            Some(FieldPlan {
                name: field.name.value.clone(),
                nullable: table.is_none_or(|column| column.nullable),
                unique: self.uniqueness[dataset].alone(&field.name).is_some(),
                sequence: None,
                mask: None,
                generator: "existing",
                cells: Arc::new(column.of_kind(kind_of(&sql_type))),
                sql_type,
            })
        });
        Some(plans.collect())
    }

    /// Tells whether a table has rows already, and keys cannot reference a column of theirs.
    pub(super) fn is_unknown_key(&self, dataset: usize, column: &str) -> bool {
        let is_there = self.is_existing(dataset) || self.existing_rows(dataset) > 0;
        let table = self.tables[dataset].filter(|_| is_there);
        table.is_some_and(|table| !table.unique.iter().flatten().any(|name| name == column))
    }

    /// Tells of a key that references rows of which there are none.
    pub(super) fn tell_empty(&mut self, field: &Field, relationship: &Relationship, parent: usize) {
        let diagnostic = no_rows(field, relationship, &self.specs[parent]);
        self.diagnostics.push(diagnostic);
    }

    /// Proves that a contract asks for as many rows as are written out; `None` after telling that it does not.
    pub(super) fn check_fixed(&mut self, dataset: usize) -> Option<()> {
        let spec = &self.specs[dataset];
        let (name, rows) = (&spec.name.value, self.rows(dataset));
        match self.contract.volumes.by_dataset.get(name) {
            Some(Volume::Rows(asked)) if *asked != rows => {
                let message = format!(
                    "the contract asks for {} of `{name}`, and its definition writes out {rows}",
                    counted(*asked, "row")
                );
                let help = "drop the volume: rows that are written out are as many as there are";
                let diagnostic = Diagnostic::new("plan::rows", message).at(&spec.name.origin);
                self.diagnostics.push(diagnostic.help(help));
                None
            }
            _ => Some(()),
        }
    }

    /// Proves that a contract asks for as many rows as there can be; `None` after telling why not.
    pub(super) fn check_existing(&mut self, dataset: usize) -> Option<()> {
        let spec = &self.specs[dataset];
        let (name, there) = (&spec.name.value, self.existing_rows(dataset));
        let asked = match self.contract.volumes.by_dataset.get(name) {
            Some(Volume::Rows(asked)) => *asked,
            _ => there,
        };
        let is_existing = self.is_existing(dataset);
        if asked < there || is_existing && asked > there {
            let message = format!(
                "the contract asks for {} of `{name}`, and its table has {} already",
                counted(asked, "row"),
                counted(there, "row")
            );
            let help = match is_existing {
                true => "drop the volume: rows that are there are as many as there are",
                false => "ask for that many or more: those that are there count as well",
            };
            let diagnostic = Diagnostic::new("plan::existing", message).at(&spec.name.origin);
            self.diagnostics.push(diagnostic.help(help));
            return None;
        }
        if !is_existing && self.is_dealt_behind(dataset) {
            let message = format!(
                "rows of `{name}` are there already, and keys that share fields would have to agree with them"
            );
            let help = "write `source: existing`, or let the keys share no field";
            let diagnostic = Diagnostic::new("plan::existing", message).at(&spec.name.origin);
            self.diagnostics.push(diagnostic.help(help));
            return None;
        }
        Some(())
    }
}

/// The mistake of a key that references rows of which there are none.
pub(super) fn no_rows(
    field: &Field,
    relationship: &Relationship,
    parent: &DatasetSpec,
) -> Diagnostic {
    let message = format!(
        "`{}` references the rows of the table {}, and it has none",
        relationship.key_text(),
        *parent.table
    );
    let help = match field.is_nullable() {
        true => "let a migration insert them, or write `generator: null`",
        false => "let a migration insert them, or let a definition make them",
    };
    Diagnostic::new("plan::existing", message).at(&field.name.origin).help(help)
}
