//! Unique constraints to which nulls are equal (`NULLS NOT DISTINCT`): of these, one row may have a null.

use super::catalog::same_names;
use super::fields::{Fields, Made};
use super::uniqueness::and_list;
use crate::diagnostic::Diagnostic;
use crate::spec::Field;

impl Fields<'_> {
    /// Tells whether nulls of fields that are unique together are equal in their table.
    pub(super) fn nulls_equal(&self, dataset: usize, group: &[String]) -> bool {
        let table = self.tables[dataset];
        table.is_some_and(|table| table.nulls_equal.iter().any(|one| same_names(one, group)))
    }

    /// Proves that generators make no null again where nulls are equal.
    pub(super) fn check_equal_nulls(&mut self, dataset: usize) {
        let specs = self.specs;
        let (spec, table) = (&specs[dataset], self.tables[dataset]);
        if self.made_rows(dataset) < 2 || self.is_given(dataset) {
            return;
        }
        for group in table.iter().flat_map(|table| &table.nulls_equal) {
            let fields: Option<Vec<&Field>> = group.iter().map(|name| spec.field(name)).collect();
            // What the definition leaves out has its default.
            let Some(fields) = fields else { continue };
            let Some(null) = fields.iter().find(|field| field.is_nullable()) else { continue };
            let others = fields.iter().filter(|field| !field.is_nullable());
            let others: Vec<String> = others.map(|field| field.name.value.clone()).collect();
            if others.iter().any(|name| self.tells_rows_apart(dataset, name)) {
                continue;
            }
            let name = &null.name.value;
            let unique = match group.len() {
                1 => "unique".to_owned(),
                _ => format!("unique together ({})", and_list(group)),
            };
            let message = format!(
                "`{name}` is null in several rows, and the table {} has it {unique} with equal nulls (NULLS NOT DISTINCT)",
                table.map(|table| table.name.to_string()).unwrap_or_default()
            );
            let help = match null.null_probability > 0.0 {
                true => {
                    "drop `null_probability`, or let the migration leave NULLS NOT DISTINCT out"
                }
                false => {
                    "choose another generator, or let the migration leave NULLS NOT DISTINCT out"
                }
            };
            let diagnostic = Diagnostic::new("plan::not_null", message).at(&null.name.origin);
            self.diagnostics.push(diagnostic.help(help));
        }
    }

    /// Tells whether no two rows have the same value of a field.
    fn tells_rows_apart(&mut self, dataset: usize, name: &str) -> bool {
        let fields = &self.specs[dataset].fields;
        let Some(at) = fields.iter().position(|field| field.name.value == name) else {
            return false;
        };
        self.uniqueness[dataset].alone(name).is_some()
            || self.made(dataset, at).as_ref().is_some_and(Made::counts_rows)
    }
}
