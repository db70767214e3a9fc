//! Which fields of a dataset must be unique, alone or together.

use std::collections::{HashMap, HashSet};

use crate::diagnostic::{Diagnostic, Diagnostics, Located, Origin, counted};
use crate::generate::{Generator, UniqueBy};
use crate::spec::DatasetSpec;

use super::catalog::{Catalog, CatalogTable, same_names};

/// Which fields of a dataset must be unique.
#[derive(Debug)]
pub(super) struct Uniqueness {
    /// The primary key of a table made from the definition; empty where it has none.
    pub(super) primary_key: Vec<String>,
    /// The fields that are unique alone, and what makes them so, as messages say it.
    pub(super) fields: Vec<(String, &'static str)>,
    /// The groups of several fields that are unique together.
    pub(super) groups: Vec<Group>,
    /// Those of which no field is unique alone; none contains another.
    pub(super) composites: Vec<Vec<String>>,
}

/// Fields that are unique together.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Group {
    pub(super) fields: Vec<String>,
    /// Whether it is there for keys of several columns to reference: the definition declares it, or such a key of
    /// another table references it.
    pub(super) target: bool,
}

impl Uniqueness {
    /// Tells what makes a field unique alone, if it is.
    pub(super) fn alone(&self, field: &str) -> Option<&'static str> {
        self.fields.iter().find(|(name, _)| name == field).map(|(_, reason)| *reason)
    }

    /// Tells whether a field is unique together with others.
    pub(super) fn is_grouped(&self, field: &str) -> bool {
        self.groups.iter().any(|group| group.fields.iter().any(|member| member == field))
    }

    /// Tells whether fields are a key that others can reference.
    pub(super) fn is_key(&self, fields: &[&str]) -> bool {
        match fields {
            [field] => self.alone(field).is_some(),
            _ => self.groups.iter().any(|group| same_names(&group.fields, fields)),
        }
    }
}

/// Collects what must be unique: what the definition declares, what others reference, and what the
/// table's constraints and indexes demand.
pub(super) fn uniqueness(
    spec: &DatasetSpec,
    table: Option<&CatalogTable>,
    catalog: &Catalog,
    referenced: Vec<&str>,
) -> Uniqueness {
    let names = |names: &[Located<String>]| names.iter().map(|name| name.value.clone()).collect();
    let primary_key: Vec<String> = match table {
        Some(_) => Vec::new(),
        None => spec.primary_key_fields().iter().map(|field| field.name.value.clone()).collect(),
    };
    let in_table = table.map_or(&[][..], |table| &table.unique);
    let in_primary_key = table.map_or(&[][..], |table| &table.primary_key);
    let declared: Vec<Vec<String>> =
        spec.unique.iter().chain([&spec.key]).map(|group| names(group)).collect();
    let fields: Vec<(String, &'static str)> = spec
        .fields
        .iter()
        .filter_map(|field| {
            let name = &field.name.value;
            let alone = std::slice::from_ref(name);
            let reason = if field.unique {
                "unique"
            } else if primary_key == alone || in_primary_key == alone {
                "the primary key"
            } else if declared.iter().any(|group| group == alone) {
                "unique"
            } else if referenced.contains(&name.as_str()) {
                "referenced, and so unique"
            } else if in_table.iter().any(|columns| columns == alone) {
                "unique in its table"
            } else {
                return None;
            };
            Some((name.clone(), reason))
        })
        .collect();
    let mut groups: Vec<Group> = Vec::new();
    let ours: HashSet<&str> = spec.fields.iter().map(|field| field.name.value.as_str()).collect();
    let alone: HashSet<&str> = fields.iter().map(|(name, _)| name.as_str()).collect();
    // The place of each group among them, by its fields in order.
    let mut known: HashMap<Vec<String>, usize> = HashMap::new();
    let of_table = in_table.iter().map(|columns| {
        let target = table.is_some_and(|table| is_referenced(table, columns, catalog));
        Group { fields: columns.clone(), target }
    });
    let declared = declared.into_iter().map(|fields| Group { fields, target: true });
    for group in of_table.chain(declared).filter(|group| group.fields.len() > 1) {
        // Columns that the definition leaves to their defaults are the table's own to keep apart.
        let all_ours = group.fields.iter().all(|column| ours.contains(column.as_str()));
        let mut sorted = group.fields.clone();
        sorted.sort();
        match known.get(&sorted) {
            Some(at) => groups[*at].target |= group.target,
            None if all_ours => {
                known.insert(sorted, groups.len());
                groups.push(group);
            }
            None => {}
        }
    }
    let mut composites: Vec<Vec<String>> = Vec::new();
    for columns in groups.iter().map(|group| &group.fields) {
        let kept_apart = columns.iter().any(|column| alone.contains(column.as_str()));
        // Rows that differ in a group differ in every group that contains it.
        let covered = composites.iter().any(|group| group.iter().all(|f| columns.contains(f)));
        if !kept_apart && !covered {
            composites.retain(|group| !columns.iter().all(|column| group.contains(column)));
            composites.push(columns.clone());
        }
    }
    Uniqueness { primary_key, fields, groups, composites }
}

/// Tells whether a key of several columns references these of a table.
fn is_referenced(table: &CatalogTable, columns: &[String], catalog: &Catalog) -> bool {
    let mut keys = catalog.tables.iter().flat_map(|other| &other.foreign_keys);
    columns.len() > 1
        && keys
            .any(|key| key.references == table.name && same_names(&key.referenced_columns, columns))
}

/// Proves that fields which are unique together have enough combinations.
pub(super) fn combinations(
    spec: &DatasetSpec,
    group: &[String],
    generators: &[&dyn Generator],
    rows: u64,
    diagnostics: &mut Diagnostics,
) {
    let origin = group_origin(spec, group);
    let names = and_list(group);
    if generators.iter().any(|generator| generator.unique_by() == UniqueBy::Nothing) {
        let message = format!("{names} are unique together, and not all can be made so");
        let help = "choose other generators";
        diagnostics.push(Diagnostic::new("plan::capacity", message).at(origin).help(help));
        return;
    }
    let capacities = generators.iter().map(|generator| generator.capacity());
    let capacity = capacities.fold(1u64, u64::saturating_mul);
    if capacity < rows {
        let (combinations, rows) = (counted(capacity, "combination"), counted(rows, "row"));
        let message =
            format!("{names} are unique together, but have only {combinations} for {rows}");
        let most = counted(capacity, "row");
        let help = format!("ask for at most {most}, or widen what the fields can be");
        diagnostics.push(Diagnostic::new("plan::capacity", message).at(origin).help(help));
    }
}

/// Where messages about a group point to: its first field.
pub(super) fn group_origin<'a>(spec: &'a DatasetSpec, group: &[String]) -> &'a Origin {
    let first = group.first().and_then(|name| spec.field(name));
    first.map_or(&spec.table.origin, |field| &field.name.origin)
}

/// Lists names as prose: `a`, `b` and `c`.
pub(super) fn and_list(names: &[String]) -> String {
    let quoted: Vec<String> = names.iter().map(|name| format!("`{name}`")).collect();
    match quoted.split_last() {
        Some((last, rest)) if !rest.is_empty() => format!("{} and {last}", rest.join(", ")),
        _ => quoted.concat(),
    }
}
