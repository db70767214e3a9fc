//! Where a record's rows are.

use std::path::PathBuf;
use std::sync::Arc;

use syn::LitStr;
use tdata_core::definition::{Definition, Field, NodeKind, Relationship, SqlKind, SqlType};
use tdata_core::diagnostic::Diagnostics;

use crate::definitions::Definitions;

/// Where a record's rows are.
#[derive(Clone)]
pub(crate) enum RecordSource {
    /// In memory only.
    Memory,
    /// In a table that no definition describes.
    Table(LitStr),
    /// In the table of a dataset.
    Dataset(RecordDataset),
}

/// The dataset of a record.
#[derive(Clone)]
pub(crate) struct RecordDataset {
    /// Its name, where it is written.
    pub(crate) name: LitStr,
    /// Its definition, first, and those of all that its relationships bring along.
    pub(crate) closure: Vec<Arc<Definition>>,
    /// The files of these definitions, in the same order.
    pub(crate) files: Vec<PathBuf>,
    /// `tdata.toml` and all files besides that the outcome depends on.
    pub(crate) other_files: Vec<PathBuf>,
}

impl RecordDataset {
    /// Finds a dataset of the project.
    ///
    /// # Errors
    ///
    /// When there is none, or a definition that it needs is wrong.
    pub(crate) fn find(name: &LitStr, definitions: &Definitions) -> Result<Self, Diagnostics> {
        let closure = definitions.library.closure([name.value().as_str()])?;
        let path =
            |one: &Arc<Definition>| definitions.library.path(&one.name).map(ToOwned::to_owned);
        let files = closure.iter().filter_map(path).collect();
        let other_files = definitions.settings_file.iter().cloned().collect();
        Ok(Self { name: name.clone(), closure, files, other_files })
    }

    /// Returns the dataset's own definition.
    pub(crate) fn definition(&self) -> &Definition {
        &self.closure[0]
    }

    /// Returns what messages call the definition's file: `users.yaml`.
    pub(crate) fn file_name(&self) -> String {
        let name = self.files.first().and_then(|file| file.file_name());
        name.map_or_else(
            || format!("{}.yaml", self.definition().name.value),
            |name| name.to_string_lossy().into_owned(),
        )
    }

    /// Returns the relationship whose foreign key a field is, and what it references.
    pub(crate) fn reference(&self, field: &Field) -> Option<(&Relationship, &Definition)> {
        reference(&self.closure, self.definition(), field)
    }

    /// Returns a field's type: for a foreign key without one, that of the field it references.
    pub(crate) fn sql_type(&self, field: &Field) -> Option<SqlType> {
        let (mut definition, mut field) = (self.definition(), field);
        // Definitions may reference each other in a circle.
        for _ in 0..=self.closure.len() {
            if let Some(sql_type) = &field.sql_type {
                return Some(sql_type.value.clone());
            }
            let (relationship, parent) = reference(&self.closure, definition, field)?;
            (definition, field) = (parent, parent.field(&relationship.field)?);
        }
        None
    }

    /// Tells whether some of a field's values are null: its own, or those it references.
    pub(crate) fn is_nullable(&self, field: &Field) -> bool {
        let referenced = || {
            let (relationship, parent) = self.reference(field)?;
            parent.field(&relationship.field)
        };
        field.is_nullable() || referenced().is_some_and(Field::is_nullable)
    }

    /// Returns the texts that a field's values are: its choices, unless a mask makes others of them.
    pub(crate) fn choices(&self, field: &Field) -> Option<Vec<String>> {
        let kind = self.sql_type(field)?.kind();
        let texts = matches!(kind, SqlKind::Text | SqlKind::Other);
        choices(self.definition(), field).filter(|_| texts)
    }
}

/// Returns what a field's generator chooses among, unless a mask makes others of it.
pub(crate) fn choices(definition: &Definition, field: &Field) -> Option<Vec<String>> {
    if field.generator.as_ref()?.value != "choice" || is_masked(definition, field) {
        return None;
    }
    let NodeKind::Sequence(choices) = &field.parameters.get("choices")?.kind else { return None };
    choices.iter().map(|choice| choice.as_text().map(str::to_owned)).collect()
}

/// Tells whether a field's values are masked.
pub(crate) fn is_masked(definition: &Definition, field: &Field) -> bool {
    field.masking || definition.masking_rule(&field.name).is_some()
}

fn reference<'a>(
    closure: &'a [Arc<Definition>],
    definition: &'a Definition,
    field: &Field,
) -> Option<(&'a Relationship, &'a Definition)> {
    let relationship = definition
        .relationships
        .iter()
        .find(|relationship| relationship.foreign_key.value == field.name.value)?;
    Some((relationship, referenced(closure, relationship)?))
}

/// Finds the definition a relationship references: one of that name, or of that table.
fn referenced<'a>(
    closure: &'a [Arc<Definition>],
    relationship: &Relationship,
) -> Option<&'a Definition> {
    let target = relationship.dataset.value.as_str();
    let (schema, table) = match target.rsplit_once('.') {
        Some((schema, table)) => (Some(schema), table),
        None => (None, target),
    };
    let in_table = |one: &&Arc<Definition>| {
        one.table.name == table && (schema.is_none() || one.table.schema.as_deref() == schema)
    };
    let named = closure.iter().find(|one| one.name.value == target);
    // Of several in one table, it is the first by name, as in the library.
    let found = named.or_else(|| {
        closure.iter().filter(in_table).min_by(|one, other| one.name.value.cmp(&other.name.value))
    });
    found.map(|found| &**found)
}

impl RecordSource {
    /// Returns the dataset, where there is one.
    pub(crate) fn dataset(&self) -> Option<&RecordDataset> {
        match self {
            Self::Dataset(dataset) => Some(dataset),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use proc_macro2::Span;

    use super::*;

    fn users() -> RecordDataset {
        let definitions = Definitions::of_this_package().unwrap();
        RecordDataset::find(&LitStr::new("users", Span::call_site()), &definitions).unwrap()
    }

    #[test]
    fn an_implied_foreign_key_has_the_type_of_what_it_references() {
        let users = users();
        let field = users.definition().field("account_id").unwrap();
        assert_eq!(field.sql_type, None);
        assert_eq!(users.sql_type(field), Some(SqlType::Integer));
        assert_eq!(users.reference(field).unwrap().1.name.value, "accounts");
        assert!(!users.is_nullable(field));
        assert_eq!(users.file_name(), "users.yaml");
    }

    #[test]
    fn choices_are_those_of_the_generator() {
        let users = users();
        let choices = |field| users.choices(users.definition().field(field).unwrap());
        assert_eq!(choices("status").unwrap(), ["active", "inactive", "suspended"]);
        assert_eq!(choices("email"), None);
    }
}
