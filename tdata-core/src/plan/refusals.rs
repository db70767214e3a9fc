//! Says why keys and groups cannot be arranged, and what to do.

use std::sync::Arc;

use super::existing_columns;
use super::keys::{Arrangement, Refusal, Shape, Unlisted};
use super::uniqueness::{and_list, group_origin};
use crate::diagnostic::{Diagnostic, Origin, counted};
use crate::spec::{DataSource, DatasetSpec, Relationship};

/// What is told of one dataset.
pub(super) struct Told<'a> {
    pub(super) specs: &'a [Arc<DatasetSpec>],
    pub(super) shapes: &'a [Shape],
    pub(super) answers: &'a [Result<Arrangement, Vec<Refusal>>],
    /// The relationships that the keys of each dataset are.
    pub(super) relations: &'a [Vec<usize>],
    pub(super) dataset: usize,
}

impl Told<'_> {
    pub(super) fn diagnostic(&self, refusal: &Refusal) -> Diagnostic {
        match refusal {
            Refusal::Disagree { column, keys } => self.disagree(*column, *keys),
            Refusal::Nullable { column } => {
                let name = self.name(*column);
                let message =
                    format!("`{name}` is part of several foreign keys, and cannot be null");
                Diagnostic::new("plan::foreign_key", message)
                    .at(self.field_origin(*column))
                    .help("let the other fields of these keys be null instead")
            }
            Refusal::NotUnique { group } => {
                let group = self.group(*group);
                let message =
                    format!("{} are unique together, and not all can be made so", and_list(&group));
                self.capacity(&group, message).help("choose other generators")
            }
            Refusal::Overlap { groups: [one, other] } => {
                let (group, other) = (self.group(*one), self.group(*other));
                let message = format!(
                    "{} are unique together, and so are {}: both at once cannot be made",
                    and_list(&group),
                    and_list(&other)
                );
                // A key that must be unique would take each row of its parent once.
                let is_plain = |name: &&String| self.spec().relationship(name).is_none();
                let shared = group.iter().filter(|name| other.contains(name)).find(is_plain);
                let plain = shared.or_else(|| group.iter().chain(&other).find(is_plain));
                let field = plain.unwrap_or(&group[0]);
                let help = format!(
                    "let a field have a value for each row: add `unique: true` to `{field}`"
                );
                self.capacity(&group, message).help(help)
            }
            Refusal::NoRows { keys } => self.no_rows(keys),
            Refusal::Room { rows, groups } => self.room(*rows, groups),
            Refusal::Weighted { key } => {
                let relationship = self.relationship(self.dataset, *key);
                let message = format!(
                    "the rows of `{}` are dealt evenly to what `{}` references, to keep them apart",
                    self.spec().name.value,
                    relationship.key_text()
                );
                Diagnostic::new("plan::foreign_key", message)
                    .at(&relationship.foreign_key[0].origin)
                    .help("drop its `distribution`")
            }
            Refusal::Unsettled => {
                let spec = self.spec();
                let message = format!(
                    "the keys of `{}` and of what it references in a circle leave each other no room",
                    spec.name.value
                );
                Diagnostic::new("plan::foreign_key", message)
                    .at(&spec.name.origin)
                    .help("drop one of the keys or unique groups")
            }
        }
    }

    fn disagree(&self, column: usize, keys: [usize; 2]) -> Diagnostic {
        let relationships = keys.map(|key| self.relationship(self.dataset, key));
        let [one, other] = &relationships;
        let message = format!(
            "`{}` is part of the keys `{}` and `{}`, and no rows can be chosen for both so that they agree in it",
            self.name(column),
            one.key_text(),
            other.key_text()
        );
        let causes = keys.iter().filter_map(|key| self.cause(column, *key));
        let help = causes.into_iter().next().unwrap_or_else(|| {
            format!(
                "let `{}` and `{}` lead to the same dataset by it",
                one.target_text(),
                other.target_text()
            )
        });
        Diagnostic::new("plan::foreign_key", message).at(self.field_origin(column)).help(help)
    }

    /// Why the rows that a key references cannot be listed by the column.
    fn cause(&self, column: usize, key: usize) -> Option<String> {
        let shape = &self.shapes[self.dataset].keys[key];
        let place = shape.columns.iter().position(|own| *own == column)?;
        let (parent, referenced) = (shape.parent, *shape.referenced.get(place)?);
        let spec = &self.specs[parent];
        let dataset = &spec.name.value;
        let field = &spec.fields[referenced].name.value;
        if shape.columns.len() == 1 {
            return None;
        }
        if spec.data_source.is_given() {
            return Some(format!(
                "the rows of `{dataset}` are there as they are: drop the key that shares `{}` with it",
                self.name(column)
            ));
        }
        if self.shapes[parent].keys_of(referenced).next().is_none() {
            return Some(format!(
                "let `{field}` of `{dataset}` be a foreign key to the dataset whose rows both belong to"
            ));
        }
        let Ok(arrangement) = &self.answers[parent] else { return None };
        Some(match arrangement.unlisted()? {
            Unlisted::Undeclared => {
                let names: Vec<&str> = shape
                    .referenced
                    .iter()
                    .map(|column| spec.fields[*column].name.value.as_str())
                    .collect();
                format!("add `unique: [[{}]]` to the spec of `{dataset}`", names.join(", "))
            }
            Unlisted::Nullable { column } => {
                let field = &spec.fields[column].name.value;
                format!("drop the `null_probability` of `{field}` of `{dataset}`")
            }
            Unlisted::Weighted { key } => {
                let key = self.relationship(parent, key).key_text();
                format!(
                    "drop the `distribution` of `{key}` in `{dataset}`, so that its rows can be dealt evenly"
                )
            }
            Unlisted::Disagree => format!("let the keys of `{dataset}` lead to the same dataset"),
        })
    }

    fn no_rows(&self, keys: &[usize]) -> Diagnostic {
        let key = |key: &usize| &self.shapes[self.dataset].keys[*key];
        let empty = keys.iter().find(|at| self.shapes[key(at).parent].rows == 0);
        if let Some(at) = empty {
            let relationship = self.relationship(self.dataset, *at);
            let parent = &self.specs[key(at).parent];
            if parent.data_source == DataSource::Existing {
                let field = &self.spec().fields[key(at).columns[0]];
                return existing_columns::no_rows(field, relationship, parent);
            }
            let (key, dataset) = (relationship.key_text(), &relationship.dataset.value);
            let message =
                format!("`{key}` references `{dataset}`, of which the contract asks for 0 rows");
            let help = format!("ask for one row of `{dataset}` at least");
            return Diagnostic::new("plan::parameter", message)
                .at(&relationship.foreign_key[0].origin)
                .help(help);
        }
        let mut parents: Vec<String> =
            keys.iter().map(|at| self.specs[key(at).parent].name.value.clone()).collect();
        parents.dedup();
        let message = format!(
            "no rows of {} belong together, which `{}` could reference",
            and_list(&parents),
            self.spec().name.value
        );
        Diagnostic::new("plan::foreign_key", message)
            .at(&self.spec().name.origin)
            .help("ask for more rows of them")
    }

    fn room(&self, rows: u64, groups: &[usize]) -> Diagnostic {
        let groups: Vec<Vec<String>> = groups.iter().map(|group| self.group(*group)).collect();
        let asked = counted(self.shapes[self.dataset].rows, "row");
        let first = groups.first().cloned().unwrap_or_default();
        let message = match &groups[..] {
            [group] if group.len() == 1 => {
                format!(
                    "{} is unique, but has only {} for {asked}",
                    and_list(group),
                    counted(rows, "value")
                )
            }
            [group] => {
                let combinations = counted(rows, "combination");
                format!(
                    "{} are unique together, but have only {combinations} for {asked}",
                    and_list(group)
                )
            }
            _ => {
                let names: Vec<String> = groups.iter().map(|group| and_list(group)).collect();
                format!(
                    "the groups that are unique together leave room for only {}, not for {asked}: {}",
                    counted(rows, "row"),
                    names.join("; ")
                )
            }
        };
        let help =
            format!("ask for at most {}, or widen what the fields can be", counted(rows, "row"));
        self.capacity(&first, message).help(help)
    }

    fn capacity(&self, group: &[String], message: String) -> Diagnostic {
        Diagnostic::new("plan::capacity", message).at(group_origin(self.spec(), group))
    }

    fn spec(&self) -> &DatasetSpec {
        &self.specs[self.dataset]
    }

    fn name(&self, column: usize) -> &str {
        &self.spec().fields[column].name.value
    }

    fn field_origin(&self, column: usize) -> &Origin {
        &self.spec().fields[column].name.origin
    }

    fn group(&self, group: usize) -> Vec<String> {
        let columns = &self.shapes[self.dataset].unique[group].columns;
        columns.iter().map(|column| self.name(*column).to_owned()).collect()
    }

    fn relationship(&self, dataset: usize, key: usize) -> &Relationship {
        &self.specs[dataset].relationships[self.relations[dataset][key]]
    }
}
