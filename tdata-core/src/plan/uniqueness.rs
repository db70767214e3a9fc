//! Which fields of a dataset must be unique, alone or together.

use crate::diagnostic::{Diagnostic, Diagnostics, Origin};
use crate::generate::{Generator, UniqueBy};
use crate::spec::DatasetSpec;

use super::catalog::CatalogTable;
use super::check::counted;

/// Which fields of a dataset must be unique.
#[derive(Debug)]
pub(super) struct Uniqueness {
    /// The primary key of a table made from the definition.
    pub(super) primary_key: Option<String>,
    /// The fields that are unique alone, and what makes them so, as messages say it.
    pub(super) fields: Vec<(String, &'static str)>,
    /// The groups of fields that are unique together, none of them alone; none contains another.
    pub(super) composites: Vec<Vec<String>>,
}

impl Uniqueness {
    /// Tells what makes a field unique alone, if it is.
    pub(super) fn alone(&self, field: &str) -> Option<&'static str> {
        self.fields.iter().find(|(name, _)| name == field).map(|(_, reason)| *reason)
    }
}

/// Collects what must be unique: what the definition declares, what others reference, and what the
/// table's constraints and indexes demand.
pub(super) fn uniqueness(
    spec: &DatasetSpec,
    table: Option<&CatalogTable>,
    referenced: Vec<&str>,
) -> Uniqueness {
    let primary_key = match table {
        Some(_) => None,
        None => spec.primary_key().map(|field| field.name.value.clone()),
    };
    let in_table = table.map_or(&[][..], |table| &table.unique);
    let in_primary_key = table.map_or(&[][..], |table| &table.primary_key);
    let fields: Vec<(String, &'static str)> = spec
        .fields
        .iter()
        .filter_map(|field| {
            let name = &field.name.value;
            let alone = std::slice::from_ref(name);
            let reason = if field.unique {
                "unique"
            } else if primary_key.as_ref() == Some(name) || in_primary_key == alone {
                "the primary key"
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
    let mut composites: Vec<Vec<String>> = Vec::new();
    for columns in in_table.iter().filter(|columns| columns.len() > 1) {
        // Columns that the definition leaves to their defaults are the table's own to keep apart.
        let all_ours = columns.iter().all(|column| spec.field(column).is_some());
        let kept_apart = columns.iter().any(|column| fields.iter().any(|(name, _)| name == column));
        // Rows that differ in a group differ in every group that contains it.
        let covered = composites.iter().any(|group| group.iter().all(|f| columns.contains(f)));
        if all_ours && !kept_apart && !covered {
            composites.retain(|group| !columns.iter().all(|column| group.contains(column)));
            composites.push(columns.clone());
        }
    }
    Uniqueness { primary_key, fields, composites }
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

/// Proves that two groups of fields, each unique together, have no field in common: one shuffle
/// keeps the rows of one group apart, and knows nothing of another.
pub(super) fn overlap(
    spec: &DatasetSpec,
    group: &[String],
    other: &[String],
    diagnostics: &mut Diagnostics,
) {
    let shared: Vec<String> =
        group.iter().filter(|member| other.contains(member)).cloned().collect();
    if !shared.is_empty() {
        let message = format!(
            "{} are unique together, and so are {}: both at once cannot be made",
            and_list(group),
            and_list(other)
        );
        let origin = group_origin(spec, &shared);
        let help = format!("add `unique: true` to one of the fields, such as `{}`", shared[0]);
        diagnostics.push(Diagnostic::new("plan::capacity", message).at(origin).help(help));
    }
}

/// Where messages about a group point to: its first field.
fn group_origin<'a>(spec: &'a DatasetSpec, group: &[String]) -> &'a Origin {
    let first = group.first().and_then(|name| spec.field(name));
    first.map_or(&spec.table.origin, |field| &field.name.origin)
}

/// Lists names as prose: `a`, `b` and `c`.
fn and_list(names: &[String]) -> String {
    let quoted: Vec<String> = names.iter().map(|name| format!("`{name}`")).collect();
    match quoted.split_last() {
        Some((last, rest)) if !rest.is_empty() => format!("{} and {last}", rest.join(", ")),
        _ => quoted.concat(),
    }
}
