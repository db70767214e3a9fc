//! Which values may be shown.

use std::collections::{HashMap, HashSet};

use tdata_core::plan::{DatasetPlan, Plan};
use tdata_core::sql::TableName;

use super::differences::Cell;

/// The most characters of a value that are kept.
const LONGEST: usize = 2_000;

/// Which columns' values may be shown: those that a definition of the plan describes and that hold no personal
/// data. The values of all other columns are hidden, masked or not.
#[derive(Debug)]
pub(crate) struct Shown {
    /// Whether a column may be shown, by schema, table and column.
    columns: HashMap<(String, String, String), bool>,
}

/// What is known of a column.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Column {
    /// Its values may be shown.
    Shown,
    /// It holds personal data.
    Personal,
    /// No definition describes it.
    Undescribed,
}

impl Shown {
    /// Takes a plan; tables that name no schema are in `default_schema`.
    pub(super) fn of(plan: &Plan, default_schema: &str) -> Self {
        let personal = personal(plan);
        let mut columns = HashMap::new();
        for dataset in &plan.datasets {
            let TableName { schema, name } = &dataset.table;
            let schema = schema.as_deref().unwrap_or(default_schema);
            for field in &dataset.fields {
                let shown = !personal.contains(&(dataset.name.as_str(), field.name.as_str()));
                let column = (schema.to_owned(), name.clone(), field.name.clone());
                // Of datasets in one table, each may hide.
                columns.entry(column).and_modify(|other| *other &= shown).or_insert(shown);
            }
        }
        Self { columns }
    }

    /// Tells whether a column's values may be shown.
    pub(super) fn column(&self, schema: &str, table: &str, column: &str) -> bool {
        self.known(schema, table, column) == Column::Shown
    }

    /// Tells what is known of a column.
    pub(super) fn known(&self, schema: &str, table: &str, column: &str) -> Column {
        let column = (schema.to_owned(), table.to_owned(), column.to_owned());
        match self.columns.get(&column) {
            Some(true) => Column::Shown,
            Some(false) => Column::Personal,
            None => Column::Undescribed,
        }
    }
}

/// Returns a value as it may be shown.
pub(super) fn cell(value: Option<&str>, shown: bool) -> Cell {
    match value {
        _ if !shown => Cell::Hidden,
        None => Cell::Null,
        Some(text) => match text.char_indices().nth(LONGEST) {
            Some((end, _)) => Cell::Text(format!("{}…", &text[..end])),
            None => Cell::Text(text.to_owned()),
        },
    }
}

/// The fields that hold personal data, whether or not the contract has them masked, and those that repeat such
/// values because they reference them.
fn personal(plan: &Plan) -> HashSet<(&str, &str)> {
    let mut personal: HashSet<(&str, &str)> = HashSet::new();
    for dataset in &plan.datasets {
        let fields = dataset.fields.iter().map(|field| field.name.as_str());
        let found = fields.filter(|field| is_personal(dataset, field));
        personal.extend(found.map(|field| (dataset.name.as_str(), field)));
    }
    loop {
        let before = personal.len();
        for dataset in &plan.datasets {
            for key in &dataset.foreign_keys {
                for (field, referenced) in key.fields.iter().zip(&key.referenced_fields) {
                    if personal.contains(&(key.dataset.as_str(), referenced.as_str())) {
                        personal.insert((&dataset.name, field));
                    }
                }
            }
        }
        if personal.len() == before {
            return personal;
        }
    }
}

fn is_personal(dataset: &DatasetPlan, field: &str) -> bool {
    let spec = &dataset.spec;
    let is_masked = dataset.field(field).is_none_or(|plan| plan.mask.is_some());
    let is_declared = spec.field(field).is_none_or(|field| field.masking);
    is_masked || is_declared || spec.masking_rule(field).is_some()
}

#[cfg(test)]
mod tests {
    use tdata_core::contract::Contract;
    use tdata_core::definition::Library;
    use tdata_core::diagnostic::Source;
    use tdata_core::mask::MaskKey;
    use tdata_core::plan::{Catalog, plan};

    use super::*;

    fn library() -> Library {
        let head = "apiVersion: data.automation/v1\nkind: DataDefinition\n";
        let people = "metadata: { name: people }\nspec:\n  table: crm.people\n  fields:\n    \
            - { name: id, type: integer, generator: sequence }\n    \
            - { name: email, type: varchar(99), generator: email, unique: true, masking: true }\n    \
            - { name: ssn, type: varchar(11), generator: ssn }\n    \
            - { name: plan, type: text, generator: constant, value: pro }\n  \
            masking_rules:\n    - { field: ssn, rule: hash_ssn }\n";
        let visits = "metadata: { name: visits }\nspec:\n  table: visits\n  fields:\n    \
            - { name: id, type: integer, generator: sequence }\n    \
            - { name: visitor, type: varchar(99), generator: reference }\n  \
            relationships:\n    - { foreignKey: visitor, references: people.email }\n";
        let mut library = Library::default();
        library.insert(Source::new("people.yaml", format!("{head}{people}")), "people", None);
        library.insert(Source::new("visits.yaml", format!("{head}{visits}")), "visits", None);
        library
    }

    #[test]
    fn only_described_columns_without_personal_data_are_shown() {
        for masked in [true, false] {
            let as_of = "2024-05-01".parse().unwrap();
            let contract = Contract { apply_masking: masked, ..Contract::new(["visits"], as_of) };
            let key = MaskKey::development();
            let plan = plan(&contract, &library(), &key, &Catalog::default()).unwrap();
            let shown = Shown::of(&plan, "public");
            let is_shown = |table: &str, column| match table.split_once('.') {
                Some((schema, table)) => shown.column(schema, table, column),
                None => shown.column("public", table, column),
            };
            for (table, column) in [("crm.people", "id"), ("crm.people", "plan"), ("visits", "id")]
            {
                assert!(is_shown(table, column), "{table}.{column}");
            }
            for (table, column) in [
                ("crm.people", "email"),
                ("crm.people", "ssn"),
                // The values of a masked field.
                ("visits", "visitor"),
                // Of no definition.
                ("crm.people", "phone"),
                ("people", "id"),
                ("crm.visits", "id"),
                ("notes", "id"),
            ] {
                assert!(!is_shown(table, column), "{table}.{column}");
            }
        }
    }

    #[test]
    fn hidden_values_leave_no_trace() {
        assert_eq!(cell(Some("secret"), false), Cell::Hidden);
        assert_eq!(cell(None, false), Cell::Hidden);
        assert_eq!(cell(None, true), Cell::Null);
        let Cell::Text(cut) = cell(Some(&"é".repeat(LONGEST + 1)), true) else { panic!("a text") };
        assert_eq!(cut.chars().count(), LONGEST + 1);
    }
}
