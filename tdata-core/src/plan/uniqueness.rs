//! Which fields of a dataset must be unique, alone or together.

use crate::definition::{Definition, Field};

use super::catalog::CatalogTable;

/// Which fields of a dataset must be unique.
#[derive(Debug)]
pub(super) struct Uniqueness {
    /// The primary key of a table made from the definition.
    pub(super) primary_key: Option<String>,
    /// The fields that are unique alone.
    pub(super) fields: Vec<String>,
    /// The groups of fields that are unique together, none of them alone; no field is in two.
    pub(super) composites: Vec<Vec<String>>,
}

impl Uniqueness {
    /// Returns the group that a field is in.
    pub(super) fn composite_of(&self, field: &str) -> Option<&[String]> {
        self.composites
            .iter()
            .find(|group| group.iter().any(|member| member == field))
            .map(Vec::as_slice)
    }
}

/// Collects what must be unique: what the definition declares, what others reference, and what the
/// table's constraints and indexes demand.
pub(super) fn uniqueness(
    definition: &Definition,
    table: Option<&CatalogTable>,
    referenced: Vec<&str>,
) -> Uniqueness {
    let primary_key = match table {
        Some(_) => None,
        None => primary_key(definition).map(|field| field.name.value.clone()),
    };
    let in_table = table.map_or(&[][..], |table| &table.unique);
    let mut fields: Vec<String> = Vec::new();
    for field in &definition.fields {
        let name = &field.name.value;
        let unique = field.unique
            || primary_key.as_ref() == Some(name)
            || referenced.contains(&name.as_str())
            || in_table.iter().any(|columns| columns == std::slice::from_ref(name));
        if unique {
            fields.push(name.clone());
        }
    }
    let mut composites: Vec<Vec<String>> = Vec::new();
    for columns in in_table.iter().filter(|columns| columns.len() > 1) {
        // Columns that the definition leaves to their defaults are the table's own to keep apart.
        let all_ours = columns.iter().all(|column| definition.field(column).is_some());
        let kept_apart = columns.iter().any(|column| fields.contains(column));
        let covered = composites.iter().any(|group| group.iter().all(|f| columns.contains(f)));
        if all_ours && !kept_apart && !covered {
            let overlaps = |group: &Vec<String>| group.iter().any(|field| columns.contains(field));
            // Groups that overlap are kept apart by what they have in common with the smaller one:
            // the smaller group's combinations differ, so the larger one's do where it holds them.
            composites.retain(|group| !(overlaps(group) && columns.iter().all(|c| group.contains(c))));
            composites.push(columns.clone());
        }
    }
    Uniqueness { primary_key, fields, composites }
}

/// A table made from its definition has the field `id` as its key, else its first sequence.
fn primary_key(definition: &Definition) -> Option<&Field> {
    let counts = |field: &&Field| {
        field.generator.as_ref().is_some_and(|generator| generator.value == "sequence")
    };
    definition.field("id").or_else(|| definition.fields.iter().find(counts))
}
